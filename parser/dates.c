/*
 * Words and numbers of a line are cut into tokens first; a date is then a month with a number
 * beside it, or three numbers with the same sign between them. The order of day and month in
 * "11/12/2028" is read as day first, as everywhere but in the United States, whose bodies write
 * the month out.
 */
#include "parser/dates.h"

#include "common/compiler.h"

enum token_kind { TOKEN_WORD, TOKEN_NUMBER };

struct token {
    enum token_kind kind;
    struct range at;
    int value; /* of a number of up to 4 digits, else -1 */
    int digits;
    bool has_ordinal; /* "1st" */
};

typedef LIST_OF(struct token) token_list;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static void read_number(struct span s, size_t start, struct token *t)
{
    size_t end = start;

    t->value = 0;
    while (end < s.n && is_digit(s.p[end])) {
        if (end - start < 4)
            t->value = t->value * 10 + (s.p[end] - '0');
        end++;
    }
    t->digits = end - start < 100 ? (int)(end - start) : 100;
    if (t->digits > 4)
        t->value = -1;
    if (end + 1 < s.n &&
        (span_equal_nocase(span_of(s.p + end, 2), SPAN_LIT("st")) ||
         span_equal_nocase(span_of(s.p + end, 2), SPAN_LIT("nd")) ||
         span_equal_nocase(span_of(s.p + end, 2), SPAN_LIT("rd")) ||
         span_equal_nocase(span_of(s.p + end, 2), SPAN_LIT("th"))) &&
        (end + 2 == s.n || !is_letter(s.p[end + 2]))) {
        end += 2;
        t->has_ordinal = true;
    }
    t->kind = TOKEN_NUMBER;
    t->at = (struct range){(uint32_t)start, (uint32_t)end};
}

/* Bytes of a no-break space or a typographic sign (U+2000 to U+2FFF) at `at`, or 0. */
static size_t sign_at(struct span s, size_t at)
{
    unsigned char c = (unsigned char)s.p[at];

    if (c == 0xE2)
        return at + 3 <= s.n ? 3 : s.n - at;
    return c == 0xC2 && at + 1 < s.n && (unsigned char)s.p[at + 1] == 0xA0 ? 2 : 0;
}

static size_t word_end(struct span s, size_t at)
{
    while (at < s.n && is_letter(s.p[at]) && sign_at(s, at) == 0)
        at++;
    return at;
}

static void cut(struct span s, struct arena *arena, token_list *out)
{
    for (size_t i = 0; i < s.n;) {
        size_t end = word_end(s, i);

        if (is_digit(s.p[i])) {
            struct token *t = LIST_ADD(arena, out);

            read_number(s, i, t);
            i = t->at.end;
        } else if (end > i) {
            *LIST_ADD(arena, out) = (struct token){.at = {(uint32_t)i, (uint32_t)end}, .value = -1};
            i = end;
        } else {
            size_t sign = sign_at(s, i);

            i += sign ? sign : 1;
        }
    }
}

int month_of(struct span word)
{
    static const struct span names[] = {
        SPAN_INIT("january"), SPAN_INIT("february"), SPAN_INIT("march"),
        SPAN_INIT("april"),   SPAN_INIT("may"),      SPAN_INIT("june"),
        SPAN_INIT("july"),    SPAN_INIT("august"),   SPAN_INIT("september"),
        SPAN_INIT("october"), SPAN_INIT("november"), SPAN_INIT("december")};

    if (word.n > 0 && word.p[word.n - 1] == '.')
        word.n--;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct span name = names[i];
        bool is_short = word.n == 3 || (word.n == 4 && i == 8);

        if (span_equal_nocase(word, name) ||
            (is_short && span_equal_nocase(word, span_of(name.p, word.n))))
            return (int)i + 1;
    }
    return 0;
}

