/*
 * The title as people cite it: what stands around it for the page's sake goes (records.md keeps it
 * in title_raw): a genre before it ("PRESS RELEASE :"), brackets behind it ("[March 2023]"), the
 * masthead in several languages in front of a bar.
 */
#include "parser/meta_parts.h"

/* A genre before the title, up to a colon or a dash. */
static struct span without_prefix(struct span s)
{
    static const char *const genres[] = {
        "press release", "media release",         "news release", "press statement",
        "release",       "preliminary statement", "media note",   "news"};

    for (size_t i = 0; i < ARRAY_LEN(genres); i++) {
        struct span genre = span_of_str(genres[i]);
        struct span rest;

        if (!words_start_with(s, genre))
            continue;
        rest = span_trim(span_from(s, genre.n));
        if (span_starts(rest, SPAN_LIT(":")))
            return span_trim(span_from(rest, 1));
        if (span_starts(rest, SPAN_LIT("- ")) && words_count(rest) > 4 && i != 0)
            return span_trim(span_from(rest, 2));
    }
    return s;
}

/* "[March 2023]", "[scroll down for French version]" */
static struct span without_brackets(struct span s)
{
    while (s.n > 0 && s.p[s.n - 1] == ']') {
        size_t open = s.n;

        while (open > 0 && s.p[open - 1] != '[')
            open--;
        if (open == 0)
            break;
        s = span_trim(span_of(s.p, open - 1));
    }
    return s;
}

/* "ECOWAS COMMISSION – COMMISSION DE LA CEDEAO | Election Observation Mission …" */
static struct span without_masthead(struct span s)
{
    size_t bar = span_find(s, SPAN_LIT(" | "), 0);
    struct span rest;

    if (bar == SIZE_MAX)
        return s;
    rest = span_from(s, bar + 3);
    if (words_count(rest) > words_count(span_of(s.p, bar)))
        return span_trim(rest);
    return words_count(rest) <= 4 ? span_trim(span_of(s.p, bar)) : s;
}

/* "…: \"Count the Votes\". Statement on …" : a title ends where its sentence does. */
static struct span first_of_two(const struct meta *m, struct span s)
{
    for (size_t i = 0; i < m->text->sentences.n; i++) {
        struct range at = m->text->sentences.items[i].at;

        if (at.start == m->text->title.start && at.end < m->text->title.end)
            return meta_words(m, at);
    }
    return s;
}

static struct span subtitle(const struct meta *m)
{
    for (size_t i = 0; i < m->text->sections.n; i++) {
        const struct section *section = &m->text->sections.items[i];

        if (section->kind == SECTION_STANDFIRST)
            return meta_words(m, (struct range){section->start, section->end});
    }
    return SPAN_NULL;
}

void meta_find_title(struct meta *m)
{
    struct span raw = m->article->title_raw;
    struct span title = m->article->title;

    if (m->text->title.end > m->text->title.start)
        title = first_of_two(m, meta_words(m, m->text->title));
    if (span_is_null(title))
        title = m->job->feed_title;
    if (span_is_null(title))
        return;
    m->out->title_raw = span_is_null(raw) ? title : raw;
    m->out->title = without_brackets(without_masthead(without_prefix(span_trim(title))));
    m->out->subtitle = subtitle(m);
}
