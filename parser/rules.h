/*
 * The coding rules: data in parser/rules/<language>/, read and checked once at start.
 *
 * One directory, its files read in order of name, hashed together: rules_sha256 tells under which
 * rules a statement was coded, and a change of one byte makes every statement's dedupe key a new
 * one.
 */
#ifndef POLLWATCH_PARSER_RULES_H
#define POLLWATCH_PARSER_RULES_H

#include "common/error.h"
#include "common/span.h"

struct rules; /* read-only once loaded; its parts are in parser/code/rules_*.h */

/* `dir` holds a folder per language. ERR_CONFIG: FILE:LINE: cause. */
MUST_USE int rules_load(const char *dir, struct rules **out, struct error *err);
void rules_free(struct rules *r);

struct span rules_version(const struct rules *r); /* from rules/version.yaml */
struct span rules_sha256(const struct rules *r);  /* 64 hex digits */

#endif
