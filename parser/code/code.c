/*
 * Walks the sentences of a statement and writes what they say as findings; coding.h has the map of
 * who decides what. A finding is (clause, topic, type, holder); clauses of a sentence share nothing
 * but the sentence, save that a conceded clause points at the main one.
 *
 * It goes through the text twice. First it sees: sentences become clauses, each with its cues and
 * what is above it (struct seen). Then it decides, when both neighbours of a clause are known. The
 * second walk keeps a little memory (struct coding): who was quoted last, whom the issuer goes on
 * relaying. It ends with its paragraph.
 */
#include "parser/code.h"

#include "parser/code/scorer.h"
#include "proto/limits.h"

/* A heading needs less to name a topic than a sentence does: it has few words. */
#define HEADING_THRESHOLD 2

/* From which likelihood on a finding is sure, or at least not doubtful. */
#define HIGH_CONFIDENCE   0.8F
#define MEDIUM_CONFIDENCE 0.5F

/* Words that a finding cites beside its cues. */
#define WORDS_CITED 4

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

/* ---- seeing ---- */

const enum cue_class sentence_classes[SENTENCE_CLASSES] = {CUE_ADVICE, CUE_PLEDGE, CUE_PROPOSAL,
                                                           CUE_SPEECH};

static void heading_remember(struct coding *c, const struct view *v)
{
    int best[2] = {HEADING_THRESHOLD - 1, HEADING_THRESHOLD - 1};

    memset(c->heading, 0, sizeof c->heading);
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

static unsigned classes_of(const struct view *v)
{
    unsigned bits = 0;

    for (size_t i = 0; i < SENTENCE_CLASSES; i++)
        bits |= v->first[sentence_classes[i]] ? 1U << i : 0;
    return bits;
}

static void unit_add(struct coding *c, const struct clause *clause, const struct view *whole,
                     enum uncoded_reason reason)
{
    struct seen *u = LIST_ADD(c->arena, &c->units);

    *u = (struct seen){.clause = clause, .reason = reason, .sentence_has = classes_of(whole)};
    memcpy(u->heading, c->heading, sizeof u->heading);
    view_look(c, clause, &u->view);
}

static void sentence_see(struct coding *c, const struct sentence *s)
{
    struct view *v = &c->sentences[s - c->text->sentences.items];
    struct clause *whole = arena_alloc(c->arena, sizeof *whole);
    enum uncoded_reason reason;
    clause_list clauses = {0};

    *whole = (struct clause){.at = s->at, .read = s->at, .sentence = s, .weight = WEIGHT_MAIN};
    view_look(c, whole, v);
    reason = uncoded_before(c, v);
    if (reason == UNCODED_TITLE)
        section_enter(c, v);
    clauses_split(c, s, &clauses);
    for (size_t i = 0; i < clauses.n; i++)
        unit_add(c, &clauses.items[i], v, reason);
    advice_remember(c, v);
}

/* ---- memory of the walk ---- */

static void paragraph_enter(struct coding *c, uint32_t paragraph)
{
    if (paragraph == c->paragraph)
        return;
    c->paragraph = paragraph;
    c->endorsing = false;
    c->speaker = NULL;
}

/* ---- one finding ---- */

static bool cites(const struct cue_rule *rule, enum topic topic)
{
    if (rule->class == CUE_TOPIC)
        return rule->value == (int)topic;
    return rule->class != CUE_UNCODED && rule->class != CUE_CONTRAST;
}

/* The cues that are about the finding, and the words that spoke most for its topic. */
static void rules_cite(const struct coding *c, const struct view *v, const struct scored *scored,
                       struct finding *f)
{
    const struct feature *words[WORDS_CITED];
    size_t n = scorer_reasons(scored, f->topic, words, ARRAY_LEN(words));

    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cites(cue->rule, f->topic))
            *LIST_ADD(c->arena, &f->rules) =
                (struct fired_rule){cue->rule->id, cue->at.start, cue->at.end};
    }
    for (size_t i = 0; i < n; i++) {
        if (words[i]->kind == FEATURE_WORD)
            *LIST_ADD(c->arena, &f->rules) =
                (struct fired_rule){SPAN_LIT("scorer: word"), words[i]->at.start, words[i]->at.end};
    }
}

/* The less likely of the two things that were decided: what it is about, and what it says. */
static enum confidence confidence_of(float topic, float kind)
{
    float p = topic < kind ? topic : kind;

    if (p >= HIGH_CONFIDENCE)
        return CONFIDENCE_HIGH;
    return p >= MEDIUM_CONFIDENCE ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
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

/* What the codebook settles, whatever is likely: praise that is hollow is none (5.3), and the
 * polarity of a follow-up is that of its status (5.11). */
static void settle(const struct coding *c, const struct view *v, struct kind *kind)
{
    const struct followup *f = kind->type == TYPE_FOLLOWUP ? followup_read(c, v) : NULL;

    if (f)
        kind->polarity = followup_polarity(f);
    if (v->first[CUE_HOLLOW] && kind->type == TYPE_ASSESSMENT &&
        kind->polarity == POLARITY_POSITIVE)
        kind->polarity = POLARITY_NEUTRAL;
}

/* What the clause says of the topic: the rules' reading of it is one of the things that the scorer
 * goes by. */
static struct kind kind_decide(const struct coding *c, const struct view *v,
                               const struct scored *scored, const struct topic_seen *topic,
                               struct judgement *j, float *p)
{
    feature_list features = {0};
    struct kind kind;

