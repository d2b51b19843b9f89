/*
 * A watched directory: every document below it that is new or has changed becomes a task.
 *
 * A poll is one walk, cut into steps so that the loop goes on. A file counts as changed when size
 * or modification time differ from what the ledger remembers and then its bytes do. A file that
 * can't be read or is too large is a dead letter, once for each version of it. A directory that
 * can't be read is an error of the source, and is tried again at the next poll.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/timestamp.h"
#include "fetcher/document.h"
#include "fetcher/source.h"
#include "fetcher/url.h"
#include "fetcher/walk.h"
#include "proto/limits.h"

/* What one step may take before others have their turn: about 20 ms of work. */
#define STEP_FILES 256
#define STEP_BYTES ((size_t)4 * 1024 * 1024)

struct folder {
    struct loop_watch *timer;
    struct walk *walk; /* NULL: no poll going on */
    struct arena *arena;
    bool is_due;
    bool was_polled;
    size_t step_bytes;
    bool has_problem; /* of this poll, the first one */
    struct error problem;
};

struct ending {
    const char *name;
    const char *media_type;
};

static const struct ending endings[] = {
    {".htm", "text/html"},
    {".html", "text/html"},
    {".txt", "text/plain"},
    {".xhtml", "application/xhtml+xml"},
};

/* NULL: no document. */
static const char *media_type_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < ARRAY_LEN(endings); i++) {
        if (strcasecmp(dot, endings[i].name) == 0)
            return endings[i].media_type;
    }
    return NULL;
}

/* A directory that is called like a document is a mistake that should be seen. */
static bool may_enter(const char *name)
{
    return media_type_of(name) == NULL;
}

/* One file at hand. */
struct found {
    const struct walk_file *file;
    struct span url;
    const char *media_type;
    struct file_state state; /* as it is now */
    struct file_state known; /* as the ledger has it */
    bool is_known;
};

static struct document document_of(struct source *s, const struct found *f)
{
    return (struct document){
        .source = s->config,
        .work = {.url = f->url, .media_type = span_of_str(f->media_type)},
        .fetched_ms = wall_ms(),
    };
}

static int bury(struct source *s, struct found *f, const char *reason, struct span detail,
                struct error *err)
{
    struct document d = document_of(s, f);
    int rc = document_bury(s->fetcher, &d, reason, detail, err);

    if (rc < 0)
        return rc;
    return ledger_put_file(s->fetcher->store, f->url, span_of_str(s->config->id), &f->state, reason,
                           err);
}

static int bury_unreadable(struct source *s, struct found *f, int sys, struct error *err)
{
    return bury(s, f, "unreadable", span_of_str(strerror(sys)), err);
}

static int bury_too_large(struct source *s, struct found *f, struct error *err)
{
    char detail[96];
    int n = snprintf(detail, sizeof detail, "the file has %llu bytes, the cap is %llu",
                     (unsigned long long)f->state.size,
                     (unsigned long long)s->fetcher->config->max_body_bytes);

    return bury(s, f, "too_large", span_of(detail, (size_t)n), err);
}

/* --- reading --- */

