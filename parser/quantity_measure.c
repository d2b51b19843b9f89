/*
 * What a number says: how exact it is, by what stands before it; its unit and what is counted, by
 * what stands behind it (codebook section 9).
 */
#include "common/compiler.h"
#include "parser/quantity_parts.h"

/* Words that name what is counted. */
#define CONCEPT_MAX_WORDS 5

/* "United States dollars" */
#define MONEY_MAX_WORDS 3

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

enum approx quantity_approx(struct span s, size_t *start)
{
    size_t end = *start;

    while (end > 0 &&
           (s.p[end - 1] == ' ' || s.p[end - 1] == '$' || (unsigned char)s.p[end - 1] >= 0x80))
        end--;
    for (size_t i = 0; i < ARRAY_LEN(approximations); i++) {
        struct span words = span_of_str(approximations[i].words);

        if (end >= words.n && span_equal_nocase(span_of(s.p + end - words.n, words.n), words) &&
            (end == words.n || !around_is_letter(s.p[end - words.n - 1]))) {
            *start = end - words.n;
            return approximations[i].approx;
        }
    }
    return APPROX_EXACT;
}

/* ---- which unit ---- */

/* ISO 4217 and what else stands in front of a sum. */
static const char *const money_codes[] = {
    "usd", "eur", "gbp", "php", "kes", "ugx",  "tzs", "ngn", "ghs", "zar", "bwp", "zmw",  "mwk",
    "mzn", "aoa", "xof", "xaf", "cfa", "fcfa", "inr", "npr", "lkr", "pkr", "bdt", "idr",  "myr",
    "thb", "mnt", "kgs", "kzt", "uzs", "tjs",  "uah", "gel", "amd", "azn", "mdl", "ron",  "bgn",
    "rsd", "bam", "mkd", "huf", "czk", "pln",  "jod", "lbp", "egp", "tnd", "iqd", "brl",  "ars",
    "clp", "mxn", "gtq", "hnl", "dop", "ttd",  "jmd", "bbd", "bzd", "fjd", "pgk", "sbd",  "vuv",
    "aud", "nzd", "cad", "jpy", "krw", "rs",   "rs.", "ksh", "tsh", "ush", "shs", "kshs", "km"};

static const char *const money_words[] = {"euro",
                                          "euros",
                                          "cents",
                                          "dollar",
                                          "dollars",
                                          "pound",
                                          "pounds",
                                          "usd",
                                          "eur",
                                          "franc",
                                          "francs",
                                          "pesos",
                                          "peso",
                                          "shilling",
                                          "shillings",
                                          "rand",
                                          "rupees",
                                          "rupee",
                                          "cedis",
                                          "naira",
                                          "leu",
                                          "lei",
                                          "lek",
                                          "dinars",
                                          "dinar",
                                          "tenge",
                                          "som",
                                          "hryvnia",
                                          "hryvnias",
                                          "baht",
                                          "kwacha",
                                          "dalasi",
                                          "pula",
                                          "zloty",
                                          "zlotys",
                                          "forint",
                                          "forints",
                                          "kuna",
                                          "rubles",
                                          "roubles",
                                          "birr",
                                          "tugrik",
                                          "tugriks",
                                          "t\xC3\xB6gr\xC3\xB6g",
                                          "quetzales",
                                          "lempiras",
                                          "marks",
                                          "yen",
                                          "yuan",
                                          "rupiah",
                                          "ringgit",
                                          "riyals",
                                          "rials",
                                          "dirhams",
                                          "shekels",
                                          "kina",
                                          "vatu",
                                          "tala",
                                          "taka",
                                          "kyat",
                                          "leva",
                                          "denars",
                                          "manat",
                                          "drams",
                                          "kronor",
                                          "kroner",
                                          "meticais",
                                          "ariary",
                                          "reais",
                                          "soles",
                                          "colones",
                                          "bolivars",
                                          "bolivianos",
                                          "guaranies",
                                          "gourdes",
                                          "leones",
                                          "kwanzas",
                                          "nakfa",
                                          "ouguiya",
                                          "somoni",
                                          "lari",
                                          "loti",
                                          "maloti",
                                          "emalangeni",
                                          "ngultrum",
                                          "balboas",
                                          "c\xC3\xB3rdobas"};

/* Any of these letters may stand right before the figures: "K190 million", "R5,000". */
static bool is_money_letter(struct span s, size_t start)
{
    return start > 0 && strchr("KRPQLBN", s.p[start - 1]) &&
           (start == 1 || s.p[start - 2] == ' ' || s.p[start - 2] == '(');
}

