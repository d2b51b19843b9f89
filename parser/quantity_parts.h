/*
 * Between the files of quantities. quantity.c walks a sentence; at each number
 *
 *     quantity_share.c      reads shares of two numbers
 *     quantity_reject.c     says whether it counts anything (quantity_one.c: whether a "one" does)
 *     quantity_measure.c    says how exactly, in which unit, and what
 *     quantity_around.c     has the words around it
 */
#ifndef POLLWATCH_PARSER_QUANTITY_PARTS_H
#define POLLWATCH_PARSER_QUANTITY_PARTS_H

#include "parser/dates.h"
#include "parser/numerals.h"
#include "parser/quantity.h"

/* One sentence while its numbers are found. */
struct quantifying {
    struct span s; /* the sentence */
    struct range at;
    struct arena *arena;
    date_hits dates;
    quantity_list *out;
};

/* quantity.c: appends what stands in [start, end), with its words around it. */
struct quantity *quantity_add(struct quantifying *q, size_t start, size_t end, double value,
                              enum unit unit);

/* ---- quantity_around.c; offsets are into `s`, and may be its end ---- */

bool around_is_letter(char c); /* also any byte of a letter beyond ASCII */
bool around_is_digit(char c);

struct span around_word(struct span s, size_t at);   /* the one that starts there */
struct span around_behind(struct span s, size_t at); /* the next one, behind spaces */
struct span around_before(struct span s, size_t at); /* the last one */
size_t around_end(struct span s, struct span word);  /* where a word of `s` ends */

/* Letter case is ignored by both. */
bool around_is_one_of(struct span word, const char *const *list, size_t n);
bool around_begins(struct span s, size_t at, const char *text); /* not with half of a word */

/* ---- quantity_reject.c ---- */

/* Whether the numeral at `start` counts something. */
bool quantity_counts(const struct quantifying *q, size_t start, const struct numeral *n);

bool quantity_in_date(const struct quantifying *q, size_t start, size_t end);

/* quantity_one.c: whether the "one" over [start, end) does. */
bool quantity_counts_one(struct span s, size_t start, size_t end);

/* ---- quantity_share.c ---- */

/*
 * "one in eight", "nine payments in ten": the share, in percent, of which `part` ends at `end`;
 * 0: no such thing. `*share_end` is where it ends.
 */
double quantity_share(struct span s, size_t end, const struct numeral *part, size_t *share_end);

/* Adds "every fourth", if it stands at `at`; returns its bytes, or 0. */
size_t quantity_read_every(struct quantifying *q, size_t at);

/* ---- quantity_measure.c ---- */

/* By the words that end at `*start`, which moves in front of them. */
enum approx quantity_approx(struct span s, size_t *start);

/* The unit of a number over [start, *end), which moves behind it; UNIT_COUNT where none stands. */
enum unit quantity_unit(struct span s, size_t start, size_t *end);

/* Fills in `concept` and `of` from what stands behind `*end`, which moves behind them. */
void quantity_name(struct span s, size_t *end, struct quantity *q);

/* "$", "US$", "PHP ", the "K" of "K190 million": a sign of money that ends at `start`. */
bool quantity_money_before(struct span s, size_t start);

#endif
