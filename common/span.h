/*
 * Lent bytes and byte ranges.
 *
 * A span points into memory that somebody else owns and is good for as long as that is. It may
 * hold any bytes, NUL included, and is never terminated: print it with "%.*s" and SPAN_ARG().
 * A span with p == NULL means "unknown" (null in a record); an empty one has n == 0 and a pointer.
 */
#ifndef POLLWATCH_COMMON_SPAN_H
#define POLLWATCH_COMMON_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct span {
    const char *p;
    size_t n;
};

/* A half-open range of byte offsets, 0-based, into one text. */
struct range {
    uint32_t start;
    uint32_t end;
};

#define SPAN_NULL         ((struct span){NULL, 0})
#define SPAN_LIT(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_ARG(s)       ((int)(s).n), ((s).p ? (s).p : "")

/* The same for objects with static storage, whose initialisers must be constants. */
#define SPAN_INIT(literal) {"" literal, sizeof(literal) - 1}

static inline struct span span_of(const void *p, size_t n)
{
    return (struct span){(const char *)p, n};
}

/* NULL gives the null span. */
static inline struct span span_of_str(const char *s)
{
    return s ? (struct span){s, strlen(s)} : SPAN_NULL;
}

static inline bool span_is_null(struct span s)
{
    return s.p == NULL;
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_equal_str(struct span a, const char *s)
{
    return span_equal(a, span_of_str(s));
}

/* ASCII letters only. */
static inline bool span_equal_nocase(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

static inline bool span_starts(struct span s, struct span prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool span_ends(struct span s, struct span suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

static inline struct span span_from(struct span s, size_t start)
{
    return start >= s.n ? (struct span){s.p + s.n, 0} : (struct span){s.p + start, s.n - start};
}

static inline struct span span_slice(struct span s, struct range r)
{
    return (struct span){s.p + r.start, r.end - r.start};
}

/* Without ASCII white space at both ends. */
struct span span_trim(struct span s);

/* Offset of the first `needle` at or after `from`, or SIZE_MAX. */
size_t span_find(struct span s, struct span needle, size_t from);
size_t span_find_nocase(struct span s, struct span needle, size_t from);

#endif
