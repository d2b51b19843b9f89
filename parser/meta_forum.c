/* The body to which a text is spoken: "to the Permanent Council, Vienna", "statement to the OSCE".
 */
#include "parser/meta_parts.h"

static const char *const councils[] = {"Permanent Council", "Human Rights Council",
                                       "Security Council", "Forum for Security Co-operation",
                                       "General Assembly"};

static struct span council_in(struct span s)
{
    for (size_t i = 0; i < ARRAY_LEN(councils); i++) {
        struct span name = span_of_str(councils[i]);
        size_t at = span_find_nocase(s, name, 0);

        if (at != SIZE_MAX)
            return span_of(s.p + at, name.n);
    }
    return SPAN_NULL;
}

/* The body behind "to the" in the title. */
static struct span addressed_in_title(const struct meta *m)
{
    struct span title = m->out->title;
    size_t at = span_find_nocase(title, SPAN_LIT("statement to the "), 0);
    struct span rest;
    size_t end = 0;

    if (at == SIZE_MAX)
        return SPAN_NULL;
    rest = span_from(title, at + SPAN_LIT("statement to the ").n);
    while (end < rest.n && rest.p[end] != ',' && rest.p[end] != ':' && rest.p[end] != '.')
        end++;
    return span_trim(span_of(rest.p, end));
}

void meta_find_forum(struct meta *m)
{
    struct meta_line line;
    struct span name = SPAN_NULL;

    if (m->out->genre != GENRE_STATEMENT_TO_BODY && m->out->genre != GENRE_REMARKS)
        return;
    for (size_t at = 0; span_is_null(name) && meta_next_line(m, &at, &line);) {
        if (line.section == SECTION_BODY)
            break;
        name = council_in(line.words);
    }
    if (span_is_null(name))
        name = addressed_in_title(m);
    if (span_is_null(name))
        return;
    m->out->forum = arena_alloc(m->arena, sizeof *m->out->forum);
    m->out->forum->name = name;
    m->out->forum->place = m->out->dateline_place;
}
