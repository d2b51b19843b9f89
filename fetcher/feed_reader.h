/* The caged child that reads feeds, and the queue before it. One for the whole service. */
#ifndef POLLWATCH_FETCHER_FEED_READER_H
#define POLLWATCH_FETCHER_FEED_READER_H

#include "common/loop.h"
#include "fetcher/feed_child.h"

struct feed_reader;

/* `answer` NULL: the child died over it, and `cause` says how. Lent for the length of the call. */
typedef void feed_done_fn(void *arg, const struct feed_answer *answer, struct span cause);

/* The child is started with the first feed. `program` is the path of this program. */
struct feed_reader *feed_reader_new(struct loop *loop, const char *program);

/* What is still queued is not answered. NULL is fine. */
void feed_reader_free(struct feed_reader *r);

/* Queues a copy. ERR_SYS: the child can't be started. `fn` is never called from inside this call.
 */
MUST_USE int feed_reader_read(struct feed_reader *r, struct span url, struct span bytes,
                              feed_done_fn *fn, void *arg, struct error *err);

#endif
