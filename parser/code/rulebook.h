/*
 * The coding rules of one language, as read from topics.yaml, polarity.yaml, types.yaml,
 * followup.yaml, stance.yaml, clauses.yaml and uncoded.yaml.
 *
 * Every phrase in them is a `struct cue_rule`: a class, which says what the code does with it, a
 * value in that class, and a name under which findings cite it. All phrases are compiled into one
 * set and found in one pass over a text. rulebook.c has the table of which group in which file is
 * which class.
 */
#ifndef POLLWATCH_PARSER_CODE_RULEBOOK_H
#define POLLWATCH_PARSER_CODE_RULEBOOK_H

#include "common/error.h"
#include "parser/cues.h"
#include "proto/record.h"

/* What a phrase does. The value of each class is given behind it; none: 0. */
enum cue_class {
    CUE_TOPIC,      /* enum topic; weight: how much it says for it */
    CUE_TOPIC_MODE, /* enum topic_mode */
    CUE_GOOD,       /* says that something is well: "transparent", "smoothly" */
    CUE_BAD,        /* that it is not: "irregularities", "arbitrary" */
    CUE_VIRTUE,     /* a thing that one wants more of, without saying how much there is: "choice" */
    CUE_DEFICIT,    /* too little of it: "lack of", "scant" */
    CUE_REMOVAL,    /* an end to it: "lifted", "abolished" */
    CUE_INCREASE,   /* more of it: "increased", "wider" */
    CUE_DECREASE,   /* less of it: "reduced", "fewer" */
    CUE_NEGATION,   /* "not", "without", "failed to" */
    CUE_MINIMISER,  /* makes a bad thing small: "isolated", "minor" */
    CUE_HOLLOW,     /* praise in appearance: "ostensibly" */
    CUE_TREND,      /* enum trend */
    CUE_INTENSITY,  /* enum intensity */
    CUE_EXTENT,     /* enum extent */
    CUE_ADVICE,     /* enum strength */
    CUE_UNREAL,     /* what is not or not yet: "if", "would" */
    CUE_PLEDGE,     /* "pledged to" */
    CUE_PURPOSE,    /* "in order to": what follows is what for, not what */
    CUE_AHEAD,      /* a verb of saying that has its source behind it: "according to" */
    CUE_EVENT,      /* procedural: "was held", "was deployed" */
    CUE_REPORT,     /* a report, a mission, its conclusions: what can be endorsed */
    CUE_PROPOSAL,   /* "recommendations": what can be followed up */
    CUE_STATUS,     /* enum followup_status */
    CUE_SCOPE,      /* enum followup_scope */
    CUE_ACTION,     /* enum action: what kind of step is asked for */
    CUE_SPEECH,     /* a verb between a source and what it says; value: enum stance */
    CUE_SOURCE,     /* people who are named as a class; value indexes source_names */
    CUE_CONTRAST,   /* parts clauses inside a sentence; value: enum contrast */
    CUE_UNCODED,    /* enum uncoded_reason */
    CUE_REF,        /* enum election_ref */
    CUE_PHASE,      /* enum phase */
    CUE_CLASS_COUNT
};

/* Classes of people that hold a view, by the slug that records use. */
extern const char *const source_names[];

/* Index of institutions of the state; their slug is that of the state. */
#define SOURCE_AUTHORITIES 7

/* How a marker parts two clauses. */
enum contrast {
    CONTRAST_NONE,
    CONTRAST_INITIAL, /* "While X, Y": X is conceded */
    CONTRAST_ADVERSE, /* "X, but Y": X is conceded */
    CONTRAST_CONCEDE, /* "X, although Y": Y is conceded */
    CONTRAST_ADD      /* "X, while Y": both stand */
};

struct cue_rule {
    struct span id; /* "polarity.good: transparent" */
    struct span phrase;
    uint32_t line; /* 1-based, in the file that the id begins with */
    enum cue_class class;
    int value;
    int weight;
};

/* A topic is coded in a clause whose cues for it weigh this much together. */
#define TOPIC_THRESHOLD 4

struct scorer;

struct rulebook {
    struct arena *arena; /* owns all that follows but `cues` */
    LIST_OF(struct cue_rule) rules;
    enum polarity
        default_polarity[TOPIC_COUNT]; /* of a wrong or right told without a word of judgement */
    struct cues *cues;                 /* ids index `rules` */
    struct scorer *scorer;             /* scorer.bin; parser/code/scorer.h */
};

/* `dir` is the folder of one language. ERR_CONFIG: FILE:LINE: cause. */
MUST_USE int rulebook_load(const char *dir, struct rulebook **out, struct error *err);
void rulebook_free(struct rulebook *b);

#endif
