/*
 * The directory of segments: which there are, the one being written, rotation, mending at start.
 *
 * Starting seals whatever a dead process left open, so the writer only ever writes files that it
 * created itself. The active file is created with the first record.
 */
#ifndef POLLWATCH_SINK_STORE_H
#define POLLWATCH_SINK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"
#include "sink/group.h"
#include "sink/index.h"

struct store_options {
    const char *dir; /* findings/; made if it is not there */
    bool ndjson;
    uint64_t segment_bytes;
    uint64_t segment_age_ms;
    damage_fn *damage; /* told what is passed over at start; may be NULL */
    void *arg;
};

struct store;

/*
 * Mends, seals and lists what is there. `durable_seq` is the last seq that was ever acknowledged as
 * far as is known; numbering goes on behind it and behind what the files hold.
 */
MUST_USE int store_open(const struct store_options *o, uint64_t durable_seq, struct store **out,
                        struct error *err);

/* Takes NULL. Seals nothing; see store_seal(). */
void store_close(struct store *s);

/* Sealed segments and the active one. */
size_t store_segments(const struct store *s);

/* First seq of the i-th segment, oldest first, and its file, which the caller frees. */
uint64_t store_segment(const struct store *s, size_t i, char **out_path);

uint64_t store_first_seq(const struct store *s); /* that the files still hold; next_seq: nothing */
uint64_t store_last_seq(const struct store *s);  /* durable; 0: nothing yet */
uint64_t store_next_seq(const struct store *s);  /* that the next record gets */
uint64_t store_cut_bytes(const struct store *s); /* taken off at start */

/*
 * Adds a record with the next seq to what store_sync() makes durable, and says where it stands.
 * After a failure of any of these the store takes no more writes, and its service must stop.
 */
MUST_USE int store_add(struct store *s, bool is_statement, struct span map, struct index_place *out,
                       struct error *err);
MUST_USE int store_sync(struct store *s, struct error *err);

/* Seals the active segment when it is big or old enough. Only right after store_sync(). */
MUST_USE int store_rotate(struct store *s, uint64_t now_mono_ms, struct error *err);

/* Seals the active segment if there is one. */
MUST_USE int store_seal(struct store *s, struct error *err);

#endif
