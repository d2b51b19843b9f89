/*
 * Which election a statement is about.
 *
 * Each noun that names an election, with the words around it that say which one, is a naming:
 *
 *     the [19 March] [early] [parliamentary] elections [to the Majilis]
 *
 * The first naming with a type, title before text, gives the main election's; further types in the
 * same naming are held along with it. Its date is the first one that stands in a naming of the same
 * election; a day of the week counts from the publication. Other namings add what they know (early,
 * chamber, round). Namings of earlier and later elections are passed over.
 */
#include "parser/meta_parts.h"

/* Between the words of one naming there is no more than this. */
#define REACH_BYTES 28

/* Between a naming and the date behind it: "elections held across the country on 20 March". */
#define DATE_REACH_BYTES 70

#define TYPES_MAX 4

/* A date in a naming, or right before it, is its own beyond doubt. */
#define FIT_STRONG 3

/* Where a text of any length has said what it is about. */
#define SENTENCES_MAX 40

struct naming {
    struct range at;
    struct span types[TYPES_MAX];
    size_t types_n;
    struct span level;
    struct span chamber;
    struct span round;
    enum truth early;
    struct date date;
    int fit; /* of the date */
    enum date_basis basis;
    bool is_act; /* "voted", "went to the polls": a date anywhere in its sentence is its own */
};

typedef LIST_OF(struct naming) naming_list;

/* ---- one naming ---- */

static void add_type(struct naming *n, const struct election_kind *kind)
{
    if (span_is_null(kind->type))
        return;
    for (size_t i = 0; i < n->types_n; i++) {
        if (span_equal(n->types[i], kind->type))
            return;
    }
    if (n->types_n < TYPES_MAX)
        n->types[n->types_n++] = kind->type;
    if (span_is_null(n->level))
        n->level = kind->level;
}

static void take_kind(struct naming *n, const struct election_kind *kind)
{
    add_type(n, kind);
    if (span_is_null(n->chamber))
        n->chamber = kind->chamber;
    if (span_is_null(n->round))
        n->round = kind->round;
    if (n->early == TRUTH_UNKNOWN)
        n->early = kind->early;
}

/* Only such words may stand between the parts of a naming. */
static bool joins(struct span gap, bool is_behind)
{
    static const char *const stops[] = {".",      ";",      ":",       "(",     "\n",
                                        " was ",  " were ", " is ",    " are ", " has ",
                                        " have ", " that ", " which ", " in "};

    if (gap.n > REACH_BYTES)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(stops); i++) {
        if (span_find(gap, span_of_str(stops[i]), 0) != SIZE_MAX)
            return false;
    }
    if (!is_behind)
        return true;
    return words_hold(gap, SPAN_LIT("to")) || words_hold(gap, SPAN_LIT("for")) ||
           words_hold(gap, SPAN_LIT("of"));
}

static struct span between(const struct meta *m, uint32_t start, uint32_t end)
{
    return span_of(m->text->text.p + start, end > start ? end - start : 0);
}

/* The traits in front of the noun number `i`, nearest last; returns where the naming starts. */
static void look_before(const struct meta *m, size_t i, struct range line, struct naming *n)
{
    const struct mention *chain[TYPES_MAX * 2];
    size_t chain_n = 0;
    uint32_t start = m->mentions.items[i].at.start;

    while (i-- > 0 && chain_n < ARRAY_LEN(chain)) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->at.start < line.start)
            break;
        if (mention->kind != MENTION_ELECTION)
            continue;
        if (mention->election->is_vote && span_is_null(mention->election->round))
            break;
        if (!joins(between(m, mention->at.end, start), false))
            break;
        chain[chain_n++] = mention;
        start = mention->at.start;
    }
    while (chain_n-- > 0)
        take_kind(n, chain[chain_n]->election);
    n->at.start = start;
}

/* "elections to the Verkhovna Rada", "second round of the presidential election" */
static void look_behind(const struct meta *m, size_t i, struct range line, struct naming *n)
{
    uint32_t end = m->mentions.items[i].at.end;

    for (i++; i < m->mentions.n && m->mentions.items[i].at.end <= line.end; i++) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->kind != MENTION_ELECTION)
            continue;
        if (!joins(between(m, end, mention->at.start), true))
            break;
        if (mention->election->is_vote && span_is_null(n->round))
            break;
        take_kind(n, mention->election);
        end = mention->at.end;
    }
    n->at.end = end;
}

