/*
 * Between the files of the metadata stage. meta.c asks each of them for its fields, in an order in
 * which each can lean on what is settled already:
 *
 *     language, title ─▶ genre ─▶ dates ─▶ issuers ─▶ countries ─▶ speakers ─▶ forum ─▶ elections
 */
#ifndef POLLWATCH_PARSER_META_PARTS_H
#define POLLWATCH_PARSER_META_PARTS_H

#include "parser/dates.h"
#include "parser/lexicon.h"
#include "parser/meta.h"
#include "parser/text_parts.h"

/* One document while its metadata is found. */
struct meta {
    const struct lexicon *lexicon;
    const struct article *article;
    const struct text *text;
    const struct msg_work *job;
    struct arena *arena;
    struct statement *out;
    mentions mentions;          /* of the whole text */
    struct date published;      /* zero: not known */
    bool is_published_labelled; /* "Published …" says so, not only a date at the top */
    struct range first;         /* the first sentence of the body */
};

/* The same as meta_find(), for one lexicon. */
void meta_find_with(const struct lexicon *lexicon, const struct article *article,
                    const struct text *text, const struct msg_work *job, struct arena *arena,
                    struct statement *out);

void meta_find_title(struct meta *m); /* title, title_raw, subtitle */
void meta_find_dates(struct meta *m); /* date_published, date_delivered, dateline_place */
void meta_find_countries(struct meta *m);
void meta_find_genre(struct meta *m);
void meta_find_issuers(struct meta *m);
void meta_find_speakers(struct meta *m);
void meta_find_forum(struct meta *m);
void meta_find_elections(struct meta *m);

/* ---- meta.c: the text as the others look at it ---- */

/* The words of one section, line by line: starts at 0, moves `*at`; false at the end. */
struct meta_line {
    struct range at;
    enum section_kind section;
    struct span words;
};
bool meta_next_line(const struct meta *m, size_t *at, struct meta_line *out);

/* The first mention of `kind` inside `at` from number `*from` on; NULL: none. Moves `*from`. */
const struct mention *meta_next_mention(const struct meta *m, struct range at,
                                        enum mention_kind kind, size_t *from);

struct span meta_words(const struct meta *m, struct range at);

/* A date without a year gets the one that brings it nearest to the publication. */
bool meta_complete_date(const struct meta *m, struct date *d);

/*
 * meta_acronyms.c: a body that introduces itself in `at`, with its letters in brackets, and the
 * slug that these make; false: none.
 */
bool meta_find_acronym(const struct meta *m, struct range at, struct span *name, struct span *slug);

/* ---- meta_names.c: people's names ---- */

/*
 * The name that starts at or after `from` in `s` ("Daniel B. Baer", "Carlos van der Meer"), with
 * its titles cut off ("H.E. Mr."); an empty range when there is none right there. `at_start` asks
 * that nothing but titles and signs stand before it.
 */
struct range name_find(struct span s, size_t from, bool at_start);

#endif
