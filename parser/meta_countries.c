/*
 * The country that a statement is about: the one in the title; else the one that the body names
 * most. Who issues it does not count (a "UK statement" is not about the UK), unless nobody else is
 * there.
 */
#include "parser/meta_parts.h"

/* How much a mention says, by its form: a dateline in a capital says little. */
static const unsigned form_weight[] = {
    [FORM_NAME] = 4, [FORM_ACRONYM] = 3, [FORM_ADJECTIVE] = 3, [FORM_CAPITAL] = 1};

#define TITLE_FACTOR 20
#define FIRST_FACTOR 4

struct tally {
    const struct country *country;
    unsigned score;
    bool in_title;
};

typedef LIST_OF(struct tally) tally_list;

static struct tally *tally_of(struct meta *m, tally_list *tallies, const struct country *country)
{
    struct tally *added;

    for (size_t i = 0; i < tallies->n; i++) {
        if (tallies->items[i].country == country)
            return &tallies->items[i];
    }
    added = LIST_ADD(m->arena, tallies);
    added->country = country;
    return added;
}

static bool is_issuers(const struct meta *m, const struct country *country)
{
    for (size_t i = 0; i < m->out->issuers.n; i++) {
        if (span_equal(m->out->issuers.items[i].country, country->code))
            return true;
    }
    return false;
}

static bool counts_in(enum section_kind section)
{
    return section == SECTION_BODY || section == SECTION_HEADLINE ||
           section == SECTION_STANDFIRST || section == SECTION_DATELINE;
}

static bool is_inside(uint32_t at, struct range range)
{
    return at >= range.start && at < range.end;
}

static void count_line(struct meta *m, const struct meta_line *line, tally_list *tallies)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, line->at, MENTION_COUNTRY, &from)) != NULL) {
        struct tally *tally;
        unsigned weight = form_weight[mention->form];
        bool in_title = line->section == SECTION_HEADLINE;

        if (is_issuers(m, mention->country))
            continue;
        tally = tally_of(m, tallies, mention->country);
        if (in_title && mention->form != FORM_CAPITAL)
            weight *= TITLE_FACTOR;
        else if (is_inside(mention->at.start, m->first))
            weight *= FIRST_FACTOR;
        tally->score += weight;
        tally->in_title |= in_title;
    }
}

static void count_all(struct meta *m, tally_list *tallies)
{
    struct meta_line line;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        if (counts_in(line.section))
            count_line(m, &line, tallies);
    }
}

static void add_best(struct meta *m, const tally_list *tallies)
{
    const struct tally *best = NULL;

    for (size_t i = 0; i < tallies->n; i++) {
        if (!best || tallies->items[i].score > best->score)
            best = &tallies->items[i];
    }
    if (best)
        *LIST_ADD(m->arena, &m->out->countries) = best->country->code;
}

void meta_find_countries(struct meta *m)
{
    tally_list tallies = {0};

    count_all(m, &tallies);
    add_best(m, &tallies);
}