/* ---- its date ---- */

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
                                         "by",        "arrived", "law",    "adopted"};

    if (gap.n > DATE_REACH_BYTES || has_stop(gap))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (words_hold(gap, span_of_str(others[i])))
            return false;
    }
    return true;
}

/* How well a date belongs to a naming; 0: not at all. */
static int date_fit(struct span line, const struct naming *n, uint32_t line_start, struct range at)
{
    uint32_t start = n->at.start - line_start;
    uint32_t end = n->at.end - line_start;

    if (at.end <= start)
        return start - at.end <= 3 ? 4 : n->is_act ? 1 : 0; /* "the 19 March elections" */
    if (at.start >= start && at.end <= end)
        return 3;
    if (at.start >= end && leads_to_date(span_of(line.p + end, at.start - end)))
        return 2;
    return 0;
}

static bool take_date(const struct meta *m, struct span line, uint32_t line_start, struct naming *n)
{
    date_hits hits = {0};
    size_t dateline = line_start == m->text->title.start ? 0 : words_dateline(line);
    int best = 0;

    dates_find(line, m->arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        struct date_hit *hit = &hits.items[i];
        int fit = date_fit(line, n, line_start, hit->at);

        if (fit <= best || hit->date.day == 0 || hit->is_span || hit->at.end <= dateline ||
            !meta_complete_date(m, &hit->date))
            continue;
        n->date = hit->date;
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
static void take_relative(const struct meta *m, struct span line, uint32_t line_start,
                          struct naming *n)
{
    uint32_t start = n->at.start - line_start;
    uint32_t end = n->at.end - line_start;

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
             (word.end <= start && (n->is_act || start - word.end <= REACH_BYTES)) ||
             (word.start >= end && leads_to_date(span_of(line.p + end, word.start - end))))) {
            n->basis = BASIS_RELATIVE;
            return;
        }
        n->date = (struct date){0};
        at = stop + 1;
    }
}

/* ---- all namings ---- */

/* The year that stands last in `s`, or 0. */
static int last_year(struct span s)
{
    int year = 0;

    for (size_t i = 0; i + 4 <= s.n; i++) {
        struct span four = span_of(s.p + i, 4);
        bool starts = i == 0 || s.p[i - 1] < '0' || s.p[i - 1] > '9';

        if (starts && words_have_year(four))
            year = (four.p[0] - '0') * 1000 + (four.p[1] - '0') * 100 + (four.p[2] - '0') * 10 +
                   (four.p[3] - '0');
    }
    return year;
}

/* "previous elections", "the 2019 parliamentary elections" of a text of 2023, "future elections".
 */
static bool is_other_election(const struct meta *m, const struct naming *n, struct range line)
{
    static const char *const others[] = {"previous",  "past",   "last",
                                         "future",    "next",   "earlier",
                                         "preceding", "recent", "upcoming presidential"};
    uint32_t start =
        n->at.start > line.start + REACH_BYTES ? n->at.start - REACH_BYTES : line.start;
    struct span before = between(m, start, n->at.start);
    struct span whole = between(m, start, n->at.end);
    int year;

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (words_hold(before, span_of_str(others[i])) && !words_hold(before, SPAN_LIT("Sunday")))
            return true;
    }
    year = last_year(whole);
    return year != 0 && m->published.year != 0 &&
           (year < m->published.year - 1 || year > m->published.year + 1);
}

static void add_namings(struct meta *m, struct range line, naming_list *out)
{
    size_t first;
    size_t n = mentions_within(&m->mentions, line, &first);
    struct span words = meta_words(m, line);

    for (size_t i = first; i < first + n; i++) {
        const struct mention *mention = &m->mentions.items[i];
        struct naming naming = {0};

        if (mention->kind != MENTION_ELECTION || !mention->election->is_vote)
            continue;
        look_before(m, i, line, &naming);
        take_kind(&naming, mention->election);
        look_behind(m, i, line, &naming);
        naming.is_act = mention->election->is_act;
        if (is_other_election(m, &naming, line))
            continue;
        if (!take_date(m, words, line.start, &naming))
            take_relative(m, words, line.start, &naming);
        *LIST_ADD(m->arena, out) = naming;
    }
}

