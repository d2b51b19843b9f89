/*
 * Digits may be parted in threes by commas or thin spaces and have one decimal part; behind them
 * may stand a scale ("12 million"). Words add up as they do in English: units to tens, hundreds to
 * what follows, each scale to a sum of its own.
 */
#include "parser/numerals.h"

#include "common/compiler.h"

/* Beyond this a number counts nothing that an election has. */
#define NUMERAL_MAX_DIGITS 12

struct number_word {
    struct span word;
    double value;
    bool is_scale;
};

static const struct number_word number_words[] = {
    {SPAN_INIT("one"), 1, false},        {SPAN_INIT("two"), 2, false},
    {SPAN_INIT("three"), 3, false},      {SPAN_INIT("four"), 4, false},
    {SPAN_INIT("five"), 5, false},       {SPAN_INIT("six"), 6, false},
    {SPAN_INIT("seven"), 7, false},      {SPAN_INIT("eight"), 8, false},
    {SPAN_INIT("nine"), 9, false},       {SPAN_INIT("ten"), 10, false},
    {SPAN_INIT("eleven"), 11, false},    {SPAN_INIT("twelve"), 12, false},
    {SPAN_INIT("thirteen"), 13, false},  {SPAN_INIT("fourteen"), 14, false},
    {SPAN_INIT("fifteen"), 15, false},   {SPAN_INIT("sixteen"), 16, false},
    {SPAN_INIT("seventeen"), 17, false}, {SPAN_INIT("eighteen"), 18, false},
    {SPAN_INIT("nineteen"), 19, false},  {SPAN_INIT("twenty"), 20, false},
    {SPAN_INIT("thirty"), 30, false},    {SPAN_INIT("forty"), 40, false},
    {SPAN_INIT("fifty"), 50, false},     {SPAN_INIT("sixty"), 60, false},
    {SPAN_INIT("seventy"), 70, false},   {SPAN_INIT("eighty"), 80, false},
    {SPAN_INIT("ninety"), 90, false},    {SPAN_INIT("dozen"), 12, true},
    {SPAN_INIT("hundred"), 100, true},   {SPAN_INIT("thousand"), 1000, true},
    {SPAN_INIT("million"), 1e6, true},   {SPAN_INIT("billion"), 1e9, true},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct span word_at(struct span s, size_t at)
{
    size_t end = at;

    while (end < s.n && (s.p[end] | 0x20) >= 'a' && (s.p[end] | 0x20) <= 'z')
        end++;
    return span_of(s.p + at, end - at);
}

static const struct number_word *number_word_at(struct span s, size_t at)
{
    struct span word = at < s.n ? word_at(s, at) : SPAN_NULL;

    for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
        if (word.n == number_words[i].word.n && span_equal_nocase(word, number_words[i].word))
            return &number_words[i];
    }
    return NULL;
}

/* ---- digits ---- */

/* A sign between groups of three digits: a comma or a space of any width. */
static size_t group_sign(struct span s, size_t at)
{
    if (s.p[at] == ',' || s.p[at] == ' ')
        return 1;
    if (s.n - at >= 2 && memcmp(s.p + at, "\xC2\xA0", 2) == 0)
        return 2;
    if (s.n - at >= 3 &&
        (memcmp(s.p + at, "\xE2\x80\xAF", 3) == 0 || memcmp(s.p + at, "\xE2\x80\x89", 3) == 0))
        return 3;
    return 0;
}

static bool group_at(struct span s, size_t at)
{
    return s.n - at >= 3 && is_digit(s.p[at]) && is_digit(s.p[at + 1]) && is_digit(s.p[at + 2]) &&
           (s.n - at == 3 || !is_digit(s.p[at + 3]));
}

static size_t read_decimals(struct span s, size_t at, double *value)
{
    double unit = 0.1;
    size_t end = at + 1;

    if (at + 1 >= s.n || s.p[at] != '.' || !is_digit(s.p[at + 1]))
        return at;
    while (end < s.n && is_digit(s.p[end])) {
        *value += unit * (s.p[end] - '0');
        unit /= 10;
        end++;
    }
    return end;
}

/* Rounds away what adding tenths leaves behind: 49.2, not 49.200000000000003. */
static double tidy(double value)
{
    double scaled = value * 1000 + 0.5;

    return value < 1e9 ? (double)(long long)scaled / 1000 : value;
}

