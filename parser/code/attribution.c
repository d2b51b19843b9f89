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

/* The first of the statement's speakers whose name stands in a range. */
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

/* ---- who speaks the whole text ---- */

/* Lines at the top of a text that may say who reads it out. */
#define TOP_LINES 6

static bool holds(struct span words, const char *phrase)
{
    return span_find_nocase(words, span_of_str(phrase), 0) != SIZE_MAX;
}

/* "Preliminary Statement by the Head of Mission, Ms Jane Doe", "[Check against delivery]", but not
 * "Issued by Ms Jane Doe". */
static bool tells_who_reads(const struct coding *c, const struct sentence *s, struct span name)
{
    struct span words = coding_words(c, s->at);

    if (holds(words, "against delivery") || holds(words, "as delivered"))
        return true;
    return s->section == SECTION_HEADLINE && span_find_nocase(words, name, 0) != SIZE_MAX;
}

/* A mission's statement, or notes of a briefing, that one person reads out. */
static bool is_read_out(const struct coding *c)
{
    const struct statement *s = &c->out->statement;
    struct span name = s->speakers.n == 1 ? last_name(s->speakers.items[0].name) : SPAN_NULL;

    if (name.n < 2)
        return false;
    if (s->genre == GENRE_SPOKESPERSON_STATEMENT)
        return holds(s->title, "briefing");
    for (size_t i = 0; s->genre == GENRE_INTERIM && i < c->text->sentences.n && i < TOP_LINES;
         i++) {
        if (tells_who_reads(c, &c->text->sentences.items[i], name))
            return true;
    }
    return false;
}

/* Between the colon and the mark that opens a quotation. */
#define LEAD_BYTES 8

/* "The Minister, Jane Doe, said:", "issued the following statement:" */
static bool opens_statement(const struct coding *c, const struct sentence *s)
{
    static const char *const verbs[] = {
        " said:", " statement:", " remarks:", " declared:", " stated:"};
    struct span words = coding_words(c, s->at);

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (span_ends(words, span_of_str(verbs[i])))
            return true;
    }
    return false;
}

/* Whether a statement that is set in quotation marks behind `opening` is over at `s`. */
static bool ends_before(const struct coding *c, const struct sentence *opening,
                        const struct sentence *s)
{
    uint32_t start = opening->at.end;
    size_t n = c->text->quotes.n;
    size_t i = 0;

    while (i < n && c->text->quotes.items[i].at.start < start)
        i++;
    return i < n && c->text->quotes.items[i].at.start < start + LEAD_BYTES &&
           c->text->quotes.items[n - 1].at.end < s->at.start;
}

/* Who was announced as the speaker of all that follows, or NULL. */
static const struct speaker *announced(const struct coding *c, const struct sentence *s)
{
    const struct statement *statement = &c->out->statement;

    if (statement->speakers.n != 1 || statement->genre == GENRE_NEWS_ITEM)
        return NULL;
    for (const struct sentence *k = c->text->sentences.items; k < s; k++) {
        if (opens_statement(c, k))
            return ends_before(c, k, s) ? NULL : &statement->speakers.items[0];
    }
    return NULL;
}

/* ---- who speaks a sentence ---- */

#define SENTENCES_BACK 8

/* "…," she said: whoever was named last. */
static const struct speaker *speaker_meant(const struct coding *c, struct range paragraph,
                                           const struct sentence *s)
{
    static const char *const pronouns[] = {"she said", "he said",   "said she", "She ",
                                           "He ",      "she added", "he added"};
    struct span words = coding_words(c, paragraph);
    bool is_meant = false;

    for (size_t i = 0; i < ARRAY_LEN(pronouns); i++)
        is_meant |= span_find(words, span_of_str(pronouns[i]), 0) != SIZE_MAX;
    for (size_t i = 0; is_meant && i < SENTENCES_BACK; i++, s--) {
        const struct speaker *found = speaker_named(c, s->at);

        if (found)
            return found;
        if (s == c->text->sentences.items)
            break;
    }
    return NULL;
}

