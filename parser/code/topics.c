/*
 * What a clause speaks of: the topics that the scorer holds likely enough, most likely first.
 *
 * The scorer has seen the cues, the words and the surroundings (features.c). Here stands what the
 * codebook settles by itself: at most four topics, what a step is *for* is no topic of its own
 * (hard case 1), and which side of a topic the clause is about.
 */
#include "parser/code/scorer.h"

/* From here on a general code is coded beside a specific one. */
#define GENERAL_LIKELY 0.5F
#define GENERAL_NEVER  2

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

static bool is_purpose(const struct view *v, const struct topic_choice *out, enum topic topic,
                       uint32_t start)
{
    const struct topic_seen *seen = &v->topics[topic];

    for (size_t i = 0; i < out->n; i++) {
        if (out->items[i].topic == topic)
            return false;
    }
    return seen->score >= TOPIC_THRESHOLD && seen->at.start >= start;
}

/* What is asked for stays; what it is for goes to `about`, also what only the rules saw there. */
static void part_purpose(const struct view *v, struct topic_choice *out)
{
    struct topic_choice kept = {0};
    uint32_t start = purpose_start(v);

    for (size_t i = 0; i < out->n; i++) {
        if (out->items[i].at.start < start)
            kept.items[kept.n++] = out->items[i];
    }
    if (kept.n == 0)
        return;
    for (int t = TOPIC_NONE + 1; t < TOPIC_COUNT && kept.about_n < TOPICS_PER_CLAUSE; t++) {
        if (t != TOPIC_FREE_GENERAL && is_purpose(v, &kept, (enum topic)t, start))
            kept.about[kept.about_n++] = (enum topic)t;
    }
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

/* The general codes `overall.*` stand back where a specific one is likely (codebook section 2,
 * priority 5), unless they are the likeliest. Of recommendations on a named area the area is the
 * topic. */
static void drop_general(const struct view *v, struct topic_choice *out)
{
    float likely = v->first[CUE_PROPOSAL] ? GENERAL_NEVER : GENERAL_LIKELY;
    size_t kept = 0;

    for (size_t i = 0; i < out->n; i++) {
        enum topic t = out->items[i].topic;
        bool is_general = t == TOPIC_OVERALL_ASSESSMENT || t == TOPIC_OVERALL_REFORM;

        if (!is_general || i == 0 || out->items[i].p >= likely)
            out->items[kept++] = out->items[i];
    }
    out->n = kept;
}

void topics_take_over(enum topic topic, const struct view *v, struct topic_choice *out)
{
    struct topic_seen t = {.topic = topic, .at = v->clause->at};

    t.mode = mode_of(v, topic);
    insert(out, &t);
}

void topics_decide(const struct view *v, const struct scored *scored, struct topic_choice *out)
{
    *out = (struct topic_choice){0};
    for (int i = TOPIC_NONE + 1; i < TOPIC_COUNT; i++) {
        enum topic topic = (enum topic)i;
        struct topic_seen t = view_topic(v, topic);

        t.p = scored->topics[topic];
        if (t.p < scorer_threshold(scored->scorer, topic))
            continue;
        t.mode = mode_of(v, topic);
        insert(out, &t);
    }
    drop_general(v, out);
    part_purpose(v, out);
}
