/*
 * The files below a directory, one at a time, in order of name: the same tree gives the same order.
 *
 * Hidden names are left out; directories are entered to WALK_DEPTH_MAX, symbolic links to
 * directories are not. At most one listing a level is in memory.
 */
#ifndef POLLWATCH_FETCHER_WALK_H
#define POLLWATCH_FETCHER_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "common/error.h"

#define WALK_DEPTH_MAX 8

/* Names of one directory: a folder of more is split by its owner. */
#define WALK_NAMES_MAX 1000000

struct walk;

struct walk_file {
    const char *path; /* absolute; good until the next call */
    const char *name;
    struct stat st; /* of what a link leads to */
    int failed;     /* errno of looking at it, and st is that of the link itself; else 0 */
};

/* Whether a directory of that name is to be entered; else it is reported as a file. */
typedef bool walk_enter_fn(const char *name);

/* ERR_SYS: the directory can't be read. */
MUST_USE int walk_open(const char *dir, walk_enter_fn *enter, struct walk **out, struct error *err);
void walk_close(struct walk *w);

/*
 * Returns 1 with a file, 0 at the end. An error concerns one directory below, or one too deep: the
 * next call goes on behind it.
 */
MUST_USE int walk_next(struct walk *w, struct walk_file *out, struct error *err);

#endif
