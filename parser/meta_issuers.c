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
#include "parser/meta_issuer.h"

/* A spokesperson's statement in the Union's name is the External Action Service's. */
static void name_spokesperson(struct meta *m, struct issuers_found *f)
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

/* A state speaks to a council, not the council; a mission's kind is no body beside its bodies. */
static void keep_speaking(const struct meta *m, struct issuers_found *f)
{
    struct issuers_found all = *f;
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

static struct issuers_found look(struct meta *m)
{
    static issuers_look_fn *const places[] = {
        issuers_look_labels,        issuers_look_letterhead,      issuers_look_joint,
        issuers_look_observers,     issuers_look_title,           issuers_look_masthead,
        issuers_look_unknown,       issuers_look_title_mission,   issuers_look_site,
        issuers_look_subjects,      issuers_look_first_sentences, issuers_look_states,
        issuers_look_chief_observer};
    struct issuers_found f = {0};

    for (size_t i = 0; f.n == 0 && i < ARRAY_LEN(places); i++)
        places[i](m, &f);
    if (words_hold(m->out->title, SPAN_LIT("G7")) || words_hold(m->out->title, SPAN_LIT("joint")))
        issuers_add_partners(m, &f);
    issuers_drop_parents(&f);
    keep_speaking(m, &f);
    name_spokesperson(m, &f);
    return f;
}

void meta_find_issuers(struct meta *m)
{
    struct issuers_found f;

    if (!add_configured(m) && !issuers_look_embassy(m)) {
        f = look(m);
        for (size_t i = 0; i < f.n; i++)
            add_issuer(m, f.mentions[i]->body, meta_words(m, f.mentions[i]->at),
                       i == 0 ? ROLE_ISSUER : ROLE_CO_ISSUER);
    }
    add_publishers(m);
}