static const struct speaker *quoted_speaker(const struct coding *c, const struct sentence *s)
{
    struct range paragraph = paragraph_of(c, s);
    const struct speaker *speaker = speaker_named(c, s->at);

    if (!speaker)
        speaker = speaker_named(c, paragraph);
    return speaker ? speaker : speaker_meant(c, paragraph, s);
}

/* A Special Co-ordinator leads the observers of all organs of the OSCE, and speaks for the whole.
 */
static struct span body_of(const struct coding *c, const struct speaker *speaker)
{
    const struct body *body =
        span_is_null(speaker->body) ? NULL : lexicon_body(c->lexicon, speaker->body);

    if (body && body->parent &&
        (holds(speaker->role_as_written, "special co-ordinator") ||
         holds(speaker->role_as_written, "special coordinator")))
        return body->parent->slug;
    return speaker->body;
}

static void speaker_take(const struct coding *c, const struct speaker *speaker,
                         struct attribution *out)
{
    struct span body = body_of(c, speaker);

    out->speaker = speaker->name;
    if (!span_is_null(body))
        out->holder = coding_holder_of(c, body);
}

/* "“…,” a member of the commission told us": quoted, and no speaker of the statement. */
static struct span bystander(const struct coding *c, const struct view *v)
{
    struct source source = stance_find(c, view_of_sentence(c, v->clause->sentence), TYPE_FACT);

    return is_own(c, source.slug) || span_equal_str(source.slug, "unnamed") ? SPAN_NULL
                                                                            : source.slug;
}

static void quote_attribute(struct coding *c, const struct view *v, struct attribution *out)
{
    const struct speaker *named = speaker_named(c, v->clause->sentence->at);
    struct span other = named ? SPAN_NULL : bystander(c, v);
    const struct speaker *speaker = quoted_speaker(c, v->clause->sentence);

    out->mode = VOICE_DIRECT_QUOTE;
    if (!span_is_null(other)) {
        out->holder = other;
        return;
    }
    if (speaker)
        c->speaker = speaker;
    if (c->speaker)
        speaker_take(c, c->speaker, out);
}

/* Whether a clause is given in somebody's words, and not only some of its words are. */
static bool is_quoted(const struct coding *c, const struct view *v)
{
    const struct quote *q = coding_quote(c, v->clause->at);
    struct range at = v->clause->at;
    uint32_t start;
    uint32_t end;

    if (!q)
        return false;
    start = q->at.start > at.start ? q->at.start : at.start;
    end = q->at.end < at.end ? q->at.end : at.end;
    return start < at.start + LEAD_BYTES || end - start > (at.end - at.start) / 2;
}

/* "She called on …": whoever was named last. */
static bool starts_with_pronoun(struct span words)
{
    return span_starts(words, SPAN_LIT("She ")) || span_starts(words, SPAN_LIT("He "));
}

/* "Jane Doe underlined that …": told, not quoted. */
static const struct speaker *told_by(const struct coding *c, const struct view *v,
                                     const struct source *source)
{
    const struct sentence *s = v->clause->sentence;
    struct range before;

    if (starts_with_pronoun(coding_words(c, s->at)))
        return speaker_meant(c, s->at, s);
    if (!source->verb || source->verb->at.start < v->clause->sentence->at.start)
        return NULL;
    before = (struct range){v->clause->sentence->at.start, source->verb->at.start};
    return speaker_named(c, before);
}

/* An actor has a short name: "officials of the ministry", and who is ordered one, too. */
#define ACTOR_WORDS   5
#define ORDERED_BYTES 32

/* ---- chain ---- */

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
    for (size_t i = 0; i < out->chain.n; i++) {
        if (span_equal(out->chain.items[i], body))
            return;
    }
    if (!span_is_null(body))
        *LIST_ADD(c->arena, &out->chain) = body;
}

