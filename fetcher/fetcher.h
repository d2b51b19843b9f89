/*
 * What the parts of the service share: one loop, one configuration, one store, one archive.
 *
 * A failure of the store or the archive is the service's: it stops, and a supervisor starts it
 * again. Everything else (a site, a file, a peer) is that one's own problem, and the service goes
 * on.
 */
#ifndef POLLWATCH_FETCHER_FETCHER_H
#define POLLWATCH_FETCHER_FETCHER_H

#include <stdbool.h>

#include "common/config.h"
#include "common/loop.h"
#include "fetcher/archive.h"
#include "fetcher/store.h"

struct fetcher {
    struct loop *loop;
    const struct config_fetcher *config;
    struct store *store;
    struct archive *archive;
    bool is_draining;
    bool has_failed;
    struct error failure; /* the first one */
};

/* Stops the loop; the service ends with this failure. */
void fetcher_fail(struct fetcher *f, const struct error *err);

/* Makes the turn's work durable: first the documents, then what points to them. */
MUST_USE int fetcher_settle(struct fetcher *f, struct error *err);

#endif
