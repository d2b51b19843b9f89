/*
 * The untidiness of real texts, put into documents: each mutation is one kind of it, strewn by a
 * seeded generator, so that a failure is seen again under the same seed. Tags of a page are kept.
 */
#ifndef POLLWATCH_TESTS_MUTATE_H
#define POLLWATCH_TESTS_MUTATE_H

#include "common/buf.h"

enum mutation {
    MUTATE_NOTHING,
    MUTATE_MARKS,       /* combining marks behind letters, as in NFD */
    MUTATE_DOTLESS,     /* i and I of Turkish */
    MUTATE_CURLY,       /* “ ” ’ for " and ' */
    MUTATE_SOFT_HYPHEN, /* inside words */
    MUTATE_CRLF,        /* and a lone CR */
    MUTATE_NBSP,
    MUTATE_ZERO_WIDTH, /* space, joiners, byte order mark */
    MUTATE_EMOJI,
    MUTATE_SPACES, /* doubled, tabs */
    MUTATE_CUT,    /* the end is missing, from the middle of a character on */
    MUTATE_ALL,    /* one after another */
    MUTATION_COUNT
};

extern const char *const mutation_names[MUTATION_COUNT];

/* `out` is emptied first. */
void mutate(enum mutation m, uint64_t seed, struct span in, struct buf *out);

#endif
