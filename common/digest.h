/* SHA-256 (OpenSSL) and CRC-32 (zlib), and the identifiers made of them. */
#ifndef POLLWATCH_COMMON_DIGEST_H
#define POLLWATCH_COMMON_DIGEST_H

#include <stdint.h>

#include "common/arena.h"
#include "common/span.h"

#define SHA256_BYTES     32
#define SHA256_HEX_BYTES 64

struct sha256 {
    uint8_t bytes[SHA256_BYTES];
};

struct sha256 sha256_of(struct span data);

/* For what comes in pieces. digest_end() frees it. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *d, struct span data);
struct sha256 digest_end(struct digest *d);

/* Lower case, 64 digits and a NUL. */
void sha256_hex(const struct sha256 *s, char out[SHA256_HEX_BYTES + 1]);

/* `prefix` + the first 16 hex digits of SHA-256(data), as in records.md: "st_0123456789abcdef". */
struct span digest_id(struct arena *a, const char *prefix, struct span data);

uint32_t crc32_of(struct span data);

/* Goes on from the CRC of what came before. */
uint32_t crc32_more(uint32_t crc, struct span data);

#endif
