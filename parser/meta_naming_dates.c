/*
 * The date of an election, from the words around its naming: "the 19 March elections", "elections
 * held on 19 March", "yesterday's elections". A day of the week counts from the publication. What
 * was put off has no date. Where no naming has one, the day shortly before the publication on which
 * a sentence has people vote or observers visit polling stations is guessed to be it.
 */
#include "parser/meta_naming.h"

/* Between a naming and the date behind it: "elections held across the country on 20 March". */
#define DATE_REACH_BYTES 70

/* A day of the week right in front of a naming stands no further from it. */
#define WEEKDAY_REACH_BYTES 28

/* "has been put off" stands no further behind a date. */
#define OFF_REACH_BYTES 60

/* Two days of voting further apart than this are two rounds. */
#define ROUND_MIN_DAYS 6

/* A statement on a vote comes within this many days. */
#define GUESS_MAX_DAYS 21

static bool has_stop(struct span s)
{
    return span_find(s, SPAN_LIT(". "), 0) != SIZE_MAX ||
           span_find(s, SPAN_LIT("; "), 0) != SIZE_MAX;
}

/* Between a naming and the date behind it nothing else may happen. */
static bool leads_to_date(struct span gap)
{
    static const char *const others[] = {"since",     "until",   "from",   "announced", "published",
                                         "said",      "after",   "before", "dated",     "deployed",
                                         "statement", "report",  "called", "results",   "following",
                                         "by",        "arrived", "law",    "adopted",   "declared",
                                         "between",   "late"};

    if (gap.n > DATE_REACH_BYTES || has_stop(gap))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (words_hold(gap, span_of_str(others[i])))
            return false;
    }
    return true;
}

/* "On 20 June the republic held parliamentary elections" */
static bool opens(struct span line, size_t start)
{
    return start >= 3 && start <= 12 &&
           span_equal_nocase(span_of(line.p + start - 3, 3), SPAN_LIT("on "));
}

/* How well a date belongs to a naming; 0: not at all. */
static int date_fit(struct span line, const struct naming *n, struct range at)
{
    uint32_t start = n->at.start - n->sentence.start;
    uint32_t end = n->at.end - n->sentence.start;

    if (at.end <= start) /* "the 19 March elections" */
        return start - at.end <= 3 ? 4 : n->is_act || opens(line, at.start) ? 1 : 0;
    if (at.start >= start && at.end <= end)
        return NAMING_FIT_STRONG;
    if (at.start >= end && leads_to_date(span_of(line.p + end, at.start - end)))
        return 2;
    return at.start >= end && n->is_act ? 1 : 0;
}

/* "scheduled for 17 October has been put off" */
static bool is_put_off(struct span behind)
{
    static const char *const words[] = {"put off", "postponed", "deferred", "cancelled",
                                        "called off"};
    struct span near = span_of(behind.p, behind.n < OFF_REACH_BYTES ? behind.n : OFF_REACH_BYTES);

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words_hold(near, span_of_str(words[i])))
            return true;
    }
    return false;
}

/* The days of two rounds: "on 15 and 29 September", "on December 30 and January 13". */
static bool two_rounds(const struct meta *m, struct span line, const date_hits *hits, size_t i,
                       struct date *first, struct date *second)
{
    const struct date_hit *hit = &hits->items[i];

    *first = hit->is_span ? hit->first : hit->date;
    *second = hit->date;
    if (!hit->is_span && i + 1 < hits->n) {
        uint32_t end = hits->items[i + 1].at.start;

        if (!span_equal_str(span_of(line.p + hit->at.end, end - hit->at.end), " and "))
            return false;
        *second = hits->items[i + 1].date;
    }
    if (!meta_complete_date(m, first) || !meta_complete_date(m, second) || !date_is_full(*first) ||
        !date_is_full(*second))
        return false;
    return date_number(*second) - date_number(*first) > ROUND_MIN_DAYS;
}

static bool take_date(const struct meta *m, struct span line, struct naming *n)
{
    date_hits hits = {0};
    size_t dateline = n->sentence.start == m->text->title.start ? 0 : words_dateline(line);
    int best = 0;

    dates_find(line, m->arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        struct date_hit *hit = &hits.items[i];
        struct date first;
        struct date second;
        int fit = date_fit(line, n, hit->at);
        bool is_two;

        if (fit <= best || hit->date.day == 0 || hit->at.end <= dateline ||
            is_put_off(span_from(line, hit->at.end)))
            continue;
        is_two = fit == 2 && two_rounds(m, line, &hits, i, &first, &second);
        if ((hit->is_span && !is_two) || !meta_complete_date(m, &hit->date))
            continue;
        n->date = is_two ? first : hit->date;
        n->second = is_two ? second : (struct date){0};
        n->basis = BASIS_TEXT;
        n->fit = best = fit;
    }
    return best > 0;
}

/* The last such day of the week before the publication; a text of that day speaks of the last one.
 */
