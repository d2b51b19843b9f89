/*
 * The window grows only for a frame that does not fit into it: a frame that can't be read is tried
 * again with more of the file, up to the longest that a frame may be, before it is called damaged.
 */
#include "sink/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/mem.h"
#include "sink/frame.h"

#define CHUNK_BYTES ((size_t)64 * 1024)

struct reader {
    int fd;
    char *path;
    struct buf window; /* the file from `base` on */
    uint64_t base;
    size_t at;   /* read so far, in the window */
    bool at_end; /* the window reaches the end of the file */
    struct error damage;
};

int reader_open(const char *path, struct reader **out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct reader *r;

    if (fd < 0)
        return error_sys(err, "open %s", path);
    r = xcalloc(1, sizeof *r);
    r->fd = fd;
    r->path = xstrdup(path);
    buf_init(&r->window, 2 * (FRAME_MAX_BYTES + CHUNK_BYTES));
    *out = r;
    return 0;
}

void reader_close(struct reader *r)
{
    if (!r)
        return;
    close(r->fd);
    buf_fini(&r->window);
    free(r->path);
    free(r);
}

void reader_seek(struct reader *r, uint64_t offset)
{
    buf_clear(&r->window);
    r->base = offset;
    r->at = 0;
    r->at_end = false;
}

const char *reader_path(const struct reader *r)
{
    return r->path;
}

static struct span rest(const struct reader *r)
{
    return span_from(buf_span(&r->window), r->at);
}

static uint64_t position(const struct reader *r)
{
    return r->base + r->at;
}

/* Forgets what was read, once it is the larger part: the copying stays linear. */
static void drop_read(struct reader *r)
{
    if (r->at < r->window.n / 2)
        return;
    buf_drop(&r->window, r->at);
    r->base += r->at;
    r->at = 0;
}

/* Reads on until `want` bytes are there to be looked at, or the file ends. */
static int fill(struct reader *r, size_t want, struct error *err)
{
    char chunk[CHUNK_BYTES];

    drop_read(r);
    while (rest(r).n < want && !r->at_end) {
        ssize_t n = pread(r->fd, chunk, sizeof chunk, (off_t)(r->base + r->window.n));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_sys(err, "read %s", r->path);
        r->at_end = n == 0;
        buf_add(&r->window, chunk, (size_t)n);
    }
    return 0;
}

/*
 * Reads the frame at the position, with as much of the file in the window as that takes.
 * Returns 1 when one is there, 0 when not (r->damage says why).
 */
static int read_frame(struct reader *r, struct frame *f, struct error *err)
{
    for (size_t want = 1;; want = rest(r).n * 2) {
        int rc = fill(r, want < FRAME_MAX_BYTES ? want : FRAME_MAX_BYTES, err);

        if (rc < 0)
            return rc;
        if (frame_read(rest(r), f, &r->damage) == 0)
            return 1;
        if (r->at_end || rest(r).n >= FRAME_MAX_BYTES)
            return 0;
    }
}

/* Moves on to the next place where a frame may start, or to the end. */
static int resynchronise(struct reader *r, struct error *err)
{
    r->at++;
    for (;;) {
        size_t hit = frame_find(rest(r), 0);
        int rc;

        if (hit != SIZE_MAX) {
            r->at += hit;
            return 0;
        }
        if (r->at_end) {
            r->at = r->window.n;
            return 0;
        }
        if (rest(r).n >= FRAME_HEAD_BYTES)
            r->at = r->window.n - (FRAME_HEAD_BYTES - 1); /* a head may be cut in two here */
        rc = fill(r, rest(r).n + 1, err);
        if (rc < 0)
            return rc;
    }
}

static int report_damage(struct reader *r, struct reader_item *out, struct error *err)
{
    uint64_t start = position(r);
    int rc = resynchronise(r, err);

    *out = (struct reader_item){.kind = READER_DAMAGE,
                                .offset = start,
                                .bytes = position(r) - start,
                                .reason = r->damage.message};
    return rc;
}

int reader_next(struct reader *r, struct reader_item *out, struct error *err)
{
    struct frame f;
    int rc = fill(r, 1, err);

    *out = (struct reader_item){.kind = READER_END, .offset = position(r)};
    if (rc < 0 || rest(r).n == 0)
        return rc;
    rc = read_frame(r, &f, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return report_damage(r, out, err);
    *out = (struct reader_item){.kind = f.kind == FRAME_FOOTER ? READER_FOOTER : READER_RECORD,
                                .offset = position(r),
                                .bytes = f.bytes,
                                .seq = f.seq,
                                .map = f.map};
    r->at += f.bytes;
    return 0;
}
