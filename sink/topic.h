/*
 * What a record is published under: statement/<country>/<issuer>,
 * finding/<country>/<topic>/<polarity>.
 *
 * Names stand as they do in the record; what is unknown is "xx" (country) or "unknown" (the rest).
 * A finding has its country from its statement.
 */
#ifndef POLLWATCH_SINK_TOPIC_H
#define POLLWATCH_SINK_TOPIC_H

#include "common/buf.h"
#include "proto/record.h"

#define TOPIC_MAX_BYTES ((size_t)256)
#define TOPIC_HEARTBEAT "heartbeat"

/* Both append. */
void topic_of_statement(const struct statement *s, struct buf *out);
void topic_of_finding(const struct statement *s, const struct finding *f, struct buf *out);

#endif
