/*
 * Feeds are read in a caged child. Both ends of the conversation with it: a job is the feed's
 * address and its bytes, the answer one packed `struct feed_answer`.
 */
#ifndef POLLWATCH_FETCHER_FEED_CHILD_H
#define POLLWATCH_FETCHER_FEED_CHILD_H

#include "fetcher/feed.h"

/* 2,000 entries of full length come to 22 MB; nothing real comes near. */
#define FEED_ANSWER_MAX_BYTES ((size_t)32 * 1024 * 1024)

struct feed_answer {
    uint32_t failed; /* 0, or an enum err without its sign */
    struct span cause;
    feed_entry_list entries;
    uint32_t skipped;
};

/* The child's main: enters the cage and serves until its owner goes away. Returns an exit status.
 */
int feed_child_main(uint64_t memory_bytes);

/* The owner's side. ERR_FORMAT: the child sent nonsense. */
MUST_USE int feed_answer_read(const struct span *frames, size_t n, struct arena *arena,
                              struct feed_answer *out, struct error *err);

#endif
