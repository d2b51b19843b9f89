/*
 * The learned half of the coding: how likely it is that a clause speaks of each topic, and, given a
 * topic, of which type and polarity its finding is. Two small networks over the features of a
 * clause (features.h), trained by tests/eval on annotated statements:
 *
 *     topics:  z = bias + sum of v * row + U * relu(sum of v * hidden row), then a logistic each
 *     kinds:   z = bias + sum of v * row, softmax over (type, polarity)
 *
 * The file (scorer.bin, little-endian) starts with "PWSCORE1"; scorer.c has its layout. Rows are
 * bytes with a scale, sorted by key. What decides can be told exactly: with the active hidden units
 * held, z is a sum over features.
 */
#ifndef POLLWATCH_PARSER_CODE_SCORER_H
#define POLLWATCH_PARSER_CODE_SCORER_H

#include "parser/code/features.h"

struct scorer; /* read-only once loaded */

/* ERR_FORMAT when it is no such file; ERR_SYS when it can't be read. */
MUST_USE int scorer_load(const char *path, struct scorer **out, struct error *err);
void scorer_free(struct scorer *s);

struct kind {
    enum finding_type type;
    enum polarity polarity;
};

struct row;

/* The features of a clause that the scorer knows, and what they add up to. */
struct scored {
    const struct scorer *scorer;
    size_t n;
    const struct feature **features; /* [n] */
    const struct row **rows;         /* [n]: the weights of each */
    float *values;                   /* [n]: what these are multiplied by */
    float *hidden;
    float topics[TOPIC_COUNT]; /* 0 to 1 each */
    float *kinds;              /* before the topic is known */
};

void scorer_read(const struct scorer *s, const feature_list *features, struct arena *arena,
                 struct scored *out);

/* How likely a clause must speak of a topic to be coded with it. */
float scorer_threshold(const struct scorer *s, enum topic topic);

/* The kind of the finding; `p` is how likely it is, 0 to 1. */
struct kind scorer_kind(const struct scored *scored, const feature_list *of_topic, float *p);

/* The features that spoke most for `topic`, most first; at most `max`, returns how many. */
size_t scorer_reasons(const struct scored *scored, enum topic topic, const struct feature **out,
                      size_t max);

#endif
