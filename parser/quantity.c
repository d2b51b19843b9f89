/*
 * A numeral is a quantity unless something around it says that it is not: it is part of a date or a
 * time, it numbers a thing ("Article 25", "polling station No. 17", "Resolution 1244/1999"), it is
 * an age, or a year. Then what stands before it says how exact it is, and what stands behind it
 * what is counted:
 *
 *     [nearly] 10,000 [polling stations]      29 [per cent] of [the candidates]
 */
#include "parser/quantity.h"

#include <math.h>

#include "common/compiler.h"
#include "parser/dates.h"
#include "parser/numerals.h"

/* Words that name what is counted. */
#define CONCEPT_MAX_WORDS 5

/* How far before a numeral a word for its exactness may stand. */
#define APPROX_REACH_BYTES 24

struct quantifying {
    struct span s; /* the sentence */
    struct range at;
    struct arena *arena;
    date_hits dates;
    quantity_list *out;
};

/* ---- small questions ---- */

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct span word_at(struct span s, size_t at)
{
    size_t end = at;

    while (end < s.n &&
           (is_letter(s.p[end]) || is_digit(s.p[end]) || s.p[end] == '\'' || s.p[end] == '-'))
        end++;
    return span_of(s.p + at, end - at);
}

static struct span word_behind(struct span s, size_t at)
{
    while (at < s.n && s.p[at] == ' ')
        at++;
    return at < s.n ? word_at(s, at) : span_of(s.p + s.n, 0);
}

static struct span word_before(struct span s, size_t at)
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

static bool is_one_of(struct span word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_equal_nocase(word, span_of_str(list[i])))
            return true;
    }
    return false;
}

static bool begins(struct span s, size_t at, const char *text)
{
    struct span want = span_of_str(text);

    return s.n >= at && s.n - at >= want.n && span_equal_nocase(span_of(s.p + at, want.n), want) &&
           (s.n - at == want.n || !is_letter(want.p[want.n - 1]) || !is_letter(s.p[at + want.n]));
}

/* ---- what is no quantity ---- */

static bool in_date(const struct quantifying *q, size_t start, size_t end)
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

/* "06:30", "6 p.m.", "17h", "8 am" */
static bool is_time(struct span s, size_t start, size_t end)
{
    bool joined = (end + 1 < s.n && s.p[end] == ':' && is_digit(s.p[end + 1])) ||
                  (start > 1 && s.p[start - 1] == ':' && is_digit(s.p[start - 2]));
    size_t at = end < s.n && s.p[end] == ' ' ? end + 1 : end;

    return joined || begins(s, at, "p.m") || begins(s, at, "a.m") || begins(s, at, "pm") ||
           begins(s, at, "am") || begins(s, at, "o'clock") || begins(s, end, "h") ||
           begins(s, at, "in the evening") || begins(s, at, "in the morning");
}

static bool is_ascii_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Nothing but digits and the signs between them since a plus: "+48 609 522 266". */
static bool in_phone_number(struct span s, size_t start)
{
    while (start > 0 && (is_digit(s.p[start - 1]) || strchr(" ()-", s.p[start - 1])))
        start--;
    return start > 0 && s.p[start - 1] == '+';
}

/* A number that names one thing of many, or stands in an address. */
static bool numbers_a_thing(struct span s, size_t start, size_t end)
{
    static const char *const things[] = {
        "article",   "articles",   "art.",       "section",    "sections",  "no.",       "nos.",
        "number",    "rule",       "resolution", "protocol",   "chapter",   "paragraph", "para",
        "annex",     "regulation", "law",        "decree",     "act",       "form",      "forms",
        "page",      "station",    "channel",    "decision",   "directive", "unscr",     "order",
        "ordinance", "room",       "plot",       "phase",      "round",     "group",     "aged",
        "age",       "version",    "boys",       "decree-law", "id"};
    struct span before = word_before(s, start);
    char left = start > 0 ? s.p[start - 1] : ' ';
    char right = end < s.n ? s.p[end] : ' ';

    if (left == '/' || right == '/' || left == '@' || left == '#' || left == '+' || left == '_' ||
        is_ascii_letter(left) || (left == '.' && start > 1) || in_phone_number(s, start) ||
        (left == '-' && start > 1 && is_letter(s.p[start - 2])))
        return true;
    if ((left == ',' || left == '.') && start > 1 && is_digit(s.p[start - 2]))
        return true;
    return is_one_of(before, things, ARRAY_LEN(things));
}