int weekday_of(struct span word)
{
    static const struct span names[] = {
        SPAN_INIT("monday"), SPAN_INIT("tuesday"),  SPAN_INIT("wednesday"), SPAN_INIT("thursday"),
        SPAN_INIT("friday"), SPAN_INIT("saturday"), SPAN_INIT("sunday")};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (span_equal_nocase(word, names[i]))
            return (int)i;
    }
    return -1;
}

/* ---- putting tokens together ---- */

struct dating {
    struct span s;
    const token_list *tokens;
};

static const struct token *token_at(const struct dating *d, size_t i)
{
    return i < d->tokens->n ? &d->tokens->items[i] : NULL;
}

static struct span token_text(const struct dating *d, const struct token *t)
{
    return span_slice(d->s, t->at);
}

/* What stands between two tokens. */
static struct span gap(const struct dating *d, const struct token *a, const struct token *b)
{
    return span_of(d->s.p + a->at.end, b->at.start - a->at.end);
}

static bool is_near(struct span g)
{
    if (g.n > 4)
        return false;
    for (size_t i = 0; i < g.n; i++) {
        if (g.p[i] != ' ' && g.p[i] != ',' && g.p[i] != '.' && g.p[i] != '\xC2' && g.p[i] != '\xA0')
            return false;
    }
    return true;
}

static bool is_hyphen(struct span g)
{
    g = span_trim(g);
    return span_equal(g, SPAN_LIT("-")) || span_equal(g, SPAN_LIT("\xE2\x80\x93")) ||
           span_equal(g, SPAN_LIT("\xE2\x80\x94"));
}

static bool is_day(const struct token *t)
{
    return t && t->kind == TOKEN_NUMBER && t->digits <= 2 && t->value >= 1 && t->value <= 31;
}

static bool is_year(const struct token *t)
{
    return t && t->kind == TOKEN_NUMBER && t->digits == 4 && t->value >= 1900 && t->value < 2100 &&
           !t->has_ordinal;
}

/* "and" or "to" or a dash between two days of one month. */
static bool joins_days(const struct dating *d, size_t left, size_t right)
{
    const struct token *a = token_at(d, left);
    const struct token *b = token_at(d, right);

    if (right == left + 1)
        return is_hyphen(gap(d, a, b));
    return right == left + 2 && (span_equal_str(token_text(d, token_at(d, left + 1)), "and") ||
                                 span_equal_str(token_text(d, token_at(d, left + 1)), "to"));
}

/* A year right behind token `i`. */
static void take_year(const struct dating *d, size_t i, struct date_hit *hit)
{
    const struct token *last = token_at(d, i);
    const struct token *next = token_at(d, i + 1);

    if (is_year(next) && is_near(gap(d, last, next))) {
        hit->date.year = next->value;
        hit->at.end = next->at.end;
    }
}

/* A month right behind, which the day then belongs to: "March 5 and 7 April". */
static bool is_named(const struct dating *d, size_t day)
{
    const struct token *next = token_at(d, day + 1);

    return next && next->kind == TOKEN_WORD && month_of(token_text(d, next)) > 0;
}

/* "6, 7 and 8": a day with one more joined to it. */
static bool is_day_list(const struct dating *d, size_t day)
{
    return is_day(token_at(d, day + 2)) && joins_days(d, day, day + 2);
}

/* The "15, " in front of "16 and 17 December". */
static void take_days_before(const struct dating *d, size_t i, struct date_hit *hit)
{
    while (i > 0 && is_day(token_at(d, i - 1)) &&
           span_equal(gap(d, token_at(d, i - 1), token_at(d, i)), SPAN_LIT(", "))) {
        i--;
        hit->at.start = token_at(d, i)->at.start;
    }
}

