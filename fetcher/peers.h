/*
 * The parsers that are connected, and what each may still be sent.
 *
 * Credit is in messages and in bytes. Bytes may go below zero: a worker that holds nothing is sent
 * a document that is larger than its credit, since it would otherwise never get it.
 */
#ifndef POLLWATCH_FETCHER_PEERS_H
#define POLLWATCH_FETCHER_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"

/* Workers at once. More are told so and try again later. */
#define PEERS_MAX 1024

#define PEER_NAME_BYTES 64

struct worker {
    struct peer peer;
    char name[PEER_NAME_BYTES];
    char instance[PEER_NAME_BYTES];
    uint32_t credit_messages;
    int64_t credit_bytes;
    uint64_t seen_mono_ms;
};

struct peers {
    struct worker *workers[PEERS_MAX];
    size_t n;
};

struct worker *peers_find(const struct peers *p, const struct peer *peer);
struct worker *peers_find_instance(const struct peers *p, struct span instance);

/* NULL: there are PEERS_MAX already. Texts are cut to fit. */
struct worker *peers_add(struct peers *p, const struct peer *peer, struct span name,
                         struct span instance);
void peers_remove(struct peers *p, struct worker *w);
void peers_fini(struct peers *p);

/* Sums stop at a bound far above what makes sense. */
void worker_add_credit(struct worker *w, uint32_t messages, uint64_t bytes);
void worker_use_credit(struct worker *w, uint64_t bytes);
void worker_return_credit(struct worker *w, uint64_t bytes);

#endif