static bool read_digits(struct span s, size_t at, struct numeral *out)
{
    size_t end = at;
    size_t digits = 0;
    double value = 0;
    double whole;

    while (end < s.n && digits <= NUMERAL_MAX_DIGITS) {
        size_t sign = is_digit(s.p[end]) ? 0 : group_sign(s, end);

        if (sign && digits > 0 && (digits <= 3 || !out->is_plain) && group_at(s, end + sign)) {
            end += sign;
            out->is_plain = false;
            continue;
        }
        if (!is_digit(s.p[end]))
            break;
        value = value * 10 + (s.p[end] - '0');
        digits++;
        end++;
    }
    if (digits == 0 || digits > NUMERAL_MAX_DIGITS)
        return false;
    whole = value;
    end = read_decimals(s, end, &value);
    if (value != whole)
        out->is_plain = false;
    out->value = tidy(value);
    out->bytes = end - at;
    return true;
}

/* "million" behind digits, and "half a million" behind words. */
static void read_scale(struct span s, size_t at, struct numeral *out)
{
    const struct number_word *scale;
    size_t end = at + out->bytes;

    if (end >= s.n || (s.p[end] != ' ' && s.p[end] != '-'))
        return;
    scale = number_word_at(s, end + 1);
    if (!scale || !scale->is_scale || scale->value < 1000)
        return;
    out->value = tidy(out->value * scale->value);
    out->bytes += 1 + scale->word.n;
    out->is_plain = false;
}

/* "five and a half thousand" */
static void read_and_half(struct span s, size_t at, struct numeral *out)
{
    struct span half = SPAN_LIT(" and a half");
    struct span rest = span_from(s, at + out->bytes);

    if (!span_starts(rest, half))
        return;
    out->value += 0.5;
    out->bytes += half.n;
    out->is_plain = false;
}

/* ---- words ---- */

/* Where the next number word starts behind `end`: after a space or hyphen, or after "and". */
static size_t next_word(struct span s, size_t end, bool may_and)
{
    if (end >= s.n || (s.p[end] != ' ' && s.p[end] != '-'))
        return s.n;
    if (may_and && span_equal_nocase(word_at(s, end + 1), SPAN_LIT("and")) &&
        number_word_at(s, end + 5))
        return end + 5;
    return end + 1;
}

/* Whether `word` can follow what was read: "twenty" takes a unit, "hundred" takes anything less. */
static bool can_follow(double last, double value)
{
    if (last >= 100)
        return value < last;
    return last >= 20 && value < 10;
}

/* "a hundred", "its first hundred days": a scale that stands for one of it. */
static bool has_article(struct span s, size_t at)
{
    struct span before = span_of(s.p, at);

    return span_ends(before, SPAN_LIT(" a ")) || span_ends(before, SPAN_LIT(" first ")) ||
           span_equal_nocase(before, SPAN_LIT("a "));
}

/* "half a million" */
static bool read_half(struct span s, size_t at, struct numeral *out)
{
    struct span half = SPAN_LIT("half a ");
    const struct number_word *scale;

    if (s.n - at <= half.n || !span_equal_nocase(span_of(s.p + at, half.n), half))
        return false;
    scale = number_word_at(s, at + half.n);
    if (!scale || !scale->is_scale)
        return false;
    out->value = scale->value / 2;
    out->bytes = half.n + scale->word.n;
    out->is_spelled = true;
    return true;
}

static bool read_words(struct span s, size_t at, struct numeral *out)
{
    const struct number_word *word = number_word_at(s, at);
    double total = 0;
    double part = 0;
    double last = 0;
    size_t end = at;
    size_t next = at;

    if (!word || (word->is_scale && word->value != 12 && !has_article(s, at)))
        return false;
    while (word) {
        if (word->is_scale) {
            part = (part > 0 ? part : 1) * word->value;
            if (word->value >= 1000) {
                total += part;
                part = 0;
            }
        } else if (end != at && !can_follow(last, word->value)) {
            break;
        } else {
            part += word->value;
        }
        last = word->value;
        end = next + word->word.n;
        next = next_word(s, end, last >= 100);
        word = number_word_at(s, next);
    }
    out->value = total + part;
    out->bytes = end - at;
    out->is_spelled = true;
    return true;
}

