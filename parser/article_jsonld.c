/*
 * JSON-LD is read by key, not as a tree: the first string that follows "key": is its value. The few
 * keys that are asked for name one thing wherever they stand, publishers nest them in many ways,
 * and much of it is not valid JSON. Linear, and without memory but for the value.
 */
#include "common/utf8.h"
#include "parser/article_parts.h"

#define VALUE_MAX 2000

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Past white space and one colon, or SIZE_MAX. */
static size_t skip_colon(struct span json, size_t at)
{
    while (at < json.n && is_space(json.p[at]))
        at++;
    if (at == json.n || json.p[at] != ':')
        return SIZE_MAX;
    at++;
    while (at < json.n && is_space(json.p[at]))
        at++;
    return at;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits, or U+FFFD. */
static uint32_t read_unit(struct span s)
{
    uint32_t unit = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = i < s.n ? hex_value(s.p[i]) : -1;

        if (digit < 0)
            return 0xFFFD;
        unit = unit * 16 + (uint32_t)digit;
    }
    return unit;
}

/* The code point of "\uXXXX", or of two of them, at `*at` behind the u; moves behind it. */
static uint32_t read_escape(struct span json, size_t *at)
{
    uint32_t unit = read_unit(span_from(json, *at));
    uint32_t low;

    *at += 4;
    if (unit >= 0xD800 && unit < 0xDC00 && span_starts(span_from(json, *at), SPAN_LIT("\\u"))) {
        low = read_unit(span_from(json, *at + 2));
        if (low >= 0xDC00 && low < 0xE000) {
            *at += 6;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return (unit >= 0xD800 && unit < 0xE000) || unit == 0 ? 0xFFFD : unit;
}

/* The string whose opening quote stands before `at`. Null when it doesn't end. */
static struct span read_string(struct span json, size_t at, struct arena *arena)
{
    char *out = arena_alloc(arena, VALUE_MAX + 4);
    size_t n = 0;

    while (at < json.n && n < VALUE_MAX) {
        char c = json.p[at++];

        if (c == '"')
            return span_of(out, n);
        if (c != '\\') {
            out[n++] = c;
        } else if (at < json.n) {
            c = json.p[at++];
            if (c == 'u')
                n += utf8_put(read_escape(json, &at), out + n);
            else
                out[n++] = memchr("nrtbf", c, 5) ? ' ' : c;
        }
    }
    return SPAN_NULL;
}

struct span jsonld_value(struct span json, const char *key, struct arena *arena)
{
    struct span quoted = arena_printf(arena, "\"%s\"", key);
    size_t at = 0;

    while ((at = span_find(json, quoted, at)) != SIZE_MAX) {
        size_t value = skip_colon(json, at + quoted.n);

        if (value < json.n && json.p[value] == '"')
            return read_string(json, value + 1, arena);
        at += quoted.n;
    }
    return SPAN_NULL;
}
