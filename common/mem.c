#include "common/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
    static const char message[] = "pollwatch: out of memory\n";

    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(MEM_EXIT_STATUS);
    _exit(MEM_EXIT_STATUS);
}

void *xmalloc(size_t n)
{
    void *p = malloc(n ? n : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *xrealloc(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);

    if (!q)
        out_of_memory();
    return q;
}

char *xstrdup(const char *s)
{
    return s ? xspandup(span_of_str(s)) : NULL;
}

char *xspandup(struct span s)
{
    char *copy;

    if (span_is_null(s))
        return NULL;
    copy = xmalloc(s.n + 1);
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

void *xgrow(void *p, size_t *cap, size_t want, size_t size)
{
    size_t n = *cap ? *cap : 8;

    if (want <= *cap)
        return p;
    while (n < want) {
        if (n > SIZE_MAX / 2 / size)
            out_of_memory();
        n *= 2;
    }
    *cap = n;
    return xrealloc(p, n * size);
}
