/*
 * The sink as a service: results in, COMMITTED and the stream out.
 *
 * A turn collects what has arrived; before the loop sleeps, one fdatasync makes all of it durable,
 * and only then is anything acknowledged or published. Storage that fails stops the service;
 * whatever a peer sends does not.
 */
#ifndef POLLWATCH_SINK_SERVICE_H
#define POLLWATCH_SINK_SERVICE_H

#include <stdint.h>

#include "common/bus.h"
#include "common/config.h"
#include "common/error.h"
#include "common/loop.h"

struct sink;

/* `config` is lent. Takes the directory's lock, opens everything and listens. */
MUST_USE int sink_open(struct loop *loop, struct bus *bus, const struct config_sink *config,
                       struct sink **out, struct error *err);

/* Settles, seals, says BYE. Call it after the loop has ended. Storage that failed stays as it is.
 */
MUST_USE int sink_stop(struct sink *s, struct error *err);

/* Takes NULL. */
void sink_close(struct sink *s);

/* The last durable one. */
uint64_t sink_last_seq(const struct sink *s);

#endif
