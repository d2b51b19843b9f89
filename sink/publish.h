/*
 * The live stream. Frames: topic, kind and version, head map, and the record as bulk.
 *
 * Best effort: a slow subscriber loses messages rather than hold up the others. Each record carries
 * its seq and a heartbeat the last one, so that a subscriber sees a gap and asks for a replay.
 */
#ifndef POLLWATCH_SINK_PUBLISH_H
#define POLLWATCH_SINK_PUBLISH_H

#include <stdint.h>

#include "common/bus.h"
#include "common/error.h"
#include "common/span.h"

struct publisher;

MUST_USE int publisher_open(struct bus *bus, const char *endpoint, struct publisher **out,
                            struct error *err);

/* Takes NULL. */
void publisher_close(struct publisher *p);

void publish_record(struct publisher *p, struct span topic, uint64_t seq, struct span map);
void publish_heartbeat(struct publisher *p, uint64_t first_seq, uint64_t last_seq);

/* Where it really listens. */
const char *publisher_endpoint(const struct publisher *p);

#endif
