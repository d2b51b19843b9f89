/*
 * Walks the sentences of a statement and writes what they say as findings; coding.h has the map of
 * who decides what. A finding is (clause, topic, type, holder); clauses of a sentence share nothing
 * but the sentence, save that a conceded clause points at the main one.
 *
 * The walk keeps a little memory (struct coding): the topics of the heading above and of the
 * sentence before, who was quoted last, whom the issuer goes on relaying. All of it ends with its
 * section or paragraph.
 */
#include "parser/code.h"

#include "parser/code/coding.h"
#include "proto/limits.h"

/* A heading needs less to name a topic than a sentence does: it has few words. */
#define HEADING_THRESHOLD 2

/* ---- setting up ---- */

static size_t issuer_count(const struct statement *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->issuers.n; i++)
        n += s->issuers.items[i].role == ROLE_ISSUER || s->issuers.items[i].role == ROLE_CO_ISSUER;
    return n;
}

static const struct issuer *main_issuer(const struct statement *s)
{
    for (size_t i = 0; i < s->issuers.n; i++) {
        if (s->issuers.items[i].role == ROLE_ISSUER || s->issuers.items[i].role == ROLE_CO_ISSUER)
            return &s->issuers.items[i];
    }
    return NULL;
}

static bool observes(const struct body *body, const struct statement *s)
{
    if (!body || body->kind == BODY_STATE)
        return false;
    return body->kind == BODY_NGO || s->genre == GENRE_INTERIM || s->genre == GENRE_PRESS_RELEASE ||
           s->genre == GENRE_REPORT;
}

/* Several organisations that publish a mission's findings as one; several governments, or
 * organisations that only sign together, are no mission. */
static bool is_joint_mission(const struct coding *c, const struct statement *s)
{
    if (issuer_count(s) < 2 || (s->genre != GENRE_PRESS_RELEASE && s->genre != GENRE_INTERIM))
        return false;
    for (size_t i = 0; i < s->issuers.n; i++) {
        const struct body *body = lexicon_body(c->lexicon, s->issuers.items[i].slug);

        if (!body || body->kind != BODY_IGO)
            return false;
    }
    return true;
}

static void issuer_set(struct coding *c)
{
    const struct statement *s = &c->out->statement;
    const struct issuer *issuer = main_issuer(s);
    const struct body *body = issuer ? lexicon_body(c->lexicon, issuer->slug) : NULL;

    if (!issuer)
        return;
    c->issuer = issuer->slug;
    c->holder = coding_holder_of(c, issuer->slug);
    c->issuer_observes = observes(body, s);
    if (is_joint_mission(c, s)) {
        c->holder = SPAN_LIT("ieom");
        c->issuer_observes = true;
    }
}

static void coding_init(struct coding *c)
{
    const struct statement *s = &c->out->statement;

    view_find_cues(c);
    lexicon_find(c->lexicon, c->text->text, c->arena, &c->mentions);
    issuer_set(c);
    c->as_delivered =
        (s->genre == GENRE_REMARKS || s->genre == GENRE_STATEMENT_TO_BODY) && s->speakers.n > 0;
}

/* ---- memory of the walk ---- */

static void heading_remember(struct coding *c, const struct view *v)
{
    int best[2] = {HEADING_THRESHOLD - 1, HEADING_THRESHOLD - 1};

    memset(c->heading, 0, sizeof c->heading);
    memset(c->last, 0, sizeof c->last);
    for (int t = TOPIC_NONE + 1; t < TOPIC_COUNT; t++) {
        int score = v->topics[t].score;

        if (score > best[0]) {
            best[1] = best[0];
            c->heading[1] = c->heading[0];
            best[0] = score;
            c->heading[0] = (enum topic)t;
        } else if (score > best[1]) {
            best[1] = score;
            c->heading[1] = (enum topic)t;
        }
    }
}

static bool is_item(const struct coding *c, const struct sentence *s)
{
    struct span words = coding_words(c, s->at);

    return s->is_list_item || span_starts(words, SPAN_LIT("-")) ||
           span_starts(words, SPAN_LIT("(")) || span_starts(words, SPAN_LIT("To ")) ||
           span_ends(words, SPAN_LIT(";"));
}

