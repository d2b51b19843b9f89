/*
 * The identifiers of statements and findings (records.md, "Identity"): each is a prefix and 16 hex
 * digits of a SHA-256, so that the same input has the same id wherever and whenever it is coded.
 *
 *   statement_id  of the canonical URL             stays when the page is edited
 *   version_id    of the text                      stays when the same text is fetched again
 *   work_id       of the body's letters and digits stays when it is posted elsewhere
 *   finding_id    of what was found                stays when other parts change
 */
#ifndef POLLWATCH_PARSER_IDENTITY_H
#define POLLWATCH_PARSER_IDENTITY_H

#include "parser/text.h"
#include "proto/record.h"

/* Sets the three ids of `s`, whose canonical_url must be there. */
void identity_of_statement(const struct text *text, struct arena *arena, struct statement *s);

/*
 * The id of `f`, of which statement_id, evidence.exact, topic, type and attribution.holder are
 * used. `ordinal_among_equals` counts from 0 the findings of one statement that agree in all of
 * these, in order of the text.
 */
struct span identity_of_finding(const struct finding *f, uint32_t ordinal_among_equals,
                                struct arena *arena);

/* Letters and digits of `s`, NFKC, case-folded, in the arena: how ids compare texts. */
struct span identity_fold(struct span s, struct arena *arena);

#endif
