/*
 * The part of links that no transport needs to know: which ends are open, and when a closed one's
 * memory may go. The transports are rows of `transports` and live in bus_zmq.c and bus_mem.c.
 *
 * An end may be closed from its own callback. It is closed at the transport at once, so nothing
 * more arrives, but its memory stays until a timer of the next turn frees it, when no callback of
 * this turn can still be looking at it.
 */
#include "common/bus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/bus_internal.h"
#include "common/mem.h"

/* ZeroMQ's own default. */
#define QUEUE_MESSAGES_DEFAULT 1000

/* For ends that name no cap: a publisher, say, to whom subscribers send nothing but topics. */
#define FRAME_BYTES_DEFAULT ((size_t)1024 * 1024)

/* What a closed end's last messages (a BYE) get to leave in; on one machine they need none. */
#define CLOSE_LINGER_MS 1000

static const struct bus_transport *const transports[] = {&bus_mem, &bus_zmq};

static const struct bus_transport *find_transport(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(transports); i++)
        if (strcmp(transports[i]->name, name) == 0)
            return transports[i];
    return NULL;
}

struct bus *bus_new(struct loop *loop, const char *transport)
{
    struct bus *b = xcalloc(1, sizeof *b);

    b->loop = loop;
    b->transport = find_transport(transport);
    assert(b->transport);
    b->state = b->transport->start(b);
    return b;
}

static void free_closed(struct bus *b)
{
    while (b->closed) {
        struct link_end *l = b->closed;

        b->closed = l->next;
        free(l);
    }
}

static void on_sweep(void *arg)
{
    struct bus *b = arg;

    b->sweep = NULL;
    free_closed(b);
}

static void unlink_open(struct link_end *l)
{
    struct link_end **at = &l->bus->open;

    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
}

static void close_end(struct link_end *l, int linger_ms)
{
    struct bus *b = l->bus;

    l->closed = true;
    unlink_open(l);
    b->transport->close(l, linger_ms);
    l->next = b->closed;
    b->closed = l;
}

void bus_free(struct bus *b, int linger_ms)
{
    if (!b)
        return;
    while (b->open)
        close_end(b->open, linger_ms);
    b->transport->stop(b->state);
    loop_remove(b->loop, b->sweep);
    free_closed(b);
    free(b);
}

void link_close(struct link_end *l)
{
    if (!l || l->closed)
        return;
    close_end(l, CLOSE_LINGER_MS);
    if (!l->bus->sweep)
        l->bus->sweep = loop_add_timer(l->bus->loop, 0, 0, on_sweep, l->bus);
}

/* What the four ways to open an end have in common. */
struct opening {
    enum link_kind kind;
    const char *endpoint;
    struct link_options options;
    const char *const *topics;
    link_message_fn *fn;
    void *arg;
};

static struct link_end *end_new(struct bus *b, const struct opening *o)
{
    struct link_end *l = xcalloc(1, sizeof *l);

    l->bus = b;
    l->kind = o->kind;
    l->fn = o->fn;
    l->arg = o->arg;
    l->options = o->options;
    if (l->options.queue_messages <= 0)
        l->options.queue_messages = QUEUE_MESSAGES_DEFAULT;
    if (l->options.max_frame_bytes == 0)
        l->options.max_frame_bytes = FRAME_BYTES_DEFAULT;
    memcpy(l->endpoint, o->endpoint, strlen(o->endpoint) + 1);
    return l;
}

static int open_end(struct bus *b, const struct opening *o, struct link_end **out,
                    struct error *err)
{
    size_t n = strlen(o->endpoint);
    struct link_end *l;
    int rc;

    if (n >= LINK_ENDPOINT_BYTES)
        return error_set(err, ERR_CONFIG, "endpoint too long (%zu bytes): %.80s...", n,
                         o->endpoint);
    l = end_new(b, o);
    rc = b->transport->open(l, o->topics, err);
    if (rc < 0) {
        free(l);
        return rc;
    }
    l->next = b->open;
    b->open = l;
    *out = l;
    return 0;
}

int bus_listen(struct bus *b, const char *endpoint, struct link_options options,
               link_message_fn *fn, void *arg, struct link_end **out, struct error *err)
{
    struct opening o = {LINK_LISTEN, endpoint, options, NULL, fn, arg};

    return open_end(b, &o, out, err);
}

int bus_dial(struct bus *b, const char *endpoint, struct link_options options, link_message_fn *fn,
             void *arg, struct link_end **out, struct error *err)
{
    struct opening o = {LINK_DIAL, endpoint, options, NULL, fn, arg};

    return open_end(b, &o, out, err);
}

int bus_publish(struct bus *b, const char *endpoint, struct link_options options,
                struct link_end **out, struct error *err)
{
    struct opening o = {LINK_PUBLISH, endpoint, options, NULL, NULL, NULL};

    return open_end(b, &o, out, err);
}

int bus_follow(struct bus *b, const char *endpoint, struct link_options options,
               const char *const *topics, link_message_fn *fn, void *arg, struct link_end **out,
               struct error *err)
{
    struct opening o = {LINK_FOLLOW, endpoint, options, topics, fn, arg};

    return open_end(b, &o, out, err);
}

/* What the callers promise: our own mistakes, not the network's. */
static void check_message(const struct link_end *l, const struct peer *peer, size_t n)
{
    assert(!l->closed);
    assert(l->kind != LINK_FOLLOW);
    assert((l->kind == LINK_LISTEN) == (peer != NULL));
    assert(n >= 1 && n <= LINK_FRAMES_MAX);
}

int link_send(struct link_end *l, const struct peer *peer, const struct span *frames, size_t n,
              struct error *err)
{
    check_message(l, peer, n);
    return l->bus->transport->send(l, peer, frames, n, NULL, 0, err);
}

int link_send_taking(struct link_end *l, const struct peer *peer, const struct span *frames,
                     size_t n, char *data, size_t data_bytes, struct error *err)
{
    check_message(l, peer, n + 1);
    assert(data);
    return l->bus->transport->send(l, peer, frames, n, data, data_bytes, err);
}

const char *link_endpoint(const struct link_end *l)
{
    return l->endpoint;
}

uint64_t link_dropped(const struct link_end *l)
{
    return l->dropped;
}

bool peer_equal(const struct peer *a, const struct peer *b)
{
    return a->n == b->n && memcmp(a->id, b->id, a->n) == 0;
}

void peer_make_random(struct peer *p, size_t n)
{
    assert(n <= LINK_PEER_BYTES);
    p->n = (uint8_t)n;
    if (getrandom(p->id, n, 0) != (ssize_t)n)
        abort(); /* it can't be short or interrupted below 256 bytes */
    p->id[0] |= 0x80;
}
