/*
 * The memory of one document: allocate freely, drop it whole.
 *
 * Nothing in it is freed by itself. Addresses never move. Not for what outlives the document.
 */
#ifndef POLLWATCH_COMMON_ARENA_H
#define POLLWATCH_COMMON_ARENA_H

#include <stddef.h>

#include "common/compiler.h"
#include "common/span.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);

/* Gives all memory back but keeps the first block for the next document. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_calloc(struct arena *a, size_t count, size_t size);

/*
 * Grows an array that lives in the arena to hold `want` items of `size` bytes; the old copy stays
 * until the arena goes. `*cap` is in items.
 */
void *arena_grow(struct arena *a, void *old, size_t *cap, size_t want, size_t size);

/* Copies, with a NUL behind that does not count. The null span stays null. */
struct span arena_copy(struct arena *a, struct span s);
struct span arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