static void chain_make(const struct coding *c, struct attribution *out)
{
    chain_add(c, out, c->holder);
    chain_add(c, out, out->holder);
}

/* ---- what is passed on ---- */

static void relay_attribute(struct coding *c, const struct source *source, struct attribution *out)
{
    bool shared = c->endorsing || source->stance == STANCE_ENDORSE;

    out->holder = source->slug;
    out->stance = shared ? STANCE_ENDORSE : source->stance;
    out->mode = shared ? VOICE_ENDORSED : VOICE_INDIRECT;
    cue_cite(c, source, out);
    chain_make(c, out);
}

/* Bodies in a sentence that are not the issuer's own go to the chain; returns the first. */
static struct span other_bodies(const struct coding *c, const struct sentence *s,
                                struct attribution *out)
{
    size_t first;
    size_t n = mentions_within(&c->mentions, s->at, &first);
    struct span found = SPAN_NULL;

    chain_add(c, out, c->holder);
    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &c->mentions.items[first + i];

        if (m->kind != MENTION_BODY || is_own(c, m->body->slug) ||
            is_own(c, coding_holder_of(c, m->body->slug)))
            continue;
        if (span_is_null(found))
            found = m->body->slug;
        chain_add(c, out, m->body->slug);
    }
    return found;
}

static void endorse_attribute(struct coding *c, const struct view *v, const struct source *source,
                              struct attribution *out)
{
    out->stance = source->stance == STANCE_RELAY_POSITIVE ? STANCE_RELAY_POSITIVE : STANCE_ENDORSE;
    cue_cite(c, source, out);
    c->reporter = other_bodies(c, v->clause->sentence, out);
}

/* "The EU", "we": the issuer takes the word again. */
static bool speaks_itself(const struct coding *c, struct range at)
{
    size_t first;
    size_t n = mentions_within(&c->mentions, at, &first);
    struct span words = coding_words(c, at);

    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &c->mentions.items[first + i];

        if (m->kind == MENTION_BODY && is_own(c, coding_holder_of(c, m->body->slug)))
            return true;
        if (m->kind == MENTION_COUNTRY && is_own(c, m->country->slug))
            return true;
    }
    return span_starts(words, SPAN_LIT("We ")) || span_find(words, SPAN_LIT(" we "), 0) < words.n;
}

/* Whom the sentence before, in the same paragraph, passes on. */
static struct span relayed_before(const struct coding *c, const struct sentence *s)
{
    const struct sentence *k = s;

    while (k > c->text->sentences.items && (k - 1)->paragraph == s->paragraph) {
        struct source source = stance_find(c, view_of_sentence(c, --k), TYPE_RECOMMENDATION);

        if (!span_is_null(source.slug))
            return is_own(c, source.slug) || source.stance != STANCE_RELAY ? SPAN_NULL
                                                                           : source.slug;
        if (speaks_itself(c, k->at))
            break;
    }
    return SPAN_NULL;
}

/* "ODIHR concludes that … Further work is needed …": the second sentence is ODIHR's as well. */
static void continue_relay(const struct coding *c, struct span relayed, struct attribution *out)
{
    out->holder = relayed;
    out->stance = STANCE_RELAY;
    out->mode = VOICE_INDIRECT;
    chain_make(c, out);
}

/* An issuer that tells its own view as a reporter would: "…, observers said today". In a statement
 * of its own "the mission noted that" is just its own word. */
static bool tells_from_outside(const struct coding *c, const struct source *source)
{
    return source->verb && !c->as_delivered &&
           (source->is_closing || c->out->statement.genre == GENRE_NEWS_ITEM);
}

static bool starts_with_figure(struct span words)
{
    return words.n > 0 && words.p[0] >= '0' && words.p[0] <= '9';
}

/* News of what an organisation found passes it on in every sentence, but for lists of what it asks
 * for, which are its own words. */
