/*
 * What is no quantity (codebook section 9): part of a date, a time of day, a phone number or an
 * address; a number that numbers one thing ("Article 25", "paragraphs 5 and 7", "station No. 17",
 * "4.1 Voter registration"); an age; a time that has gone by; a distance; and most words for
 * one (quantity_one.c).
 */
#include "common/compiler.h"
#include "parser/quantity_parts.h"

/* More digits than this in several groups are dialled. */
#define PHONE_MIN_DIGITS 7

/* A number between commas behind a name may be an age from here on. */
#define YOUNGEST_NAMED 16

bool quantity_in_date(const struct quantifying *q, size_t start, size_t end)
{
    for (size_t i = 0; i < q->dates.n; i++) {
        if (start < q->dates.items[i].at.end && end > q->dates.items[i].at.start)
            return true;
    }
    return false;
}

static bool is_year(const struct numeral *n)
{
    return n->is_plain && n->bytes == 4 && n->value >= 1900 && n->value < 2100;
}

/* ---- times of day ---- */

/* "opened at seven,", "until ten at night", "on the stroke of six" */
static bool is_bare_hour(struct span s, size_t start, size_t end, const struct numeral *n)
{
    static const char *const leads[] = {"at", "until", "till"};
    static const char *const tails[] = {" in the afternoon", " at night", " sharp"};
    struct span before = around_before(s, start);

    if (n->value > 12 || n->value != (double)(int)n->value)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        if (around_begins(s, end, tails[i]))
            return true;
    }
    if (around_begins(s, start > 10 ? start - 10 : 0, "stroke of "))
        return true;
    return around_is_one_of(before, leads, ARRAY_LEN(leads)) &&
           (end >= s.n || strchr(",.;:)", s.p[end]));
}

/* "06:30", "6 p.m.", "17h", "8 am" */
static bool is_time(struct span s, size_t start, size_t end)
{
    bool joined = (end + 1 < s.n && s.p[end] == ':' && around_is_digit(s.p[end + 1])) ||
                  (start > 1 && s.p[start - 1] == ':' && around_is_digit(s.p[start - 2]));
    size_t at = end < s.n && s.p[end] == ' ' ? end + 1 : end;

    return joined || around_begins(s, at, "p.m") || around_begins(s, at, "a.m") ||
           around_begins(s, at, "pm") || around_begins(s, at, "am") ||
           around_begins(s, at, "o'clock") || around_begins(s, end, "h") ||
           around_begins(s, at, "in the evening") || around_begins(s, at, "in the morning");
}

/* "at 17.40", "between 8.00 and 8.10" */
static bool is_clock(struct span s, size_t start, size_t end, const struct numeral *n)
{
    static const char *const leads[] = {"at", "until", "between", "and", "to", "by"};
    const char *dot = memchr(s.p + start, '.', n->bytes);

    return dot && s.p + end == dot + 3 && dot[1] <= '5' && n->value < 24 &&
           around_is_one_of(around_before(s, start), leads, ARRAY_LEN(leads)) &&
           !around_begins(s, end, "%") && !around_begins(s, end, " per");
}

/* ---- numbers that name ---- */

static bool is_ascii_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_dialled_sign(char c)
{
    return around_is_digit(c) || strchr(" ()-", c);
}

/* "+48 609 522 266", "020 7946 0100", "613-555-0142", but not "1 200 000". */
static bool in_phone_number(struct span s, size_t start)
{
    size_t first = start;
    size_t end = start;
    size_t digits = 0;
    bool has_hyphen = false;

    while (first > 0 && is_dialled_sign(s.p[first - 1]))
        first--;
    while (end < s.n && is_dialled_sign(s.p[end]))
        end++;
    if (first > 0 && s.p[first - 1] == '+')
        return true;
    while (first < end && !around_is_digit(s.p[first]))
        first++;
    for (size_t i = first; i < end; i++) {
        digits += around_is_digit(s.p[i]);
        has_hyphen |= s.p[i] == '-' && i > first;
    }
    return digits >= PHONE_MIN_DIGITS && (s.p[first] == '0' || has_hyphen);
}

/* In front of "5 and " in "paragraphs 5 and 7", of "15 to " in "Articles 15 to 17". */
static size_t before_list(struct span s, size_t start)
{
    static const char *const links[] = {"and", "to", "or"};
    size_t at = start;

    for (;;) {
        struct span word = around_before(s, at);
        size_t link = (size_t)(word.p - s.p);

        if (around_is_one_of(word, links, ARRAY_LEN(links)))
            word = around_before(s, link);
        else if (word.n == 0 || word.p[word.n - 1] != ',')
            return at;
        if (word.n == 0 || !around_is_digit(word.p[0]))
            return at;
        at = (size_t)(word.p - s.p);
    }
}

