/* What bus.c and its transports share; nobody else includes it. */
#ifndef POLLWATCH_COMMON_BUS_INTERNAL_H
#define POLLWATCH_COMMON_BUS_INTERNAL_H

#include "common/bus.h"

#define LINK_ENDPOINT_BYTES 256

/* Messages read from one end in one turn, so that one busy peer does not starve the others. */
#define LINK_BUDGET_A_TURN 256

enum link_kind { LINK_LISTEN, LINK_DIAL, LINK_PUBLISH, LINK_FOLLOW };

/*
 * A transport is a row of these. `open` sets l->end; `close` frees it, and is called once for each
 * end that was opened. `send` gets the message complete, its last frame in `data` when that is not
 * NULL, which it takes over in every case.
 */
struct bus_transport {
    const char *name;
    void *(*start)(struct bus *b);
    void (*stop)(void *state);
    int (*open)(struct link_end *l, const char *const *topics, struct error *err);
    void (*close)(struct link_end *l, int linger_ms);
    int (*send)(struct link_end *l, const struct peer *peer, const struct span *frames, size_t n,
                char *data, size_t data_bytes, struct error *err);
};

extern const struct bus_transport bus_zmq;
extern const struct bus_transport bus_mem;

struct bus {
    struct loop *loop;
    const struct bus_transport *transport;
    void *state;              /* the transport's */
    struct link_end *open;    /* newest first */
    struct link_end *closed;  /* until `sweep` */
    struct loop_watch *sweep; /* frees `closed` in the next turn */
};

struct link_end {
    struct bus *bus;
    struct link_end *next;
    enum link_kind kind;
    struct link_options options; /* with the defaults filled in */
    link_message_fn *fn;
    void *arg;
    bool closed;
    uint64_t dropped;
    void *end; /* the transport's */
    char endpoint[LINK_ENDPOINT_BYTES];
};

/* `n` random bytes, the first never 0 (ZeroMQ keeps those ids for itself). */
void peer_make_random(struct peer *p, size_t n);

#endif
