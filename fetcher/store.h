/*
 * The fetcher's memory: one SQLite file that holds everything but the documents' bytes.
 *
 * ledger.h and outbox.h are the two doors to it: what is known of sources and addresses, and the
 * tasks. Whatever they write in one turn becomes durable together, at store_commit(); bytes that
 * a task points to must be durable before (archive_sync()).
 */
#ifndef POLLWATCH_FETCHER_STORE_H
#define POLLWATCH_FETCHER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "fetcher/db.h"

struct store;

/*
 * Opens `path`, made new when it isn't there, and takes the next epoch. A file that is empty,
 * damaged or of another program is ERR_FORMAT; one of another schema version is ERR_VERSION.
 */
MUST_USE int store_open(const char *path, struct store **out, struct error *err);

/* To look only; the epoch stays. ERR_SYS when there is no such file. */
MUST_USE int store_open_read(const char *path, struct store **out, struct error *err);

/* NULL is fine. What was not committed is forgotten. */
void store_close(struct store *s);

/* Grows by one with each store_open(), so that leases of different lives never look alike. */
uint64_t store_epoch(const struct store *s);

bool store_is_dirty(const struct store *s);
MUST_USE int store_commit(struct store *s, struct error *err);

struct db *store_db(struct store *s);

#endif
