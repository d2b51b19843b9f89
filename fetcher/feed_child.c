#include "fetcher/feed_child.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/cage.h"
#include "common/sandbox.h"
#include "proto/limits.h"
#include "proto/shape_table.h"

static const struct field entry_fields[] = {
    R(feed_entry, url, TEXT),
    F(feed_entry, title, TEXT),
    F(feed_entry, published, TEXT),
    F(feed_entry, id, TEXT),
};
static const struct shape entry_shape = SHAPE(feed_entry, entry_fields);

static const struct field answer_fields[] = {
    R(feed_answer, failed, U32),
    F(feed_answer, cause, TEXT),
    F(feed_answer, entries, LIST, .shape = &entry_shape),
    F(feed_answer, skipped, U32),
};
static const struct shape answer_shape = SHAPE(feed_answer, answer_fields);

struct child {
    struct arena *arena;
    struct buf answer;
};

static void serve(void *arg, const struct span *frames, size_t n, struct span *reply,
                  size_t *reply_n)
{
    struct child *c = arg;
    struct feed_answer answer = {0};
    struct error err = {0};
    struct feed feed;
    int rc;

    arena_reset(c->arena);
    buf_clear(&c->answer);
    if (n == 2)
        rc = feed_read(frames[1], frames[0], c->arena, &feed, &err);
    else
        rc = error_set(&err, ERR_STATE, "a job of %zu frames", n);
    if (rc < 0) {
        answer.failed = (uint32_t)-rc;
        answer.cause = span_of_str(err.message);
    } else {
        answer.entries = feed.entries;
        answer.skipped = feed.skipped;
    }
    shape_pack(&answer_shape, &answer, &c->answer);
    reply[0] = buf_span(&c->answer);
    *reply_n = 1;
}

int feed_child_main(uint64_t memory_bytes)
{
    struct sandbox_limits limits = {.memory_bytes = memory_bytes};
    struct child c = {.arena = arena_new()};
    struct error err;
    int rc;

    buf_init(&c.answer, FEED_ANSWER_MAX_BYTES);
    feed_start();
    rc = sandbox_enter(&limits, CAGE_FD, &err);
    if (rc == 0)
        rc = cage_serve(LIMIT_BODY_BYTES + LIMIT_URL_BYTES, serve, &c, &err);
    if (rc < 0)
        fprintf(stderr, "pollwatch-fetcher --child: %s\n", err.message);
    buf_fini(&c.answer);
    arena_free(c.arena);
    return rc < 0 ? error_exit_status(&err) : EXIT_SUCCESS;
}

int feed_answer_read(const struct span *frames, size_t n, struct arena *arena,
                     struct feed_answer *out, struct error *err)
{
    if (n != 1)
        return error_set(err, ERR_FORMAT, "an answer of %zu frames", n);
    return shape_unpack(&answer_shape, frames[0], arena, out, err);
}