/* "20 March", "29th day of June", "15-17 March". */
static bool day_first(const struct dating *d, size_t month, struct date_hit *hit)
{
    size_t i = month;
    const struct token *before;

    if (i >= 3 && span_equal_str(token_text(d, token_at(d, i - 1)), "of") &&
        span_equal_str(token_text(d, token_at(d, i - 2)), "day"))
        i -= 2;
    if (i == 0)
        return false;
    before = token_at(d, i - 1);
    if (!is_day(before) || (i == month && !is_near(gap(d, before, token_at(d, month)))))
        return false;
    hit->date.day = before->value;
    hit->at = (struct range){before->at.start, token_at(d, month)->at.end};
    if (i >= 2 && is_day(token_at(d, i - 2)) && joins_days(d, i - 2, i - 1)) {
        hit->at.start = token_at(d, i - 2)->at.start;
        hit->is_span = true;
    } else if (i >= 3 && is_day(token_at(d, i - 3)) && joins_days(d, i - 3, i - 1)) {
        hit->at.start = token_at(d, i - 3)->at.start;
        hit->is_span = true;
        take_days_before(d, i - 3, hit);
    }
    take_year(d, month, hit);
    return true;
}

/* "April 7, 2016", "Sept. 6-8". */
static bool month_first(const struct dating *d, size_t month, struct date_hit *hit)
{
    const struct token *name = token_at(d, month);
    const struct token *next = token_at(d, month + 1);
    size_t last = month + 1;

    if (!is_day(next) || !is_near(gap(d, name, next)))
        return false;
    while (is_day(token_at(d, last + 1)) &&
           span_equal(gap(d, token_at(d, last), token_at(d, last + 1)), SPAN_LIT(", ")) &&
           is_day_list(d, last + 1))
        last++;
    for (size_t step = 1; step <= 2; step++) {
        if (is_day(token_at(d, last + step)) && joins_days(d, last, last + step) &&
            !is_named(d, last + step)) {
            last += step;
            hit->is_span = true;
            break;
        }
    }
    hit->date.day = token_at(d, last)->value;
    hit->at = (struct range){name->at.start, token_at(d, last)->at.end};
    take_year(d, last, hit);
    return true;
}

/* "March 2023". */
static bool month_alone(const struct dating *d, size_t month, struct date_hit *hit)
{
    hit->at = token_at(d, month)->at;
    take_year(d, month, hit);
    return hit->date.year != 0;
}

static bool named_month(const struct dating *d, size_t i, struct date_hit *hit)
{
    struct span word = token_text(d, token_at(d, i));

    *hit = (struct date_hit){.date.month = month_of(word)};
    if (hit->date.month == 0 || word.p[0] < 'A' || word.p[0] > 'Z')
        return false;
    return day_first(d, i, hit) || month_first(d, i, hit) || month_alone(d, i, hit);
}

/* Three numbers with one sign between them: "15.05.2029", "25/08/2028", "2030-10-29". */
static bool numeric(const struct dating *d, size_t i, struct date_hit *hit)
{
    const struct token *a = token_at(d, i);
    const struct token *b = token_at(d, i + 1);
    const struct token *c = token_at(d, i + 2);
    char sign;

    if (!a || !b || !c || a->kind != TOKEN_NUMBER || b->kind != TOKEN_NUMBER ||
        c->kind != TOKEN_NUMBER || b->at.start - a->at.end != 1 || c->at.start - b->at.end != 1)
        return false;
    sign = d->s.p[a->at.end];
    if (sign != d->s.p[b->at.end] || (sign != '.' && sign != '/' && sign != '-'))
        return false;
    *hit = (struct date_hit){.at = {a->at.start, c->at.end}};
    if (is_year(a) && is_day(c))
        hit->date = (struct date){a->value, b->value, c->value};
    else if (is_day(a) && is_year(c))
        hit->date = (struct date){c->value, b->value, a->value};
    if (hit->date.month > 12 && hit->date.day <= 12)
        hit->date = (struct date){hit->date.year, hit->date.day, hit->date.month};
    return hit->date.year > 0 && hit->date.month >= 1 && hit->date.month <= 12;
}

