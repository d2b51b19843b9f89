#include "common/hint.h"

#include <stdio.h>

#define DISTANCE_MAX 2

/* The row of the classic table that belongs to the last letter of `a`; words are short. */
static unsigned distance(struct span a, struct span b)
{
    unsigned row[HINT_WORD_BYTES];

    for (unsigned j = 0; j <= b.n; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.n; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b.n; j++) {
            unsigned changed = diagonal + (a.p[i - 1] != b.p[j - 1]);
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[b.n];
}

struct hint hint_for(struct span wrong)
{
    return (struct hint){.wrong = wrong, .distance = DISTANCE_MAX + 1};
}

void hint_try(struct hint *h, const char *word)
{
    struct span candidate = span_of_str(word);
    unsigned d;

    if (h->wrong.n >= HINT_WORD_BYTES || candidate.n >= HINT_WORD_BYTES)
        return;
    d = distance(h->wrong, candidate);
    if (d < h->distance && d < candidate.n) {
        h->distance = d;
        snprintf(h->right, sizeof h->right, "%s", word);
    }
}
