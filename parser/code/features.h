/*
 * What the scorer is told about a clause: its words, the cues in it and how the rules read them,
 * where it stands, what is around it. Every feature has a key, which is the hash of a short name
 * ("w campaign", "cue polarity.good: calm"); the weights of a key are in the scorer's file.
 *
 * Keys are made here and nowhere else: training reads the same features through
 * code_observe(), so what is learned is what is seen.
 */
#ifndef POLLWATCH_PARSER_CODE_FEATURES_H
#define POLLWATCH_PARSER_CODE_FEATURES_H

#include "parser/code/coding.h"
#include "parser/rules.h"

enum feature_kind {
    FEATURE_WORD,   /* a word, two words in a row, the stem of a long one; weighed by rarity */
    FEATURE_CUE,    /* a cue of the rules */
    FEATURE_CONTEXT /* what the rules make of the clause, and where it stands */
};

struct feature {
    uint32_t key;
    float value;
    enum feature_kind kind;
    struct range at; /* of a word or cue; else empty */
};

typedef LIST_OF(struct feature) feature_list;

/* Of the clause of unit `i`, whatever topic is asked about. */
void features_of_unit(const struct coding *c, size_t i, feature_list *out);

/* Those that depend on the topic; `j` is how the rules judge it. */
void features_of_topic(const struct coding *c, const struct view *v, enum topic topic,
                       const struct judgement *j, feature_list *out);

/*
 * Training: hands each clause of a statement that has its metadata to `observer`, with its
 * features, in order; nothing is coded.
 */
typedef void code_observer(void *arg, const struct coding *c, size_t unit,
                           const feature_list *features);
void code_observe(const struct rules *rules, const struct text *text, struct arena *arena,
                  struct coded_statement *inout, code_observer *observer, void *arg);

#endif
