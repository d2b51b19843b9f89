/* Questions about a few words, asked by those who look for the structure of a text. */
#include <unicode/uchar.h>

#include "common/utf8.h"
#include "parser/text_parts.h"

/* A dateline is a place and a date; no place name is longer than the rest of this. */
#define DATELINE_MAX_BYTES 100

static bool is_space(uint32_t c)
{
    return u_isUWhiteSpace((UChar32)c);
}

size_t words_count(struct span s)
{
    size_t n = 0;
    bool inside = false;

    for (size_t at = 0; at < s.n;) {
        uint32_t c = utf8_next(s, &at);

        if (u_isalnum((UChar32)c)) {
            n += !inside;
            inside = true;
        } else if (is_space(c)) {
            inside = false;
        }
    }
    return n;
}

static size_t last_code_point(struct span s)
{
    return s.n == 0 ? 0 : utf8_floor(s, s.n - 1);
}

bool words_end_sentence(struct span s)
{
    static const char closers[] = "\"')]*";

    s = span_trim(s);
    while (s.n > 0) {
        size_t last = last_code_point(s);
        size_t at = last;
        uint32_t c = utf8_next(s, &at);

        if (c == '.' || c == '!' || c == '?' || c == 0x2026)
            return true;
        if (c != 0x201d && c != 0x2019 && c != 0xbb && (c > 0x7f || !strchr(closers, (int)c)))
            return false;
        s.n = last;
    }
    return false;
}

bool words_are_capitals(struct span s)
{
    size_t letters = 0;

    for (size_t at = 0; at < s.n;) {
        UChar32 c = (UChar32)utf8_next(s, &at);

        if (u_islower(c))
            return false;
        letters += u_isupper(c);
    }
    return letters >= 2;
}

bool words_start_upper(struct span s)
{
    for (size_t at = 0; at < s.n;) {
        UChar32 c = (UChar32)utf8_next(s, &at);

        if (u_isalpha(c))
            return u_isupper(c);
    }
    return false;
}

static bool is_digit(struct span s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

bool words_have_year(struct span s)
{
    size_t run = 0;

    for (size_t i = 0; i <= s.n; i++) {
        if (is_digit(s, i)) {
            run++;
            continue;
        }
        if (run == 4 && (s.p[i - 4] == '1' || s.p[i - 4] == '2') &&
            (s.p[i - 3] == '9' || s.p[i - 3] == '0'))
            return true;
        run = 0;
    }
    return false;
}

/* Whether a word of ASCII letters and digits goes on at `at`. */
static bool goes_on(struct span s, size_t at)
{
    UChar32 c;

    if (at >= s.n)
        return false;
    c = (UChar32)utf8_next(s, &at);
    return u_isalnum(c);
}

bool words_start_with(struct span s, struct span word)
{
    return s.n >= word.n && span_equal_nocase(span_of(s.p, word.n), word) &&
           (!u_isalnum(word.p[word.n - 1]) || !goes_on(s, word.n));
}

bool words_hold(struct span s, struct span word)
{
    size_t at = 0;

    while ((at = span_find_nocase(s, word, at)) != SIZE_MAX) {
        size_t before = at == 0 ? 0 : utf8_floor(s, at - 1);

        if ((at == 0 || !goes_on(s, before)) && !goes_on(s, at + word.n))
            return true;
        at++;
    }
    return false;
}

/* Bytes of "12", "IV", "a" or "4.2" at the start, or 0. */
static size_t enumerator(struct span s)
{
    size_t n = 0;

    while (n < s.n && n < 5 && (is_digit(s, n) || (s.p[n] == '.' && is_digit(s, n + 1))))
        n++;
    if (n > 0)
        return n;
    while (n < s.n && n < 5 && memchr("ivxIVX", s.p[n], 6))
        n++;
    if (n > 0)
        return n;
    return s.n > 0 && ((s.p[0] >= 'a' && s.p[0] <= 'h') || (s.p[0] >= 'A' && s.p[0] <= 'H')) ? 1
                                                                                             : 0;
}

static size_t enumeration(struct span s)
{
    size_t open = s.n > 0 && s.p[0] == '(' ? 1 : 0;
    size_t n = enumerator(span_from(s, open));
    size_t end = open + n;

    if (n == 0 || end >= s.n)
        return 0;
    if (s.p[end] == ')' || (!open && s.p[end] == '.'))
        return end + 1 < s.n && s.p[end + 1] == ' ' ? end + 1 : 0;
    return 0;
}

size_t words_bullet(struct span s)
{
    static const uint32_t bullets[] = {0x2022, 0x25cf, 0x25aa, 0x25e6, 0xb7,   0x2013, 0x2014,
                                       '-',    '*',    0x27a2, 0xf0b7, 0x2023, 0x25a0};
    size_t at = 0;
    size_t first;
    uint32_t c;

    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
        at++;
    first = at;
    c = utf8_next(s, &at);
    for (size_t i = 0; i < sizeof bullets / sizeof bullets[0]; i++) {
        if (c == bullets[i] && at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
            return at + 1;
    }
    at = enumeration(span_from(s, first));
    return at ? first + at : 0;
}

/* "20 March", "March 20", "20.3.", "Dec. 27": a number beside the name of a month, or dots. */
bool words_have_date(struct span s)
{
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec"};

    if (!words_have_year(s))
        return false;
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        if (span_find_nocase(s, span_of_str(months[i]), 0) != SIZE_MAX)
            return true;
    }
    for (size_t i = 1; i + 1 < s.n; i++) {
        if ((s.p[i] == '.' || s.p[i] == '/') && is_digit(s, i - 1) && is_digit(s, i + 1))
            return true;
    }
    return false;
}

/* The first words are in capitals: "KATHMANDU, Nepal". */
static bool starts_in_capitals(struct span s)
{
    size_t end = 0;

    while (end < s.n && s.p[end] != ',' && s.p[end] != ' ')
        end++;
    return end > 3 && words_are_capitals(span_of(s.p, end));
}

/* Names, numbers and months only: "Kampala, Sunday 19th January 2031". */
static bool has_only_names(struct span s)
{
    for (size_t at = 0; at < s.n; at++) {
        struct span rest = span_from(s, at);
        bool starts = (at == 0 || s.p[at - 1] == ' ') && s.p[at] >= 'a' && s.p[at] <= 'z';

        if (starts && !words_start_with(rest, SPAN_LIT("of")) &&
            !words_start_with(rest, SPAN_LIT("de")) && !words_start_with(rest, SPAN_LIT("es")))
            return false;
    }
    return true;
}

size_t words_dateline(struct span s)
{
    static const char *const ends[] = {
        " \xE2\x80\x93 ", " \xE2\x80\x94 ", "\xE2\x80\x94", " - ", ". ", ": ", ") "};
    struct span head = span_of(s.p, s.n < DATELINE_MAX_BYTES ? s.n : DATELINE_MAX_BYTES);
    size_t best = 0;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct span end = span_of_str(ends[i]);
        size_t at = span_find(head, end, 0);
        bool is_dash = i < 4;

        if (at == SIZE_MAX || at == 0 || (best && at >= best))
            continue;
        if (!has_only_names(span_of(s.p, at)))
            continue;
        if (words_have_date(span_of(s.p, at)) || (is_dash && starts_in_capitals(span_of(s.p, at))))
            best = at + end.n;
    }
    return best;
}
