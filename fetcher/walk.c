#include "fetcher/walk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

struct level {
    char *path;
    char **names;
    size_t n;
    size_t cap;
    size_t next;
};

struct walk {
    walk_enter_fn *enter;
    struct level levels[WALK_DEPTH_MAX];
    size_t depth;
    char *path; /* of the file reported last */
};

static void level_fini(struct level *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->names[i]);
    free(l->names);
    free(l->path);
    *l = (struct level){0};
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(DIR *dir, struct level *l, struct error *err)
{
    struct dirent *entry;

    errno = 0;
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        if (l->n == WALK_NAMES_MAX)
            return error_set(err, ERR_LIMIT, "%s: more than %d names", l->path, WALK_NAMES_MAX);
        l->names = xgrow(l->names, &l->cap, l->n + 1, sizeof *l->names);
        l->names[l->n++] = xstrdup(entry->d_name);
    }
    return errno ? error_sys(err, "read %s", l->path) : 0;
}

/* `path` goes over to the level. */
static int push(struct walk *w, char *path, struct error *err)
{
    struct level level = {.path = path};
    DIR *dir = NULL;
    int rc;

    if (w->depth == WALK_DEPTH_MAX) {
        rc = error_set(err, ERR_LIMIT, "%s: deeper than %d directories", path, WALK_DEPTH_MAX);
        goto out;
    }
    dir = opendir(path);
    rc = dir ? read_names(dir, &level, err) : error_sys(err, "open %s", path);
    if (rc < 0)
        goto out;
    if (level.n > 0)
        qsort(level.names, level.n, sizeof *level.names, by_name);
    w->levels[w->depth++] = level;
    level = (struct level){0};
out:
    if (dir)
        closedir(dir);
    level_fini(&level);
    return rc;
}

int walk_open(const char *dir, walk_enter_fn *enter, struct walk **out, struct error *err)
{
    struct walk *w = xcalloc(1, sizeof *w);
    char *path = realpath(dir, NULL);
    int rc;

    w->enter = enter;
    rc = path ? push(w, path, err) : error_sys(err, "open %s", dir);
    if (rc == 0) {
        *out = w;
        w = NULL;
    }
    walk_close(w);
    return rc;
}

void walk_close(struct walk *w)
{
    if (!w)
        return;
    while (w->depth > 0)
        level_fini(&w->levels[--w->depth]);
    free(w->path);
    free(w);
}

/* Looks at one name: 1 with a file, 0 when it was a directory (entered) or has gone. */
static int visit_name(struct walk *w, const struct level *l, const char *name,
                      struct walk_file *out, struct error *err)
{
    struct stat link;

    free(w->path);
    if (asprintf(&w->path, "%s/%s", strcmp(l->path, "/") == 0 ? "" : l->path, name) < 0)
        abort();
    if (lstat(w->path, &link) < 0)
        return 0;
    if (S_ISDIR(link.st_mode) && w->enter(name)) {
        char *path = w->path;

        w->path = NULL;
        return push(w, path, err);
    }
    *out = (struct walk_file){.path = w->path, .name = name, .st = link};
    if (S_ISLNK(link.st_mode) && stat(w->path, &out->st) < 0) {
        out->failed = errno;
        out->st = link;
    }
    return 1;
}

int walk_next(struct walk *w, struct walk_file *out, struct error *err)
{
    while (w->depth > 0) {
        struct level *l = &w->levels[w->depth - 1];
        int rc;

        if (l->next == l->n) {
            level_fini(l);
            w->depth--;
            continue;
        }
        rc = visit_name(w, l, l->names[l->next++], out, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}
