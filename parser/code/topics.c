/*
 * What a clause speaks of: the topics whose cues weigh enough, strongest first.
 *
 * A clause leans on its surroundings: under the heading "Election day" a weak hint at voting is
 * enough, and "They were curtailed by the law" speaks of what the clause before spoke of. A topic
 * that is far behind the strongest is only mentioned. The general codes `overall.*` stand back
 * where a specific one fires (codebook section 2, priority 5).
 */
#include "parser/code/coding.h"

/* What the heading of a section and the sentence before add to a topic that is hinted at. */
#define HEADING_WEIGHT 1
#define LAST_WEIGHT    1

/* A topic counts when it has at least this share of the strongest one's weight. */
#define SHARE_OF_BEST 0.5

static bool starts_with_pronoun(struct span s)
{
    static const char *const words[] = {"They ",    "they ", "This ", "These ", "Those ",
                                        "It ",      "it ",   "Such ", "such ",  "Both ",
                                        "None of ", "That ", "There "};

    while (s.n && (s.p[0] == '"' || s.p[0] == ' '))
        s = span_from(s, 1);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (span_starts(s, span_of_str(words[i])))
            return true;
    }
    return false;
}

static int lean(const struct coding *c, const struct topic_seen *t)
{
    int extra = 0;

    for (size_t i = 0; i < ARRAY_LEN(c->heading); i++)
        extra += c->heading[i] == t->topic ? HEADING_WEIGHT : 0;
    for (size_t i = 0; i < ARRAY_LEN(c->last); i++)
        extra += c->last[i] == t->topic ? LAST_WEIGHT : 0;
    return extra;
}

static void insert(struct topic_choice *out, const struct topic_seen *t)
{
    size_t at = out->n < TOPICS_PER_CLAUSE ? out->n++ : TOPICS_PER_CLAUSE;

    while (at > 0 && out->items[at - 1].score < t->score) {
        if (at < TOPICS_PER_CLAUSE)
            out->items[at] = out->items[at - 1];
        at--;
    }
    if (at < TOPICS_PER_CLAUSE)
        out->items[at] = *t;
}

static void drop_faint(struct topic_choice *out)
{
    while (out->n > 1 && out->items[out->n - 1].score < SHARE_OF_BEST * out->items[0].score)
        out->n--;
}

static bool is_overall(enum topic t)
{
    return t == TOPIC_OVERALL_ASSESSMENT || t == TOPIC_OVERALL_REFORM;
}

static bool has_topic(const struct topic_choice *out, enum topic topic)
{
    for (size_t i = 0; i < out->n; i++) {
        if (out->items[i].topic == topic)
            return true;
    }
    return false;
}

/* A code that stands back where another, more specific one fires (codebook section 2, priority 2).
 */
static const struct {
    enum topic general;
    enum topic specific;
} nested[] = {
    {TOPIC_FREE_GENERAL, TOPIC_FREE_ASSEMBLY}, {TOPIC_FREE_GENERAL, TOPIC_FREE_EXPRESSION},
    {TOPIC_FREE_GENERAL, TOPIC_CAND_PARTIES},  {TOPIC_CAMP_CONDUCT, TOPIC_MED_COVERAGE},
    {TOPIC_CAND_CANDIDATES, TOPIC_INC_WOMEN},  {TOPIC_EDAY_VOTING, TOPIC_EDAY_COUNT},
};

static bool has_specific(const struct topic_choice *out)
{
    for (size_t i = 0; i < out->n; i++) {
        if (!is_overall(out->items[i].topic))
            return true;
    }
    return false;
}

static bool stands_back(const struct topic_choice *out, size_t i)
{
    if (is_overall(out->items[i].topic))
        return i > 0 || has_specific(out);
    for (size_t k = 0; k < ARRAY_LEN(nested); k++) {
        if (nested[k].general == out->items[i].topic && out->items[i].best < TOPIC_THRESHOLD &&
            has_topic(out, nested[k].specific))
            return true;
    }
    return false;
}

static void drop_general(struct topic_choice *out)
{
    struct topic_choice kept = *out;

    kept.n = 0;
    for (size_t i = 0; i < out->n; i++) {
        if (!stands_back(out, i))
            kept.items[kept.n++] = out->items[i];
    }
    *out = kept;
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

/* "They are curtailed": the topic of the words before, where the clause has none of its own. */
static void take_over(const struct coding *c, const struct view *v, struct topic_choice *out)
{
    struct topic_seen t = {.topic = c->last[0], .score = TOPIC_THRESHOLD, .at = v->clause->at};

    if (out->n == 0 && t.topic != TOPIC_NONE && starts_with_pronoun(coding_words(c, v->clause->at)))
        insert(out, &t);
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

void topics_decide(const struct coding *c, const struct view *v, struct topic_choice *out)
{
    *out = (struct topic_choice){0};
    for (int topic = TOPIC_NONE + 1; topic < TOPIC_COUNT; topic++) {
        struct topic_seen t = v->topics[topic];

        if (t.score == 0)
            continue;
        t.score += lean(c, &t);
        t.mode = mode_of(v, t.topic);
        if (t.score >= TOPIC_THRESHOLD)
            insert(out, &t);
    }
    part_purpose(v, out);
    drop_faint(out);
    drop_general(out);
    take_over(c, v, out);
}