/* "Article", "sections", "No." */
static bool is_numbered(struct span word)
{
    static const char *const things[] = {"article",      "art.",
                                         "section",      "no.",
                                         "nos.",         "number",
                                         "rule",         "protocol",
                                         "resolution",   "chapter",
                                         "paragraph",    "para",
                                         "annex",        "law",
                                         "regulation",   "decree",
                                         "act",          "form",
                                         "page",         "station",
                                         "channel",      "decision",
                                         "directive",    "unscr",
                                         "order",        "ordinance",
                                         "room",         "plot",
                                         "phase",        "round",
                                         "group",        "aged",
                                         "age",          "version",
                                         "boys",         "girls",
                                         "decree-law",   "id",
                                         "day",          "minus",
                                         "topic",        "step",
                                         "priority",     "recommendation",
                                         "constituency", "constituencies",
                                         "ward",         "item",
                                         "table",        "goal"};
    struct span singular = word;

    if (singular.n > 1 && singular.p[singular.n - 1] == 's')
        singular.n--;
    return around_is_one_of(word, things, ARRAY_LEN(things)) ||
           (word.n > 5 && around_is_one_of(singular, things, ARRAY_LEN(things)));
}

/* A number that names one thing of many, or stands in an address. */
static bool numbers_a_thing(struct span s, size_t start, size_t end)
{
    char left = start > 0 ? s.p[start - 1] : ' ';
    char right = end < s.n ? s.p[end] : ' ';

    if (left == '/' || right == '/' || left == '@' || left == '#' || left == '+' || left == '_' ||
        right == '_' || (left == '.' && start > 1) || in_phone_number(s, start) ||
        (left == '-' && start > 1 && around_is_letter(s.p[start - 2])))
        return true;
    if (start + 1 < end && s.p[start] == '0' && around_is_digit(s.p[start + 1]))
        return true;
    if (is_ascii_letter(left) && !quantity_money_before(s, start))
        return true;
    if ((left == ',' || left == '.' || left == '(') && start > 1 && around_is_digit(s.p[start - 2]))
        return true;
    return is_numbered(around_before(s, before_list(s, start)));
}

/* "Wataniya 1,", "a man, 24, dead": the number is of the name or person. */
static bool ends_a_name(struct span s, size_t start, size_t end, const struct numeral *n)
{
    struct span before = around_before(s, start);
    bool is_last = end >= s.n || strchr(",.;:)", s.p[end]);
    bool is_aside = end < s.n && s.p[end] == ',' && before.n > 1 && before.p[before.n - 1] == ',' &&
                    !around_is_digit(before.p[0]);

    if (!n->is_plain || n->value >= 100 || !is_last || before.n < 2)
        return false;
    if (is_aside)
        return n->value >= YOUNGEST_NAMED;
    return before.p != s.p && before.p[0] >= 'A' && before.p[0] <= 'Z' &&
           before.p[before.n - 1] != ',';
}

/* "4.1 Voter registration", "12. The Mission", "(1) Access", "Results – 5." */
static bool numbers_a_line(struct span s, size_t start, size_t end, const struct numeral *n)
{
    struct span before = around_before(s, start);
    char right = end < s.n ? s.p[end] : '\0';
    char next = end + 1 < s.n ? s.p[end + 1] : '\0';
    bool is_decimal = memchr(s.p + start, '.', n->bytes) != NULL;

    if (start == 0 && (right == '.' || right == ')'))
        return true;
    if (start == 0 && is_decimal && n->value < 100 && right == ' ' && next >= 'A' && next <= 'Z')
        return true;
    if (n->is_plain && n->value < 10 && s.p[start ? start - 1 : 0] == '(' && right == ')')
        return true;
    return n->is_plain && n->value < 100 && (end == s.n || (right == '.' && end + 1 == s.n)) &&
           span_equal(before, SPAN_LIT("\xE2\x80\x93"));
}

/* ---- ages, the past, distances ---- */

