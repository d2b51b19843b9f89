/*
 * How good or bad a clause says that things are, by composition and not by counting words.
 *
 * Cues of judgement are read from left to right as tokens. A token is a *head* (good, bad, or a
 * virtue: a thing that one wants, which alone says nothing), an *operator* on the next head, or,
 * where no head follows near enough, a judgement of its own:
 *
 *     negation   "no irregularities" good        "not transparent" bad        alone: somewhat bad
 *     deficit    "lack of transparency" bad      "few irregularities" good    alone: bad
 *     removal    "lifted restrictions" good
 *     increase   "increased choice" good         "increased violence" bad
 *     decrease   "reduced violence" good         "reduced transparency" bad
 *     minimiser  "isolated incidents": not so bad
 *
 * An operator reaches a few words on, not over a comma. What is said in another part of the clause
 * than the topic counts less for it: "opening was late, the count was quick".
 */
#include "parser/code/coding.h"

#define REACH_WORDS 5

/* Weights of what is no clear head, and of a head elsewhere in the clause; a head here weighs 1. */
#define LONE_NEGATION 0.6
#define LONE_DEFICIT  0.8
#define MINIMISED     0.4
#define ELSEWHERE     0.4

enum {
    IS_GOOD = 1 << 0,
    IS_BAD = 1 << 1,
    IS_VIRTUE = 1 << 2,
    IS_DEFICIT = 1 << 3,
    IS_REMOVAL = 1 << 4,
    IS_INCREASE = 1 << 5,
    IS_DECREASE = 1 << 6,
    IS_NEGATION = 1 << 7,
    IS_MINIMISER = 1 << 8,
    IS_HEAD = IS_GOOD | IS_BAD | IS_VIRTUE,
    IS_OPERATOR = IS_DEFICIT | IS_REMOVAL | IS_INCREASE | IS_DECREASE | IS_NEGATION | IS_MINIMISER
};

static const unsigned class_bit[CUE_CLASS_COUNT] = {
    [CUE_GOOD] = IS_GOOD,         [CUE_BAD] = IS_BAD,           [CUE_VIRTUE] = IS_VIRTUE,
    [CUE_DEFICIT] = IS_DEFICIT,   [CUE_REMOVAL] = IS_REMOVAL,   [CUE_INCREASE] = IS_INCREASE,
    [CUE_DECREASE] = IS_DECREASE, [CUE_NEGATION] = IS_NEGATION, [CUE_MINIMISER] = IS_MINIMISER,
};

struct token {
    struct range at;
    unsigned bits;
    bool is_used;   /* an operator that found its head */
    unsigned under; /* the operators that a head is under */
};

typedef LIST_OF(struct token) token_list;

static void tokens_read(const struct coding *c, const struct view *v, token_list *out)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];
        unsigned bit = class_bit[cue->rule->class];
        struct token *last = out->n ? &out->items[out->n - 1] : NULL;

        if (bit == 0)
            continue;
        if (last && last->at.start == cue->at.start && last->at.end == cue->at.end)
            last->bits |= bit;
        else
            *LIST_ADD(c->arena, out) = (struct token){.at = cue->at, .bits = bit};
    }
}

/* Whether `to` follows `from` near enough, in the same part of the clause. */
static bool reaches(const struct coding *c, const struct token *from, const struct token *to)
{
    struct range between = {from->at.end, to->at.start};
    struct span words;

    if (between.start > between.end)
        return false;
    words = coding_words(c, between);
    return !memchr(words.p, ',', words.n) && !memchr(words.p, ';', words.n) &&
           coding_count_words(c, between) <= REACH_WORDS;
}

/* A token that can be either is an operator where a head follows within reach. */
static bool acts_as_operator(const struct coding *c, const token_list *tokens, size_t i)
{
    if (!(tokens->items[i].bits & IS_OPERATOR))
        return false;
    if (!(tokens->items[i].bits & IS_HEAD))
        return true;
    return i + 1 < tokens->n && (tokens->items[i + 1].bits & IS_HEAD) &&
           reaches(c, &tokens->items[i], &tokens->items[i + 1]);
}

/* The sign of a head under one operator. */
static double apply(unsigned operator, double sign)
{
    if (operator& IS_MINIMISER && sign<0)
        return -MINIMISED;
    if (operator& IS_DEFICIT || operator& IS_NEGATION)
        return sign >= 0 ? -1 : 1;
    if (operator& IS_REMOVAL)
        return 1;
    if (operator& IS_INCREASE)
        return sign >= 0 ? 1 : -1;
    if (operator& IS_DECREASE)
        return sign >= 0 ? -1 : 1;
    return sign;
}

static double sign_alone(unsigned bits)
{
    if (bits & IS_BAD)
        return -1;
    return bits & IS_GOOD ? 1 : 0;
}

/* The operators that a head shares with the one that it is coordinated with: "without violence or
 * intimidation". */
static unsigned shared_operators(const struct coding *c, const token_list *tokens, size_t at)
{
    const struct token *before = at > 0 ? &tokens->items[at - 1] : NULL;
    struct range between;
    struct span words;

    if (!before || before->under == 0 || before->at.end > tokens->items[at].at.start)
        return 0;
    between = (struct range){before->at.end, tokens->items[at].at.start};
    words = span_trim(coding_words(c, between));
    return span_equal_str(words, "or") || span_equal_str(words, "and") ? before->under : 0;
}

