/*
 * Which election a statement is about.
 *
 * The namings of elections in the text (meta_naming.h) vote on the type: those of the title weigh
 * most, those of the first sentences more than the rest. The first naming of the type that wins is
 * the main election's; further types in the same naming are held along with it. Other namings add
 * what they know: date, early, chamber, round. Where no naming has a type, the state's constitution
 * gives it (systems.yaml): some elect all on one day, some nobody but their parliament.
 */
#include "parser/meta_naming.h"

/* Namings of so many types can win; a text names no more. */
#define TYPES_MAX 16

/* A naming with a date is rather about this election than in passing. */
#define DATED_BONUS 2

struct score {
    struct span type;
    unsigned points;
};

/* ---- the type ---- */

static const struct country *main_country(const struct meta *m)
{
    return m->out->countries.n > 0 ? lexicon_country(m->lexicon, m->out->countries.items[0]) : NULL;
}

/* "General elections" where only a parliament is elected are parliamentary. */
static struct span settled_type(const struct meta *m, struct span type)
{
    const struct country *country = main_country(m);

    if (country && span_equal_str(type, "general") &&
        span_equal_str(country->usual_election, "parliamentary"))
        return country->usual_election;
    return type;
}

static void add_points(struct score *scores, size_t *n, struct span type, unsigned points)
{
    for (size_t i = 0; i < *n; i++) {
        if (span_equal(scores[i].type, type)) {
            scores[i].points += points;
            return;
        }
    }
    if (*n < TYPES_MAX)
        scores[(*n)++] = (struct score){type, points};
}

/* The type that most is said of; the one named first, of equals; null: none has any. */
static struct span winning_type(const struct meta *m, const naming_list *namings)
{
    struct score scores[TYPES_MAX];
    struct span best = SPAN_NULL;
    unsigned most = 0;
    size_t n = 0;

    for (size_t i = 0; i < namings->n; i++) {
        const struct naming *naming = &namings->items[i];
        unsigned bonus = date_is_full(naming->date) ? DATED_BONUS : 0;

        if (naming->types_n > 0)
            add_points(scores, &n, settled_type(m, naming_type(naming)), naming->weight + bonus);
    }
    for (size_t i = 0; i < n; i++) {
        if (scores[i].points > most) {
            best = scores[i].type;
            most = scores[i].points;
        }
    }
    return best;
}

static bool is_of_type(const struct meta *m, const struct naming *n, struct span type)
{
    return n->types_n > 0 && span_equal(settled_type(m, naming_type(n)), type);
}

static const struct naming *main_naming(const struct meta *m, const naming_list *namings)
{
    struct span type = winning_type(m, namings);

    for (size_t i = 0; i < namings->n; i++) {
        if (is_of_type(m, &namings->items[i], type))
            return &namings->items[i];
    }
    return namings->n > 0 ? &namings->items[0] : NULL;
}

/* "electing regional assemblies": a word for what is elected, in the first sentence. */
static void take_first_type(const struct meta *m, struct naming *n)
{
    const struct mention *mention;
    size_t from = 0;

    while (n->types_n == 0 &&
           (mention = meta_next_mention(m, m->first, MENTION_ELECTION, &from)) != NULL)
        naming_take(n, mention->election);
}

/* The same anywhere, of what is elected in the whole country. */
static void take_lone_type(const struct meta *m, struct naming *n)
{
    for (size_t i = 0; n->types_n == 0 && i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->kind == MENTION_ELECTION &&
            span_equal_str(mention->election->level, "national"))
            naming_take(n, mention->election);
    }
}

static void take_usual_type(const struct meta *m, struct naming *n)
{
    const struct country *country = main_country(m);

    if (n->types_n > 0 || !country || span_is_null(country->usual_election))
        return;
    n->types[n->types_n++] = country->usual_election;
    n->level = SPAN_LIT("national");
}

static void find_type(const struct meta *m, struct naming *n)
{
    const struct country *country = main_country(m);

    if (country && span_equal_str(country->usual_election, "general"))
        take_usual_type(m, n);
    take_first_type(m, n);
    take_lone_type(m, n);
    take_usual_type(m, n);
}

/* ---- what other namings add ---- */

/* "The elections" are those that the text is about. */
static bool may_be_it(const struct meta *m, const struct naming *n, struct span type)
{
    return n->types_n == 0 || is_of_type(m, n, type);
}

/* Dates that have come beat those to come: a text after the vote also names the next one. */
static bool is_better_date(const struct meta *m, const struct naming *n, const struct naming *main)
{
    if (!date_is_full(n->date))
        return false;
    if (!date_is_full(main->date))
        return true;
    return main->fit < NAMING_FIT_STRONG && date_is_full(m->published) &&
           date_number(main->date) > date_number(m->published) &&
           date_number(n->date) <= date_number(m->published);
}

static void take_early(struct naming *main, const struct naming *n)
{
    if (n->types_n == 0 || n->early == TRUTH_UNKNOWN)
        return;
    if (n->early == TRUTH_YES || main->early == TRUTH_UNKNOWN)
        main->early = n->early;
}

static void add_up(const struct meta *m, const naming_list *namings, struct naming *main)
{
    struct span type = settled_type(m, naming_type(main));

    for (size_t i = 0; i < namings->n; i++) {
        const struct naming *n = &namings->items[i];

        if (!may_be_it(m, n, type))
            continue;
        if (is_better_date(m, n, main)) {
            main->date = n->date;
            main->second = n->second;
            main->fit = n->fit;
            main->basis = n->basis;
        }
        take_early(main, n);
        if (span_is_null(main->chamber))
            main->chamber = n->chamber;
        if (span_is_null(main->round))
            main->round = n->round;
    }
}

/* ---- the record ---- */

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

static void write_election(struct meta *m, const struct naming *main, struct date date,
                           struct span round)
{
    struct election *e = LIST_ADD(m->arena, &m->out->elections);

    e->type = settled_type(m, naming_type(main));
    e->level = main->level;
    e->chamber = main->chamber;
    e->early = main->early;
    e->round = round;
    e->date = date_is_full(date) ? date_write(date, m->arena) : SPAN_NULL;
    e->date_basis = span_is_null(e->date) ? BASIS_NONE : main->basis;
    for (size_t i = 0; i < main->types_n; i++) {
        if (!span_equal(main->types[i], naming_type(main)))
            *LIST_ADD(m->arena, &e->concurrent) = main->types[i];
    }
    e->exact = meta_words(m, main->at);
    e->id = election_id(m, e);
}

void meta_find_elections(struct meta *m)
{
    naming_list namings = {0};
    const struct naming *found;
    struct naming main;

    namings_find(m, &namings);
    found = main_naming(m, &namings);
    if (!found)
        return;
    main = *found;
    find_type(m, &main);
    add_up(m, &namings, &main);
    if (!date_is_full(main.date))
        (void)naming_guess_date(m, &main); /* none is fine */
    if (!date_is_full(main.second)) {
        write_election(m, &main, main.date, main.round);
        return;
    }
    write_election(m, &main, main.date, SPAN_LIT("1"));
    write_election(m, &main, main.second, SPAN_LIT("2"));
}