bool quantity_money_before(struct span s, size_t start)
{
    static const char *const signs[] = {
        "\xE2\x82\xAC", "$",           "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xA6",
        "\xE2\x82\xB1", "\xE2\x82\xB9"};
    struct span before = span_of(s.p, start);
    struct numeral n;

    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (span_ends(before, span_of_str(signs[i])))
            return true;
    }
    if (!numeral_read(s, start, &n))
        return false;
    if (is_money_letter(s, start))
        return !n.is_plain;
    before = around_before(s, start);
    return !n.is_spelled && before.n > 1 && before.p[0] >= 'A' && before.p[0] <= 'Z' &&
           around_is_one_of(before, money_codes, ARRAY_LEN(money_codes));
}

/* "euros", "United States dollars", "Egyptian pounds" */
static bool is_money_behind(struct span s, size_t at)
{
    for (size_t i = 0; i < MONEY_MAX_WORDS; i++) {
        struct span word = around_behind(s, at);

        if (around_is_one_of(word, money_words, ARRAY_LEN(money_words)) ||
            span_equal_str(word, "KM"))
            return true;
        if (word.n == 0 || ((word.p[0] < 'A' || word.p[0] > 'Z') && !span_equal_str(word, "us")))
            return false;
        at = around_end(s, word);
    }
    return false;
}

static bool is_time_word(struct span word)
{
    static const char *const times[] = {"second", "seconds", "minute", "minutes", "hour",  "hours",
                                        "day",    "days",    "week",   "weeks",   "month", "months",
                                        "year",   "years",   "nights", "night"};
    struct span curly = SPAN_LIT("\xE2\x80\x99");

    if (span_ends(word, curly))
        word.n -= curly.n;
    else if (span_ends(word, SPAN_LIT("'")))
        word.n--;
    return around_is_one_of(word, times, ARRAY_LEN(times));
}

/* "48 hours", "four full years", "two-day", "seven weeks' notice"; moves `*end` behind it. */
static bool is_duration(struct span s, size_t *end)
{
    static const char *const whole[] = {"full",  "working", "consecutive", "calendar",
                                        "whole", "more",    "further"};
    bool is_joined = *end < s.n && s.p[*end] == '-';
    struct span word = is_joined ? around_word(s, *end + 1) : around_behind(s, *end);
    const char *hyphen = memchr(word.p, '-', word.n);

    if (is_joined && hyphen)
        word.n = (size_t)(hyphen - word.p);
    if (around_is_one_of(word, whole, ARRAY_LEN(whole)))
        word = around_behind(s, around_end(s, word));
    if (!is_time_word(word))
        return false;
    *end = around_end(s, word);
    return true;
}

/* "2.1 points", "45 per cent, ten points more": of percent, not of an agenda. */
static bool is_points(struct span s, size_t start, size_t at)
{
    bool is_of_percent = memchr(s.p + start, '.', at - start) || memchr(s.p, '%', s.n) ||
                         span_find(s, SPAN_LIT("per cent"), 0) != SIZE_MAX ||
                         span_find(s, SPAN_LIT("percent"), 0) != SIZE_MAX;

    return around_begins(s, at, "points") && is_of_percent;
}

enum unit quantity_unit(struct span s, size_t start, size_t *end)
{
    static const char *const percents[] = {"per cent",          "percent",          "%",
                                           "percentage points", "percentage point", "pp"};
    size_t at = *end;

    if (quantity_money_before(s, start))
        return UNIT_CURRENCY;
    if (at < s.n && s.p[at] == ' ')
        at++;
    for (size_t i = 0; i < ARRAY_LEN(percents); i++) {
        if (around_begins(s, at, percents[i])) {
            *end = at + span_of_str(percents[i]).n;
            return UNIT_PERCENT;
        }
    }
    if (is_points(s, start, at)) {
        *end = at + SPAN_LIT("points").n;
        return UNIT_PERCENT;
    }
    if (is_duration(s, end))
        return UNIT_DURATION;
    return is_money_behind(s, *end) ? UNIT_CURRENCY : UNIT_COUNT;
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

    return word.n == 0 || around_is_one_of(word, words, ARRAY_LEN(words));
}

/* "the candidates", "polling stations": words from `at` on, without an article. */
static struct span concept_at(struct span s, size_t at, size_t *end)
{
    size_t first;
    size_t last;
    size_t n = 0;

    while (at < s.n && s.p[at] == ' ')
        at++;
    if (around_begins(s, at, "the "))
        at += 4;
    else if (around_begins(s, at, "all "))
        at += 4;
    first = last = at;
    while (n < CONCEPT_MAX_WORDS && at < s.n) {
        struct span word = around_word(s, at);

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

void quantity_name(struct span s, size_t *end, struct quantity *q)
{
    struct span word = around_behind(s, *end);
    bool is_share = span_equal_nocase(word, SPAN_LIT("of"));

    if (q->unit == UNIT_DURATION) {
        q->concept = around_before(s, *end);
        return;
    }
    if (!is_share) {
        q->concept = concept_at(s, *end, end);
        return;
    }
    q->of = concept_at(s, (size_t)(word.p + word.n - s.p), end);
    q->concept = q->of;
}
