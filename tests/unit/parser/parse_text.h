/* A text as the stages from text on see it, for tests. */
#ifndef POLLWATCH_TESTS_PARSE_TEXT_H
#define POLLWATCH_TESTS_PARSE_TEXT_H

#include <criterion/criterion.h>

#include "parser/text.h"

/* Parses `p` as a plain text file into `out`; the test ends when that fails. */
static inline struct article parse_text(const char *p, struct arena *arena, struct text *out)
{
    struct decoded page = {.kind = DOCUMENT_TEXT, .text = span_of_str(p)};
    struct article article;
    struct error err;

    cr_assert(article_from_plain(&page, arena, &article, &err) == 0, "%s", err.message);
    cr_assert(text_build(&article, arena, out, &err) == 0, "%s", err.message);
    return article;
}

/* A terminated copy, for messages and comparisons. */
static inline const char *text_of(struct arena *arena, struct span s)
{
    return span_is_null(s) ? "(null)" : arena_copy(arena, s).p;
}

#endif