/* "Wataniya 1,": the number is of the name. */
static bool ends_a_name(struct span s, size_t start, size_t end, const struct numeral *n)
{
    struct span before = word_before(s, start);
    bool is_last = end >= s.n || strchr(",.;:)", s.p[end]);

    return n->is_plain && n->value < 100 && is_last && before.n > 1 && before.p[0] >= 'A' &&
           before.p[0] <= 'Z' && before.p != s.p;
}

/* "24-year-old", "nearly thirty years old", "five years ago", "1st", "aged 30" */
static bool is_age_or_past(struct span s, size_t end)
{
    struct span word = word_behind(s, end);
    struct span next;

    if (begins(s, end, "-year-old") || begins(s, end, "st") || begins(s, end, "nd") ||
        begins(s, end, "rd") || begins(s, end, "th") || begins(s, end, "-year-olds"))
        return true;
    if (!span_equal_nocase(word, SPAN_LIT("years")) && !span_equal_nocase(word, SPAN_LIT("year")) &&
        !span_equal_nocase(word, SPAN_LIT("months")) &&
        !span_equal_nocase(word, SPAN_LIT("weeks")) && !span_equal_nocase(word, SPAN_LIT("days")))
        return false;
    next = word_behind(s, (size_t)(word.p + word.n - s.p));
    return span_equal_nocase(next, SPAN_LIT("old")) || span_equal_nocase(next, SPAN_LIT("ago")) ||
           span_equal_nocase(next, SPAN_LIT("of"));
}

/* "fifty-eight (58)": said again in digits. */
static bool is_said_again(const struct quantifying *q, size_t start, const struct numeral *n)
{
    const struct quantity *last;

    if (start == 0 || q->s.p[start - 1] != '(' || q->out->n == 0)
        return false;
    last = &q->out->items[q->out->n - 1];
    return last->value == n->value;
}

/* Of all words for one, those that count: "one of whom", "One contestant", "only one". */
static bool is_counting_one(struct span s, size_t start, size_t end)
{
    static const char *const before_words[] = {"only",    "least", "just", "than",
                                               "exactly", "but",   "and"};
    static const char *const no_nouns[] = {"of",   "another", "can",   "could", "that", "which",
                                           "who",  "should",  "might", "must",  "may",  "day",
                                           "hand", "thing",   "side",  "is",    "in",   "and",
                                           "or",   "such",    "to",    "more"};
    struct span before = word_before(s, start);
    struct span behind = word_behind(s, end);

    if (begins(s, end, " of whom") || begins(s, end, " of whose") ||
        is_one_of(before, before_words, ARRAY_LEN(before_words) - 1))
        return true;
    return behind.n > 0 && behind.p[0] >= 'a' && behind.p[0] <= 'z' && s.p[start] == 'O' &&
           !is_one_of(behind, no_nouns, ARRAY_LEN(no_nouns));
}

static bool is_quantity(const struct quantifying *q, size_t start, const struct numeral *n)
{
    size_t end = start + n->bytes;
    struct span s = q->s;

    if (in_date(q, start, end) || is_year(n) || is_time(s, start, end) || is_age_or_past(s, end) ||
        is_said_again(q, start, n))
        return false;
    if (n->is_spelled)
        return n->value != 1 || is_counting_one(s, start, end);
    return !numbers_a_thing(s, start, end) && !ends_a_name(s, start, end, n) &&
           !(start == 0 && end < s.n && (s.p[end] == '.' || s.p[end] == ')'));
}

