/* A record of either kind out of its bytes, and the statement that a finding belongs to. */
#ifndef POLLWATCH_SINK_UNPACK_H
#define POLLWATCH_SINK_UNPACK_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "proto/record.h"

/* One of the two is not NULL. */
struct unpacked {
    const struct statement *statement;
    const struct finding *finding;
};

/*
 * Reads a packed record by its schema. Memory is the arena's; texts point into `map`. Returns 0,
 * ERR_VERSION (a schema that we don't know) or what unpacking said.
 */
MUST_USE int unpack_record(struct span map, struct arena *arena, struct unpacked *out,
                           struct error *err);

/* Appends it as one line of JSON. */
MUST_USE int unpacked_json(const struct unpacked *u, struct buf *out, struct error *err);

/* The statement that was read last: findings follow theirs. */
struct context;

struct context *context_new(void);
void context_free(struct context *c);

/* To be told of each record, in order; keeps a copy of a statement. */
void context_add(struct context *c, const struct unpacked *u, struct span map);

/* The statement of a finding, or NULL when it was not the last one. A statement's is itself. */
const struct statement *context_find(const struct context *c, const struct unpacked *u);

#endif
