/*
 * What the sink must look up: who was committed already, where records stand, what a new version
 * replaces. SQLite in WAL mode.
 *
 * The segments are the truth and this can be rebuilt from them, therefore synchronous=NORMAL: a
 * power cut may take the last transactions, and index_catch_up() puts them back. Its last seq never
 * runs ahead of what is durable, because a transaction is committed only after the segment's
 * fdatasync.
 */
#ifndef POLLWATCH_SINK_INDEX_H
#define POLLWATCH_SINK_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "proto/record.h"
#include "sink/group.h"

struct index;

/* Where a statement's frame stands. */
struct index_place {
    uint64_t segment; /* its first seq */
    uint64_t offset;
};

struct index_commit {
    uint64_t first_seq;
    uint32_t records;
};

/* The version of a statement that holds now. */
struct index_version {
    struct span version_id;
    struct span fetched_at;
    text_list findings; /* ids, sorted */
};

struct index_counts {
    uint64_t last_seq;
    uint64_t statements;
    uint64_t findings;
};

/*
 * Opens or creates it. A file that SQLite can't read is moved aside to `path`.bad-<time>; `*moved`
 * then says so, and the index is empty. Returns ERR_SYS when there is no way to open one.
 */
MUST_USE int index_open(const char *path, bool *moved, struct index **out, struct error *err);

/* Takes NULL. An open transaction is rolled back. */
void index_close(struct index *ix);

/* What is added between them is seen by the look-ups at once and on disk all or nothing. */
MUST_USE int index_begin(struct index *ix, struct error *err);
MUST_USE int index_commit(struct index *ix, struct error *err);

/* Look-ups return ERR_NOT_FOUND when there is no such thing. */
MUST_USE int index_find_commit(struct index *ix, struct span statement_id, struct span version_id,
                               struct span rules_sha256, struct index_commit *out,
                               struct error *err);
MUST_USE int index_find_latest(struct index *ix, struct span statement_id, struct arena *arena,
                               struct index_version *out, struct error *err);

/* The first statement with this work_id. */
MUST_USE int index_find_work(struct index *ix, struct span work_id, struct arena *arena,
                             struct span *out, struct error *err);

/* The last statement at or before `seq`: where to start reading for it. */
MUST_USE int index_find_place(struct index *ix, uint64_t seq, struct index_place *out,
                              struct error *err);

/* Adds a group whose seqs are set. It becomes the latest version unless a later fetch is there. */
MUST_USE int index_add(struct index *ix, const struct coded_statement *c, struct index_place place,
                       struct error *err);

/* Adds the whole groups of a segment that lie behind the last indexed seq, in one transaction. */
MUST_USE int index_catch_up(struct index *ix, const char *segment_file, uint64_t segment,
                            damage_fn *fn, void *arg, struct error *err);

/* Was it fetched before `than`? Unknown times are not. */
bool index_is_older(struct span fetched_at, struct span than);

struct index_counts index_counts(const struct index *ix);

#endif
