/* The framing of the cage's socket pair, the same at both ends; cage.h describes it. */
#include <assert.h>
#include <string.h>

#include "common/cage_internal.h"

static bool take_u32(struct span *from, uint32_t *out)
{
    if (from->n < sizeof *out)
        return false;
    memcpy(out, from->p, sizeof *out);
    *from = span_from(*from, sizeof *out);
    return true;
}

enum cage_parsed cage_parse(struct span bytes, size_t max_bytes, struct span *frames, size_t *n)
{
    uint32_t count;
    uint32_t size;
    size_t total = 0;

    if (!take_u32(&bytes, &count))
        return CAGE_PARSED_PART;
    if (count > CAGE_FRAMES_MAX)
        return CAGE_PARSED_BAD;
    for (*n = 0; *n < count; (*n)++) {
        if (!take_u32(&bytes, &size))
            return CAGE_PARSED_PART;
        total += size;
        if (total > max_bytes)
            return CAGE_PARSED_BAD;
        if (bytes.n < size)
            return CAGE_PARSED_PART;
        frames[*n] = span_of(bytes.p, size);
        bytes = span_from(bytes, size);
    }
    return bytes.n == 0 ? CAGE_PARSED_WHOLE : CAGE_PARSED_BAD;
}

static void add_u32(struct buf *b, size_t value)
{
    uint32_t u = (uint32_t)value;

    assert(value <= UINT32_MAX);
    buf_add(b, &u, sizeof u);
}

void cage_encode(struct buf *b, const struct span *frames, size_t n)
{
    assert(n <= CAGE_FRAMES_MAX);
    add_u32(b, n);
    for (size_t i = 0; i < n; i++) {
        add_u32(b, frames[i].n);
        buf_add_span(b, frames[i]);
    }
}
