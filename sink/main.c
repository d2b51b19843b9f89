/* pollwatch-sink: the service, or one of the commands that read what it writes. */
#include <stddef.h>
#include <string.h>

#include "common/compiler.h"
#include "sink/commands.h"

static const struct command {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {
    {"convert", convert_main},
    {"tail", tail_main},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].main(argc - 1, argv + 1);
    }
    return service_main(argc, argv);
}
