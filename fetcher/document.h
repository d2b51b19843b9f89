/* A document on its way in: from bytes in hand to a task in the outbox, or to a dead letter. */
#ifndef POLLWATCH_FETCHER_DOCUMENT_H
#define POLLWATCH_FETCHER_DOCUMENT_H

#include "fetcher/fetcher.h"
#include "proto/message.h"

struct document {
    const struct config_source *source;
    /* url to feed_published, as far as they are known; source, issuer, fetched_at and raw_sha256
     * are filled in here */
    struct msg_work work;
    struct span head; /* HTTP; null: a file */
    struct span body; /* null: there is none to keep */
    uint64_t fetched_ms;
    bool truncated;
};

/* Archives it and puts a task into the outbox. Durable with the turn. */
MUST_USE int document_keep(struct fetcher *f, const struct document *d, struct error *err);

/* It never can be parsed; it is kept as a dead letter with what there is of it. */
MUST_USE int document_bury(struct fetcher *f, const struct document *d, const char *reason,
                           struct span detail, struct error *err);

#endif
