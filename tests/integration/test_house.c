/* The rules of the house that a compiler does not check: who may include whom. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines that grep finds in the folder's C files; "" when there are none. The caller's. */
static char *includes_of(const char *folder, const char *forbidden)
{
    char command[1024];
    char *out = NULL;
    size_t n = 0;
    FILE *f;

    snprintf(command, sizeof command,
             "cd " TEST_SOURCE_DIR " && grep -rnE --include='*.[ch]' '#include \"(%s)/' %s",
             forbidden, folder);
    f = popen(command, "r");
    cr_assert_not_null(f);
    if (getdelim(&out, &n, '\0', f) < 0) {
        free(out);
        out = strdup("");
    }
    pclose(f);
    return out;
}

static const struct {
    char folder[16];
    char forbidden[64];
} walls[] = {
    {"common", "proto|fetcher|parser|sink|deploy"},
    {"proto", "fetcher|parser|sink|deploy"},
    {"fetcher", "parser|sink|deploy"},
    {"parser", "fetcher|sink|deploy"},
    {"sink", "fetcher|parser|deploy"},
    {"deploy", "fetcher|parser|sink"},
};

Test(house, folders_include_only_what_they_may)
{
    for (size_t i = 0; i < sizeof walls / sizeof walls[0]; i++) {
        char *found = includes_of(walls[i].folder, walls[i].forbidden);

        cr_assert_str_eq(found, "", "%s", found);
        free(found);
    }
}
