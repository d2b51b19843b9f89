/*
 * A growing byte buffer that is born with its cap (curl's dynbuf).
 *
 * Going over the cap empties nothing and writes nothing: it sets `failed`, and every later append
 * is a no-op, so that a writer checks once, at the end. `data` is the buffer's, and moves.
 */
#ifndef POLLWATCH_COMMON_BUF_H
#define POLLWATCH_COMMON_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "common/compiler.h"
#include "common/span.h"

struct buf {
    char *data;
    size_t n;
    size_t size;
    size_t cap_bytes;
    bool failed;
};

void buf_init(struct buf *b, size_t cap_bytes);
void buf_fini(struct buf *b);

/* Empties it and forgets a failure; keeps the memory. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_span(struct buf *b, struct span s);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Removes the first `n` bytes. */
void buf_drop(struct buf *b, size_t n);

/* Hands the bytes over (free() them) and leaves the buffer empty. Sets `*n`. */
char *buf_take(struct buf *b, size_t *n);

static inline struct span buf_span(const struct buf *b)
{
    return span_of(b->data ? b->data : "", b->n);
}

#endif