/* ---- how exact ---- */

struct approx_words {
    const char *words;
    enum approx approx;
};

/* Longer ones before those that they end with. */
static const struct approx_words approximations[] = {
    {"no fewer than", APPROX_AT_LEAST},
    {"no less than", APPROX_AT_LEAST},
    {"not less than", APPROX_AT_LEAST},
    {"at least", APPROX_AT_LEAST},
    {"not fewer than", APPROX_AT_LEAST},
    {"a minimum of", APPROX_AT_LEAST},
    {"no more than", APPROX_AT_MOST},
    {"not more than", APPROX_AT_MOST},
    {"fewer than", APPROX_AT_MOST},
    {"less than", APPROX_AT_MOST},
    {"at most", APPROX_AT_MOST},
    {"up to", APPROX_AT_MOST},
    {"a maximum of", APPROX_AT_MOST},
    {"under", APPROX_AT_MOST},
    {"below", APPROX_AT_MOST},
    {"not even", APPROX_AT_MOST},
    {"more than", APPROX_MORE_THAN},
    {"over", APPROX_MORE_THAN},
    {"above", APPROX_MORE_THAN},
    {"upwards of", APPROX_MORE_THAN},
    {"exceeding", APPROX_MORE_THAN},
    {"in excess of", APPROX_MORE_THAN},
    {"almost", APPROX_NEARLY},
    {"nearly", APPROX_NEARLY},
    {"close to", APPROX_NEARLY},
    {"just under", APPROX_NEARLY},
    {"approximately", APPROX_ABOUT},
    {"about", APPROX_ABOUT},
    {"around", APPROX_ABOUT},
    {"some", APPROX_ABOUT},
    {"roughly", APPROX_ABOUT},
    {"an estimated", APPROX_ABOUT},
    {"barely", APPROX_ABOUT},
    {"scarcely", APPROX_ABOUT},
};

static enum approx approx_before(struct span s, size_t *start)
{
    size_t end = *start;

    while (end > 0 &&
           (s.p[end - 1] == ' ' || s.p[end - 1] == '$' || (unsigned char)s.p[end - 1] >= 0x80))
        end--;
    for (size_t i = 0; i < ARRAY_LEN(approximations); i++) {
        struct span words = span_of_str(approximations[i].words);

        if (end >= words.n && span_equal_nocase(span_of(s.p + end - words.n, words.n), words) &&
            (end == words.n || !is_letter(s.p[end - words.n - 1]))) {
            *start = end - words.n;
            return approximations[i].approx;
        }
    }
    return APPROX_EXACT;
}

/* ---- which unit ---- */

static enum unit unit_behind(struct span s, size_t start, size_t *end)
{
    static const char *const percents[] = {"per cent",         "percent", "%", "percentage points",
                                           "percentage point", "points",  "pp"};
    static const char *const times[] = {
        "second", "seconds", "minute",  "minutes", "hour",         "hours",
        "day",    "days",    "week",    "weeks",   "month",        "months",
        "year",   "years",   "decades", "nights",  "working days", "consecutive days"};
    static const char *const money[] = {
        "euro",      "euros",      "dollars", "pounds",  "usd",       "eur",     "francs", "pesos",
        "shillings", "rand",       "rupees",  "cedis",   "naira",     "leu",     "lei",    "lek",
        "dinars",    "tenge",      "som",     "hryvnia", "hryvnias",  "baht",    "kwacha", "dalasi",
        "pula",      "us dollars", "zloty",   "zlotys",  "forint",    "km",      "kuna",   "rubles",
        "roubles",   "cfa francs", "birr",    "tugrik",  "quetzales", "lempiras"};
    size_t at = *end;
    struct span word;
    static const char *const signs[] = {"\xE2\x82\xAC", "$", "\xC2\xA3"};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        struct span sign = span_of_str(signs[i]);

