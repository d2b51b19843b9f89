#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

void buf_init(struct buf *b, size_t cap_bytes)
{
    *b = (struct buf){.cap_bytes = cap_bytes};
}

void buf_fini(struct buf *b)
{
    free(b->data);
    *b = (struct buf){.cap_bytes = b->cap_bytes};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

/* Room for n more bytes, or false. */
static bool reserve(struct buf *b, size_t n)
{
    if (b->failed || n > b->cap_bytes - b->n) {
        b->failed = true;
        return false;
    }
    b->data = xgrow(b->data, &b->size, b->n + n, 1);
    return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || !reserve(b, n))
        return;
    memcpy(b->data + b->n, p, n);
    b->n += n;
}

void buf_add_span(struct buf *b, struct span s)
{
    buf_add(b, s.p, s.n);
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_list again;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* one more byte for the NUL that vsnprintf writes and that does not count */
    if (n > 0 && reserve(b, (size_t)n + 1)) {
        vsnprintf(b->data + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_drop(struct buf *b, size_t n)
{
    if (n > b->n)
        n = b->n;
    if (n > 0 && n < b->n)
        memmove(b->data, b->data + n, b->n - n);
    b->n -= n;
}

char *buf_take(struct buf *b, size_t *n)
{
    char *data = b->data;

    *n = b->n;
    *b = (struct buf){.cap_bytes = b->cap_bytes};
    return data;
}
