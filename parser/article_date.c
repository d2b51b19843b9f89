/*
 * Dates as metadata writes them. What has no zone is only a day; what is not certainly a date in
 * year-month-day order is none.
 */
#include "parser/article_parts.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether `s` begins as the picture says: 0 a digit, anything else itself. */
static bool matches(struct span s, const char *picture)
{
    for (size_t i = 0; picture[i] != '\0'; i++) {
        if (i >= s.n || (picture[i] == '0' ? !is_digit(s.p[i]) : s.p[i] != picture[i]))
            return false;
    }
    return true;
}

static unsigned two_digits(const char *p)
{
    return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

static bool is_day(const char *month, const char *day)
{
    return two_digits(month) >= 1 && two_digits(month) <= 12 && two_digits(day) >= 1 &&
           two_digits(day) <= 31;
}

/* "+01:00", "Z", or null. Accepts "+0100" and a space before it. */
static struct span read_zone(struct span s, struct arena *arena)
{
    if (s.n > 1 && s.p[0] == ' ')
        s = span_from(s, 1);
    if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z'))
        return SPAN_LIT("Z");
    if (s.n == 0 || (s.p[0] != '+' && s.p[0] != '-'))
        return SPAN_NULL;
    if (s.n == 6 && matches(span_from(s, 1), "00:00"))
        return s;
    if (s.n == 5 && matches(span_from(s, 1), "0000"))
        return arena_printf(arena, "%.3s:%.2s", s.p, s.p + 3);
    return SPAN_NULL;
}

/* The clock part after the day, as RFC 3339 wants it, or null. */
static struct span read_clock(struct span s, struct arena *arena)
{
    bool has_seconds = matches(s, "00:00:00");
    size_t n = has_seconds ? 8 : 5;
    struct span zone;

    if (!matches(s, "00:00") || two_digits(s.p) > 23 || two_digits(s.p + 3) > 59)
        return SPAN_NULL;
    if (has_seconds && n < s.n && s.p[n] == '.') {
        do
            n++;
        while (n < s.n && is_digit(s.p[n]));
    }
    zone = read_zone(span_from(s, n), arena);
    if (span_is_null(zone))
        return SPAN_NULL;
    return arena_printf(arena, "T%.*s%s%.*s", (int)(has_seconds ? 8 : 5), s.p,
                        has_seconds ? "" : ":00", SPAN_ARG(zone));
}

struct span date_read(struct span text, struct arena *arena)
{
    struct span clock = SPAN_NULL;

    text = span_trim(text);
    if (text.n == 8 && matches(text, "00000000") && is_day(text.p + 4, text.p + 6))
        return arena_printf(arena, "%.4s-%.2s-%.2s", text.p, text.p + 4, text.p + 6);
    if (!matches(text, "0000-00-00") || text.p[0] == '0' || !is_day(text.p + 5, text.p + 8))
        return SPAN_NULL;
    if (text.n > 10 && is_digit(text.p[10]))
        return SPAN_NULL;
    if (text.n > 11 && (text.p[10] == 'T' || text.p[10] == ' '))
        clock = read_clock(span_from(text, 11), arena);
    return arena_printf(arena, "%.10s%.*s", text.p, SPAN_ARG(clock));
}
