/*
 * The genre. What the title calls the text weighs most, then what the lines around it do ("PRESS
 * RELEASE", "As delivered by"); a text that says nothing of the kind and has a dateline in front of
 * its prose, or speaks of its issuer in the third person, is a press release.
 */
#include "parser/meta_parts.h"

/* A report has its heading among its first lines. */
#define REPORT_LINES 6

struct seen {
    bool in_title[GENRE_REPORT + 1];
    bool in_top[GENRE_REPORT + 1];
};

static void see_genres(struct meta *m, const struct meta_line *line, bool *seen)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, line->at, MENTION_GENRE, &from)) != NULL)
        seen[mention->genre] = true;
}

static struct seen look(struct meta *m)
{
    struct seen seen = {0};
    struct meta_line line;
    size_t body_lines = 0;

    for (size_t at = 0; body_lines < 1 && meta_next_line(m, &at, &line);) {
        bool is_short = words_count(line.words) <= 22;

        body_lines += line.section == SECTION_BODY && !is_short;
        if (line.section == SECTION_HEADLINE)
            see_genres(m, &line, seen.in_title);
        else if (is_short)
            see_genres(m, &line, seen.in_top);
    }
    return seen;
}

/* A statement by those who observed is preliminary even where it does not say so. */
static bool is_by_observers(struct span title)
{
    static const char *const who[] = {"observation mission", "observer mission", "observer group",
                                      "observer team",       "ndi delegation",   "iri delegation",
                                      "election delegation", "electoral mission"};

    for (size_t i = 0; i < ARRAY_LEN(who); i++) {
        if (span_find_nocase(title, span_of_str(who[i]), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

/* "SEOM releases Preliminary Statement", "EU EOM presents final report": news of a text, not it. */
static bool reports_a_text(struct span title)
{
    static const char *const verbs[] = {"releases", "presents",   "publishes",  "issues",
                                        "delivers", "hands over", "handed over"};

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (words_hold(title, span_of_str(verbs[i])))
            return true;
    }
    return false;
}

static bool has_inline_dateline(const struct meta *m)
{
    struct meta_line line;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        if (line.section == SECTION_BODY && words_count(line.words) > 12)
            return words_dateline(line.words) > 0;
    }
    return false;
}

static enum genre by_title(const struct meta *m, const struct seen *seen)
{
    const bool *in = seen->in_title;
    struct span title = m->out->title;

    if (reports_a_text(title))
        return GENRE_NONE;
    if (in[GENRE_SPOKESPERSON_STATEMENT])
        return GENRE_SPOKESPERSON_STATEMENT;
    if (in[GENRE_STATEMENT_TO_BODY])
        return GENRE_STATEMENT_TO_BODY;
    if (in[GENRE_REMARKS])
        return GENRE_REMARKS;
    if (in[GENRE_INTERIM] || (in[GENRE_STATEMENT] && is_by_observers(title)))
        return GENRE_INTERIM;
    return GENRE_NONE;
}

static enum genre by_top(const struct seen *seen)
{
    const bool *in = seen->in_top;

    if (in[GENRE_STATEMENT_TO_BODY])
        return GENRE_STATEMENT_TO_BODY;
    if (in[GENRE_REMARKS])
        return GENRE_REMARKS;
    if (in[GENRE_SPOKESPERSON_STATEMENT] && !seen->in_title[GENRE_STATEMENT])
        return GENRE_SPOKESPERSON_STATEMENT;
    if (in[GENRE_NEWS_ITEM])
        return GENRE_NEWS_ITEM;
    if (in[GENRE_INTERIM])
        return GENRE_INTERIM;
    if (seen->in_title[GENRE_STATEMENT])
        return GENRE_STATEMENT;
    if (in[GENRE_PRESS_RELEASE] || seen->in_title[GENRE_PRESS_RELEASE])
        return GENRE_PRESS_RELEASE;
    return GENRE_NONE;
}

/* A line that is "Executive Summary" or "Final Report" and no more opens a report itself. */
static bool is_report(const struct meta *m)
{
    static const char *const headings[] = {"executive summary", "final report"};
    struct meta_line line;
    size_t n = 0;

    for (size_t at = 0; n < REPORT_LINES && meta_next_line(m, &at, &line); n++) {
        for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
            if (span_equal_nocase(span_trim(line.words), span_of_str(headings[i])))
                return true;
        }
    }
    return false;
}

void meta_find_genre(struct meta *m)
{
    struct seen seen = look(m);
    enum genre genre = by_title(m, &seen);

    if (genre == GENRE_NONE && is_report(m))
        genre = GENRE_REPORT;
    if (genre == GENRE_NONE)
        genre = by_top(&seen);
    if (genre == GENRE_NONE && !has_inline_dateline(m) && seen.in_top[GENRE_STATEMENT])
        genre = GENRE_STATEMENT;
    if (genre == GENRE_NONE && !span_is_null(m->out->title))
        genre = GENRE_PRESS_RELEASE;
    m->out->genre = genre;
}
