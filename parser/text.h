/*
 * Stage 4: the canonical text, and its structure: sections, paragraphs, sentences, quotations.
 *
 * Every offset in a record refers to `text`. It is valid UTF-8, NFC, LF line ends. For a page it is
 * the title, then the blocks; for a text file it is the file. A sentence never crosses a line end.
 * Sentences are in order and don't overlap; every letter of the text is in exactly one.
 */
#ifndef POLLWATCH_PARSER_TEXT_H
#define POLLWATCH_PARSER_TEXT_H

#include "parser/article.h"

struct sentence {
    struct range at;
    enum section_kind section;
    uint32_t paragraph; /* number of its line */
    bool is_heading;    /* a section heading inside the body */
    bool is_list_item;
};

/* Words between quotation marks, marks not included. A quotation that runs over sentences or
 * paragraphs, or is interrupted ('"…," said X. "…"'), is several of these, each with the same
 * `group`. */
struct quote {
    struct range at;
    uint32_t group;
    bool is_scare; /* under four words and no speech verb beside it */
};

struct text {
    struct span text;
    LIST_OF(struct section) sections;
    LIST_OF(struct sentence) sentences;
    LIST_OF(struct quote) quotes;
    struct range title; /* of the headline in text; empty when there is none */
};

/* Returns 0 or ERR_LIMIT. */
MUST_USE int text_build(const struct article *article, struct arena *arena, struct text *out,
                        struct error *err);

#endif
