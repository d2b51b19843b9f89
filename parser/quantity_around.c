/*
 * The words around a number. A word is letters, digits, apostrophes and hyphens; what stands before
 * a number is taken up to the space or bracket in front of it, signs and all.
 */
#include "parser/quantity_parts.h"

bool around_is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

bool around_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct span around_word(struct span s, size_t at)
{
    size_t end = at;

    while (end < s.n && (around_is_letter(s.p[end]) || around_is_digit(s.p[end]) ||
                         s.p[end] == '\'' || s.p[end] == '-'))
        end++;
    return span_of(s.p + at, end - at);
}

struct span around_behind(struct span s, size_t at)
{
    while (at < s.n && s.p[at] == ' ')
        at++;
    return at < s.n ? around_word(s, at) : span_of(s.p + s.n, 0);
}

struct span around_before(struct span s, size_t at)
{
    size_t end = at;
    size_t start;

    while (end > 0 && s.p[end - 1] == ' ')
        end--;
    start = end;
    while (start > 0 && s.p[start - 1] != ' ' && s.p[start - 1] != '(')
        start--;
    return span_of(s.p + start, end - start);
}

size_t around_end(struct span s, struct span word)
{
    return (size_t)(word.p + word.n - s.p);
}

bool around_is_one_of(struct span word, const char *const *list, size_t n)
{
    for (size_t i = 0; word.n > 0 && i < n; i++) {
        /* The lists are long, and few of their words begin like this one. */
        if ((list[i][0] | 0x20) == (word.p[0] | 0x20) &&
            span_equal_nocase(word, span_of_str(list[i])))
            return true;
    }
    return false;
}

bool around_begins(struct span s, size_t at, const char *text)
{
    struct span want;

    if (at >= s.n || (s.p[at] | 0x20) != (text[0] | 0x20))
        return false;
    want = span_of_str(text);
    return s.n >= at && s.n - at >= want.n && span_equal_nocase(span_of(s.p + at, want.n), want) &&
           (s.n - at == want.n || !around_is_letter(want.p[want.n - 1]) ||
            !around_is_letter(s.p[at + want.n]));
}
