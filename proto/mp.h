/*
 * A look at MessagePack bytes before anything is allocated for them.
 *
 * msgpack-c trusts the lengths that it reads: five bytes can make it ask for 96 GB. mp_scan()
 * walks the bytes without memory of its own, without recursion and in one pass, and says whether
 * one whole value stands there within the caps. Only what passed goes to msgpack-c.
 */
#ifndef POLLWATCH_PROTO_MP_H
#define POLLWATCH_PROTO_MP_H

#include "common/error.h"
#include "common/span.h"

/*
 * Sets `*used` to the length of the first value in `in`. Returns 0, ERR_FORMAT (cut short or an
 * invalid byte; pos says where) or ERR_LIMIT (deeper than LIMIT_DEPTH, over LIMIT_VALUES values).
 */
MUST_USE int mp_scan(struct span in, size_t *used, struct error *err);

#endif
