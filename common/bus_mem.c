/*
 * Links inside one bus, for tests: as ZeroMQ behaves, without its threads and without its chances.
 *
 * Every message waits in one queue, in the order of sending, until a timer of the next turn
 * delivers it, so that link_send() never calls anybody back. A dialler finds its listener by the
 * endpoint's name at each message; therefore it may dial first, and outlives the listener. How full
 * a "connection" is, is counted at its dialler or follower, one count each way.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus_internal.h"
#include "common/mem.h"

#define PEER_BYTES 16

struct mem_message {
    struct mem_message *next;
    struct link_end *to;
    struct link_end *from; /* NULL when it has closed since */
    struct peer peer;      /* from whom, when `to` listens */
    size_t n;
    struct span frames[LINK_FRAMES_MAX]; /* in `bytes` */
    char *bytes;
};

struct mem_end {
    struct peer self; /* a dialler's id */
    int sent;         /* of a dialler: waiting for the listener */
    int waiting;      /* of a dialler or follower: waiting for it */
    char **topics;    /* a follower's prefixes, NULL-terminated */
};

struct mem_bus {
    struct bus *bus;
    struct loop_watch *delivery;
    struct mem_message *first;
    struct mem_message **last;
    size_t n;
};

/* --- messages --- */

static void copy_frames(struct mem_message *m, const struct span *frames, size_t n)
{
    size_t total = 0;
    char *at;

    for (size_t i = 0; i < n; i++)
        total += frames[i].n;
    m->bytes = at = xmalloc(total);
    m->n = n;
    for (size_t i = 0; i < n; i++) {
        if (frames[i].n > 0)
            memcpy(at, frames[i].p, frames[i].n);
        m->frames[i] = span_of(at, frames[i].n);
        at += frames[i].n;
    }
}

static void message_free(struct mem_message *m)
{
    free(m->bytes);
    free(m);
}

/* The count that this message is part of. */
static int *counter_of(const struct mem_message *m)
{
    struct mem_end *end;

    if (m->to->kind == LINK_LISTEN) {
        end = m->from ? m->from->end : NULL;
        return end ? &end->sent : NULL;
    }
    end = m->to->end;
    return &end->waiting;
}

static void uncount(const struct mem_message *m)
{
    int *counter = counter_of(m);

    if (counter)
        (*counter)--;
}

static void on_delivery(void *arg);

static void arm(struct mem_bus *mb)
{
    if (mb->n > 0 && !mb->delivery)
        mb->delivery = loop_add_timer(mb->bus->loop, 0, 0, on_delivery, mb);
}

/* Each end that gets the message has its own copy. */
static void enqueue(struct mem_bus *mb, struct link_end *to, struct link_end *from,
                    const struct span *frames, size_t n)
{
    struct mem_message *m = xcalloc(1, sizeof *m);
    const struct mem_end *sender = from->end;
    int *counter;

    m->to = to;
    m->from = from;
    m->peer = sender->self;
    copy_frames(m, frames, n);
    counter = counter_of(m);
    (*counter)++;
    *mb->last = m;
    mb->last = &m->next;
    mb->n++;
    arm(mb);
}

static struct mem_message *dequeue(struct mem_bus *mb)
{
    struct mem_message *m = mb->first;

    mb->first = m->next;
    if (!mb->first)
        mb->last = &mb->first;
    mb->n--;
    return m;
}

static bool fits(const struct mem_message *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->frames[i].n > m->to->options.max_frame_bytes)
            return false;
    return true;
}

/* Only what waited when the turn began: an answer to it goes with the next. */
static void on_delivery(void *arg)
{
    struct mem_bus *mb = arg;
    size_t n = mb->n < LINK_BUDGET_A_TURN ? mb->n : LINK_BUDGET_A_TURN;

    mb->delivery = NULL;
    for (; n > 0 && mb->n > 0; n--) {
        struct mem_message *m = dequeue(mb);

        uncount(m);
        if (fits(m))
            m->to->fn(m->to->arg, m->to->kind == LINK_LISTEN ? &m->peer : NULL, m->frames, m->n);
        message_free(m);
    }
    arm(mb);
}

/* --- who is there --- */

static struct link_end *find_end(const struct link_end *l, enum link_kind kind)
{
    for (struct link_end *e = l->bus->open; e; e = e->next)
        if (e->kind == kind && strcmp(e->endpoint, l->endpoint) == 0)
            return e;
    return NULL;
}

static struct link_end *find_dialler(const struct link_end *l, const struct peer *peer)
{
    for (struct link_end *e = l->bus->open; e; e = e->next) {
        const struct mem_end *end = e->end;

        if (e->kind == LINK_DIAL && strcmp(e->endpoint, l->endpoint) == 0 &&
            peer_equal(&end->self, peer))
            return e;
    }
    return NULL;
}

static bool follows(const struct link_end *l, struct span topic)
{
    const struct mem_end *end = l->end;

    for (char **t = end->topics; t && *t; t++)
        if (span_starts(topic, span_of_str(*t)))
            return true;
    return false;
}

/* --- sending --- */

