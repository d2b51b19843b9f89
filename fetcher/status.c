#include "fetcher/status.h"

#include "proto/shape_table.h"

static const struct field source_fields[] = {
    R(source_state, id, TEXT),        F(source_state, kind, TEXT), F(source_state, last_poll, TEXT),
    F(source_state, next_poll, TEXT), R(source_state, seen, U64),  F(source_state, error, TEXT),
};
static const struct shape source_shape = SHAPE(source_state, source_fields);

static const struct field tasks_fields[] = {
    R(outbox_counts, pending, U64),
    R(outbox_counts, leased, U64),
    R(outbox_counts, done, U64),
    R(outbox_counts, dead, U64),
};
static const struct shape tasks_shape = SHAPE(outbox_counts, tasks_fields);

static const struct field worker_fields[] = {
    R(worker_state, name, TEXT),
    R(worker_state, credit, U32),
    R(worker_state, held, U64),
};
static const struct shape worker_shape = SHAPE(worker_state, worker_fields);

static const struct field status_fields[] = {
    R(status, role, TEXT),
    R(status, sources, LIST, .shape = &source_shape),
    R(status, tasks, MAP, .shape = &tasks_shape),
    R(status, workers, LIST, .shape = &worker_shape),
    R(status, polled_all_once, BOOL),
    R(status, uptime_s, U64),
};
static const struct shape status_shape = SHAPE(status, status_fields);

void status_json(const struct status *s, struct buf *out)
{
    shape_json(&status_shape, s, out);
}
