/* Time: milliseconds of two clocks that are never mixed, and RFC 3339 text. */
#ifndef POLLWATCH_COMMON_TIMESTAMP_H
#define POLLWATCH_COMMON_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/span.h"

#define TIMESTAMP_BYTES 32

uint64_t mono_ms(void);
uint64_t wall_ms(void); /* since 1970, UTC */

/* "2026-11-25T10:00:09Z" */
void timestamp_write(uint64_t wall_ms, char out[TIMESTAMP_BYTES]);

/* Reads RFC 3339, with or without a fraction, with Z or an offset. */
bool timestamp_read(struct span text, uint64_t *wall_ms);

#endif