/* The title first, then the top, then the sentences of the body. */
static void find_namings(struct meta *m, naming_list *out)
{
    size_t n = m->text->sentences.n < SENTENCES_MAX ? m->text->sentences.n : SENTENCES_MAX;

    if (m->text->title.end > m->text->title.start)
        add_namings(m, m->text->title, out);
    for (size_t i = 0; i < n; i++) {
        if (m->text->sentences.items[i].section != SECTION_HEADLINE)
            add_namings(m, m->text->sentences.items[i].at, out);
    }
}

/* ---- the election ---- */

static const struct naming *main_naming(const naming_list *namings)
{
    for (size_t i = 0; i < namings->n; i++) {
        if (namings->items[i].types_n > 0)
            return &namings->items[i];
    }
    return namings->n > 0 ? &namings->items[0] : NULL;
}

/* "chose a president": a word for what is elected, where no naming has a type. */
static void take_lone_type(const struct meta *m, struct naming *n)
{
    for (size_t i = 0; n->types_n == 0 && i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->kind == MENTION_ELECTION)
            take_kind(n, mention->election);
    }
}

static bool has_type(const struct naming *n, struct span type)
{
    if (n->types_n == 0)
        return true; /* "the elections" are those that the text is about */
    for (size_t i = 0; i < n->types_n; i++) {
        if (span_equal(n->types[i], type))
            return true;
    }
    return false;
}

/* Dates that have come beat those to come: a text after the vote also names the next one. */
static bool is_better_date(const struct meta *m, const struct naming *n, const struct naming *main)
{
    if (!date_is_full(n->date))
        return false;
    if (!date_is_full(main->date))
        return true;
    return main->fit < FIT_STRONG && date_is_full(m->published) &&
           date_number(main->date) > date_number(m->published) &&
           date_number(n->date) <= date_number(m->published);
}

static void add_up(const struct meta *m, const naming_list *namings, struct naming *main)
{
    for (size_t i = 0; i < namings->n; i++) {
        const struct naming *n = &namings->items[i];

        if (main->types_n > 0 && !has_type(n, main->types[0]))
            continue;
        if (is_better_date(m, n, main)) {
            main->date = n->date;
            main->fit = n->fit;
            main->basis = n->basis;
        }
        if (main->early != TRUTH_YES && n->early == TRUTH_YES && n->types_n > 0)
            main->early = n->early;
        if (span_is_null(main->chamber))
            main->chamber = n->chamber;
        if (span_is_null(main->round))
            main->round = n->round;
    }
}

static const char *or_x(struct span s, int *n)
{
    *n = s.n ? (int)s.n : 1;
    return s.n ? s.p : "x";
}

static struct span election_id(const struct meta *m, const struct election *e)
{
    int n[5];
    struct span country = m->out->countries.n ? m->out->countries.items[0] : SPAN_NULL;
    const char *parts[] = {or_x(country, &n[0]), or_x(e->date, &n[1]), or_x(e->type, &n[2]),
                           or_x(e->chamber, &n[3]), or_x(e->round, &n[4])};

    return arena_printf(m->arena, "%.*s-%.*s-%.*s-%.*s-r%.*s", n[0], parts[0], n[1], parts[1], n[2],
                        parts[2], n[3], parts[3], n[4], parts[4]);
}

void meta_find_elections(struct meta *m)
{
    naming_list namings = {0};
    const struct naming *found;
    struct naming main;
    struct election *e;

    find_namings(m, &namings);
    found = main_naming(&namings);
    if (!found)
        return;
    main = *found;
    take_lone_type(m, &main);
    add_up(m, &namings, &main);
    e = LIST_ADD(m->arena, &m->out->elections);
    e->type = main.types_n ? main.types[0] : SPAN_NULL;
    e->level = main.level;
    e->chamber = main.chamber;
    e->early = main.early;
    e->round = main.round;
    e->date = date_is_full(main.date) ? date_write(main.date, m->arena) : SPAN_NULL;
    e->date_basis = span_is_null(e->date) ? BASIS_NONE : main.basis;
    for (size_t i = 1; i < main.types_n; i++)
        *LIST_ADD(m->arena, &e->concurrent) = main.types[i];
    e->exact = meta_words(m, found->at);
    e->id = election_id(m, e);
}
