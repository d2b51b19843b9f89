/*
 * Stage 6b: what the statement says: clauses coded into findings (codebook sections 1 to 9), and a
 * reason for each sentence without one. `statement` has its metadata already; findings, coverage
 * and uncoded are added. Evidence, ordinals and finding ids are complete; seq stays 0.
 */
#ifndef POLLWATCH_PARSER_CODE_H
#define POLLWATCH_PARSER_CODE_H

#include "parser/rules.h"
#include "parser/text.h"

void code_findings(const struct rules *rules, const struct text *text, struct arena *arena,
                   struct coded_statement *inout);

#endif
