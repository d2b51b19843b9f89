/*
 * A list of blocks, newest first; each allocation is cut from the newest block, and one that does
 * not fit opens another. Blocks double from 16 KiB to 1 MiB, so that a short statement costs one
 * allocation and a long one a handful.
 */
#include "common/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/mem.h"

#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
#define LARGEST_BLOCK_BYTES ((size_t)1024 * 1024)

struct block {
    struct block *older;
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *newest;
};

static struct block *block_new(struct block *older, size_t size)
{
    struct block *b = xmalloc(sizeof *b + size);

    b->older = older;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = xcalloc(1, sizeof *a);

    a->newest = block_new(NULL, FIRST_BLOCK_BYTES);
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->newest->older) {
        struct block *b = a->newest;

        a->newest = b->older;
        free(b);
    }
    a->newest->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a->newest);
    free(a);
}

static size_t next_block_bytes(const struct arena *a, size_t n)
{
    size_t size = a->newest->size * 2;

    if (size > LARGEST_BLOCK_BYTES)
        size = LARGEST_BLOCK_BYTES;
    return size > n ? size : n;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t rounded = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct block *b = a->newest;
    void *p;

    if (rounded < n)
        abort();
    if (rounded > b->size - b->used) {
        b = block_new(b, next_block_bytes(a, rounded));
        a->newest = b;
    }
    p = b->bytes + b->used;
    b->used += rounded;
    memset(p, 0, n);
    return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size)
        abort();
    return arena_alloc(a, count * size);
}

void *arena_grow(struct arena *a, void *old, size_t *cap, size_t want, size_t size)
{
    size_t n = *cap ? *cap : 8;
    void *grown;

    if (want <= *cap)
        return old;
    while (n < want)
        n *= 2;
    grown = arena_calloc(a, n, size);
    if (*cap)
        memcpy(grown, old, *cap * size);
    *cap = n;
    return grown;
}

struct span arena_copy(struct arena *a, struct span s)
{
    char *copy;

    if (span_is_null(s))
        return s;
    copy = arena_alloc(a, s.n + 1);
    memcpy(copy, s.p, s.n);
    return span_of(copy, s.n);
}

struct span arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_list again;
    char *text;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        n = 0;
    text = arena_alloc(a, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return span_of(text, (size_t)n);
}
