/*
 * What the rules see: the phrases of the rulebook in a clause, sorted out and added up.
 *
 * Phrases overlap ("preliminary results" holds "results"). Of two that do the same work, only the
 * longer counts, else a word would vote twice, once for the wrong thing: "vote" in "vote buying".
 * Which classes do the same work is in `same_work`. Two of the same range both stand: one word may
 * be the sign of two topics.
 */
#include "parser/code/coding.h"

#include <ctype.h>

/* A clause of which less is quoted only has a term in it. */
#define QUOTED_SHARE 0.25

/* Classes that compete for words. 0: the class competes with none. */
enum work { WORK_NONE, WORK_TOPIC, WORK_POLARITY, WORK_ADVICE, WORK_CONTRAST, WORK_COUNT };

static const enum work same_work[CUE_CLASS_COUNT] = {
    [CUE_TOPIC] = WORK_TOPIC,       [CUE_GOOD] = WORK_POLARITY,     [CUE_BAD] = WORK_POLARITY,
    [CUE_VIRTUE] = WORK_POLARITY,   [CUE_DEFICIT] = WORK_POLARITY,  [CUE_REMOVAL] = WORK_POLARITY,
    [CUE_INCREASE] = WORK_POLARITY, [CUE_DECREASE] = WORK_POLARITY, [CUE_NEGATION] = WORK_POLARITY,
    [CUE_ADVICE] = WORK_ADVICE,     [CUE_CONTRAST] = WORK_CONTRAST,
};

struct span coding_words(const struct coding *c, struct range at)
{
    return span_slice(c->text->text, at);
}

size_t coding_count_words(const struct coding *c, struct range at)
{
    struct span s = coding_words(c, at);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        bool starts = i == 0 || isspace((unsigned char)s.p[i - 1]);

        if (starts && !isspace((unsigned char)s.p[i]))
            n++;
    }
    return n;
}

static uint32_t overlap(struct range a, struct range b)
{
    uint32_t start = a.start > b.start ? a.start : b.start;
    uint32_t end = a.end < b.end ? a.end : b.end;

    return end > start ? end - start : 0;
}

/* The first quotation that does not end before `at`; they are in order. */
static size_t first_quote(const struct coding *c, uint32_t at)
{
    size_t low = 0;
    size_t high = c->text->quotes.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->text->quotes.items[middle].at.end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct quote *coding_quote(const struct coding *c, struct range at)
{
    for (size_t i = first_quote(c, at.start); i < c->text->quotes.n; i++) {
        const struct quote *q = &c->text->quotes.items[i];

        if (q->at.start >= at.end)
            break;
        if (!q->is_scare && overlap(q->at, at) > QUOTED_SHARE * (at.end - at.start))
            return q;
    }
    return NULL;
}

bool range_holds(struct range outer, struct range inner)
{
    return outer.start <= inner.start && inner.end <= outer.end;
}

/* Hits come by start, then longest first: what holds a hit is before it, and the last one that
 * reaches furthest is enough to know. */
static bool is_inside(const struct range *furthest, struct range at)
{
    return at.end <= furthest->end && (at.start != furthest->start || at.end != furthest->end);
}

void view_find_cues(struct coding *c)
{
    struct range furthest[WORK_COUNT] = {{0, 0}};
    cue_hits hits = {0};

    cues_find(c->book->cues, c->text->text, c->arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        const struct cue_rule *rule = &c->book->rules.items[hits.items[i].id];
        struct range at = hits.items[i].at;
        enum work work = same_work[rule->class];

        if (work != WORK_NONE && is_inside(&furthest[work], at))
            continue;
        if (work != WORK_NONE && at.end > furthest[work].end)
            furthest[work] = at;
        *LIST_ADD(c->arena, &c->cues) = (struct cue){rule, at};
    }
}

/* The first cue that does not start before `at`. */
static size_t lower_bound(const cue_list *cues, uint32_t at)
{
    size_t low = 0;
    size_t high = cues->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (cues->items[middle].at.start < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A phrase said twice says no more than once. */
static bool is_repeat(const struct view *v, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (v->cues[k].rule == v->cues[i].rule)
            return true;
    }
    return false;
}

static void topic_add(struct view *v, const struct cue *cue)
{
    struct topic_seen *t = &v->topics[cue->rule->value];

    t->topic = (enum topic)cue->rule->value;
    t->score += cue->rule->weight;
    if (cue->rule->weight > t->best) {
        t->best = cue->rule->weight;
        t->at = cue->at;
    }
}

static bool has_figure(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (isdigit((unsigned char)s.p[i]))
            return true;
    }
    return false;
}

void view_look(const struct coding *c, const struct clause *clause, struct view *out)
{
    size_t first = lower_bound(&c->cues, clause->read.start);

    *out = (struct view){.clause = clause, .cues = c->cues.items + first};
    while (first + out->n < c->cues.n && out->cues[out->n].at.start < clause->read.end)
        out->n++;
    for (size_t i = 0; i < out->n; i++) {
        const struct cue *cue = &out->cues[i];

        if (!out->first[cue->rule->class])
            out->first[cue->rule->class] = cue;
        if (cue->rule->class == CUE_TOPIC && !is_repeat(out, i))
            topic_add(out, cue);
    }
    out->words = coding_count_words(c, clause->read);
    out->has_figure = has_figure(coding_words(c, clause->read));
    out->is_advised = c->under_advice || c->listing_advice;
}

const struct view *view_of_sentence(const struct coding *c, const struct sentence *s)
{
    return &c->sentences[s - c->text->sentences.items];
}

struct topic_seen view_topic(const struct view *v, enum topic topic)
{
    if (v->topics[topic].score > 0)
        return v->topics[topic];
    return (struct topic_seen){.topic = topic, .at = v->clause->at};
}

int view_best_score(const struct view *v)
{
    int best = 0;

    for (int t = TOPIC_NONE + 1; t < TOPIC_COUNT; t++)
        best = v->topics[t].score > best ? v->topics[t].score : best;
    return best;
}
