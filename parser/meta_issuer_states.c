/*
 * Issuers that no body's name tells: a state that speaks ("Japan warmly welcomes …"), an embassy, a
 * mission with a Chief Observer, a body that no list knows and that introduces itself.
 */
#include "parser/meta_issuer.h"

/* A body that no list knows, in the title, at the top or in the first sentences. */
void issuers_look_unknown(struct meta *m, struct issuers_found *f)
{
    struct body *body = arena_alloc(m->arena, sizeof *body);
    struct mention *made = arena_alloc(m->arena, sizeof *made);
    struct range at = m->text->title;
    bool found = meta_find_acronym(m, at, &body->name, &body->slug);

    for (size_t i = 0; !found && i < 3 && issuers_lead_sentence(m, i, &at); i++)
        found = meta_find_acronym(m, at, &body->name, &body->slug);
    if (!found)
        return;
    body->kind = BODY_OTHER;
    body->holder = body->slug;
    made->kind = MENTION_BODY;
    made->body = body;
    made->at.start = (uint32_t)(body->name.p - m->text->text.p);
    made->at.end = made->at.start + (uint32_t)body->name.n;
    issuers_add(f, made);
}

/* What a government does in its own name. */
static bool is_state_verb(struct span s)
{
    static const char *const verbs[] = {"welcomes",
                                        "warmly welcomes",
                                        "has warmly welcomed",
                                        "congratulates",
                                        "takes note",
                                        "commends",
                                        "applauds",
                                        "salutes",
                                        "pays tribute",
                                        "thanks",
                                        "encourages",
                                        "supports",
                                        "has welcomed",
                                        "expresses",
                                        "regrets",
                                        "condemns",
                                        "calls on",
                                        "urges",
                                        "notes",
                                        "remains committed",
                                        "appreciates",
                                        "respects",
                                        "joins",
                                        "is grateful",
                                        "is concerned",
                                        "stands with",
                                        "looks forward",
                                        "reaffirms",
                                        "deplores"};

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

void issuers_look_states(struct meta *m, struct issuers_found *f)
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
            issuers_add(f, made);
    }
}

/* "U.S. Embassy …" in Manila: no list can hold all of them. */
bool issuers_look_embassy(struct meta *m)
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

/* Only the Union's missions have a Chief Observer. */
void issuers_look_chief_observer(struct meta *m, struct issuers_found *f)
{
    const struct body *mission = lexicon_body(m->lexicon, SPAN_LIT("eu-eom"));

    for (size_t i = 0; f->n == 0 && mission && i < m->mentions.n; i++) {
        const struct mention *mention = &m->mentions.items[i];
        struct mention *made;

        if (mention->kind != MENTION_OFFICE ||
            !span_equal_str(mention->office->name, "Chief Observer"))
            continue;
        made = arena_alloc(m->arena, sizeof *made);
        *made = *mention;
        made->kind = MENTION_BODY;
        made->body = mission;
        made->at = (struct range){0, 0}; /* its words name no body */
        issuers_add(f, made);
    }
}
