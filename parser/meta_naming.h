/*
 * Between the files that find elections. A naming is one noun that names an election, with the
 * words around it that say which one:
 *
 *     the [19 March] [early] [parliamentary] elections [to the Majilis]
 *
 * meta_namings.c finds them, meta_naming_dates.c their dates; meta_elections.c adds them up.
 */
#ifndef POLLWATCH_PARSER_META_NAMING_H
#define POLLWATCH_PARSER_META_NAMING_H

#include "parser/meta_parts.h"

#define NAMING_TYPES_MAX 4

/* A date in a naming, or right before it, is its own beyond doubt. */
#define NAMING_FIT_STRONG 3

struct naming {
    struct range at;
    struct range sentence;
    unsigned weight; /* of the place where it stands: title, top, text */
    struct span types[NAMING_TYPES_MAX];
    size_t types_n;
    struct span level;
    struct span chamber;
    struct span round;
    enum truth early;
    struct date date;
    struct date second; /* of a second round held on another day: "on 15 and 29 September" */
    int fit;            /* of the date */
    enum date_basis basis;
    bool is_act; /* "voted", "went to the polls": a date anywhere in its sentence is its own */
};

typedef LIST_OF(struct naming) naming_list;

/* All of them, title before text; those of earlier and later elections are passed over. */
void namings_find(struct meta *m, naming_list *out);

/* What the words of one kind say is added to what the naming has. */
void naming_take(struct naming *n, const struct election_kind *kind);

/* The type that it is about, of several; null: says none. A by-election is one whatever it fills.
 */
struct span naming_type(const struct naming *n);

/* ---- meta_naming_dates.c ---- */

/* Finds its date in its sentence; none: it stays zero. */
void naming_find_date(const struct meta *m, struct naming *n);

/*
 * The day of the vote where no naming has one: a date shortly before the publication, in a sentence
 * about polling. False: none.
 */
bool naming_guess_date(const struct meta *m, struct naming *n);

#endif
