/*
 * Stage 6a: what the statement is: title, genre, issuers, speakers, forum, dateline, dates,
 * countries, elections. Fills those fields of `out`; leaves null what the text does not settle.
 */
#ifndef POLLWATCH_PARSER_META_H
#define POLLWATCH_PARSER_META_H

#include "parser/rules.h"
#include "parser/text.h"
#include "proto/message.h"

/* `job` says where the document came from; its issuer, when set, is believed. */
void meta_find(const struct rules *rules, const struct article *article, const struct text *text,
               const struct msg_work *job, struct arena *arena, struct statement *out);

#endif
