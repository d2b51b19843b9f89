/*
 * Answers REPLAY: records from the files, from a seq on.
 *
 * One answer is bounded in records and bytes; the consumer asks again from where it ended, and has
 * everything once an answer brings it no further.
 */
#ifndef POLLWATCH_SINK_REPLAY_H
#define POLLWATCH_SINK_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"
#include "sink/index.h"
#include "sink/store.h"

#define REPLAY_MAX_RECORDS 500

/* Returns whether there is room for more. */
typedef bool replay_record_fn(void *arg, uint64_t seq, struct span map);

/*
 * Gives `fn` up to `credit` durable records from `from_seq` on. `*next_seq` is where to go on:
 * from_seq itself when there is nothing (yet). Records that are damaged in the files are passed
 * over. Returns 0, or ERR_SYS when a file can't be read.
 */
MUST_USE int replay(const struct store *store, struct index *ix, uint64_t from_seq, uint32_t credit,
                    replay_record_fn *fn, void *arg, uint64_t *next_seq, struct error *err);

#endif
