/*
 * What a clause speaks of: the topics that the scorer holds likely enough, most likely first.
 *
 * The scorer has seen the cues, the words and the surroundings (features.c). Here stands what the
 * codebook settles by itself: at most four topics, what a step is *for* is no topic of its own
 * (hard case 1), and which side of a topic the clause is about.
 */
#include "parser/code/scorer.h"

static void insert(struct topic_choice *out, const struct topic_seen *t)
{
    size_t at = out->n < TOPICS_PER_CLAUSE ? out->n++ : TOPICS_PER_CLAUSE;

    while (at > 0 && out->items[at - 1].p < t->p) {
        if (at < TOPICS_PER_CLAUSE)
            out->items[at] = out->items[at - 1];
        at--;
    }
    if (at < TOPICS_PER_CLAUSE)
        out->items[at] = *t;
}

/* Where the purpose of what is asked for starts, or the end of the text. */
static uint32_t purpose_start(const struct view *v)
{
    if (!v->first[CUE_PURPOSE] || !v->first[CUE_ADVICE])
        return UINT32_MAX;
    return v->first[CUE_PURPOSE]->at.start;
}

/* What is asked for stays; what it is for goes to `about`. */
static void part_purpose(const struct view *v, struct topic_choice *out)
{
    struct topic_choice kept = {0};
    uint32_t start = purpose_start(v);

    for (size_t i = 0; i < out->n; i++) {
        if (out->items[i].at.start < start)
            kept.items[kept.n++] = out->items[i];
        else
            kept.about[kept.about_n++] = out->items[i].topic;
    }
    if (kept.n > 0)
        *out = kept;
}

/* The topic that each mode is a side of. */
static const enum topic topic_of_mode[] = {
    [MODE_ELECTORAL_SYSTEM] = TOPIC_LAW_FRAMEWORK, [MODE_BOUNDARIES] = TOPIC_LAW_FRAMEWORK,
    [MODE_SUFFRAGE] = TOPIC_LAW_FRAMEWORK,         [MODE_TRANSPARENCY] = TOPIC_ADM_CONDUCT,
    [MODE_VOTER_EDUCATION] = TOPIC_ADM_CONDUCT,    [MODE_TECHNOLOGY] = TOPIC_ADM_CONDUCT,
    [MODE_DEREGISTRATION] = TOPIC_CAND_CANDIDATES, [MODE_ONLINE] = TOPIC_MED_COVERAGE,
};

static enum topic_mode mode_of(const struct view *v, enum topic topic)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct cue_rule *rule = v->cues[i].rule;

        if (rule->class == CUE_TOPIC_MODE && topic_of_mode[rule->value] == topic)
            return (enum topic_mode)rule->value;
    }
    return MODE_NONE;
}

void topics_decide(const struct view *v, const struct scored *scored, struct topic_choice *out)
{
    *out = (struct topic_choice){0};
    for (int i = TOPIC_NONE + 1; i < TOPIC_COUNT; i++) {
        enum topic topic = (enum topic)i;
        struct topic_seen t = v->topics[topic];

        t.p = scored->topics[topic];
        if (t.p < scorer_threshold(scored->scorer, topic))
            continue;
        if (t.score == 0)
            t.at = v->clause->at;
        t.topic = topic;
        t.mode = mode_of(v, topic);
        insert(out, &t);
    }
    part_purpose(v, out);
}