static bool read_spelled(struct span s, size_t at, struct numeral *out)
{
    size_t bytes;

    if (!read_words(s, at, out))
        return false;
    bytes = out->bytes;
    read_and_half(s, at, out);
    if (out->bytes > bytes)
        read_scale(s, at, out);
    return true;
}

bool numeral_read(struct span s, size_t at, struct numeral *out)
{
    *out = (struct numeral){0};
    if (at >= s.n)
        return false;
    if (!is_digit(s.p[at]))
        return read_half(s, at, out) || read_spelled(s, at, out);
    out->is_plain = true;
    if (!read_digits(s, at, out))
        return false;
    read_scale(s, at, out);
    return true;
}

/* ---- ordinals and fractions ---- */

/* The first is "second". */
static const struct span ordinals[] = {
    SPAN_INIT("second"),      SPAN_INIT("third"),      SPAN_INIT("fourth"),
    SPAN_INIT("fifth"),       SPAN_INIT("sixth"),      SPAN_INIT("seventh"),
    SPAN_INIT("eighth"),      SPAN_INIT("ninth"),      SPAN_INIT("tenth"),
    SPAN_INIT("eleventh"),    SPAN_INIT("twelfth"),    SPAN_INIT("thirteenth"),
    SPAN_INIT("fourteenth"),  SPAN_INIT("fifteenth"),  SPAN_INIT("sixteenth"),
    SPAN_INIT("seventeenth"), SPAN_INIT("eighteenth"), SPAN_INIT("nineteenth"),
    SPAN_INIT("twentieth")};

bool ordinal_read(struct span s, size_t at, struct numeral *out)
{
    struct span word = at < s.n ? word_at(s, at) : SPAN_NULL;

    for (size_t i = 0; i < ARRAY_LEN(ordinals); i++) {
        if (word.n == ordinals[i].n && span_equal_nocase(word, ordinals[i])) {
            *out = (struct numeral){.value = (double)i + 2, .bytes = word.n, .is_spelled = true};
            return true;
        }
    }
    return false;
}

/* "half", "thirds", "tenth": into how many parts; 0: not such a word. */
static double denominator_of(struct span word)
{
    struct numeral nth;
    struct span one = word;

    if (one.n > 1 && (one.p[one.n - 1] | 0x20) == 's')
        one.n--;
    if (span_equal_nocase(one, SPAN_LIT("half")))
        return 2;
    if (span_equal_nocase(one, SPAN_LIT("quarter")))
        return 4;
    if (!ordinal_read(one, 0, &nth) || nth.value == 2 || nth.value > 10)
        return 0;
    return nth.value;
}

/* "for a fifth time", "the one third party": what is numbered, not parted. */
static bool is_numbered(struct span s, size_t end)
{
    static const char *const nouns[] = {"time",  "year", "day",  "term",  "round", "party",
                                        "place", "vote", "week", "stage", "phase", "attempt"};
    struct span noun = end + 1 < s.n ? word_at(s, end + 1) : SPAN_NULL;

    for (size_t i = 0; i < ARRAY_LEN(nouns); i++) {
        if (span_equal_nocase(noun, span_of_str(nouns[i])))
            return true;
    }
    return false;
}

bool fraction_read(struct span s, size_t at, struct numeral *out)
{
    struct span first = at < s.n ? word_at(s, at) : SPAN_NULL;
    const struct number_word *part = number_word_at(s, at);
    bool is_half = span_equal_nocase(first, SPAN_LIT("half"));
    bool is_article =
        span_equal_nocase(first, SPAN_LIT("a")) || span_equal_nocase(first, SPAN_LIT("an"));
    size_t next = is_half ? at : at + first.n + 1;
    struct span second = next < s.n ? word_at(s, next) : SPAN_NULL;
    double whole = denominator_of(second);
    double parts = part ? part->value : 1;
    size_t end = next + second.n;

    if (first.n == 0 || whole == 0 || (!is_half && !is_article && !part) || parts >= whole ||
        (end < s.n && s.p[end] == '-') || is_numbered(s, end))
        return false;
    if (!is_half && s.p[next - 1] != ' ' && s.p[next - 1] != '-')
        return false;
    *out = (struct numeral){.value = (double)(long long)(parts * 1000 / whole + 0.5) / 10,
                            .bytes = end - at,
                            .is_spelled = true};
    return true;
}
