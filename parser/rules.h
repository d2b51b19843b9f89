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

struct rules; /* read-only once loaded */

struct lexicon;  /* parser/lexicon.h */
struct rulebook; /* parser/code/rulebook.h */

/* The rules of one language; folder "en" holds those of "en", "en-GB", … */
struct language_rules {
    struct span language;
    struct lexicon *lexicon;
    struct rulebook *book;
};

/*
 * `dir` holds version.yaml and a folder per language. ERR_CONFIG: "FILE:LINE: cause" (no version,
 * no language, or what lexicon.h and rulebook.h refuse); ERR_SYS when something can't be read.
 */
MUST_USE int rules_load(const char *dir, struct rules **out, struct error *err);
void rules_free(struct rules *r);

struct span rules_version(const struct rules *r); /* from rules/version.yaml */
struct span rules_sha256(const struct rules *r);  /* 64 hex digits */

/* Those of `language` (BCP 47), or of English where there are none; never NULL. */
const struct language_rules *rules_for(const struct rules *r, struct span language);

#endif
