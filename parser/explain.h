/*
 * A coded statement as people read it, who extend the rules: which sentences were understood, from
 * which words, and which were not, and why. `pollwatch extract --uncoded` and `--explain`.
 *
 * Lines and offsets are those of the statement's `text`. Offsets that point outside it are shown
 * as nothing: the records come out of a cage and may be wrong. White space and control characters
 * come out as one space, so that a sentence is one line and a terminal is safe.
 */
#ifndef POLLWATCH_PARSER_EXPLAIN_H
#define POLLWATCH_PARSER_EXPLAIN_H

#include <stdio.h>

#include "parser/rules.h"
#include "proto/record.h"

/*
 * Each sentence without a finding as one line, those that no rule knew first:
 *
 *     FILE:LINE <tab> START-END <tab> REASON <tab> SENTENCE
 *
 * `only`: those of one reason; UNCODED_NONE: all.
 */
void explain_uncoded(const struct coded_statement *coded, const char *file,
                     enum uncoded_reason only, FILE *out);

/*
 * Each sentence with the cues in it, its clauses and their findings. The cues are looked up once
 * more, with `rules`, because records only tell of those that led to a finding.
 */
void explain_statement(const struct coded_statement *coded, const char *file,
                       const struct rules *rules, struct arena *arena, FILE *out);

/* What several statements add up to. */
struct explain_totals {
    size_t statements;
    size_t sentences;
    size_t coded;
    size_t uncoded[UNCODED_NO_RULE + 1]; /* by reason */
};

void explain_add(struct explain_totals *totals, const struct coded_statement *coded);
void explain_print_totals(const struct explain_totals *totals, FILE *out);

#endif