        if (start >= sign.n && span_equal(span_of(s.p + start - sign.n, sign.n), sign))
            return UNIT_CURRENCY;
    }
    if (at < s.n && s.p[at] == ' ')
        at++;
    for (size_t i = 0; i < ARRAY_LEN(percents); i++) {
        if (begins(s, at, percents[i])) {
            *end = at + span_of_str(percents[i]).n;
            return UNIT_PERCENT;
        }
    }
    word = word_behind(s, *end);
    if (is_one_of(word, times, ARRAY_LEN(times))) {
        *end = (size_t)(word.p + word.n - s.p);
        return UNIT_DURATION;
    }
    for (size_t i = 0; i < ARRAY_LEN(money); i++) {
        if (begins(s, at, money[i]))
            return UNIT_CURRENCY;
    }
    return UNIT_COUNT;
}

/* ---- what is counted ---- */

static bool ends_concept(struct span word)
{
    static const char *const words[] = {
        "of",   "in",   "on",    "at",     "to",     "from",  "for",    "by",    "with",
        "and",  "or",   "who",   "which",  "that",   "were",  "was",    "are",   "is",
        "have", "had",  "has",   "across", "during", "as",    "whom",   "whose", "did",
        "made", "took", "out",   "still",  "over",   "until", "before", "after", "where",
        "when", "but",  "could", "would",  "per"};

    return word.n == 0 || is_one_of(word, words, ARRAY_LEN(words));
}

/* "the candidates", "polling stations": words from `at` on, without an article. */
static struct span concept_at(struct span s, size_t at, size_t *end)
{
    size_t first;
    size_t last;
    size_t n = 0;

    while (at < s.n && s.p[at] == ' ')
        at++;
    if (begins(s, at, "the "))
        at += 4;
    else if (begins(s, at, "all "))
        at += 4;
    first = last = at;
    while (n < CONCEPT_MAX_WORDS && at < s.n) {
        struct span word = word_at(s, at);

        if (ends_concept(word))
            break;
        at += word.n;
        last = at;
        n++;
        if (at >= s.n || s.p[at] != ' ')
            break;
        at++;
    }
    if (n == 0)
        return SPAN_NULL;
    *end = last;
    return span_of(s.p + first, last - first);
}

static void name_concept(struct span s, size_t *end, struct quantity *q)
{
    struct span word = word_behind(s, *end);
    bool is_share = span_equal_nocase(word, SPAN_LIT("of"));

    if (q->unit == UNIT_DURATION) {
        q->concept = word_before(s, *end);
        return;
    }
    if (!is_share) {
        q->concept = concept_at(s, *end, end);
        return;
    }
    q->of = concept_at(s, (size_t)(word.p + word.n - s.p), end);
    q->concept = q->of;
}

/* ---- putting it together ---- */

static struct quantity *add(struct quantifying *q, size_t start, size_t end, double value,
                            enum unit unit)
{
    struct quantity *added = LIST_ADD(q->arena, q->out);

    *added = (struct quantity){
        .value = value,
        .value_max = NAN,
        .unit = unit,
        .approx = approx_before(q->s, &start),
    };
    name_concept(q->s, &end, added);
    added->evidence.start = q->at.start + (uint32_t)start;
    added->evidence.end = q->at.start + (uint32_t)end;
    return added;
}

/* "one in eight", "nine out of 10", "one center in five": the share in percent; 0: no such thing.
 */
