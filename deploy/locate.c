#include "deploy/locate.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/compiler.h"

/* The directory of the running program, without the last slash. */
static bool own_directory(char out[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    char *slash;

    if (n <= 0)
        return false;
    out[n] = '\0';
    slash = strrchr(out, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

void program_locate(const char *name, char out[PATH_MAX])
{
    static const char *const places[] = {"", "/../libexec/pollwatch"};
    char own[PATH_MAX];

    for (size_t i = 0; own_directory(own) && i < ARRAY_LEN(places); i++) {
        int n = snprintf(out, PATH_MAX, "%s%s/%s", own, places[i], name);

        if (n > 0 && n < PATH_MAX && access(out, X_OK) == 0)
            return;
    }
    snprintf(out, PATH_MAX, "%s", name);
}
