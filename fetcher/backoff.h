/* How long a host in trouble is left alone. */
#ifndef POLLWATCH_FETCHER_BACKOFF_H
#define POLLWATCH_FETCHER_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS ((uint64_t)60 * 1000)
#define BACKOFF_MAX_MS   ((uint64_t)24 * 60 * 60 * 1000)

/*
 * After `failures` (from 1) in a row: a minute, doubling to a day, and up to a quarter more by
 * `jitter` (any number), so that hosts that fell over together are not asked together. Never less
 * than what the host asked for, which counts up to a day.
 */
static inline uint64_t backoff_ms(uint32_t failures, uint64_t retry_after_ms, uint32_t jitter)
{
    uint64_t wait = BACKOFF_FIRST_MS;

    for (uint32_t i = 1; i < failures && wait < BACKOFF_MAX_MS; i++)
        wait *= 2;
    if (wait < retry_after_ms)
        wait = retry_after_ms;
    if (wait > BACKOFF_MAX_MS)
        wait = BACKOFF_MAX_MS;
    return wait + wait / 4 * (jitter % 1024) / 1024;
}

#endif