static double share_behind(struct span s, size_t end, double value, size_t *share_end)
{
    static const char *const links[] = {" in ", " out of ", " in every "};

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        struct span link = span_of_str(links[i]);
        size_t at = end;
        struct numeral whole;
        size_t noun = word_behind(s, end).n;

        if (!begins(s, at, links[i]) && noun > 0 && value == 1)
            at = end + 1 + noun;
        if (at > s.n || !begins(s, at, links[i]) || !numeral_read(s, at + link.n, &whole) ||
            whole.value <= value || whole.value > 100 || whole.value < 2)
            continue;
        if (at + link.n + whole.bytes < s.n && s.p[at + link.n + whole.bytes] == '%')
            continue;
        *share_end = at + link.n + whole.bytes;
        return (double)(long long)(value * 1000 / whole.value + 0.5) / 10;
    }
    return 0;
}

/* "300 to 500 pounds", "10-12 per cent" */
static bool read_upper_end(const struct quantifying *q, size_t *end, struct numeral *upper)
{
    static const char *const links[] = {" to ", "-", "\xE2\x80\x93"};

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t at = *end + span_of_str(links[i]).n;

        if (begins(q->s, *end, links[i]) && numeral_read(q->s, at, upper)) {
            *end = at + upper->bytes;
            return true;
        }
    }
    return false;
}

static size_t read_number(struct quantifying *q, size_t at, const struct numeral *n)
{
    size_t end = at + n->bytes;
    size_t share_end = end;
    double share = share_behind(q->s, end, n->value, &share_end);
    struct numeral upper = {0};
    struct quantity *added;
    enum unit unit;
    bool is_range = false;
    size_t after;

    if (share > 0 && !in_date(q, at, share_end)) {
        add(q, at, share_end, share, UNIT_PERCENT);
        return share_end;
    }
    if (!is_quantity(q, at, n))
        return end;
    after = end;
    if (read_upper_end(q, &after, &upper) && upper.value > n->value) {
        is_range = true;
        end = after;
    }
    unit = unit_behind(q->s, at, &end);
    added = add(q, at, end, n->value, unit);
    if (is_range)
        added->value_max = upper.value;
    return end;
}

static bool starts_word(struct span s, size_t at)
{
    return at == 0 || (!is_letter(s.p[at - 1]) && !is_digit(s.p[at - 1])) ||
           (unsigned char)s.p[at - 1] >= 0x80;
}

void quantity_find(struct span text, struct range sentence, struct arena *arena, quantity_list *out)
{
    struct quantifying q = {
        .s = span_slice(text, sentence), .at = sentence, .arena = arena, .out = out};

    dates_find(q.s, arena, &q.dates);
    for (size_t at = 0; at < q.s.n;) {
        struct numeral n;

        if (!starts_word(q.s, at)) {
            at++;
        } else if (fraction_read(q.s, at, &n) && !begins(q.s, at + n.bytes, " a ") &&
                   !begins(q.s, at + n.bytes, " an ")) {
            add(&q, at, at + n.bytes, n.value, UNIT_PERCENT);
            at += n.bytes;
        } else if (numeral_read(q.s, at, &n)) {
            at = read_number(&q, at, &n);
        } else {
            at++;
        }
    }
}

enum truth quantity_sum_agrees(struct span text, const quantity_list *quantities)
{
    const struct quantity *total;
    double sum = 0;
    struct span between;

    if (quantities->n < 3)
        return TRUTH_UNKNOWN;
    total = &quantities->items[0];
    between = span_of(text.p + total->evidence.start,
                      quantities->items[quantities->n - 1].evidence.start - total->evidence.start);
    if (span_find_nocase(between, SPAN_LIT("including "), 0) == SIZE_MAX)
        return TRUTH_UNKNOWN;
    for (size_t i = 1; i < quantities->n; i++) {
        const struct quantity *part = &quantities->items[i];

        if (part->unit == total->unit && part->unit == UNIT_COUNT &&
            span_find_nocase(span_of(text.p + total->evidence.start,
                                     part->evidence.start - total->evidence.start),
                             SPAN_LIT("including "), 0) != SIZE_MAX)
            sum += part->value;
    }
    return sum == total->value ? TRUTH_YES : TRUTH_NO;
}
