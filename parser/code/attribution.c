/*
 * Whose judgement a clause is: issuer (who publishes), speaker (who says it), holder (whose view it
 * is); codebook section 7.
 *
 *     words in quotation marks    the person named beside them, for the body that he speaks for
 *     "ODIHR noted that …"        the source, relayed
 *     everything else             the issuer; a joint mission is one holder, ieom
 *
 * A quotation often names its speaker only behind its first sentence, so the name is looked for in
 * the whole line, and what follows in the same run of quotations is his as well.
 */
#include "parser/code/coding.h"

/* Where the paragraph of a sentence starts and ends. */
static struct range paragraph_of(const struct coding *c, const struct sentence *s)
{
    const struct sentence *all = c->text->sentences.items;
    size_t i = (size_t)(s - all);
    size_t first = i;
    size_t last = i;

    while (first > 0 && all[first - 1].paragraph == s->paragraph)
        first--;
    while (last + 1 < c->text->sentences.n && all[last + 1].paragraph == s->paragraph)
        last++;
    return (struct range){all[first].at.start, all[last].at.end};
}

static struct span last_name(struct span name)
{
    size_t at = name.n;

    while (at > 0 && name.p[at - 1] != ' ')
        at--;
    return span_from(name, at);
}

/* The speaker whose name stands in a range outside of quotations; the last one named. */
static const struct speaker *speaker_named(const struct coding *c, struct range at)
{
    const struct statement *s = &c->out->statement;
    struct span words = coding_words(c, at);

    for (size_t i = 0; i < s->speakers.n; i++) {
        struct span name = last_name(s->speakers.items[i].name);

        if (name.n > 1 && span_find(words, name, 0) < words.n)
            return &s->speakers.items[i];
    }
    return NULL;
}

/* "us-embassy-ph" -> "us": an embassy that the lexicon does not list. */
static bool is_embassy(struct span slug)
{
    return slug.n > 2 && slug.p[2] == '-' && span_starts(span_from(slug, 3), SPAN_LIT("embassy-"));
}

struct span coding_holder_of(const struct coding *c, struct span slug)
{
    const struct body *body = span_is_null(slug) ? NULL : lexicon_body(c->lexicon, slug);

    if (body && !span_is_null(body->holder))
        return body->holder;
    return is_embassy(slug) ? span_of(slug.p, 2) : slug;
}

static bool says_observers(struct span slug)
{
    return span_equal_str(slug, "observers") || span_equal_str(slug, "ieom");
}

static void quote_attribute(struct coding *c, const struct view *v, struct attribution *out)
{
    const struct sentence *sentence = v->clause->sentence;
    const struct speaker *speaker = speaker_named(c, paragraph_of(c, sentence));

    out->mode = VOICE_DIRECT_QUOTE;
    if (speaker)
        c->speaker = speaker;
    if (!c->speaker)
        return;
    out->speaker = c->speaker->name;
    if (!span_is_null(c->speaker->body))
        out->holder = coding_holder_of(c, c->speaker->body);
}

static bool is_own(const struct coding *c, struct span slug)
{
    const struct statement *s = &c->out->statement;

    if (span_is_null(slug))
        return false;
    if (span_equal(slug, c->holder) || span_equal(slug, c->issuer))
        return true;
    if (c->issuer_observes && says_observers(slug))
        return true;
    for (size_t i = 0; i < s->issuers.n; i++) {
        if (span_equal(slug, s->issuers.items[i].slug))
            return true;
    }
    return false;
}

static void cue_cite(const struct coding *c, const struct source *source, struct attribution *out)
{
    if (!source->verb)
        return;
    out->cue = arena_alloc(c->arena, sizeof *out->cue);
    out->cue->start = source->verb->at.start;
    out->cue->end = source->verb->at.end;
}

/* Of a text whose issuer is not known, the chain is shorter. */
static void chain_add(const struct coding *c, struct attribution *out, struct span body)
{
    if (!span_is_null(body))
        *LIST_ADD(c->arena, &out->chain) = body;
}

static void chain_make(const struct coding *c, struct attribution *out)
{
    chain_add(c, out, c->holder);
    chain_add(c, out, out->holder);
}

