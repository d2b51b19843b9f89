/*
 * Who issued the statement. Each place where a text says so is asked in turn, the surest first, and
 * the first that answers decides:
 *
 *     1. the source's configuration                "issuer: odihr"
 *     2. a line that says it                       "From: …", "issued by the …", "Publisher: …"
 *     3. a letterhead: a line with its name alone
 *     4. a sentence on a joint mission             "a joint undertaking of A, B and C"
 *     5. observers, by those who speak for them    "said X, Head of the delegation from the A"
 *     6. the title, then other lines of the top    "Statement of the A", "A: …", "UK statement to
 * …"
 *     7. a body that introduces itself, the page's site, then the first sentences
 *     8. a state that speaks                       "Japan warmly welcomes …"
 *
 * A body gives way to its own organ where both are named: "OSCE observers" of an ODIHR release are
 * ODIHR. Republishers are never issuers.
 */
#include "parser/meta_parts.h"

#define ISSUERS_MAX 8

/* How far into the body a joint mission introduces itself. */
#define LEAD_SENTENCES 14

/* How far behind "together with the" a partner's name ends. */
#define PARTNER_REACH_BYTES 90

struct found {
    const struct mention *mentions[ISSUERS_MAX];
    size_t n;
};

static bool can_issue(const struct body *body)
{
    return body->kind != BODY_COLLECTIVE && body->kind != BODY_PUBLISHER;
}

static void add_found(struct found *f, const struct mention *mention)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->mentions[i]->body == mention->body)
            return;
    }
    if (f->n < ISSUERS_MAX && can_issue(mention->body))
        f->mentions[f->n++] = mention;
}

static void add_bodies(struct meta *m, struct range at, struct found *f)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, at, MENTION_BODY, &from)) != NULL)
        add_found(f, mention);
}

/* "the G7, together with the Delegation of the European Union": whoever joins in at the top. */
static void add_partners(struct meta *m, struct found *f)
{
    static const char *const phrases[] = {"together with the", "jointly with the",
                                          "and the High Representative of the"};
    struct span lead = meta_words(m, m->first);

    for (size_t i = 0; f->n > 0 && i < ARRAY_LEN(phrases); i++) {
        size_t at = span_find(lead, span_of_str(phrases[i]), 0);
        const struct mention *mention;
        struct range reach;
        size_t from = 0;

        if (at == SIZE_MAX)
            continue;
        reach.start = m->first.start + (uint32_t)at;
        reach.end = reach.start + PARTNER_REACH_BYTES;
        mention = meta_next_mention(m, reach, MENTION_BODY, &from);
        if (mention && mention->body->kind == BODY_IGO)
            add_found(f, mention);
    }
}

/* ---- organs and their parents ---- */

static bool has_organ(const struct found *f, const struct body *body)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->mentions[i]->body != body && body_is_within(f->mentions[i]->body, body))
            return true;
    }
    return false;
}

static void drop_parents(struct found *f)
{
    size_t kept = 0;
    struct found all = *f;

    for (size_t i = 0; i < all.n; i++) {
        if (!has_organ(&all, all.mentions[i]->body))
            f->mentions[kept++] = all.mentions[i];
    }
    f->n = kept;
}

/* The sentence number `i` of the body's lead, false when there is none. */
static bool lead_sentence(const struct meta *m, size_t i, struct range *out)
{
    for (size_t k = 0; k < m->text->sentences.n; k++) {
        const struct sentence *s = &m->text->sentences.items[k];

        if (s->section != SECTION_BODY || s->is_heading)
            continue;
        if (i-- == 0) {
            *out = s->at;
            return true;
        }
    }
    return false;
}

/* A body that only stands for its organ becomes the organ that the lead names first. */
static void name_organs(struct meta *m, struct found *f)
{
    struct range at;

    for (size_t k = 0; k < f->n; k++) {
        const struct body *body = f->mentions[k]->body;
        bool done = false;

        for (size_t i = 0; !done && i < 4 && lead_sentence(m, i, &at); i++) {
            const struct mention *mention;
            size_t from = 0;

            while (!done && (mention = meta_next_mention(m, at, MENTION_BODY, &from)) != NULL) {
                done = mention->body != body && body_is_within(mention->body, body) &&
                       !span_equal_str(body->slug, "eu");
                if (done)
                    f->mentions[k] = mention;
            }
        }
    }
}

/* ---- the places ---- */

static bool is_label(struct span line)
{
    static const char *const words[] = {"from:",        "publisher:",       "issued by",
                                        "published by", "statement by the", "joint statement of"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (span_find_nocase(line, span_of_str(words[i]), 0) != SIZE_MAX)
            return words_count(line) < 30;
    }
    return false;
}

