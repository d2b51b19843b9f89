/*
 * A numeral is a quantity unless something around it says that it is not (quantity_reject.c). Then
 * what stands before it says how exact it is, and what stands behind it what is counted
 * (quantity_measure.c):
 *
 *     [nearly] 10,000 [polling stations]      29 [per cent] of [the candidates]
 *
 * Besides plain numerals there are shares ("nine payments in ten", "every fourth one", "two
 * thirds"), ranges ("between 300 and 400 euros"), ordinals that count how often ("for the third
 * time") and times that a word names ("within a day", "half an hour").
 */
#include "parser/quantity.h"

#include <math.h>

#include "common/compiler.h"
#include "parser/quantity_parts.h"

/* How far behind an ordinal its noun stands: "sixth regular parliamentary elections". */
#define ORDINAL_REACH_WORDS 3

struct quantity *quantity_add(struct quantifying *q, size_t start, size_t end, double value,
                              enum unit unit)
{
    struct quantity *added = LIST_ADD(q->arena, q->out);

    *added = (struct quantity){
        .value = value,
        .value_max = NAN,
        .unit = unit,
        .approx = quantity_approx(q->s, &start),
    };
    quantity_name(q->s, &end, added);
    added->evidence.start = q->at.start + (uint32_t)start;
    added->evidence.end = q->at.start + (uint32_t)end;
    return added;
}

/* ---- ordinals ---- */

/* Of the events below, those of which a second one is worth a number. */
#define COUNTED_TWICE 2

/* What a text counts by ordinals; the second of something is rarely worth a number. */
static bool is_numbered_event(struct span word, double nth)
{
    static const char *const events[] = {"time",        "election", "elections", "year",
                                         "day",         "stage",    "phase",     "since",
                                         "consecutive", "term",     "vote",      "successive"};

    return around_is_one_of(word, events, nth > 2 ? ARRAY_LEN(events) : COUNTED_TWICE);
}

/* "for the third time", "its sixth regular parliamentary elections" */
static size_t read_ordinal(struct quantifying *q, size_t at)
{
    struct numeral nth;
    struct span word;

    if (at == 0 || q->s.p[at] < 'a' || q->s.p[at] > 'z' || !ordinal_read(q->s, at, &nth))
        return 0;
    word = around_behind(q->s, at + nth.bytes);
    for (size_t i = 0; i < ORDINAL_REACH_WORDS && word.n > 0; i++) {
        if (is_numbered_event(word, nth.value)) {
            quantity_add(q, at, at + nth.bytes, nth.value, UNIT_ORDINAL);
            return nth.bytes;
        }
        word = around_behind(q->s, around_end(q->s, word));
    }
    return 0;
}

/* ---- times in words ---- */

/* "half an hour", "a quarter of an hour": minutes. */
static size_t read_part_of_hour(struct quantifying *q, size_t at)
{
    static const struct {
        const char *words;
        double minutes;
    } parts[] = {{"half an hour", 30},
                 {"a quarter of an hour", 15},
                 {"three quarters of an hour", 45},
                 {"an hour and a half", 90}};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (around_begins(q->s, at, parts[i].words)) {
            size_t n = span_of_str(parts[i].words).n;

            quantity_add(q, at, at + n, parts[i].minutes, UNIT_DURATION);
            return n;
        }
    }
    return 0;
}

/* "within a day", "more than a year": a word before it makes it a measure. */
static size_t read_one_time(struct quantifying *q, size_t at)
{
    static const char *const measures[] = {"within", "under", "than", "over"};
    size_t end = around_begins(q->s, at, "an ")  ? at + 2
                 : around_begins(q->s, at, "a ") ? at + 1
                                                 : 0;
    size_t noun = end;

    if (end == 0 || !around_is_one_of(around_before(q->s, at), measures, ARRAY_LEN(measures)) ||
        quantity_unit(q->s, at, &noun) != UNIT_DURATION)
        return 0;
    quantity_add(q, at, noun, 1, UNIT_DURATION);
    return noun - at;
}

/* "one hour and 20 minutes": all of it in the smaller unit. */
static void add_minutes(const struct quantifying *q, size_t *end, double *value)
{
    static const char *const links[] = {" and ", " "};
    struct numeral minutes;
    struct span hours = around_before(q->s, *end);

    if (!span_equal_str(hours, "hour") && !span_equal_str(hours, "hours"))
        return;
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t at = *end + span_of_str(links[i]).n;

        if (around_begins(q->s, *end, links[i]) && numeral_read(q->s, at, &minutes) &&
            around_begins(q->s, at + minutes.bytes, " minutes")) {
            *value = *value * 60 + minutes.value;
            *end = at + minutes.bytes + SPAN_LIT(" minutes").n;
            return;
        }
    }
}