static bool is_news_of_findings(const struct coding *c, const struct view *v)
{
    const struct body *body = span_is_null(c->issuer) ? NULL : lexicon_body(c->lexicon, c->issuer);

    return c->out->statement.genre == GENRE_NEWS_ITEM && body && body->kind == BODY_IGO &&
           !v->is_advised && !starts_with_figure(coding_words(c, v->clause->sentence->at));
}

static void unnamed_attribute(const struct coding *c, const struct source *source,
                              struct attribution *out)
{
    out->mode = VOICE_INDIRECT;
    cue_cite(c, source, out);
    if (!span_is_null(source->informants)) {
        chain_add(c, out, c->holder);
        chain_add(c, out, source->informants);
    }
}

static void source_attribute(struct coding *c, const struct view *v, enum finding_type type,
                             const struct source *source, struct attribution *out)
{
    bool is_unnamed = span_equal_str(source->slug, "unnamed") && source->stance != STANCE_DISTANCE;
    struct span relayed = SPAN_NULL;

    if (is_unnamed || !span_is_null(source->informants)) {
        unnamed_attribute(c, source, out);
    } else if (is_own(c, source->slug)) {
        out->mode = tells_from_outside(c, source) ? VOICE_INDIRECT : VOICE_OWN;
    } else if (!span_is_null(source->slug)) {
        relay_attribute(c, source, out);
    } else if (type == TYPE_RECOMMENDATION && !c->issuer_observes &&
               !speaks_itself(c, v->clause->at)) {
        relayed = relayed_before(c, v->clause->sentence);
    }
    if (!span_is_null(relayed))
        continue_relay(c, relayed, out);
    else if (out->mode == VOICE_OWN && is_news_of_findings(c, v))
        out->mode = VOICE_INDIRECT;
}

/* ---- who pledges ---- */

/* The body or country that is named last in front of a pledge, or in the clause where none is. */
static struct span pledger_named(const struct coding *c, const struct view *v, uint32_t before)
{
    struct range at = {v->clause->sentence->at.start, before};
    size_t first;
    size_t n = mentions_within(&c->mentions, at, &first);

    for (size_t i = n; i > 0; i--) {
        const struct mention *m = &c->mentions.items[first + i - 1];

        if (m->kind == MENTION_COUNTRY)
            return m->country->slug;
        if (m->kind == MENTION_BODY && !is_own(c, coding_holder_of(c, m->body->slug)))
            return coding_holder_of(c, m->body->slug);
    }
    return SPAN_NULL;
}

/* A commitment is held by who makes it (codebook 3); most are a state's. */
static void pledge_attribute(const struct coding *c, const struct view *v,
                             const struct source *source, struct attribution *out)
{
    const struct cue *pledge = v->first[CUE_PLEDGE];
    struct span holder = pledger_named(c, v, pledge ? pledge->at.start : v->clause->at.end);

    if (span_is_null(holder))
        holder = coding_state(c);
    if (span_is_null(holder) || is_own(c, holder))
        return;
    out->holder = holder;
    out->mode = VOICE_INDIRECT;
    out->stance = source->verb ? source->stance : STANCE_RELAY;
    cue_cite(c, source, out);
    chain_make(c, out);
}

/* ---- the whole ---- */

static bool is_reported_type(enum finding_type type)
{
    return type != TYPE_ENDORSEMENT && type != TYPE_PROCEDURAL;
}

/* Of words that are not quoted. */
static void own_attribute(struct coding *c, const struct view *v, enum finding_type type,
                          struct attribution *out)
{
    struct source source = stance_find(c, v, type);
    const struct speaker *speaker = c->as_delivered ? NULL : told_by(c, v, &source);

    if (type == TYPE_ENDORSEMENT) {
        endorse_attribute(c, v, &source, out);
    } else if (type == TYPE_COMMITMENT) {
        pledge_attribute(c, v, &source, out);
    } else if (speaker && is_reported_type(type)) {
        speaker_take(c, speaker, out);
        out->mode = VOICE_INDIRECT;
        cue_cite(c, &source, out);
    } else if (is_reported_type(type)) {
        source_attribute(c, v, type, &source, out);
    }
}

