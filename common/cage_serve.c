/* The child's end of the cage. It blocks, as it has nothing else to do. */
#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "common/cage_internal.h"

/* 1: read some. 0: the owner has gone. */
static int read_some(struct buf *b, struct error *err)
{
    char chunk[CAGE_READ_BYTES];
    ssize_t n;

    do
        n = read(CAGE_FD, chunk, sizeof chunk);
    while (n < 0 && errno == EINTR);
    if (n == 0 || (n < 0 && errno == ECONNRESET))
        return 0;
    if (n < 0)
        return error_sys(err, "read a job");
    buf_add(b, chunk, (size_t)n);
    return 1;
}

/* 1: a whole job is in `b`. 0: the owner has gone. */
static int read_job(struct buf *b, size_t max_bytes, struct span *frames, size_t *n,
                    struct error *err)
{
    enum cage_parsed parsed = CAGE_PARSED_PART;
    int rc;

    buf_clear(b);
    while (parsed == CAGE_PARSED_PART) {
        rc = read_some(b, err);
        if (rc <= 0)
            return rc;
        parsed = b->failed ? CAGE_PARSED_BAD : cage_parse(buf_span(b), max_bytes, frames, n);
    }
    if (parsed == CAGE_PARSED_BAD)
        return error_set(err, ERR_LIMIT, "a job over %zu bytes, or not framed right", max_bytes);
    return 1;
}

static int write_all(const void *p, size_t n, struct error *err)
{
    const char *from = p;

    while (n > 0) {
        ssize_t wrote = write(CAGE_FD, from, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return error_sys(err, "write a reply");
        from += wrote;
        n -= (size_t)wrote;
    }
    return 0;
}

/* Piece by piece: a copy in one piece would count against the memory that the job may use. */
static int write_message(const struct span *frames, size_t n, struct error *err)
{
    uint32_t u = (uint32_t)n;
    int rc = write_all(&u, sizeof u, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        assert(frames[i].n <= UINT32_MAX);
        u = (uint32_t)frames[i].n;
        rc = write_all(&u, sizeof u, err);
        if (rc == 0)
            rc = write_all(frames[i].p, frames[i].n, err);
    }
    return rc;
}

int cage_serve(size_t max_job_bytes, cage_serve_fn *fn, void *arg, struct error *err)
{
    struct span frames[CAGE_FRAMES_MAX];
    struct span reply[CAGE_FRAMES_MAX];
    struct buf job;
    size_t n = 0;
    int rc = write_message(NULL, 0, err);

    buf_init(&job, max_job_bytes + CAGE_HEADER_BYTES);
    while (rc == 0) {
        size_t reply_n = 0;

        rc = read_job(&job, max_job_bytes, frames, &n, err);
        if (rc <= 0)
            break;
        fn(arg, frames, n, reply, &reply_n);
        assert(reply_n <= CAGE_FRAMES_MAX);
        rc = write_message(reply, reply_n, err);
    }
    buf_fini(&job);
    return rc;
}
