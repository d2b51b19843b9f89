/*
 * Kinds of sources, one row each in `drivers` (source.c), behind one interface.
 *
 * A driver either works by itself in steps (a folder), or makes addresses known and is given the
 * answers that the poller fetches for them (feeds, pages). A new kind is a new row and a file
 * source_<kind>.c. Errors that a driver returns are the store's or the archive's, and end the
 * service; what is wrong with the source itself is written into the ledger and logged by the
 * driver.
 */
#ifndef POLLWATCH_FETCHER_SOURCE_H
#define POLLWATCH_FETCHER_SOURCE_H

#include "fetcher/fetcher.h"
#include "fetcher/ledger.h"

struct feed_reader;
struct source_driver;
struct visit;

struct source {
    struct fetcher *fetcher;
    const struct config_source *config;
    const struct source_driver *driver;
    struct feed_reader *feeds; /* shared by all sources */
    void *state;               /* the driver's */
    bool was_settled;
};

struct source_driver {
    enum source_kind kind;
    const char *name;
    /* Makes its addresses known, or gets ready to work. */
    int (*start)(struct source *s, struct error *err);
    void (*stop)(struct source *s);
    /* Works for a while; called each turn. `*more`: there is work left for the next turn. */
    int (*step)(struct source *s, bool *more, struct error *err);
    /* A good answer (2xx) came for one of its addresses; ends with visit_end(), now or later. */
    int (*answered)(struct visit *v, struct error *err);
    /* Whether its first poll is over, with all that it asked for. */
    int (*settled)(struct source *s, bool *settled, struct error *err);
};

extern const struct source_driver folder_driver;
extern const struct source_driver rss_driver;
extern const struct source_driver atom_driver;
extern const struct source_driver page_driver;

/* Never NULL for a kind that the configuration knows. */
const struct source_driver *source_driver(enum source_kind kind);

/* Shared by the drivers that fetch: adds config->urls in `role`. */
MUST_USE int source_add_urls(struct source *s, enum address_role role, struct error *err);
MUST_USE int source_settled(struct source *s, bool *settled, struct error *err);

/* Writes into the ledger how a poll went, and logs it. `error` null: well. */
MUST_USE int source_polled(struct source *s, struct span url, uint64_t next_ms, struct span error,
                           struct error *err);

#endif
