/* UTF-8 at the border. Inside, text is valid, and these can't fail. */
#ifndef POLLWATCH_COMMON_UTF8_H
#define POLLWATCH_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/span.h"

/* Bytes before the first that is not valid UTF-8 (RFC 3629: no surrogates, nothing overlong). */
size_t utf8_valid_prefix(struct span s);

static inline bool utf8_is_valid(struct span s)
{
    return utf8_valid_prefix(s) == s.n;
}

/* The code point at `*at`, which moves behind it. Valid text only; at the end returns 0. */
uint32_t utf8_next(struct span s, size_t *at);

/* Code points in valid text. */
size_t utf8_count(struct span s);

/* Writes 1 to 4 bytes and returns how many. */
size_t utf8_put(uint32_t code_point, char out[4]);

/* `at` moved back to the start of a code point. */
size_t utf8_floor(struct span s, size_t at);

#endif
