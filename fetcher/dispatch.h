/*
 * The work link: hands tasks to parsers under leases, and hears what became of them.
 *
 * A turn:  messages come in and change the store  ->  dispatch_lease() leases what there is credit
 * for  ->  the service commits  ->  dispatch_send() sends what was leased. So a parser never holds
 * a task that the store does not know to be leased.
 */
#ifndef POLLWATCH_FETCHER_DISPATCH_H
#define POLLWATCH_FETCHER_DISPATCH_H

#include "common/bus.h"
#include "fetcher/fetcher.h"

struct dispatch;
struct poller;

/* `poller` is asked for the status only; NULL: none. Listens on config->work. */
MUST_USE int dispatch_open(struct fetcher *f, struct bus *bus, struct poller *poller,
                           struct dispatch **out, struct error *err);

/* Says BYE to the workers. NULL is fine. */
void dispatch_close(struct dispatch *d);

MUST_USE int dispatch_lease(struct dispatch *d, struct error *err);
MUST_USE int dispatch_send(struct dispatch *d, struct error *err);

/* Leases that connected workers still hold: what a drain waits for. */
MUST_USE int dispatch_outstanding(struct dispatch *d, uint64_t *n, struct error *err);

#endif
