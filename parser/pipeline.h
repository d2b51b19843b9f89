/*
 * All stages in a row: one document's bytes -> one coded statement. Pure: no I/O, no clock, no
 * globals; the same input and rules give the same bytes, ids included.
 */
#ifndef POLLWATCH_PARSER_PIPELINE_H
#define POLLWATCH_PARSER_PIPELINE_H

#include "parser/rules.h"
#include "parser/text.h"
#include "proto/message.h"
#include "proto/record.h"

/*
 * `job` describes the document (url is required). On failure `*reason` is the word that a dead
 * letter keeps: "empty", "binary", "unsupported_media_type", "too_large", "no_text".
 */
MUST_USE int pipeline_run(const struct rules *rules, const struct msg_work *job, struct span body,
                          struct arena *arena, struct coded_statement *out, const char **reason,
                          struct error *err);

/* The same up to the findings: the text and what the statement is. `text` lives in `arena`. */
MUST_USE int pipeline_read(const struct rules *rules, const struct msg_work *job, struct span body,
                           struct arena *arena, struct text *text, struct coded_statement *out,
                           const char **reason, struct error *err);

#endif
