/* Numbers, sizes and durations from text, whole text or nothing, with a range. */
#ifndef POLLWATCH_COMMON_NUMBER_H
#define POLLWATCH_COMMON_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/span.h"

/* Decimal digits only. */
bool number_read(struct span text, uint64_t min, uint64_t max, uint64_t *out);

/* "250ms", "30s", "5m", "1h", "2d"; a bare number is refused, but "0" is none. */
bool duration_read(struct span text, uint64_t *out_ms);

/* "512", "64KiB", "20MiB", "1GiB". */
bool size_read(struct span text, uint64_t *out_bytes);

#endif
