/*
 * Finds the namings of elections (meta_naming.h). A noun ends the words in front of it that say
 * which election it is; a preposition may lead on to more behind it ("elections to the Majilis",
 * "second round of the presidential election"). "Previous elections", and those of a year that is
 * not the text's, are other elections than the one that the text is about.
 */
#include "parser/meta_naming.h"

/* Between the words of one naming there is no more than this. */
#define REACH_BYTES 28

/* Where a text of any length has said what it is about. */
#define SENTENCES_MAX 40

/* What a naming in the title and in the first sentences counts, against one further down. */
#define TITLE_WEIGHT   12
#define LEAD_WEIGHT    4
#define LEAD_SENTENCES 3

static void add_type(struct naming *n, const struct election_kind *kind)
{
    if (span_is_null(kind->type))
        return;
    for (size_t i = 0; i < n->types_n; i++) {
        if (span_equal(n->types[i], kind->type))
            return;
    }
    if (n->types_n < NAMING_TYPES_MAX)
        n->types[n->types_n++] = kind->type;
    if (span_is_null(n->level))
        n->level = kind->level;
}

void naming_take(struct naming *n, const struct election_kind *kind)
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

struct span naming_type(const struct naming *n)
{
    for (size_t i = 0; i < n->types_n; i++) {
        if (span_equal_str(n->types[i], "by_election"))
            return n->types[i];
    }
    return n->types_n > 0 ? n->types[0] : SPAN_NULL;
}

static struct span between(const struct meta *m, uint32_t start, uint32_t end)
{
    return span_of(m->text->text.p + start, end > start ? end - start : 0);
}

/* The traits in front of the noun number `i`, nearest last; returns where the naming starts. */
static void look_before(const struct meta *m, size_t i, struct range line, struct naming *n)
{
    const struct mention *chain[NAMING_TYPES_MAX * 2];
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
        naming_take(n, chain[chain_n]->election);
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
        naming_take(n, mention->election);
        end = mention->at.end;
    }
    n->at.end = end;
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
    static const char *const others[] = {"previous", "past",      "last",   "future", "next",
                                         "earlier",  "preceding", "recent", "special"};
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

static void add_namings(struct meta *m, struct range line, unsigned weight, naming_list *out)
{
    size_t first;
    size_t n = mentions_within(&m->mentions, line, &first);

    for (size_t i = first; i < first + n; i++) {
        const struct mention *mention = &m->mentions.items[i];
        struct naming naming = {.sentence = line, .weight = weight};

        if (mention->kind != MENTION_ELECTION || !mention->election->is_vote)
            continue;
        look_before(m, i, line, &naming);
        naming_take(&naming, mention->election);
        look_behind(m, i, line, &naming);
        naming.is_act = mention->election->is_act;
        if (is_other_election(m, &naming, line))
            continue;
        naming_find_date(m, &naming);
        *LIST_ADD(m->arena, out) = naming;
    }
}

void namings_find(struct meta *m, naming_list *out)
{
    size_t n = m->text->sentences.n < SENTENCES_MAX ? m->text->sentences.n : SENTENCES_MAX;
    size_t body = 0;

    if (m->text->title.end > m->text->title.start)
        add_namings(m, m->text->title, TITLE_WEIGHT, out);
    for (size_t i = 0; i < n; i++) {
        const struct sentence *s = &m->text->sentences.items[i];

        if (s->section == SECTION_HEADLINE)
            continue;
        body += s->section == SECTION_BODY && !s->is_heading;
        add_namings(m, s->at, body <= LEAD_SENTENCES ? LEAD_WEIGHT : 1, out);
    }
}
