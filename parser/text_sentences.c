/*
 * Where sentences end.
 *
 * A full stop, question or exclamation mark ends one when white space or the line's end follows
 * (closing quotes and brackets between them belong to it), unless
 *   - the stop belongs to an abbreviation, an initial or a number that counts the line;
 *   - a lower-case letter follows: "said no. although …" goes on.
 * A stop between a word and a capital with no space between ("process.However") ends one too: the
 * pages of several bodies lose their spaces when paragraphs are joined.
 */
#include <unicode/uchar.h>

#include "common/utf8.h"
#include "parser/text_parts.h"

/* Lower case, without the last stop. Sorted by subject, looked through one by one: it is short. */
static const char *const abbreviations[] = {
    "mr",   "mrs",     "ms",     "mme", "dr",     "prof", "hon", "rev", "st", /* people */
    "gen",  "col",     "lt",     "maj", "capt",   "sgt",  "sen", "rep", "gov", "amb",
    "barr", "justice", "messrs", "jr",  "eng",    "jan",  "feb", "mar", "apr", "jun",
    "jul",  "aug",     "sept",   "sep", "oct",    "nov",  "dec", "no",  "nos", "art",
    "arts", "para",    "paras",  "sec", "vol",    "fig",  "pp", /* references */
    "e.g",  "i.e",     "vs",     "cf",  "approx", "al",   "tel",
};

static bool is_closer(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == 0x201d || c == 0x2019 || c == 0xbb;
}

static bool is_stop(char c)
{
    return c == '.' || c == '!' || c == '?';
}

static bool is_white(uint32_t c)
{
    return u_isUWhiteSpace((UChar32)c);
}

/* The code point at `at`, 0 at the end. */
static uint32_t peek(struct span s, size_t at)
{
    return utf8_next(s, &at);
}

/* The word that ends before `at`, without opening quotes and brackets. */
static struct span word_before(struct span s, size_t from, size_t at)
{
    size_t start = at;

    while (start > from) {
        size_t before = utf8_floor(s, start - 1);

        if (is_white(peek(s, before)))
            break;
        start = before;
    }
    while (start < at) {
        uint32_t c = peek(s, start);

        if (c != '(' && c != '"' && c != '\'' && c != '[' && c != 0x201c && c != 0x2018)
            break;
        utf8_next(s, &start);
    }
    return span_of(s.p + start, at - start);
}

/* "U.S", "H.E", "B.T": initials in capitals. "D.C" ends an address more often than not. */
static bool are_initials(struct span word)
{
    if (word.n < 3 || word.n % 2 == 0 || span_equal(word, SPAN_LIT("D.C")))
        return false;
    for (size_t i = 0; i < word.n; i++) {
        bool fits = i % 2 ? word.p[i] == '.' : word.p[i] >= 'A' && word.p[i] <= 'Z';

        if (!fits)
            return false;
    }
    return true;
}

static bool is_abbreviation(struct span word)
{
    if (word.n == 1 && ((word.p[0] | 0x20) >= 'a' && (word.p[0] | 0x20) <= 'z'))
        return true;
    for (size_t i = 0; i < sizeof abbreviations / sizeof abbreviations[0]; i++) {
        if (span_equal_nocase(word, span_of_str(abbreviations[i])))
            return true;
    }
    return are_initials(word);
}

