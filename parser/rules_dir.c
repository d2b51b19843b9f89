#include "parser/rules_dir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int program_path(char out[PATH_MAX], struct error *err)
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);

    if (n < 0)
        return error_sys(err, "read /proc/self/exe");
    out[n] = '\0';
    return 0;
}

int rules_dir_find(const char *configured, char out[PATH_MAX], struct error *err)
{
    static const char beside[] = "/../share/pollwatch/rules";
    char program[PATH_MAX];
    char *slash;
    int n;
    int rc;

    if (configured) {
        n = snprintf(out, PATH_MAX, "%s", configured);
    } else {
        rc = program_path(program, err);
        if (rc < 0)
            return rc;
        slash = strrchr(program, '/');
        if (slash)
            *slash = '\0';
        n = snprintf(out, PATH_MAX, "%s%s", program, beside);
    }
    if (n < 0 || n >= PATH_MAX)
        return error_set(err, ERR_LIMIT, "the path of the rules is too long");
    if (access(out, R_OK | X_OK) < 0)
        return error_sys(err, "rules directory %s", out);
    return 0;
}