/* Who reads a text out, or is announced as its speaker, speaks each sentence of it. */
static void attribute_as_spoken(struct coding *c, const struct view *v, enum finding_type type,
                                const struct speaker *speaker, struct attribution *out)
{
    own_attribute(c, v, type, out);
    if (span_is_null(out->speaker))
        out->speaker = speaker->name;
}

void attribution_find(struct coding *c, const struct view *v, enum finding_type type,
                      struct attribution *out)
{
    const struct speaker *first = c->out->statement.speakers.items;
    const struct speaker *speaker = announced(c, v->clause->sentence);

    *out = (struct attribution){.issuer = c->issuer, .holder = c->holder, .mode = VOICE_OWN};
    if (c->as_delivered || is_read_out(c)) {
        attribute_as_spoken(c, v, type, first, out);
    } else if (speaker) {
        attribute_as_spoken(c, v, type, speaker, out);
        if (out->mode == VOICE_OWN)
            out->mode = VOICE_DIRECT_QUOTE;
    } else if (is_quoted(c, v)) {
        quote_attribute(c, v, out);
    } else {
        own_attribute(c, v, type, out);
    }
}

/* ---- who did it ---- */

/* What somebody makes others do; "had" or "have" may stand in front. */
static const char *const orders[] = {"instructed", "ordered",  "told",    "pressed",
                                     "pressured",  "forced",   "coerced", "required",
                                     "urged",      "directed", "obliged", "compelled"};

/* Whether "them to", "voters to" stands behind the verb. */
static bool orders_somebody(struct span behind)
{
    size_t to = span_find(behind, SPAN_LIT(" to "), 0);

    return to < ORDERED_BYTES && to > 0 && !memchr(behind.p, ',', to) &&
           !span_starts(behind, SPAN_LIT(" by "));
}

/* Where the words before a verb start, back to a "that", a comma or the start. */
static size_t subject_start(struct span before)
{
    size_t at = 0;

    for (size_t i = span_find(before, SPAN_LIT(" that "), 0); i < before.n;
         i = span_find(before, SPAN_LIT(" that "), i + 1))
        at = i + SPAN_LIT(" that ").n;
    for (size_t i = at; i < before.n; i++) {
        if (before.p[i] == ',' || before.p[i] == ';')
            at = i + 1;
    }
    return at;
}

static struct span without_auxiliary(struct span words)
{
    static const char *const auxiliaries[] = {" had", " have", " has"};

    words = span_trim(words);
    for (size_t i = 0; i < ARRAY_LEN(auxiliaries); i++) {
        struct span word = span_of_str(auxiliaries[i]);

        if (span_ends(words, word))
            words.n -= word.n;
    }
    return words;
}

/* "That local officials had instructed them to …" */
static struct span actor_at(struct span words, size_t verb, size_t verb_bytes)
{
    struct span before = span_of(words.p, verb);
    struct span subject = without_auxiliary(span_from(before, subject_start(before)));
    size_t spaces = 0;

    if (!orders_somebody(span_from(words, verb + verb_bytes)))
        return SPAN_NULL;
    for (size_t i = 0; i < subject.n; i++)
        spaces += subject.p[i] == ' ';
    return subject.n > 0 && spaces < ACTOR_WORDS ? subject : SPAN_NULL;
}

struct span attribution_actor(const struct coding *c, struct range clause)
{
    struct span words = coding_words(c, clause);

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct span verb = span_of_str(orders[i]);
        size_t at = span_find(words, verb, 0);
        struct span actor;

        if (at >= words.n || at == 0 || words.p[at - 1] != ' ')
            continue;
        actor = actor_at(words, at, verb.n);
        if (!span_is_null(actor))
            return actor;
    }
    return SPAN_NULL;
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