static void look_labels(struct meta *m, struct found *f)
{
    struct meta_line line;

    for (size_t at = 0; f->n == 0 && meta_next_line(m, &at, &line);) {
        bool may_say = line.section != SECTION_BODY && line.section != SECTION_HEADLINE;

        if (may_say && (is_label(line.words) || words_start_with(line.words, SPAN_LIT("by "))))
            add_bodies(m, line.at, f);
    }
}

static bool is_joint(struct span s)
{
    static const char *const words[] = {
        "joint undertaking", "joint mission",       "joint observation", "joint endeavour",
        "common endeavour",  "the observers, from", "observers from the"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (span_find_nocase(s, span_of_str(words[i]), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool is_joint_mission_itself(const struct body *body)
{
    return span_equal_str(body->slug, "ieom") || span_equal_str(body->slug, "osce");
}

static void look_joint(struct meta *m, struct found *f)
{
    struct range at;

    for (size_t i = 0; f->n < 2 && i < LEAD_SENTENCES && lead_sentence(m, i, &at); i++) {
        struct found here = {0};

        if (!is_joint(meta_words(m, at)))
            continue;
        add_bodies(m, at, &here);
        f->n = 0;
        for (size_t k = 0; k < here.n; k++) {
            if (here.mentions[k]->body->kind == BODY_IGO &&
                !is_joint_mission_itself(here.mentions[k]->body))
                add_found(f, here.mentions[k]);
        }
    }
    if (f->n < 2)
        f->n = 0;
}

/* "UK statement to the OSCE": who is spoken to does not speak. */
static bool is_addressed(const struct meta *m, const struct mention *mention, uint32_t start)
{
    uint32_t from = mention->at.start > start + 24 ? mention->at.start - 24 : start;
    struct span before = span_of(m->text->text.p + from, mention->at.start - from);

    bool is_to = span_ends(before, SPAN_LIT("to the ")) || span_ends(before, SPAN_LIT("to "));

    return is_to && span_find_nocase(before, SPAN_LIT("attributable"), 0) == SIZE_MAX;
}

static void look_title(struct meta *m, struct found *f)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, m->text->title, MENTION_BODY, &from)) != NULL) {
        if (!is_addressed(m, mention, m->text->title.start) &&
            !span_equal_str(mention->body->slug, "ieom"))
            add_found(f, mention);
    }
    name_organs(m, f);
}

/* "International Election Observation Mission – …": a mission whose bodies are not named. */
static void look_title_mission(struct meta *m, struct found *f)
{
    add_bodies(m, m->text->title, f);
}

/* What a page's own title has behind the headline, or its site: "… - U.S. Mission to the OSCE". */
static void look_site(struct meta *m, struct found *f)
{
    struct span raw = m->article->title_raw;
    struct span site = m->article->site_name;
    mentions here = {0};

    if (site.n == 0 && raw.n > m->article->title.n && span_starts(raw, m->article->title))
        site = span_from(raw, m->article->title.n);
    if (site.n == 0 || m->article->title_is_block)
        return;
    lexicon_find(m->lexicon, site, m->arena, &here);
    for (size_t i = 0; i < here.n; i++) {
        /* the words are not in the text: no place there */
        here.items[i].at = (struct range){0, 0};
        if (here.items[i].kind == MENTION_BODY)
            add_found(f, &here.items[i]);
    }
    name_organs(m, f);
}

/* A line that is a body's name and no more: "United States Mission to the OSCE". */
static void look_letterhead(struct meta *m, struct found *f)
{
    struct meta_line line;

    for (size_t at = 0; f->n == 0 && meta_next_line(m, &at, &line);) {
        const struct mention *mention;
        size_t from = 0;

        if (line.section == SECTION_BODY)
            break;
        mention = meta_next_mention(m, line.at, MENTION_BODY, &from);
        if (line.section != SECTION_HEADLINE && mention &&
            mention->at.end - mention->at.start + 4 >= line.words.n)
            add_found(f, mention);
    }
}

static void look_masthead(struct meta *m, struct found *f)
{
    struct meta_line line;

    for (size_t at = 0; f->n == 0 && meta_next_line(m, &at, &line);) {
        if (line.section == SECTION_BODY)
            break;
        if (line.section != SECTION_HEADLINE && words_count(line.words) < 30)
            add_bodies(m, line.at, f);
    }
    name_organs(m, f);
}

/* "said Reinhold Lopatka, Leader of the delegation from the OSCE Parliamentary Assembly" */
static void look_speakers(struct meta *m, struct found *f)
{
    for (size_t i = 0; i < m->mentions.n; i++) {
        const struct mention *office = &m->mentions.items[i];
        const struct mention *body;
        struct range behind = {office->at.end, office->at.end + 90};
        size_t from = 0;

        if (office->kind != MENTION_OFFICE || !office->office->is_speech)
            continue;
        body = meta_next_mention(m, behind, MENTION_BODY, &from);
        if (body && body->body->kind == BODY_IGO && !is_joint_mission_itself(body->body))
            add_found(f, body);
    }
    drop_parents(f);
}

