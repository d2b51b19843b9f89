/*
 * One service that a worker has dialled, a fetcher or a sink: greeting and being known.
 *
 * We greet with HELLO until it answers with its own; from then on it is known, and a heartbeat each
 * tick tells it that we are alive. A service that was started anew does not know us: it answers
 * whatever we say with BYE "unknown_peer", and we greet again.
 */
#ifndef POLLWATCH_PARSER_DIALLED_H
#define POLLWATCH_PARSER_DIALLED_H

#include "common/bus.h"
#include "proto/message.h"

struct worker;

struct dialled {
    struct worker *worker;
    size_t number; /* among those of its kind */
    const char *endpoint;
    struct link_end *link;
    bool is_known;
    uint64_t greeted_mono_ms; /* when HELLO was sent last; 0: never */
    uint64_t lease_ms;        /* a fetcher's, from its HELLO */
};

/* Sends one message; failures are ERR_FULL and ERR_GONE, and mean: try later. */
MUST_USE int dialled_send(struct dialled *d, enum message_kind kind, const void *head,
                          struct span bulk, struct error *err);

/* Called all the time, at least each second: greets or sends a heartbeat. */
void dialled_tick(struct dialled *d, const struct msg_hello *hello, uint64_t now_mono_ms);

#endif
