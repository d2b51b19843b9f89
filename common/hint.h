/*
 * "Did you mean …?": the nearest to a wrong word, of those tried, counted in letters to add, drop
 * or change.
 */
#ifndef POLLWATCH_COMMON_HINT_H
#define POLLWATCH_COMMON_HINT_H

#include "common/span.h"

/* Longer words are not mistyped ones, and get no hint. */
#define HINT_WORD_BYTES 64

struct hint {
    struct span wrong; /* lent */
    unsigned distance;
    char right[HINT_WORD_BYTES]; /* empty: nothing is near */
};

struct hint hint_for(struct span wrong);
void hint_try(struct hint *h, const char *word);

#endif