static bool speaks_of_observers(const struct meta *m)
{
    return words_hold(m->out->title, SPAN_LIT("observers")) &&
           (words_hold(m->out->title, SPAN_LIT("international")) ||
            words_hold(m->out->title, SPAN_LIT("say")));
}

/* The subject of a sentence: "The EU takes note …". */
static bool is_subject(const struct mention *mention, struct range sentence)
{
    return mention->at.start <= sentence.start + 4;
}

static void look_sentences(struct meta *m, size_t sentences, bool only_subjects, struct found *f)
{
    struct range at;

    for (size_t i = 0; f->n == 0 && i < sentences && lead_sentence(m, i, &at); i++) {
        const struct mention *mention;
        size_t from = 0;

        while (f->n == 0 && (mention = meta_next_mention(m, at, MENTION_BODY, &from)) != NULL) {
            if (!is_addressed(m, mention, at.start) && (!only_subjects || is_subject(mention, at)))
                add_found(f, mention);
        }
    }
}

static void look_subjects(struct meta *m, struct found *f)
{
    if (m->out->genre == GENRE_SPOKESPERSON_STATEMENT)
        look_sentences(m, LEAD_SENTENCES, true, f);
}

static void look_first_sentences(struct meta *m, struct found *f)
{
    look_sentences(m, 4, false, f);
}

/* A body that no list knows, in the title, at the top or in the first sentences. */
static void look_unknown(struct meta *m, struct found *f)
{
    struct body *body = arena_alloc(m->arena, sizeof *body);
    struct mention *made = arena_alloc(m->arena, sizeof *made);
    struct range at = m->text->title;
    bool found = meta_find_acronym(m, at, &body->name, &body->slug);

    for (size_t i = 0; !found && i < 3 && lead_sentence(m, i, &at); i++)
        found = meta_find_acronym(m, at, &body->name, &body->slug);
    if (!found)
        return;
    body->kind = BODY_OTHER;
    body->holder = body->slug;
    made->kind = MENTION_BODY;
    made->body = body;
    made->at.start = (uint32_t)(body->name.p - m->text->text.p);
    made->at.end = made->at.start + (uint32_t)body->name.n;
    add_found(f, made);
}

/* A spokesperson's statement in the Union's name is the External Action Service's. */
static void name_spokesperson(struct meta *m, struct found *f)
{
    const struct body *service = lexicon_body(m->lexicon, SPAN_LIT("eu-eeas"));

    if (m->out->genre != GENRE_SPOKESPERSON_STATEMENT || f->n == 0 || !service ||
        !span_equal_str(f->mentions[0]->body->slug, "eu"))
        return;
    for (size_t i = 0; i < f->n; i++) {
        struct mention *copy = arena_alloc(m->arena, sizeof *copy);

        *copy = *f->mentions[i];
        if (span_equal_str(copy->body->slug, "eu"))
            copy->body = service;
        f->mentions[i] = copy;
    }
}

/* ---- states ---- */

/* What a government does in its own name. */
static bool is_state_verb(struct span s)
{
    static const char *const verbs[] = {"welcomes",      "warmly welcomes",  "has warmly welcomed",
                                        "congratulates", "takes note",       "commends",
                                        "applauds",      "salutes",          "pays tribute",
                                        "thanks",        "encourages",       "supports",
                                        "has welcomed",  "expresses",        "regrets",
                                        "condemns",      "calls on",         "urges",
                                        "notes",         "remains committed"};

    s = span_trim(s);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (words_start_with(s, span_of_str(verbs[i])))
            return true;
    }
    return false;
}

/* The body that speaks for a state where the text names none. */
static const struct body *voice_of(const struct meta *m, const struct country *country)
{
    if (span_equal_str(country->code, "GB"))
        return lexicon_body(m->lexicon, SPAN_LIT("gb-fcdo"));
    if (span_equal_str(country->code, "US"))
        return lexicon_body(m->lexicon, SPAN_LIT("us-state"));
    return lexicon_body(m->lexicon, arena_printf(m->arena, "%.*s-mfa", SPAN_ARG(country->slug)));
}