/* "The mission recommends:" makes what is listed behind it advice, until the list ends. */
static void advice_remember(struct coding *c, const struct view *v)
{
    const struct sentence *s = v->clause->sentence;
    bool asks = v->first[CUE_ADVICE] || v->first[CUE_PROPOSAL];

    if (span_ends(coding_words(c, s->at), SPAN_LIT(":")))
        c->listing_advice = asks;
    else if (!is_item(c, s))
        c->listing_advice = false;
}

/* "Recommendations", but not "Follow-up to previous recommendations". */
static void section_enter(struct coding *c, const struct view *v)
{
    c->listing_advice = false;
    c->under_advice = v->first[CUE_PROPOSAL] && !v->first[CUE_REF] && !v->first[CUE_STATUS];
    heading_remember(c, v);
}

static void paragraph_enter(struct coding *c, uint32_t paragraph)
{
    if (paragraph == c->paragraph)
        return;
    c->paragraph = paragraph;
    c->endorsing = false;
    c->relayed = SPAN_NULL;
    c->speaker = NULL;
}

static void topics_remember(struct coding *c, const struct topic_choice *topics)
{
    if (topics->n == 0)
        return;
    c->last[0] = topics->items[0].topic;
    c->last[1] = topics->n > 1 ? topics->items[1].topic : TOPIC_NONE;
}

/* ---- one finding ---- */

static bool cites(const struct cue_rule *rule, enum topic topic)
{
    if (rule->class == CUE_TOPIC)
        return rule->value == (int)topic;
    return rule->class != CUE_UNCODED && rule->class != CUE_CONTRAST;
}

static void rules_cite(const struct coding *c, const struct view *v, struct finding *f)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cites(cue->rule, f->topic))
            *LIST_ADD(c->arena, &f->rules) =
                (struct fired_rule){cue->rule->id, cue->at.start, cue->at.end};
    }
}

static enum confidence confidence_of(const struct topic_seen *topic, const struct judgement *j)
{
    bool is_clear = j->good == 0 || j->bad == 0;

