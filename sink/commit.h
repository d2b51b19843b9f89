/*
 * The heart of the sink: a result becomes records on disk, once, for ever.
 *
 *     commit_add()     checks, recognises a redelivery, numbers, fills in what only the sink knows
 *     commit_settle()  one fdatasync for all that was added, then one index transaction
 *
 * Only after commit_settle() may anything that commit_add() gave out be acknowledged or published,
 * redeliveries of what stands in the same batch included.
 */
#ifndef POLLWATCH_SINK_COMMIT_H
#define POLLWATCH_SINK_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"
#include "proto/message.h"
#include "sink/index.h"
#include "sink/store.h"

struct commit;

struct commit_outcome {
    uint64_t first_seq;
    uint32_t records;
    bool duplicate; /* it was there already; nothing is written */
};

/* A record that is durable now. */
typedef void commit_publish_fn(void *arg, struct span topic, uint64_t seq, struct span map);

/* Both are lent. */
struct commit *commit_new(struct store *store, struct index *ix);
void commit_free(struct commit *c);

/*
 * Takes a RESULT. Returns 0; ERR_SYS or ERR_STATE when storing failed, and the service must stop;
 * anything else when the result is bad, and its sender must be told (nothing was added).
 */
MUST_USE int commit_add(struct commit *c, const struct msg_result *head, struct span records,
                        struct commit_outcome *out, struct error *err);

/* Bytes that wait for commit_settle(). */
size_t commit_pending_bytes(const struct commit *c);

/* `fn` gets each new record, in order. Fails only when the service must stop. */
MUST_USE int commit_settle(struct commit *c, commit_publish_fn *fn, void *arg, struct error *err);

#endif