/* Reads on until the end or one byte over `size`. Returns 0 or errno. */
static int read_whole(int fd, char *out, size_t size, size_t *n)
{
    *n = 0;
    while (*n <= size) {
        ssize_t got = read(fd, out + *n, size + 1 - *n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return 0;
}

static uint64_t mtime_ns(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

static bool is_same_version(const struct stat *st, const struct file_state *state)
{
    return (uint64_t)st->st_size == state->size && mtime_ns(st) == state->mtime_ns;
}

/*
 * The file's bytes, malloc'd. `*whole` is false when somebody was writing to it meanwhile: the next
 * poll sees the new version. Returns 0 or errno.
 */
static int read_file(const struct found *f, char **data, size_t *n, bool *whole)
{
    struct stat st;
    int fd = open(f->file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int sys;

    if (fd < 0)
        return errno;
    *data = xmalloc((size_t)f->state.size + 1);
    sys = read_whole(fd, *data, (size_t)f->state.size, n);
    if (sys == 0 && fstat(fd, &st) < 0)
        sys = errno;
    close(fd);
    *whole = sys == 0 && *n == f->state.size && is_same_version(&st, &f->state);
    return sys;
}

static int keep(struct source *s, struct found *f, struct span body, struct error *err)
{
    struct document d = document_of(s, f);
    char hex[SHA256_HEX_BYTES + 1];
    struct sha256 sum = sha256_of(body);
    bool changed;
    int rc = 0;

    sha256_hex(&sum, hex);
    f->state.body_sha256 = span_of_str(hex);
    changed = !f->is_known || !span_equal(f->state.body_sha256, f->known.body_sha256);
    d.body = body;
    if (changed)
        rc = document_keep(s->fetcher, &d, err);
    if (rc < 0)
        return rc;
    return ledger_put_file(s->fetcher->store, f->url, span_of_str(s->config->id), &f->state,
                           changed ? "document" : "unchanged", err);
}

static int take_file(struct source *s, struct found *f, struct error *err)
{
    struct folder *folder = s->state;
    char *data = NULL;
    size_t n = 0;
    bool whole = false;
    int sys = read_file(f, &data, &n, &whole);
    int rc = 0;

    folder->step_bytes += n;
    if (sys != 0)
        rc = bury_unreadable(s, f, sys, err);
    else if (whole)
        rc = keep(s, f, span_of(data, n), err);
    else
        log_debug("file.busy", KV_SPAN("url", f->url));
    free(data);
    return rc;
}

static int look_at_file(struct source *s, const struct walk_file *file, struct error *err)
{
    struct folder *folder = s->state;
    struct found f = {.file = file, .media_type = media_type_of(file->name)};
    int rc;

    if (!f.media_type) {
        log_debug("file.skipped", KV_STR("path", file->path), KV_STR("reason", "no document"));
        return 0;
    }
    arena_reset(folder->arena);
    f.url = url_of_path(folder->arena, span_of_str(file->path));
    f.state =
        (struct file_state){.size = (uint64_t)file->st.st_size, .mtime_ns = mtime_ns(&file->st)};
    rc = ledger_get_file(s->fetcher->store, f.url, folder->arena, &f.known, err);
    if (rc < 0)
        return rc;
    f.is_known = rc == 1;
    if (f.is_known && is_same_version(&file->st, &f.known))
        return 0;
    if (f.url.n > LIMIT_URL_BYTES)
        return 0; /* PATH_MAX keeps this from happening outside of tests */
    if (file->failed)
        return bury_unreadable(s, &f, file->failed, err);
    if (!S_ISREG(file->st.st_mode))
        return bury(s, &f, "unreadable",
                    S_ISDIR(file->st.st_mode) ? SPAN_LIT("Is a directory")
                                              : SPAN_LIT("Not a regular file"),
                    err);
    if (f.state.size > s->fetcher->config->max_body_bytes || f.state.size > LIMIT_BODY_BYTES)
        return bury_too_large(s, &f, err);
    return take_file(s, &f, err);
}

/* --- polling --- */

static void note_problem(struct folder *folder, const struct error *err)
{
    if (!folder->has_problem)
        folder->problem = *err;
    folder->has_problem = true;
}

static int end_poll(struct source *s, struct error *err)
{
    struct folder *folder = s->state;

    walk_close(folder->walk);
    folder->walk = NULL;
    folder->was_polled = true;
    return source_polled(s, span_of_str(s->config->path), wall_ms() + s->config->every_ms,
                         folder->has_problem ? span_of_str(folder->problem.message) : SPAN_NULL,
                         err);
}

static int start_poll(struct source *s, struct error *err)
{
    struct folder *folder = s->state;
    struct error problem;

    folder->is_due = false;
    folder->has_problem = false;
    if (walk_open(s->config->path, may_enter, &folder->walk, &problem) == 0)
        return 0;
    note_problem(folder, &problem);
    return end_poll(s, err);
}

/* Returns 1 when the walk goes on, 0 at its end, or an error of ours. */
static int step_once(struct source *s, struct error *err)
{
    struct folder *folder = s->state;
    struct walk_file file;
    struct error problem;
    int rc = walk_next(folder->walk, &file, &problem);

    if (rc == 0)
        return 0;
    if (rc < 0) {
        note_problem(folder, &problem);
        return 1;
    }
    rc = look_at_file(s, &file, err);
    return rc < 0 ? rc : 1;
}

static int step(struct source *s, bool *more, struct error *err)
{
    struct folder *folder = s->state;
    int rc = 0;

    if (!folder->walk && folder->is_due)
        rc = start_poll(s, err);
    if (rc < 0 || !folder->walk)
        return rc;
    folder->step_bytes = 0;
    rc = 1;
    for (int i = 0; rc == 1 && i < STEP_FILES && folder->step_bytes < STEP_BYTES; i++)
        rc = step_once(s, err);
    if (rc < 0)
        return rc;
    *more = rc == 1;
    return rc == 0 ? end_poll(s, err) : 0;
}

static void on_due(void *arg)
{
    struct source *s = arg;
    struct folder *folder = s->state;

    folder->is_due = true;
}

static int start(struct source *s, struct error *err)
{
    struct folder *folder = xcalloc(1, sizeof *folder);

    (void)err;
    folder->arena = arena_new();
    folder->is_due = true;
    folder->timer =
        loop_add_timer(s->fetcher->loop, s->config->every_ms, s->config->every_ms, on_due, s);
    s->state = folder;
    return 0;
}

static void stop(struct source *s)
{
    struct folder *folder = s->state;

    if (!folder)
        return;
    loop_remove(s->fetcher->loop, folder->timer);
    walk_close(folder->walk);
    arena_free(folder->arena);
    free(folder);
    s->state = NULL;
}

static int settled(struct source *s, bool *out, struct error *err)
{
    const struct folder *folder = s->state;

    (void)err;
    *out = folder->was_polled;
    return 0;
}

const struct source_driver folder_driver = {
    .kind = SOURCE_FOLDER,
    .name = "folder",
    .start = start,
    .stop = stop,
    .step = step,
    .settled = settled,
};