/* "12", "(iv": what counts a line, when nothing else stands before the stop. */
static bool counts_line(struct span s)
{
    size_t n = 0;

    s = span_trim(s);
    if (s.n > 0 && s.p[0] == '(')
        s = span_from(s, 1);
    while (n < s.n && n < 3 && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    if (n > 0)
        return n == s.n;
    while (n < s.n && n < 5 && memchr("ivxIVX", s.p[n], 6))
        n++;
    return n > 0 && n == s.n;
}

/* "process.However": letters in lower case, the stop, a capital and a small letter. */
static bool lost_its_space(struct span s, size_t stop)
{
    size_t next = stop + 1;
    uint32_t c = utf8_next(s, &next);
    size_t start = stop;

    while (start > 0 && s.p[start - 1] != ' ')
        start--;
    if (stop < 3 || s.p[stop] != '.' || !u_isupper((UChar32)c) ||
        !u_islower((UChar32)peek(s, next)))
        return false;
    for (size_t i = stop - 3; i < stop; i++) {
        if (s.p[i] < 'a' || s.p[i] > 'z')
            return false;
    }
    if (memchr(s.p + start, '.', stop - start) || memchr(s.p + start, '/', stop - start))
        return false; /* an address */
    while (next < s.n && !is_white(peek(s, next))) {
        if (s.p[next] == '/' || s.p[next] == '@')
            return false;
        utf8_next(s, &next);
    }
    return true;
}

/* Where the sentence whose stop stands at `*at` ends, or 0 when it goes on; moves `*at` on. */
static size_t end_at(struct span s, size_t start, size_t *at)
{
    size_t stop = *at;
    size_t end = stop;
    uint32_t c;

    while (end < s.n && is_stop(s.p[end]))
        end++;
    while (is_closer(peek(s, end)))
        utf8_next(s, &end);
    *at = end;
    c = peek(s, end);
    if (c != 0 && !is_white(c))
        return end == stop + 1 && lost_its_space(s, stop) ? end : 0;
    if (s.p[stop] == '.' && is_abbreviation(word_before(s, start, stop)))
        return 0;
    if (start == 0 && counts_line(span_of(s.p, stop)))
        return 0;
    while (end < s.n && is_white(peek(s, end)))
        utf8_next(s, &end);
    return u_islower((UChar32)peek(s, end)) ? 0 : *at;
}

static struct range trimmed(struct span s, size_t start, size_t end)
{
    while (start < end && is_white(peek(s, start)))
        utf8_next(s, &start);
    while (end > start) {
        size_t before = utf8_floor(s, end - 1);

        if (!is_white(peek(s, before)))
            break;
        end = before;
    }
    return (struct range){(uint32_t)start, (uint32_t)end};
}

static void add_sentence(const struct line *line, uint32_t number, struct span s, size_t start,
                         size_t end, struct arena *arena, struct text *out)
{
    struct range at = trimmed(s, start, end);
    struct sentence *sentence;

    if (at.end <= at.start)
        return;
    sentence = LIST_ADD(arena, &out->sentences);
    *sentence = (struct sentence){
        .at = {line->at.start + at.start, line->at.start + at.end},
        .section = line->section,
        .paragraph = number,
        .is_heading = line->is_heading,
        .is_list_item = line->is_list_item,
    };
}

static void split_line(const struct line *line, uint32_t number, struct arena *arena,
                       struct text *out)
{
    struct span s = span_slice(out->text, line->at);
    size_t start = 0;

    for (size_t at = 0; at < s.n;) {
        size_t end;

        if (!is_stop(s.p[at])) {
            at++;
            continue;
        }
        end = end_at(s, start, &at);
        if (end == 0)
            continue;
        add_sentence(line, number, s, start, end, arena, out);
        start = end;
    }
    add_sentence(line, number, s, start, s.n, arena, out);
}

/* ---- headings in front of a paragraph: "Legal framework. The law …" ---- */

#define RUN_IN_MAX_WORDS 6

/* Words that no heading has; they tell "That changed." and "Thank you." from "Money in politics."
 */
static bool is_clause(struct span s)
{
    static const char *const words[] = {"is",     "was",  "are", "were",  "has",   "have", "had",
                                        "did",    "does", "not", "you",   "we",    "they", "it",
                                        "this",   "that", "i",   "he",    "she",   "will", "must",
                                        "should", "can",  "no",  "thank", "thanks"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words_hold(s, span_of_str(words[i])))
            return true;
    }
    return span_find(s, SPAN_LIT("ed."), 0) != SIZE_MAX ||
           span_find(s, SPAN_LIT("ed "), 0) != SIZE_MAX;
}

static bool may_run_in(const struct text *text, size_t i)
{
    const struct sentence *s = &text->sentences.items[i];
    struct span words = span_slice(text->text, s->at);

    words = span_from(words, words_bullet(words));
    return s->section == SECTION_BODY && !s->is_heading &&
           (i == 0 || s[-1].paragraph != s->paragraph) && i + 1 < text->sentences.n &&
           s[1].paragraph == s->paragraph && span_ends(words, SPAN_LIT(".")) &&
           words_count(words) <= RUN_IN_MAX_WORDS && words_start_upper(words) && !is_clause(words);
}

/* One alone is a short sentence; two or more are a way to lay out a text. */
static void mark_run_in_headings(struct text *out)
{
    size_t n = 0;

    for (size_t i = 0; i < out->sentences.n; i++)
        n += may_run_in(out, i);
    if (n < 2)
        return;
    for (size_t i = 0; i < out->sentences.n; i++) {
        if (may_run_in(out, i))
            out->sentences.items[i].is_heading = true;
    }
}

void text_split_sentences(const line_list *lines, struct arena *arena, struct text *out)
{
    for (size_t i = 0; i < lines->n; i++)
        split_line(&lines->items[i], (uint32_t)i, arena, out);
    mark_run_in_headings(out);
}