    *j = polarity_judge(c, v, topic);
    features_of_topic(c, v, topic->topic, j, &features);
    kind = scorer_kind(scored, &features, p);
    settle(c, v, &kind);
    return kind;
}

/* What a finding says, once decided. */
struct said {
    const struct topic_seen *topic;
    struct kind kind;
    struct judgement judgement;
    float p;      /* how likely the kind is */
    bool is_ours; /* the issuer's own word on what it passes on */
};

static void finding_add(struct coding *c, const struct view *v, const struct scored *scored,
                        const struct said *said, const struct topic_choice *topics)
{
    const struct topic_seen *topic = said->topic;
    const struct judgement j = said->judgement;
    const struct kind kind = said->kind;
    const struct statement *s = &c->out->statement;
    struct finding *f;

    if (c->out->findings.n >= LIMIT_FINDINGS)
        return;
    f = LIST_ADD(c->arena, &c->out->findings);
    *f = (struct finding){
        .schema = SPAN_LIT(FINDING_SCHEMA),
        .statement_id = s->statement_id,
        .version_id = s->version_id,
        .type = kind.type,
        .topic = topic->topic,
        .mode = topic->mode,
        .polarity = kind.polarity,
        .intensity = j.intensity,
        .trend = j.trend,
        .extent = j.extent,
        .weight = v->clause->weight,
        .implies_gap = types_implies_gap(kind.type),
        .confidence = confidence_of(topic->p, said->p),
    };
    election_set(c, v, f);
    attribution_find(c, v, kind.type, &f->attribution);
    if (said->is_ours)
        attribution_own(c, v, &f->attribution);
    if (kind.type == TYPE_RECOMMENDATION)
        recommendation_fill(c, v, f);
    for (size_t i = 0; kind.type == TYPE_RECOMMENDATION && i < topics->about_n; i++)
        *LIST_ADD(c->arena, &f->about_topic) = (int)topics->about[i];
    if (kind.type == TYPE_FOLLOWUP) {
        f->followup = followup_of(c, v, kind.polarity);
        f->followup->status_by = f->attribution.holder;
    }
    if (kind.type == TYPE_ENDORSEMENT)
        c->endorsing = true;
    evidence_make(c, v->clause, &f->evidence);
    rules_cite(c, v, scored, f);
}

/* ---- a clause ---- */

static bool starts_with_pronoun(struct span s)
{
    static const char *const words[] = {"they ", "this ", "these ", "it ", "both "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct span word = span_of_str(words[i]);

        if (s.n > word.n && span_equal_nocase(span_of(s.p, word.n), word))
            return true;
    }
    return false;
}

/* "…, they are curtailed by the law" speaks of what the clause before it spoke of. */
static void pronoun_follow(const struct coding *c, size_t i, struct topic_choice *topics)
{
    const struct seen *u = &c->units.items[i];
    size_t n = c->out->findings.n;
    const struct finding *last = n > 0 ? &c->out->findings.items[n - 1] : NULL;

    if (topics->n > 0 || !last || !u->clause->is_split ||
        last->evidence.sentence_start != u->clause->sentence->at.start)
        return;
    if (starts_with_pronoun(coding_words(c, u->clause->at)))
        topics_take_over(last->topic, &u->view, topics);
}

/* "Requirements were eased, partly meeting a recommendation" judges and follows up. */
static bool eases(const struct coding *c, const struct view *v, const struct said *said)
{
    const struct cue *removal = v->first[CUE_REMOVAL];
    bool is_either = said->kind.type == TYPE_FOLLOWUP || said->kind.type == TYPE_ASSESSMENT;

    return is_either && removal && followup_read(c, v) &&
           removal->at.end < v->first[CUE_PROPOSAL]->at.start;
}

/* "We welcome the commitment to", "took positive note of the pledge that": the issuer's praise of
 * what somebody else pledges (codebook 5.14). */
static bool welcomes(const struct view *v, const struct said *said)
{
    const struct cue *verb = v->first[CUE_SPEECH];

    if (said->kind.type != TYPE_COMMITMENT)
        return false;
    return said->judgement.good > said->judgement.bad ||
           (verb && verb->rule->value == STANCE_RELAY_POSITIVE);
}

/* "ODIHR's recommendation on the count, where observers saw irregularities": what is asked for, and
 * why. */
static bool gives_grounds(const struct view *v, const struct said *said)
{
    const struct cue *proposal = v->first[CUE_PROPOSAL];
    const struct cue *source = v->first[CUE_SOURCE];
    const struct judgement *j = &said->judgement;

    return said->kind.type == TYPE_RECOMMENDATION && proposal && source &&
           source->at.start > proposal->at.end && v->first[CUE_SPEECH] && j->bad > j->good;
}

/* A clause that follows up or reports a pledge, and judges as well: the other of the two. */
static bool judges_too(const struct coding *c, const struct view *v, struct said *said,
                       struct said *also)
{
    const struct cue *verb = v->first[CUE_SPEECH];

