/* pollwatch-run: what concerns the three services together. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "deploy/run/commands.h"

static const char usage[] = "Usage: pollwatch-run run|check-config|status [OPTION]...\n"
                            "Each has a --help of its own.\n";

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {
    {"check-config", check_config_main},
    {"run", run_main},
    {"status", status_main},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].main(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EX_OK;
    }
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("pollwatch-run " POLLWATCH_VERSION);
        return EX_OK;
    }
    fputs(usage, stderr);
    return EX_USAGE;
}
