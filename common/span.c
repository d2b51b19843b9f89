#include "common/span.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

struct span span_trim(struct span s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t span_find(struct span s, struct span needle, size_t from)
{
    const char *hit;

    if (from > s.n || needle.n > s.n - from)
        return SIZE_MAX;
    if (needle.n == 0)
        return from;
    hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t span_find_nocase(struct span s, struct span needle, size_t from)
{
    if (needle.n > s.n)
        return SIZE_MAX;
    if (needle.n == 0)
        return from <= s.n ? from : SIZE_MAX;
    for (size_t i = from; i + needle.n <= s.n; i++) {
        /* Most places are ruled out by the first letter. */
        if ((s.p[i] | 0x20) == (needle.p[0] | 0x20) &&
            strncasecmp(s.p + i, needle.p, needle.n) == 0)
            return i;
    }
    return SIZE_MAX;
}
