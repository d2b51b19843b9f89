/*
 * One gzip member that knows its own length, as the archive's records are.
 *
 * The extra field "sl" (RFC 1952) holds the compressed and the uncompressed length, both u32,
 * little-endian. Readers that don't know it skip it; we hop from member to member by it.
 */
#ifndef POLLWATCH_FETCHER_MEMBER_H
#define POLLWATCH_FETCHER_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"

/* gzip's fixed header, and the extra field with its length. No member is shorter. */
#define MEMBER_HEAD_BYTES 24

/* Compresses the parts, one behind the other, together less than 4 GiB. free() the result. */
unsigned char *member_new(const struct span *parts, size_t n, size_t *out_bytes);

/* The compressed length that a head claims, or 0 when that is no member of ours. */
uint64_t member_length(const unsigned char head[MEMBER_HEAD_BYTES]);

/* Whether the bytes there are one whole member: lengths and CRC-32. */
bool member_is_whole(int fd, uint64_t offset, uint64_t length);

/*
 * The bytes of one whole member, malloc'd. ERR_FORMAT: not one, or its bytes have changed;
 * ERR_LIMIT: more than `max_bytes`.
 */
MUST_USE int member_inflate(struct span member, size_t max_bytes, char **out, size_t *n,
                            struct error *err);

#endif
