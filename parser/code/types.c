/*
 * Which type of finding a clause is, in the order of the codebook (section 3):
 *
 *     endorsement -> follow-up -> recommendation -> commitment -> assessment -> fact -> procedural
 *
 * The polarity goes with the type: what is asked for or pledged is neutral, a follow-up has that of
 * its status, and a wrong or right told without a word of judgement has the topic's default.
 */
#include "parser/code/coding.h"

/* A verb of endorsement and the report that it welcomes stand this near to each other. */
#define ENDORSE_WORDS 12

static bool is_endorsement(const struct coding *c, const struct view *v,
                           const struct topic_seen *topic)
{
    const struct cue *report = v->first[CUE_REPORT];

    if (!report || topic->topic != TOPIC_OBS_MISSION || c->issuer_observes)
        return false;
    for (size_t i = 0; i < v->n; i++) {
        const struct cue *verb = &v->cues[i];

        if (verb->rule->class != CUE_SPEECH || verb->rule->value != STANCE_ENDORSE)
            continue;
        if (verb->at.end <= report->at.start &&
            coding_count_words(c, (struct range){verb->at.end, report->at.start}) <= ENDORSE_WORDS)
            return true;
    }
    return false;
}

/* "should have been" blames, and asks for nothing. */
static bool is_blame(const struct coding *c, const struct cue *advice)
{
    struct span behind = span_from(coding_words(c, advice->at), 0);

    behind.p += behind.n;
    behind.n = c->text->text.n - advice->at.end;
    return span_starts(behind, SPAN_LIT(" have ")) || span_starts(behind, SPAN_LIT(" not have "));
}

static const struct cue *advice_of(const struct coding *c, const struct view *v)
{
    const struct cue *best = NULL;

    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cue->rule->class != CUE_ADVICE || is_blame(c, cue))
            continue;
        if (!best || cue->rule->value < best->rule->value)
            best = cue;
    }
    return best;
}

static enum polarity default_polarity(const struct coding *c, const struct topic_seen *topic)
{
    enum polarity p = c->book->default_polarity[topic->topic];

    return p == POLARITY_NONE ? POLARITY_NEUTRAL : p;
}

/* What is left when nobody judges, asks or pledges. */
static enum finding_type plain_type(const struct coding *c, const struct view *v,
                                    const struct topic_seen *topic, struct judgement *j)
{
    j->polarity = POLARITY_NEUTRAL;
    if (v->first[CUE_EVENT])
        return TYPE_PROCEDURAL;
    if (v->has_figure || default_polarity(c, topic) == POLARITY_NEUTRAL)
        return TYPE_FACT;
    j->polarity = default_polarity(c, topic);
    return TYPE_ASSESSMENT;
}

/* Whether a follow-up is what the clause says of this topic: not where advice is given on it, nor
 * of what is judged behind it ("addressed some recommendations and gave voters more choice"). */
static bool is_followed(const struct view *v, const struct followup *f,
                        const struct topic_seen *topic, const struct judgement *j)
{
    if (v->is_advised || (v->first[CUE_ADVICE] && f->status != STATUS_NOT))
        return false;
    return f->scope == SCOPE_SET || j->polarity == POLARITY_NONE ||
           topic->at.start < v->first[CUE_PROPOSAL]->at.end;
}

enum finding_type types_decide(const struct coding *c, const struct view *v,
                               const struct topic_seen *topic, struct judgement *j)
{
    const struct followup *f = followup_read(c, v);

    if (is_endorsement(c, v, topic)) {
        if (j->polarity != POLARITY_NEGATIVE)
            j->polarity = POLARITY_POSITIVE;
        return TYPE_ENDORSEMENT;
    }
    if (f && is_followed(v, f, topic, j)) {
        j->polarity = followup_polarity(f);
        return TYPE_FOLLOWUP;
    }
    if (v->is_advised || advice_of(c, v)) {
        j->polarity = POLARITY_NEUTRAL;
        return TYPE_RECOMMENDATION;
    }
    if (v->first[CUE_PLEDGE]) {
        j->polarity = POLARITY_NEUTRAL;
        return TYPE_COMMITMENT;
    }
    if (j->polarity == POLARITY_NONE || topic->topic == TOPIC_OBS_MISSION)
        return plain_type(c, v, topic, j);
    return TYPE_ASSESSMENT;
}

struct recommendation *types_recommendation(const struct coding *c, const struct view *v)
{
    const struct cue *advice = advice_of(c, v);
    const struct cue *action = v->first[CUE_ACTION];
    struct recommendation *r = arena_alloc(c->arena, sizeof *r);

    r->strength = advice ? (enum strength)advice->rule->value : STRENGTH_STANDARD;
    r->action = action ? (enum action)action->rule->value : ACTION_UNSPECIFIED;
    r->specificity = action ? SPECIFICITY_SPECIFIC : SPECIFICITY_GENERAL;
    return r;
}

enum truth types_implies_gap(enum finding_type type)
{
    return type == TYPE_RECOMMENDATION ? TRUTH_YES : TRUTH_NO;
}