/* ---- ranges ---- */

/* "raised from 102 to 391" has two numbers; "ranged from 2 to 5" has one range. */
static bool is_change(struct span s, size_t start)
{
    static const char *const ranges[] = {"ranging", "ranged", "range", "ranges",  "run",
                                         "varying", "varied", "vary",  "anything"};
    struct span from = around_before(s, start);

    return span_equal_nocase(from, SPAN_LIT("from")) &&
           !around_is_one_of(around_before(s, (size_t)(from.p - s.p)), ranges, ARRAY_LEN(ranges));
}

/* The sign or word between the ends of a range, or between two numbers of one unit. */
static bool links_numbers(const struct quantifying *q, size_t start, size_t end, const char *link,
                          size_t upper_end)
{
    size_t unit_end = upper_end;

    if (!span_equal_str(span_of_str(link), " and "))
        return true;
    return span_equal_nocase(around_before(q->s, start), SPAN_LIT("between")) ||
           (end < upper_end && quantity_unit(q->s, end, &unit_end) == UNIT_DURATION);
}

/* "300 to 500 pounds", "10-12 per cent", "between one and eleven", "two or three" */
static bool read_upper_end(const struct quantifying *q, size_t start, size_t *end,
                           struct numeral *upper)
{
    static const char *const links[] = {" to ", "-", "\xE2\x80\x93", " or ", " and "};

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t at = *end + span_of_str(links[i]).n;

        if (around_begins(q->s, *end, links[i]) && numeral_read(q->s, at, upper) &&
            links_numbers(q, start, *end, links[i], at + upper->bytes)) {
            *end = at + upper->bytes;
            return true;
        }
    }
    return false;
}

/* ---- a number ---- */

static size_t read_number(struct quantifying *q, size_t at, const struct numeral *n)
{
    size_t end = at + n->bytes;
    size_t share_end = end;
    double share = quantity_share(q->s, end, n, &share_end);
    double value = n->value;
    struct numeral upper = {0};
    struct quantity *added;
    enum unit unit;
    bool is_range;
    size_t after = end;

    if (share > 0 && !quantity_in_date(q, at, share_end)) {
        quantity_add(q, at, share_end, share, UNIT_PERCENT);
        return share_end;
    }
    is_range = read_upper_end(q, at, &after, &upper) && upper.value > n->value;
    if (!quantity_counts(q, at, n) && !(is_range && n->value == 1))
        return end;
    if (is_range && is_change(q->s, at)) {
        is_range = false;
        unit = quantity_unit(q->s, at, &after); /* said once, behind the second */
    } else {
        if (is_range)
            end = after;
        unit = quantity_unit(q->s, at, &end);
    }
    if (unit == UNIT_DURATION && !is_range)
        add_minutes(q, &end, &value);
    added = quantity_add(q, at, end, value, unit);
    if (is_range)
        added->value_max = upper.value;
    return end;
}

static bool starts_word(struct span s, size_t at)
{
    return at == 0 || (!around_is_letter(s.p[at - 1]) && !around_is_digit(s.p[at - 1])) ||
           (unsigned char)s.p[at - 1] >= 0x80 ||
           (around_is_digit(s.p[at]) && quantity_money_before(s, at));
}

/* Bytes of what is no plain numeral; 0: nothing. */
static size_t read_other(struct quantifying *q, size_t at)
{
    size_t n = read_part_of_hour(q, at);
    struct numeral share;

    if (n == 0)
        n = read_one_time(q, at);
    if (n == 0)
        n = quantity_read_every(q, at);
    if (n == 0)
        n = read_ordinal(q, at);
    if (n > 0 || !fraction_read(q->s, at, &share) || around_begins(q->s, at + share.bytes, " a ") ||
        around_begins(q->s, at + share.bytes, " an "))
        return n;
    quantity_add(q, at, at + share.bytes, share.value, UNIT_PERCENT);
    return share.bytes;
}

void quantity_find(struct span text, struct range sentence, struct arena *arena, quantity_list *out)
{
    struct quantifying q = {
        .s = span_slice(text, sentence), .at = sentence, .arena = arena, .out = out};

    dates_find(q.s, arena, &q.dates);
    for (size_t at = 0; at < q.s.n;) {
        struct numeral n;
        size_t other;

        if (!starts_word(q.s, at))
            at++;
        else if ((other = read_other(&q, at)) > 0)
            at += other;
        else if (numeral_read(q.s, at, &n))
            at = read_number(&q, at, &n);
        else
            at++;
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
