/*
 * Between the files of the text stage. text.c writes the canonical text and its lines; each of the
 * others finds one kind of structure in it.
 */
#ifndef POLLWATCH_PARSER_TEXT_PARTS_H
#define POLLWATCH_PARSER_TEXT_PARTS_H

#include "parser/text.h"

/* One line of the canonical text that has something in it. */
struct line {
    struct range at;
    enum block_kind kind;
    bool is_standfirst; /* the page itself says that this is its summary */
    enum section_kind section;
    bool is_heading;
    bool is_list_item;
};

typedef LIST_OF(struct line) line_list;

/* text_sections.c: section, is_heading and is_list_item of each line; out->title, out->sections. */
void text_mark_lines(line_list *lines, struct arena *arena, struct text *out);

/* text_sentences.c: needs the marks. */
void text_split_sentences(const line_list *lines, struct arena *arena, struct text *out);

/* text_quotes.c */
void text_find_quotes(const line_list *lines, struct arena *arena, struct text *out);

/* ---- text_words.c: questions about a few words ---- */

size_t words_count(struct span s);

/* Ends with a full stop or its like, perhaps inside quotation marks or brackets. */
bool words_end_sentence(struct span s);

/* Every letter is upper case, and there are at least two. */
bool words_are_capitals(struct span s);

/* The first letter is upper case; false when there is none. */
bool words_start_upper(struct span s);

/* Four digits that can be a year of our time stand alone. */
bool words_have_year(struct span s);

/* A year, and the name of a month or two signs of a date in numbers. */
bool words_have_date(struct span s);

/* Begins with `word`, in any case, and the word ends there. */
bool words_start_with(struct span s, struct span word);

/* Holds `word` as a whole word, in any case. */
bool words_hold(struct span s, struct span word);

/* White space, and what stands in front of a list item: bullets, dashes, "(a)", "12.", "IV.". */
size_t words_bullet(struct span s);

/*
 * Bytes of a dateline in front of prose ("ASTANA, 20 March 2023 – "), the dash included, or 0.
 * `s` is a line.
 */
size_t words_dateline(struct span s);

#endif