static void look_states(struct meta *m, struct found *f)
{
    for (size_t i = 0; f->n == 0 && i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];
        struct mention *made;
        struct span rest = span_from(m->text->text, mention->at.end);

        if (mention->kind != MENTION_COUNTRY || mention->form == FORM_CAPITAL ||
            mention->form == FORM_ADJECTIVE ||
            !is_state_verb(span_of(rest.p, rest.n < 40 ? rest.n : 40)))
            continue;
        made = arena_alloc(m->arena, sizeof *made);
        *made = *mention;
        made->kind = MENTION_BODY;
        made->body = voice_of(m, mention->country);
        if (made->body)
            add_found(f, made);
    }
}

/* "U.S. Embassy …" in Manila: no list can hold all of them. */
static bool look_embassy(struct meta *m)
{
    struct issuer *issuer;
    const struct mention *owner = NULL;
    const struct mention *host = NULL;
    struct span title = m->out->title;
    size_t from = 0;

    if (!words_hold(title, SPAN_LIT("embassy")))
        return false;
    while (!host) {
        const struct mention *mention =
            meta_next_mention(m, m->text->title, MENTION_COUNTRY, &from);

        if (!mention)
            break;
        if (!owner)
            owner = mention;
        else if (mention->country != owner->country)
            host = mention;
    }
    if (!host)
        return false;
    issuer = LIST_ADD(m->arena, &m->out->issuers);
    issuer->slug = arena_printf(m->arena, "%.*s-embassy-%.*s", SPAN_ARG(owner->country->slug),
                                SPAN_ARG(host->country->slug));
    issuer->name_as_written = meta_words(m, owner->at);
    issuer->role = ROLE_ISSUER;
    issuer->country = owner->country->code;
    return true;
}

/* ---- all of it ---- */

static void add_issuer(struct meta *m, const struct body *body, struct span words,
                       enum issuer_role role)
{
    struct issuer *issuer = LIST_ADD(m->arena, &m->out->issuers);

    issuer->slug = body->slug;
    issuer->name_as_written = words.n > 0 ? words : SPAN_NULL;
    issuer->role = role;
    issuer->country = body->kind == BODY_STATE ? body->country : SPAN_NULL;
}

static bool add_configured(struct meta *m)
{
    const struct body *body;
    struct issuer *issuer;

    if (m->job->issuer.n == 0)
        return false;
    body = lexicon_body(m->lexicon, m->job->issuer);
    issuer = LIST_ADD(m->arena, &m->out->issuers);
    issuer->slug = m->job->issuer;
    issuer->role = ROLE_ISSUER;
    if (body && body->kind == BODY_STATE)
        issuer->country = body->country;
    return true;
}

static void add_publishers(struct meta *m)
{
    for (size_t i = 0; i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];

        if (mention->kind != MENTION_BODY || mention->body->kind != BODY_PUBLISHER)
            continue;
        add_issuer(m, mention->body, meta_words(m, mention->at), ROLE_RE_PUBLISHER);
        return;
    }
}

typedef void look_fn(struct meta *m, struct found *f);

static void look_observers(struct meta *m, struct found *f)
{
    if (speaks_of_observers(m))
        look_speakers(m, f);
}

/* A state speaks to a council, not the council; a mission's kind is no body beside its bodies. */
static void keep_speaking(const struct meta *m, struct found *f)
{
    struct found all = *f;
    bool has_state = false;

    for (size_t i = 0; i < all.n; i++)
        has_state |= all.mentions[i]->body->kind == BODY_STATE;
    f->n = 0;
    for (size_t i = 0; i < all.n; i++) {
        const struct body *body = all.mentions[i]->body;

        if (has_state && body->kind != BODY_STATE && m->out->genre == GENRE_STATEMENT_TO_BODY)
            continue;
        if (all.n > 1 && span_equal_str(body->slug, "ieom"))
            continue;
        f->mentions[f->n++] = all.mentions[i];
    }
}

static struct found look(struct meta *m)
{
    static look_fn *const places[] = {look_labels,    look_letterhead,      look_joint,
                                      look_observers, look_title,           look_masthead,
                                      look_unknown,   look_title_mission,   look_site,
                                      look_subjects,  look_first_sentences, look_states};
    struct found f = {0};

    for (size_t i = 0; f.n == 0 && i < ARRAY_LEN(places); i++)
        places[i](m, &f);
    if (words_hold(m->out->title, SPAN_LIT("G7")) || words_hold(m->out->title, SPAN_LIT("joint")))
        add_partners(m, &f);
    drop_parents(&f);
    keep_speaking(m, &f);
    name_spokesperson(m, &f);
    return f;
}

void meta_find_issuers(struct meta *m)
{
    struct found f;

    if (!add_configured(m) && !look_embassy(m)) {
        f = look(m);
        for (size_t i = 0; i < f.n; i++)
            add_issuer(m, f.mentions[i]->body, meta_words(m, f.mentions[i]->at),
                       i == 0 ? ROLE_ISSUER : ROLE_CO_ISSUER);
    }
    add_publishers(m);
}