static int full(const struct link_end *l, struct error *err)
{
    return error_set(err, ERR_FULL, "%s: the queue is full, or nobody is there", l->endpoint);
}

static int send_to_listener(struct link_end *l, const struct span *frames, size_t n,
                            struct error *err)
{
    const struct mem_end *end = l->end;
    struct link_end *to = find_end(l, LINK_LISTEN);

    if (!to || end->sent >= l->options.queue_messages)
        return full(l, err);
    enqueue(l->bus->state, to, l, frames, n);
    return 0;
}

static int send_to_dialler(struct link_end *l, const struct peer *peer, const struct span *frames,
                           size_t n, struct error *err)
{
    struct link_end *to = find_dialler(l, peer);
    const struct mem_end *end = to ? to->end : NULL;

    if (!to)
        return error_set(err, ERR_GONE, "%s: that peer has left", l->endpoint);
    if (end->waiting >= l->options.queue_messages)
        return full(l, err);
    enqueue(l->bus->state, to, l, frames, n);
    return 0;
}

/* A follower whose queue is full misses the message, as with ZeroMQ. */
static void send_to_followers(struct link_end *l, const struct span *frames, size_t n)
{
    for (struct link_end *e = l->bus->open; e; e = e->next) {
        const struct mem_end *end = e->end;

        if (e->kind == LINK_FOLLOW && strcmp(e->endpoint, l->endpoint) == 0 &&
            follows(e, frames[0]) && end->waiting < e->options.queue_messages)
            enqueue(l->bus->state, e, l, frames, n);
    }
}

static int send_frames(struct link_end *l, const struct peer *peer, const struct span *frames,
                       size_t n, struct error *err)
{
    switch (l->kind) {
    case LINK_LISTEN:
        return send_to_dialler(l, peer, frames, n, err);
    case LINK_DIAL:
        return send_to_listener(l, frames, n, err);
    case LINK_PUBLISH:
        send_to_followers(l, frames, n);
        return 0;
    case LINK_FOLLOW:
        break;
    }
    return error_set(err, ERR_STATE, "%s: a follower sends nothing", l->endpoint);
}

static int mem_transport_send(struct link_end *l, const struct peer *peer,
                              const struct span *frames, size_t n, char *data, size_t data_bytes,
                              struct error *err)
{
    struct span all[LINK_FRAMES_MAX];
    int rc;

    for (size_t i = 0; i < n; i++)
        all[i] = frames[i];
    if (data)
        all[n++] = span_of(data, data_bytes);
    assert(n > 0);
    rc = send_frames(l, peer, all, n, err);
    free(data);
    return rc;
}

/* --- the transport --- */

static void *mem_transport_start(struct bus *b)
{
    struct mem_bus *mb = xcalloc(1, sizeof *mb);

    mb->bus = b;
    mb->last = &mb->first;
    return mb;
}

static void mem_transport_stop(void *state)
{
    struct mem_bus *mb = state;

    loop_remove(mb->bus->loop, mb->delivery);
    while (mb->first)
        message_free(dequeue(mb));
    free(mb);
}

static char **copy_topics(const char *const *topics)
{
    size_t n = 0;
    char **copy;

    while (topics && topics[n])
        n++;
    copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = xstrdup(topics[i]);
    return copy;
}

static int mem_transport_open(struct link_end *l, const char *const *topics, struct error *err)
{
    struct mem_end *end;

    if (!span_starts(span_of_str(l->endpoint), SPAN_LIT("mem://")))
        return error_set(err, ERR_CONFIG, "%s: not a mem:// endpoint", l->endpoint);
    if ((l->kind == LINK_LISTEN || l->kind == LINK_PUBLISH) &&
        (find_end(l, LINK_LISTEN) || find_end(l, LINK_PUBLISH))) {
        errno = EADDRINUSE;
        return error_sys(err, "listen on %s", l->endpoint);
    }
    end = xcalloc(1, sizeof *end);
    peer_make_random(&end->self, PEER_BYTES);
    end->topics = copy_topics(topics);
    l->end = end;
    return 0;
}

/* What waits for the end is lost; what it has sent is still delivered. */
static void forget_messages(struct mem_bus *mb, const struct link_end *l)
{
    struct mem_message **at = &mb->first;

    while (*at) {
        struct mem_message *m = *at;

        if (m->to == l) {
            uncount(m);
            *at = m->next;
            mb->n--;
            message_free(m);
            continue;
        }
        if (m->from == l)
            m->from = NULL;
        at = &m->next;
    }
    mb->last = at;
}

static void mem_transport_close(struct link_end *l, int linger_ms)
{
    struct mem_end *end = l->end;

    (void)linger_ms;
    forget_messages(l->bus->state, l);
    for (char **t = end->topics; *t; t++)
        free(*t);
    free(end->topics);
    free(end);
    l->end = NULL;
}

const struct bus_transport bus_mem = {
    .name = "mem",
    .start = mem_transport_start,
    .stop = mem_transport_stop,
    .open = mem_transport_open,
    .close = mem_transport_close,
    .send = mem_transport_send,
};
