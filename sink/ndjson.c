#include "sink/ndjson.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/file.h"
#include "common/mem.h"
#include "proto/limits.h"
#include "sink/reader.h"
#include "sink/segment.h"
#include "sink/unpack.h"

/* JSON of a record is at most a few times its MessagePack: \u00XX for each control character. */
#define LINE_MAX_BYTES    (6 * LIMIT_RECORD_BYTES)
#define PENDING_MAX_BYTES (4 * LINE_MAX_BYTES)
#define FLUSH_BYTES       ((size_t)1024 * 1024)

struct ndjson {
    int fd;
    char *dir;
    char *path;
    uint64_t first_seq;
    struct arena *arena;
    struct buf pending;
};

int ndjson_line(struct span map, struct arena *arena, struct buf *out, struct error *err)
{
    struct unpacked u;
    int rc;

    arena_reset(arena);
    rc = unpack_record(map, arena, &u, err);
    return rc < 0 ? rc : unpacked_json(&u, out, err);
}

static int open_file(const char *dir, uint64_t first_seq, struct ndjson **out, struct error *err)
{
    struct ndjson *n = xcalloc(1, sizeof *n);

    n->dir = xstrdup(dir);
    n->path = segment_path(dir, first_seq, NDJSON_OPEN);
    n->first_seq = first_seq;
    n->arena = arena_new();
    buf_init(&n->pending, PENDING_MAX_BYTES);
    n->fd = open(n->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (n->fd < 0) {
        int rc = error_sys(err, "open %s", n->path);

        ndjson_close(n);
        return rc;
    }
    *out = n;
    return 0;
}

void ndjson_close(struct ndjson *n)
{
    if (!n)
        return;
    if (n->fd >= 0)
        close(n->fd);
    arena_free(n->arena);
    buf_fini(&n->pending);
    free(n->path);
    free(n->dir);
    free(n);
}

static int cut(struct ndjson *n, uint64_t bytes, struct error *err)
{
    if (ftruncate(n->fd, (off_t)bytes) < 0)
        return error_sys(err, "cut %s", n->path);
    return 0;
}

int ndjson_create(const char *dir, uint64_t first_seq, struct ndjson **out, struct error *err)
{
    int rc = open_file(dir, first_seq, out, err);

    if (rc < 0)
        return rc;
    rc = cut(*out, 0, err);
    if (rc < 0) {
        ndjson_close(*out);
        *out = NULL;
    }
    return rc;
}

int ndjson_add(struct ndjson *n, struct span map, struct error *err)
{
    return ndjson_line(map, n->arena, &n->pending, err);
}

int ndjson_flush(struct ndjson *n, struct error *err)
{
    int rc = file_write_all(n->fd, n->pending.data, n->pending.n, n->path, err);

    buf_clear(&n->pending);
    return rc;
}

int ndjson_seal(struct ndjson *n, struct error *err)
{
    char *sealed;
    int rc = ndjson_flush(n, err);

    if (rc < 0)
        return rc;
    if (fsync(n->fd) < 0)
        return error_sys(err, "sync %s", n->path);
    sealed = segment_path(n->dir, n->first_seq, NDJSON_SEALED);
    if (rename(n->path, sealed) < 0)
        rc = error_sys(err, "rename %s", n->path);
    free(sealed);
    return rc < 0 ? rc : dir_sync(n->dir, err);
}

/* Does the file hold this line at `offset`? */
static bool has_line(const struct ndjson *n, uint64_t offset, struct span line)
{
    char chunk[4096];

    for (size_t at = 0; at < line.n;) {
        size_t want = line.n - at < sizeof chunk ? line.n - at : sizeof chunk;
        ssize_t got = pread(n->fd, chunk, want, (off_t)(offset + at));

        if (got <= 0 || memcmp(chunk, line.p + at, (size_t)got) != 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

/* Moves `*same` over the line just added while file and segment agree; after that, writes. */
static int settle_line(struct ndjson *n, uint64_t *same, bool *differs, struct error *err)
{
    if (!*differs && has_line(n, *same, buf_span(&n->pending))) {
        *same += n->pending.n;
        buf_clear(&n->pending);
        return 0;
    }
    if (!*differs) {
        int rc = cut(n, *same, err);

        if (rc < 0)
            return rc;
        *differs = true;
    }
    return n->pending.n < FLUSH_BYTES ? 0 : ndjson_flush(n, err);
}

static int bring_in_line(struct ndjson *n, struct reader *r, struct error *err)
{
    struct reader_item item;
    uint64_t same = 0;
    bool differs = false;
    int rc;

    while ((rc = reader_next(r, &item, err)) == 0 && item.kind != READER_END) {
        if (item.kind != READER_RECORD)
            continue;
        rc = ndjson_add(n, item.map, err);
        if (rc == 0)
            rc = settle_line(n, &same, &differs, err);
        if (rc < 0)
            return rc;
    }
    if (rc == 0 && !differs)
        rc = cut(n, same, err);
    return rc;
}

int ndjson_mend(const char *dir, uint64_t first_seq, struct error *err)
{
    char *path = segment_path(dir, first_seq, SEGMENT_SEALED);
    struct ndjson *n = NULL;
    struct reader *r = NULL;
    int rc = open_file(dir, first_seq, &n, err);

    if (rc < 0)
        goto out;
    rc = reader_open(path, &r, err);
    if (rc < 0)
        goto out;
    rc = bring_in_line(n, r, err);
    if (rc == 0)
        rc = ndjson_seal(n, err);
out:
    reader_close(r);
    ndjson_close(n);
    free(path);
    return rc;
}