static struct date last_weekday(struct date published, int weekday)
{
    int back = (date_weekday(published) - weekday + 7) % 7;

    return date_of_number(date_number(published) - (back ? back : 7));
}

/* The day that a word means, seen from the publication; 0: none. */
static struct date day_of(const struct meta *m, struct span word)
{
    if (span_equal_nocase(word, SPAN_LIT("yesterday")))
        return date_of_number(date_number(m->published) - 1);
    if (weekday_of(word) >= 0)
        return last_weekday(m->published, weekday_of(word));
    return (struct date){0};
}

/* "yesterday's elections", "Sunday's vote", "elections on Sunday" */
static void take_relative(const struct meta *m, struct span line, struct naming *n)
{
    uint32_t start = n->at.start - n->sentence.start;
    uint32_t end = n->at.end - n->sentence.start;

    if (!date_is_full(m->published))
        return;
    for (size_t at = words_dateline(line); at < line.n;) {
        size_t stop = at;
        struct range word;

        while (stop < line.n && (line.p[stop] | 0x20) >= 'a' && (line.p[stop] | 0x20) <= 'z')
            stop++;
        word = (struct range){(uint32_t)at, (uint32_t)stop};
        n->date = day_of(m, span_slice(line, word));
        if (date_is_full(n->date) &&
            ((word.start >= start && word.end <= end) ||
             (word.end <= start && (n->is_act || start - word.end <= WEEKDAY_REACH_BYTES)) ||
             (word.start >= end && leads_to_date(span_of(line.p + end, word.start - end))))) {
            n->basis = BASIS_RELATIVE;
            return;
        }
        n->date = (struct date){0};
        at = stop + 1;
    }
}

void naming_find_date(const struct meta *m, struct naming *n)
{
    struct span line = meta_words(m, n->sentence);

    if (!take_date(m, line, n))
        take_relative(m, line, n);
}

/* ---- guessing ---- */

static bool is_about_polling(struct span line)
{
    static const char *const words[] = {"polling", "polls",  "voters",   "turnout",
                                        "voted",   "cast",   "queued",   "observers",
                                        "ballots", "voting", "stations", "delegation"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words_hold(line, span_of_str(words[i])))
            return true;
    }
    return false;
}

/* In front of a day on which people voted: "on 21 May", "the voting of 18 December". */
static bool is_day_of_event(struct span line, size_t start)
{
    static const char *const leads[] = {"on ",      "On ",   "voting of ", "vote of ", "polls of ",
                                        "poll of ", "this ", "Sunday, ",   "Sunday "};
    static const char *const ends[] = {"ended on ", "announced on ", "published on ",
                                       "dated ",    "closed on ",    "arrived on ",
                                       "began on ", "opened on "};
    struct span before = span_of(line.p, start);
    bool is_lead = false;

    for (size_t i = 0; i < ARRAY_LEN(leads); i++)
        is_lead |= span_ends(before, span_of_str(leads[i]));
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        is_lead &= !span_ends(before, span_of_str(ends[i]));
    return is_lead;
}

static bool guess_in_sentence(const struct meta *m, struct span line, struct naming *n)
{
    date_hits hits = {0};
    size_t dateline = words_dateline(line);

    dates_find(line, m->arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        struct date_hit *hit = &hits.items[i];
        long days;

        if (hit->is_span || hit->date.day == 0 || hit->at.end <= dateline ||
            !is_day_of_event(line, hit->at.start) || !meta_complete_date(m, &hit->date))
            continue;
        days = date_number(m->published) - date_number(hit->date);
        if (days < 0 || days > GUESS_MAX_DAYS)
            continue;
        n->date = hit->date;
        n->basis = BASIS_TEXT;
        return true;
    }
    return false;
}

/* "On Sunday the members, in 18 teams, visited 131 polling stations" */
static bool guess_weekday(const struct meta *m, struct span line, struct naming *n)
{
    static const char *const openings[] = {"On ", "Yesterday"};
    struct span day = SPAN_NULL;

    if (span_starts(line, span_of_str(openings[0])))
        day = span_from(line, span_of_str(openings[0]).n);
    else if (span_starts(line, span_of_str(openings[1])))
        day = line;
    for (size_t i = 0; i < day.n; i++) {
        if (day.p[i] == ' ' || day.p[i] == ',')
            day.n = i;
    }
    n->date = day.n > 0 ? day_of(m, day) : (struct date){0};
    n->basis = BASIS_RELATIVE;
    return date_is_full(n->date);
}

bool naming_guess_date(const struct meta *m, struct naming *n)
{
    if (!date_is_full(m->published))
        return false;
    for (size_t i = 0; i < m->text->sentences.n; i++) {
        const struct sentence *s = &m->text->sentences.items[i];
        struct span line = meta_words(m, s->at);

        if (s->section == SECTION_BODY && is_about_polling(line) &&
            (guess_in_sentence(m, line, n) || guess_weekday(m, line, n)))
            return true;
    }
    return false;
}
