/*
 * Bodies as issuers: which can be one, which is an organ of which, and who joins in.
 */
#include "parser/meta_issuer.h"

/* How far behind "together with the" a partner's name ends. */
#define PARTNER_REACH_BYTES 90

static bool can_issue(const struct body *body)
{
    return body->kind != BODY_COLLECTIVE && body->kind != BODY_PUBLISHER;
}

void issuers_add(struct issuers_found *f, const struct mention *mention)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->mentions[i]->body == mention->body)
            return;
    }
    if (f->n < ISSUERS_MAX && can_issue(mention->body))
        f->mentions[f->n++] = mention;
}

void issuers_add_all(struct meta *m, struct range at, struct issuers_found *f)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, at, MENTION_BODY, &from)) != NULL)
        issuers_add(f, mention);
}

/* "the G7, together with the Delegation of the European Union": whoever joins in at the top. */
void issuers_add_partners(struct meta *m, struct issuers_found *f)
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
            issuers_add(f, mention);
    }
}

/* ---- organs and their parents ---- */

static bool has_organ(const struct issuers_found *f, const struct body *body)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->mentions[i]->body != body && body_is_within(f->mentions[i]->body, body))
            return true;
    }
    return false;
}

void issuers_drop_parents(struct issuers_found *f)
{
    size_t kept = 0;
    struct issuers_found all = *f;

    for (size_t i = 0; i < all.n; i++) {
        if (!has_organ(&all, all.mentions[i]->body))
            f->mentions[kept++] = all.mentions[i];
    }
    f->n = kept;
}

/* The sentence number `i` of the body's lead, false when there is none. */
bool issuers_lead_sentence(const struct meta *m, size_t i, struct range *out)
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
void issuers_name_organs(struct meta *m, struct issuers_found *f)
{
    struct range at;

    for (size_t k = 0; k < f->n; k++) {
        const struct body *body = f->mentions[k]->body;
        bool done = false;

        for (size_t i = 0; !done && i < 4 && issuers_lead_sentence(m, i, &at); i++) {
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
