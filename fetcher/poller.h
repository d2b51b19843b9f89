/* Runs the configured sources: starts them, visits what is due, says when all have been polled. */
#ifndef POLLWATCH_FETCHER_POLLER_H
#define POLLWATCH_FETCHER_POLLER_H

#include "fetcher/fetcher.h"

struct poller;

/* `program` is the path of this program, which is also its caged child. Writes the configuration
 * into the ledger. */
MUST_USE int poller_open(struct fetcher *f, const char *program, struct poller **out,
                         struct error *err);
void poller_close(struct poller *p);

/* One turn's share of polling. Wakes the loop when there is more. */
MUST_USE int poller_turn(struct poller *p, struct error *err);

/* Visits under way. */
size_t poller_running(const struct poller *p);

/* Every source's first poll has settled, with the pages that it asked for. */
MUST_USE int poller_all_settled(struct poller *p, bool *settled, struct error *err);

#endif