/* The sign of the head `at` under the operators before it, nearest first. */
static double head_sign(const struct coding *c, token_list *tokens, size_t at)
{
    double sign = sign_alone(tokens->items[at].bits);

    for (size_t i = at; i > 0; i--) {
        struct token *t = &tokens->items[i - 1];

        if (!acts_as_operator(c, tokens, i - 1))
            break;
        if (t->is_used || !reaches(c, t, &tokens->items[at]))
            break;
        sign = apply(t->bits, sign);
        t->is_used = true;
        tokens->items[at].under |= t->bits;
    }
    if (tokens->items[at].under == 0) {
        tokens->items[at].under = shared_operators(c, tokens, at);
        sign = apply(tokens->items[at].under, sign);
    }
    return sign;
}

/* "Restrictions were lifted", "irregularities were few". */
static double turned_behind(const struct coding *c, token_list *tokens, size_t at, double sign)
{
    struct token *next = at + 1 < tokens->n ? &tokens->items[at + 1] : NULL;

    if (!next || sign >= 0 || !(next->bits & (IS_REMOVAL | IS_DECREASE | IS_MINIMISER)) ||
        acts_as_operator(c, tokens, at + 1) != true || !reaches(c, &tokens->items[at], next))
        return sign;
    next->is_used = true;
    return next->bits & IS_MINIMISER ? MINIMISED : 1;
}

static double lone_operator(unsigned bits)
{
    if (bits & IS_DEFICIT)
        return -LONE_DEFICIT;
    return bits & IS_NEGATION ? -LONE_NEGATION : 0;
}

/* Whether a comma stands between the judgement and the topic. */
static bool is_elsewhere(const struct coding *c, struct range token, const struct topic_seen *topic)
{
    struct range between = {token.end, topic->at.start};
    struct span words;

    if (topic->at.end <= token.start)
        between = (struct range){topic->at.end, token.start};
    if (between.start >= between.end)
        return false;
    words = coding_words(c, between);
    return memchr(words.p, ',', words.n) != NULL ||
           span_find(words, SPAN_LIT(" and "), 0) < words.n;
}

static void weigh(const struct coding *c, struct judgement *j, double sign, struct range at,
                  const struct topic_seen *topic)
{
    double weight = is_elsewhere(c, at, topic) ? ELSEWHERE : 1;

    if (sign > 0)
        j->good += sign * weight;
    else
        j->bad -= sign * weight;
}

static void heads_weigh(const struct coding *c, token_list *tokens, struct judgement *j,
                        const struct topic_seen *topic)
{
    for (size_t i = 0; i < tokens->n; i++) {
        double sign;

        if (acts_as_operator(c, tokens, i) || !(tokens->items[i].bits & IS_HEAD))
            continue;
        sign = turned_behind(c, tokens, i, head_sign(c, tokens, i));
        weigh(c, j, sign, tokens->items[i].at, topic);
    }
    for (size_t i = 0; i < tokens->n; i++) {
        if (acts_as_operator(c, tokens, i) && !tokens->items[i].is_used)
            weigh(c, j, lone_operator(tokens->items[i].bits), tokens->items[i].at, topic);
    }
}

/* "Equitable, but only superficial": opposite words for one head that no marker parts. */
static bool is_mixed(const struct coding *c, const struct view *v, const struct judgement *j)
{
    struct span words = coding_words(c, v->clause->at);

    return j->good > 0 && j->bad > 0 &&
           (span_find(words, SPAN_LIT(" but "), 0) < words.n ||
            span_find(words, SPAN_LIT(" although "), 0) < words.n);
}

static enum polarity decide(const struct coding *c, const struct view *v, const struct judgement *j)
{
    if (j->good == 0 && j->bad == 0)
        return POLARITY_NONE;
    if (v->first[CUE_HOLLOW] && j->good >= j->bad)
        return POLARITY_NEUTRAL;
    if (is_mixed(c, v, j))
        return POLARITY_MIXED;
    return j->good > j->bad ? POLARITY_POSITIVE : POLARITY_NEGATIVE;
}

static int value_of(const struct view *v, enum cue_class class)
{
    return v->first[class] ? v->first[class]->rule->value : 0;
}

/* Of two degrees in a clause the higher one counts. */
static enum intensity intensity_of(const struct view *v)
{
    enum intensity found = INTENSITY_NORMAL;

    for (size_t i = 0; i < v->n; i++) {
        if (v->cues[i].rule->class == CUE_INTENSITY && found != INTENSITY_HIGH)
            found = (enum intensity)v->cues[i].rule->value;
    }
    return found;
}

struct judgement polarity_judge(const struct coding *c, const struct view *v,
                                const struct topic_seen *topic)
{
    struct judgement j = {
        .intensity = intensity_of(v),
        .trend = (enum trend)value_of(v, CUE_TREND),
        .extent = (enum extent)value_of(v, CUE_EXTENT),
    };
    token_list tokens = {0};

    tokens_read(c, v, &tokens);
    heads_weigh(c, &tokens, &j, topic);
    j.polarity = decide(c, v, &j);
    return j;
}