    if (topic->best < TOPIC_THRESHOLD)
        return CONFIDENCE_LOW;
    return is_clear && j->good + j->bad >= 1 ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static int value_of(const struct view *v, enum cue_class class, int otherwise)
{
    return v->first[class] ? v->first[class]->rule->value : otherwise;
}

static void election_set(const struct coding *c, const struct view *v, struct finding *f)
{
    const struct statement *s = &c->out->statement;

    f->election_ref = (enum election_ref)value_of(v, CUE_REF, REF_MAIN);
    if (s->elections.n > 0 && f->election_ref == REF_MAIN)
        f->election_id = s->elections.items[0].id;
    f->phase = (enum phase)value_of(v, CUE_PHASE, PHASE_NONE);
}

/* Who should act is the authorities of the country, unless the text is about several. */
static void recommendation_fill(const struct coding *c, const struct view *v, struct finding *f)
{
    const struct statement *s = &c->out->statement;

    f->recommendation = types_recommendation(c, v);
    f->recommendation->original_issuer = f->attribution.holder;
    if (s->countries.n == 1)
        f->addressee = s->countries.items[0];
}

static void finding_add(struct coding *c, const struct view *v, const struct topic_seen *topic,
                        const enum topic *about, size_t about_n)
{
    struct judgement j = polarity_judge(c, v, topic);
    enum finding_type type = types_decide(c, v, topic, &j);
    const struct statement *s = &c->out->statement;
    struct finding *f;

    if (c->out->findings.n >= LIMIT_FINDINGS)
        return;
    f = LIST_ADD(c->arena, &c->out->findings);
    *f = (struct finding){
        .schema = SPAN_LIT(FINDING_SCHEMA),
        .statement_id = s->statement_id,
        .version_id = s->version_id,
        .type = type,
        .topic = topic->topic,
        .mode = topic->mode,
        .polarity = j.polarity,
        .intensity = j.intensity,
        .trend = j.trend,
        .extent = j.extent,
        .weight = v->clause->weight,
        .implies_gap = types_implies_gap(type),
        .confidence = confidence_of(topic, &j),
    };
    election_set(c, v, f);
    attribution_find(c, v, type, &f->attribution);
    if (type == TYPE_RECOMMENDATION)
        recommendation_fill(c, v, f);
    for (size_t i = 0; type == TYPE_RECOMMENDATION && i < about_n; i++)
        *LIST_ADD(c->arena, &f->about_topic) = (int)about[i];
    if (type == TYPE_FOLLOWUP) {
        f->followup = followup_read(c, v);
        f->followup->status_by = f->attribution.holder;
    }
    if (type == TYPE_ENDORSEMENT)
        c->endorsing = true;
    evidence_make(c, v->clause, &f->evidence);
    rules_cite(c, v, f);
}

/* ---- a sentence ---- */

static void clause_code(struct coding *c, const struct clause *clause)
{
    struct topic_choice topics;
    struct view v;

    view_look(c, clause, &v);
    topics_decide(c, &v, &topics);
    for (size_t i = 0; i < topics.n; i++)
        finding_add(c, &v, &topics.items[i], topics.about, topics.about_n);
    topics_remember(c, &topics);
}

static void uncoded_add(struct coding *c, const struct sentence *s, enum uncoded_reason reason)
{
    *LIST_ADD(c->arena, &c->out->statement.uncoded) =
        (struct uncoded){s->at.start, s->at.end, reason};
}

static void sentence_code(struct coding *c, const struct sentence *s)
{
    struct clause whole = {.at = s->at, .read = s->at, .sentence = s, .weight = WEIGHT_MAIN};
    size_t before = c->out->findings.n;
    enum uncoded_reason reason;
    clause_list clauses = {0};
    struct view v;

    paragraph_enter(c, s->paragraph);
    view_look(c, &whole, &v);
    reason = uncoded_before(c, &v);
    if (reason == UNCODED_TITLE)
        section_enter(c, &v);
    if (reason == UNCODED_NONE) {
        clauses_split(c, s, &clauses);
        for (size_t i = 0; i < clauses.n; i++)
            clause_code(c, &clauses.items[i]);
        quantities_attach(c, s, before);
        if (c->out->findings.n == before)
            reason = uncoded_after(&v);
    }
    if (reason != UNCODED_NONE)
        uncoded_add(c, s, reason);
    advice_remember(c, &v);
}

/* ---- the whole ---- */

static void coverage_count(struct coding *c)
{
    struct statement *s = &c->out->statement;
    uint64_t counts[UNCODED_NO_RULE + 1] = {0};

    s->coverage.sentences = (uint32_t)c->text->sentences.n;
    s->coverage.coded = (uint32_t)(c->text->sentences.n - s->uncoded.n);
    for (size_t i = 0; i < s->uncoded.n; i++)
        counts[s->uncoded.items[i].reason]++;
    for (int r = UNCODED_NONE + 1; r <= UNCODED_NO_RULE; r++) {
        struct count *entry;

        if (counts[r] == 0)
            continue;
        entry = LIST_ADD(c->arena, &s->coverage.uncoded);
        *entry = (struct count){span_of_str(uncoded_reason_names[r]), counts[r]};
    }
}

void code_findings(const struct rules *rules, const struct text *text, struct arena *arena,
                   struct coded_statement *inout)
{
    const struct language_rules *language = rules_for(rules, inout->statement.language);
    struct coding c = {
        .book = language->book,
        .lexicon = language->lexicon,
        .text = text,
        .arena = arena,
        .out = inout,
        .paragraph = UINT32_MAX,
    };

    coding_init(&c);
    for (size_t i = 0; i < text->sentences.n; i++)
        sentence_code(&c, &text->sentences.items[i]);
    relations_finish(&c);
    coverage_count(&c);
    inout->statement.findings = (uint32_t)inout->findings.n;
}
