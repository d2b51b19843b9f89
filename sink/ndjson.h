/*
 * The same records as NDJSON, one a line, beside the segment and with its rotation:
 * <first seq>.ndjson.open while the segment is active, <first seq>.ndjson when it is sealed.
 *
 * The segment is the truth. The NDJSON of the active segment is written without a sync of its own
 * and, after a crash, brought in line with the segment.
 */
#ifndef POLLWATCH_SINK_NDJSON_H
#define POLLWATCH_SINK_NDJSON_H

#include <stdint.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/span.h"

#define NDJSON_SEALED ".ndjson"
#define NDJSON_OPEN   ".ndjson.open"

/*
 * Appends a record (a packed map) as one line. Returns 0, ERR_VERSION (a schema that we don't know)
 * or what unpacking said. The arena is reset.
 */
MUST_USE int ndjson_line(struct span map, struct arena *arena, struct buf *out, struct error *err);

struct ndjson;

MUST_USE int ndjson_create(const char *dir, uint64_t first_seq, struct ndjson **out,
                           struct error *err);

/* Adds a record to what the next flush writes. */
MUST_USE int ndjson_add(struct ndjson *n, struct span map, struct error *err);
MUST_USE int ndjson_flush(struct ndjson *n, struct error *err);

/* Flushes, syncs and gives the file its final name. */
MUST_USE int ndjson_seal(struct ndjson *n, struct error *err);

/* Takes NULL. */
void ndjson_close(struct ndjson *n);

/*
 * Brings the NDJSON of a sealed segment in line with it and seals it too: keeps the lines that are
 * the same, cuts at the first that differs, and writes the rest.
 */
MUST_USE int ndjson_mend(const char *dir, uint64_t first_seq, struct error *err);

#endif
