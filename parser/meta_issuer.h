/*
 * Between the files that find issuers: meta_issuers.c asks the places of a text in turn,
 * meta_issuer_places.c has those where a body's name stands, meta_issuer_states.c what tells an
 * issuer without its name; meta_issuer_bodies.c knows organs and their parents.
 */
#ifndef POLLWATCH_PARSER_META_ISSUER_H
#define POLLWATCH_PARSER_META_ISSUER_H

#include "parser/meta_parts.h"

#define ISSUERS_MAX 8

/* How far into the body a joint mission introduces itself. */
#define ISSUERS_LEAD_SENTENCES 14

/* The bodies that a place names. */
struct issuers_found {
    const struct mention *mentions[ISSUERS_MAX];
    size_t n;
};

/* ---- meta_issuer_bodies.c ---- */

/* Once only, and only a body that can issue anything. */
void issuers_add(struct issuers_found *f, const struct mention *mention);
void issuers_add_all(struct meta *m, struct range at, struct issuers_found *f);

/* Whoever joins in at the top: "the G7, together with the Delegation of the European Union". */
void issuers_add_partners(struct meta *m, struct issuers_found *f);

void issuers_drop_parents(struct issuers_found *f);

/* A body that only stands for its organ becomes the organ that the lead names first. */
void issuers_name_organs(struct meta *m, struct issuers_found *f);

/* The sentence number `i` of the body's lead; false: there is none. */
bool issuers_lead_sentence(const struct meta *m, size_t i, struct range *out);

/* ---- the places; each adds what it finds, if anything ---- */

typedef void issuers_look_fn(struct meta *m, struct issuers_found *f);

void issuers_look_labels(struct meta *m, struct issuers_found *f);
void issuers_look_joint(struct meta *m, struct issuers_found *f);
void issuers_look_title(struct meta *m, struct issuers_found *f);
void issuers_look_title_mission(struct meta *m, struct issuers_found *f);
void issuers_look_site(struct meta *m, struct issuers_found *f);
void issuers_look_letterhead(struct meta *m, struct issuers_found *f);
void issuers_look_masthead(struct meta *m, struct issuers_found *f);
void issuers_look_subjects(struct meta *m, struct issuers_found *f);
void issuers_look_first_sentences(struct meta *m, struct issuers_found *f);
void issuers_look_unknown(struct meta *m, struct issuers_found *f);
void issuers_look_states(struct meta *m, struct issuers_found *f);
void issuers_look_chief_observer(struct meta *m, struct issuers_found *f);
void issuers_look_observers(struct meta *m, struct issuers_found *f);

/* An embassy writes its own issuer; false: it is none's. */
bool issuers_look_embassy(struct meta *m);

#endif