/* "the 5th of the same month" as the date before it. */
static bool same_month(const struct dating *d, size_t i, const struct date_hit *before,
                       struct date_hit *hit)
{
    static const char *const words[] = {"of", "the", "same", "month"};
    const struct token *day = token_at(d, i);

    if (!is_day(day) || !day->has_ordinal)
        return false;
    for (size_t k = 0; k < ARRAY_LEN(words); k++) {
        const struct token *word = token_at(d, i + 1 + k);

        if (!word || !span_equal_str(token_text(d, word), words[k]))
            return false;
    }
    *hit = (struct date_hit){.date = before->date,
                             .at = {day->at.start, token_at(d, i + ARRAY_LEN(words))->at.end}};
    hit->date.day = day->value;
    return true;
}

/* The number that a span of days begins with, of the same month as its last one. */
static void name_first_day(struct span s, struct date_hit *hit)
{
    size_t at = hit->at.start;
    int day = 0;

    hit->first = hit->date;
    if (!hit->is_span)
        return;
    while (at < hit->at.end && !is_digit(s.p[at]))
        at++;
    while (at < hit->at.end && is_digit(s.p[at]) && day < 10)
        day = day * 10 + (s.p[at++] - '0');
    hit->first.day = day;
}

void dates_find(struct span s, struct arena *arena, date_hits *out)
{
    token_list tokens = {0};
    struct dating d = {s, &tokens};
    uint32_t taken = 0;

    out->n = 0;
    cut(s, arena, &tokens);
    for (size_t i = 0; i < tokens.n; i++) {
        struct date_hit hit;
        bool found =
            tokens.items[i].kind == TOKEN_NUMBER ? numeric(&d, i, &hit) : named_month(&d, i, &hit);

        if (!found && out->n > 0)
            found = same_month(&d, i, &out->items[out->n - 1], &hit);
        if (!found || hit.at.start < taken)
            continue;
        name_first_day(s, &hit);
        *LIST_ADD(arena, out) = hit;
        taken = hit.at.end;
    }
}

/* ---- the calendar ---- */

bool date_is_full(struct date d)
{
    return d.year > 0 && d.month > 0 && d.day > 0;
}

/* Days from the civil calendar, with the year starting in March, so that leap days come last. */
long date_number(struct date d)
{
    long year = d.month <= 2 ? d.year - 1 : d.year;
    long month = d.month <= 2 ? d.month + 9 : d.month - 3;
    long day_of_year = (153 * month + 2) / 5 + d.day - 1;

    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

struct date date_of_number(long days)
{
    long z = days + 719468;
    long era = z / 146097;
    long day_of_era = z - era * 146097;
    long year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    long month = (5 * day_of_year + 2) / 153;
    struct date d = {.day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};

    d.month = (int)(month < 10 ? month + 3 : month - 9);
    d.year = (int)(year_of_era + era * 400 + (d.month <= 2));
    return d;
}

int date_weekday(struct date d)
{
    return (int)((date_number(d) + 3) % 7); /* 1970-01-01 was a Thursday */
}

struct span date_write(struct date d, struct arena *arena)
{
    if (d.year == 0)
        return SPAN_NULL;
    if (d.month == 0)
        return arena_printf(arena, "%04d", d.year);
    if (d.day == 0)
        return arena_printf(arena, "%04d-%02d", d.year, d.month);
    return arena_printf(arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

bool date_read_iso(struct span s, struct date *out)
{
    static const char form[] = "dddd-dd-dd";
    int parts[3] = {0};
    size_t part = 0;

    if (s.n < sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (form[i] == '-' ? s.p[i] != '-' : !is_digit(s.p[i]))
            return false;
        if (form[i] == '-')
            part++;
        else
            parts[part] = parts[part] * 10 + (s.p[i] - '0');
    }
    *out = (struct date){parts[0], parts[1], parts[2]};
    return parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1 && parts[2] <= 31;
}
