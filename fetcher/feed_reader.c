#include "fetcher/feed_reader.h"

#include <stdlib.h>

#include "common/cage.h"
#include "common/mem.h"

/* The largest real feeds are a few megabytes and read in milliseconds. */
#define CHILD_TIME_MS      10000
#define CHILD_MEMORY_BYTES ((uint64_t)512 * 1024 * 1024)

struct job {
    char *url;
    char *bytes;
    size_t n;
    feed_done_fn *fn;
    void *arg;
    struct job *next;
};

struct feed_reader {
    struct loop *loop;
    const char *argv[3];
    struct cage_options options;
    struct cage *cage;
    struct job *first; /* at work, when the cage is busy */
    struct job **end;
};

static void job_free(struct job *j)
{
    free(j->url);
    free(j->bytes);
    free(j);
}

struct feed_reader *feed_reader_new(struct loop *loop, const char *program)
{
    struct feed_reader *r = xcalloc(1, sizeof *r);

    r->loop = loop;
    r->argv[0] = program;
    r->argv[1] = "--child";
    r->end = &r->first;
    r->options = (struct cage_options){
        .argv = r->argv,
        .time_ms = CHILD_TIME_MS,
        .memory_bytes = CHILD_MEMORY_BYTES,
        .max_reply_bytes = FEED_ANSWER_MAX_BYTES,
    };
    return r;
}

void feed_reader_free(struct feed_reader *r)
{
    if (!r)
        return;
    cage_close(r->cage);
    while (r->first) {
        struct job *j = r->first;

        r->first = j->next;
        job_free(j);
    }
    free(r);
}

static void send_first(struct feed_reader *r)
{
    struct job *j = r->first;

    if (j && !cage_busy(r->cage))
        cage_send(r->cage, (const struct span[]){span_of_str(j->url), span_of(j->bytes, j->n)}, 2);
}

static struct job *take_first(struct feed_reader *r)
{
    struct job *j = r->first;

    r->first = j->next;
    if (!r->first)
        r->end = &r->first;
    return j;
}

static void answer_job(struct job *j, const struct span *frames, size_t n)
{
    struct arena *arena = arena_new();
    struct feed_answer answer;
    struct error err;

    if (feed_answer_read(frames, n, arena, &answer, &err) < 0)
        j->fn(j->arg, NULL, span_of_str(err.message));
    else
        j->fn(j->arg, &answer, answer.cause);
    arena_free(arena);
}

static void on_done(void *arg, enum cage_outcome outcome, const char *detail,
                    const struct span *frames, size_t n)
{
    struct feed_reader *r = arg;
    struct job *j = take_first(r);

    if (outcome == CAGE_REPLY)
        answer_job(j, frames, n);
    else
        j->fn(j->arg, NULL, span_of_str(detail));
    job_free(j);
    send_first(r);
}

int feed_reader_read(struct feed_reader *r, struct span url, struct span bytes, feed_done_fn *fn,
                     void *arg, struct error *err)
{
    struct job *j;

    if (!r->cage) {
        int rc = cage_open(r->loop, &r->options, on_done, r, &r->cage, err);

        if (rc < 0)
            return rc;
    }
    j = xcalloc(1, sizeof *j);
    *j = (struct job){.url = xspandup(url), .n = bytes.n, .fn = fn, .arg = arg};
    j->bytes = xmalloc(bytes.n + 1);
    memcpy(j->bytes, bytes.p, bytes.n);
    *r->end = j;
    r->end = &j->next;
    send_first(r);
    return 0;
}
