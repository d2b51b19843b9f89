#include "scratch.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

void scratch_make(void)
{
    snprintf(root, sizeof root, "/tmp/pollwatch-fetcher-XXXXXX");
    cr_assert_not_null(mkdtemp(root));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void scratch_remove(void)
{
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

void scratch_write(const char *name, struct span bytes)
{
    FILE *f = fopen(scratch_path(name), "wb");

    cr_assert_not_null(f, "%s", name);
    cr_assert_eq(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    cr_assert_eq(fclose(f), 0);
}

char *scratch_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *out;
    long size;

    cr_assert_not_null(f, "%s", path);
    cr_assert_eq(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    rewind(f);
    out = malloc((size_t)size + 1);
    cr_assert_eq(fread(out, 1, (size_t)size, f), (size_t)size);
    fclose(f);
    out[size] = '\0';
    *n = (size_t)size;
    return out;
}