    *also = *said;
    also->kind = (struct kind){TYPE_ASSESSMENT, POLARITY_POSITIVE};
    if (eases(c, v, said)) {
        also->judgement.trend = TREND_BETTER;
        said->kind = (struct kind){TYPE_FOLLOWUP, followup_polarity(followup_read(c, v))};
        return true;
    }
    if (gives_grounds(v, said)) {
        also->kind.polarity = POLARITY_NEGATIVE;
        return true;
    }
    also->is_ours = true;
    if (verb && verb->rule->value == STANCE_RELAY_POSITIVE)
        also->kind.type = TYPE_ENDORSEMENT;
    return welcomes(v, said);
}

static void topic_code(struct coding *c, const struct view *v, const struct scored *scored,
                       const struct topic_seen *topic, const struct topic_choice *topics)
{
    struct said said = {.topic = topic};
    struct said also;
    bool has_two;

    said.kind = kind_decide(c, v, scored, topic, &said.judgement, &said.p);
    has_two = judges_too(c, v, &said, &also);
    finding_add(c, v, scored, &said, topics);
    if (has_two)
        finding_add(c, v, scored, &also, topics);
}

static void unit_code(struct coding *c, size_t i)
{
    const struct view *v = &c->units.items[i].view;
    feature_list features = {0};
    struct topic_choice topics;
    struct scored scored;

    features_of_unit(c, i, &features);
    scorer_read(c->book->scorer, &features, c->arena, &scored);
    topics_decide(v, &scored, &topics);
    pronoun_follow(c, i, &topics);
    for (size_t k = 0; k < topics.n; k++)
        topic_code(c, v, &scored, &topics.items[k], &topics);
}

/* ---- a sentence ---- */

static void uncoded_add(struct coding *c, const struct sentence *s, enum uncoded_reason reason)
{
    *LIST_ADD(c->arena, &c->out->statement.uncoded) =
        (struct uncoded){s->at.start, s->at.end, reason};
}

static enum uncoded_reason reason_of(const struct coding *c, const struct seen *u)
{
    if (u->reason != UNCODED_NONE)
        return u->reason;
    return uncoded_after(view_of_sentence(c, u->clause->sentence));
}

/* Codes the sentence of unit `i`; returns the first unit of the next one. */
static size_t sentence_code(struct coding *c, size_t i)
{
    const struct seen *first = &c->units.items[i];
    const struct sentence *s = first->clause->sentence;
    size_t before = c->out->findings.n;
    bool is_settled = uncoded_for_certain(s);

    paragraph_enter(c, s->paragraph);
    for (; i < c->units.n && c->units.items[i].clause->sentence == s; i++) {
        if (!is_settled)
            unit_code(c, i);
    }
    quantities_attach(c, s, before);
    if (c->out->findings.n == before)
        uncoded_add(c, s, reason_of(c, first));
    return i;
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

static struct coding coding_of(const struct rules *rules, const struct text *text,
                               struct arena *arena, struct coded_statement *inout)
{
    const struct language_rules *language = rules_for(rules, inout->statement.language);

    return (struct coding){
        .book = language->book,
        .lexicon = language->lexicon,
        .text = text,
        .arena = arena,
        .out = inout,
        .paragraph = UINT32_MAX,
    };
}

static void see_all(struct coding *c)
{
    coding_init(c);
    c->sentences = arena_calloc(c->arena, c->text->sentences.n + 1, sizeof *c->sentences);
    for (size_t i = 0; i < c->text->sentences.n; i++)
        sentence_see(c, &c->text->sentences.items[i]);
}

void code_findings(const struct rules *rules, const struct text *text, struct arena *arena,
                   struct coded_statement *inout)
{
    struct coding c = coding_of(rules, text, arena, inout);

    see_all(&c);
    for (size_t i = 0; i < c.units.n;)
        i = sentence_code(&c, i);
    relations_finish(&c);
    coverage_count(&c);
    inout->statement.findings = (uint32_t)inout->findings.n;
}

void code_observe(const struct rules *rules, const struct text *text, struct arena *arena,
                  struct coded_statement *inout, code_observer *observer, void *arg)
{
    struct coding c = coding_of(rules, text, arena, inout);

    see_all(&c);
    for (size_t i = 0; i < c.units.n; i++) {
        feature_list features = {0};

        features_of_unit(&c, i, &features);
        observer(arg, &c, i, &features);
    }
}