static void relay_attribute(struct coding *c, const struct source *source, struct attribution *out)
{
    bool shared = c->endorsing || source->stance == STANCE_ENDORSE;

    out->holder = source->slug;
    out->stance = shared ? STANCE_ENDORSE : source->stance;
    out->mode = shared ? VOICE_ENDORSED : VOICE_INDIRECT;
    cue_cite(c, source, out);
    chain_make(c, out);
    if (!c->issuer_observes)
        c->relayed = source->slug;
}

/* The first body in the sentence that is not the issuer's own. */
static struct span other_body(const struct coding *c, const struct sentence *s)
{
    size_t first;
    size_t n = mentions_within(&c->mentions, s->at, &first);

    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &c->mentions.items[first + i];

        if (m->kind == MENTION_BODY && !is_own(c, m->body->slug) &&
            !is_own(c, coding_holder_of(c, m->body->slug)))
            return m->body->slug;
    }
    return SPAN_NULL;
}

static void endorse_attribute(struct coding *c, const struct view *v, const struct source *source,
                              struct attribution *out)
{
    out->stance = STANCE_ENDORSE;
    cue_cite(c, source, out);
    c->reporter = other_body(c, v->clause->sentence);
}

/* "The EU", "we": the issuer takes the word again. */
static bool speaks_itself(const struct coding *c, const struct view *v)
{
    size_t first;
    size_t n = mentions_within(&c->mentions, v->clause->at, &first);
    struct span words = coding_words(c, v->clause->at);

    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &c->mentions.items[first + i];

        if (m->kind == MENTION_BODY && is_own(c, coding_holder_of(c, m->body->slug)))
            return true;
        if (m->kind == MENTION_COUNTRY && is_own(c, m->country->slug))
            return true;
    }
    return span_starts(words, SPAN_LIT("We ")) || span_find(words, SPAN_LIT(" we "), 0) < words.n;
}

/* "ODIHR concludes that … Further work is needed …": the second sentence is ODIHR's as well. */
static void continue_relay(const struct coding *c, struct attribution *out)
{
    out->holder = c->relayed;
    out->stance = STANCE_RELAY;
    out->mode = VOICE_INDIRECT;
    chain_make(c, out);
}

static bool is_reported_type(enum finding_type type)
{
    return type != TYPE_ENDORSEMENT && type != TYPE_PROCEDURAL;
}

static void source_attribute(struct coding *c, const struct view *v, enum finding_type type,
                             const struct source *source, struct attribution *out)
{
    bool is_unnamed = span_equal_str(source->slug, "unnamed") && source->stance != STANCE_DISTANCE;

    if (is_own(c, source->slug) || is_unnamed) {
        out->mode = source->verb && !c->as_delivered ? VOICE_INDIRECT : VOICE_OWN;
        c->relayed = SPAN_NULL;
    } else if (!span_is_null(source->slug)) {
        relay_attribute(c, source, out);
    } else if (type == TYPE_RECOMMENDATION && !span_is_null(c->relayed) && !speaks_itself(c, v)) {
        continue_relay(c, out);
    }
}

void attribution_find(struct coding *c, const struct view *v, enum finding_type type,
                      struct attribution *out)
{
    struct source source = stance_find(c, v);

    *out = (struct attribution){.issuer = c->issuer, .holder = c->holder, .mode = VOICE_OWN};
    if (c->as_delivered)
        out->speaker = c->out->statement.speakers.items[0].name;
    if (!c->as_delivered && coding_quote(c, v->clause->at))
        quote_attribute(c, v, out);
    else if (type == TYPE_ENDORSEMENT)
        endorse_attribute(c, v, &source, out);
    else if (is_reported_type(type))
        source_attribute(c, v, type, &source, out);
}

void attribution_own(const struct coding *c, const struct view *v, struct attribution *out)
{
    const struct cue *verb = v->first[CUE_SPEECH];
    struct span speaker = out->speaker;

    *out = (struct attribution){
        .issuer = c->issuer, .holder = c->holder, .speaker = speaker, .mode = VOICE_OWN};
    if (verb && verb->rule->value == STANCE_RELAY_POSITIVE)
        out->stance = STANCE_RELAY_POSITIVE;
}
