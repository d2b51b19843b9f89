/*
 * One segment file: written while it is active, then sealed for ever. FORMAT.md describes it.
 *
 *     findings/00000000000000000001.msgpack.open    active
 *     findings/00000000000000000001.msgpack         sealed: a footer, complete, never changed again
 *     findings/00000000000000000001.json            its manifest
 *
 * Records are collected in memory by segment_add() and become durable together in segment_sync().
 * The first failed write or sync closes the segment to writes for good: what the kernel still holds
 * of it can't be trusted, and trying fsync again would only hide that.
 */
#ifndef POLLWATCH_SINK_SEGMENT_H
#define POLLWATCH_SINK_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"
#include "sink/group.h"

#define SEGMENT_SCHEMA "segment/1"

/* What a file of a segment is called: <first seq, 20 digits><suffix>. */
#define SEGMENT_SEALED   ".msgpack"
#define SEGMENT_OPEN     ".msgpack.open"
#define SEGMENT_MANIFEST ".json"

/* Footer and manifest. */
struct segment_summary {
    struct span schema;
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t statements;
    uint64_t findings;
    uint64_t bytes;     /* manifest only */
    struct span sha256; /* manifest only: of the file */
};

struct segment;

/* Creates the active file; its name is durable on return. `dir` is copied. */
MUST_USE int segment_create(const char *dir, uint64_t first_seq, struct segment **out,
                            struct error *err);

/* Adds a record to what the next segment_sync() writes. Returns the record's offset in the file. */
uint64_t segment_add(struct segment *s, uint64_t seq, bool is_statement, struct span map);

/* Writes what was added and waits until it is on the disk. ERR_SYS, and ERR_STATE after that. */
MUST_USE int segment_sync(struct segment *s, struct error *err);

/* Syncs, writes the footer, gives the file its final name and a manifest, all durable. */
MUST_USE int segment_seal(struct segment *s, struct error *err);

/* Takes NULL. What was not synced is dropped. */
void segment_close(struct segment *s);

uint64_t segment_first_seq(const struct segment *s);
uint64_t segment_last_seq(const struct segment *s); /* of what was added */
uint64_t segment_bytes(const struct segment *s);    /* what was added included */

/* What segment_mend() found. */
struct segment_mended {
    uint64_t last_seq;  /* first_seq - 1: nothing */
    uint64_t cut_bytes; /* taken off the end */
    bool removed;       /* nothing was left: the file is gone */
};

/*
 * Seals an active file that a dead process left: cuts what follows its last whole group, unless
 * that was acknowledged (seq <= durable_seq; then it is damage, and stays to be reported). Damage
 * further up is told to `fn`.
 */
MUST_USE int segment_mend(const char *dir, uint64_t first_seq, uint64_t durable_seq, damage_fn *fn,
                          void *arg, struct segment_mended *out, struct error *err);

/* Writes the manifest of a sealed segment that has none: its writer died just before. */
MUST_USE int segment_write_manifest(const char *dir, uint64_t first_seq, struct error *err);

/* The path of a segment's file. Free it. */
char *segment_path(const char *dir, uint64_t first_seq, const char *suffix);

#endif