/* "24-year-old", "nearly thirty years old", "five years ago", "1st" */
static bool is_age_or_past(struct span s, size_t end)
{
    static const char *const suffixes[] = {"st", "nd", "rd", "th", "-year-old", "-year-olds"};
    static const char *const times[] = {"years", "year", "months", "weeks", "days"};
    struct span word = around_behind(s, end);
    struct span next;

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        if (around_begins(s, end, suffixes[i]))
            return true;
    }
    if (!around_is_one_of(word, times, ARRAY_LEN(times)))
        return false;
    next = around_behind(s, around_end(s, word));
    return span_equal_nocase(next, SPAN_LIT("old")) || span_equal_nocase(next, SPAN_LIT("ago")) ||
           around_begins(s, around_end(s, word), " of age");
}

/* "five or ten years ago", "sixteen- and seventeen-year-olds": the first of two. */
static bool is_past_of_two(struct span s, size_t end)
{
    static const char *const links[] = {" or ", " to ", " and ", "- or ", "- to ", "- and "};
    struct numeral next;

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t at = end + span_of_str(links[i]).n;

        if (around_begins(s, end, links[i]) && numeral_read(s, at, &next))
            return is_age_or_past(s, at + next.bytes);
    }
    return false;
}

/* "citizens under 21 and those …": an age, with nothing behind it that is counted. */
static bool is_age_limit(struct span s, size_t start, size_t end, const struct numeral *n)
{
    static const char *const limits[] = {"under", "over", "below", "above"};
    static const char *const ends[] = {"and", "or", "who", "were", "was",
                                       "are", "is", "to",  "have"};

    return n->is_plain && n->value < 100 &&
           around_is_one_of(around_before(s, start), limits, ARRAY_LEN(limits)) &&
           (end >= s.n || strchr(",.;)", s.p[end]) ||
            around_is_one_of(around_behind(s, end), ends, ARRAY_LEN(ends)));
}

/* "forty kilometres", "minus twenty-three degrees", "over two decades", "4.1 MB" */
static bool is_other_measure(struct span s, size_t end)
{
    static const char *const measures[] = {
        "decade", "decades", "century", "centuries", "degrees",    "metres",     "meters",
        "metre",  "meter",   "km",      "kilometre", "kilometres", "kilometers", "mile",
        "miles",  "inch",    "inches",  "mb",        "kb",         "hectares",   "o'clock"};

    return around_is_one_of(around_behind(s, end), measures, ARRAY_LEN(measures)) ||
           around_begins(s, end, "-Point ");
}

/* The "twenty" of "twenty-third", the "two" of "two-thirds", the "three" of "one-in-three". */
static bool is_joined(struct span s, size_t start, size_t end)
{
    struct span rest = around_begins(s, end, "-") ? around_word(s, end + 1) : SPAN_NULL;
    struct numeral nth;

    if (rest.n > 1 && rest.p[rest.n - 1] == 's')
        rest.n--;
    return around_begins(s, end, "-in-") || ordinal_read(rest, 0, &nth) ||
           span_equal_nocase(rest, SPAN_LIT("first")) ||
           span_ends(span_of(s.p, start), SPAN_LIT("-in-"));
}

/* "fifty-eight (58)": said again in digits. */
static bool is_said_again(const struct quantifying *q, size_t start, const struct numeral *n)
{
    return start > 0 && q->s.p[start - 1] == '(' && q->out->n > 0 &&
           q->out->items[q->out->n - 1].value == n->value;
}

/* "a few dozen communes" */
static bool is_vague(struct span s, size_t start, const struct numeral *n)
{
    static const char *const vague[] = {"few", "several", "some", "many", "couple"};

    return n->is_spelled && n->value == 12 && around_begins(s, start, "dozen") &&
           around_is_one_of(around_before(s, start), vague, ARRAY_LEN(vague));
}

bool quantity_counts(const struct quantifying *q, size_t start, const struct numeral *n)
{
    size_t end = start + n->bytes;
    struct span s = q->s;

    if (quantity_in_date(q, start, end) || is_year(n) || is_time(s, start, end) ||
        is_bare_hour(s, start, end, n) || is_age_or_past(s, end) || is_past_of_two(s, end) ||
        is_age_limit(s, start, end, n) || is_other_measure(s, end) || is_said_again(q, start, n) ||
        is_vague(s, start, n) || is_joined(s, start, end) || is_clock(s, start, end, n))
        return false;
    if (n->is_spelled)
        return n->value != 1 || quantity_counts_one(s, start, end);
    return !numbers_a_thing(s, start, end) && !ends_a_name(s, start, end, n) &&
           !numbers_a_line(s, start, end, n);
}
