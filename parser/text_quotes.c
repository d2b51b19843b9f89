/*
 * Words between quotation marks.
 *
 * Marks are paired inside a line. A quotation that is left open goes on in the next line when that
 * one begins with an opening mark again, as long quotations are set in English. Pieces in one line
 * with a speech verb between them ('"…," said X. "…"') are one quotation, interrupted. Straight
 * marks open before a word and close behind one; single marks count only in lines without double
 * ones, and close only behind punctuation, because the apostrophe of a plural looks the same.
 */
#include <unicode/uchar.h>

#include "common/utf8.h"
#include "parser/text_parts.h"

/* Codebook section 7: under four words without a speech verb is a scare quote. */
#define SCARE_MAX_WORDS 3

/* How far from a mark a speech verb may stand and still belong to it. */
#define SPEECH_REACH_BYTES 90

enum mark { MARK_NONE, MARK_OPEN, MARK_CLOSE };

struct quoting {
    const struct text *text;
    struct arena *arena;
    struct text *out;
    uint32_t group;
    bool is_open; /* the last line ended inside a quotation */
};

static uint32_t before(struct span s, size_t at)
{
    size_t i;

    if (at == 0)
        return 0;
    i = utf8_floor(s, at - 1);
    return utf8_next(s, &i);
}

static uint32_t after(struct span s, size_t at)
{
    return utf8_next(s, &at);
}

static bool opens_here(uint32_t left, uint32_t right)
{
    bool free_left = left == 0 || u_isUWhiteSpace((UChar32)left) || left == '(' || left == '[' ||
                     left == 0x2013 || left == 0x2014 || left == '-' || left == ':';

    return free_left && right != 0 && !u_isUWhiteSpace((UChar32)right);
}

static enum mark double_mark(struct span s, size_t at, size_t *end)
{
    uint32_t c;

    *end = at;
    c = utf8_next(s, end);
    switch (c) {
    case 0x201c: /* also closes in German, where 201e opened */
    case 0x201e:
    case 0xab:
        return MARK_OPEN;
    case 0x201d:
    case 0xbb:
        return MARK_CLOSE;
    case '"':
        return opens_here(before(s, at), after(s, *end)) ? MARK_OPEN : MARK_CLOSE;
    }
    return MARK_NONE;
}

static enum mark single_mark(struct span s, size_t at, size_t *end)
{
    uint32_t c;
    uint32_t left = before(s, at);

    *end = at;
    c = utf8_next(s, end);
    if (c != '\'' && c != 0x2018 && c != 0x2019)
        return MARK_NONE;
    if (c != 0x2019 && opens_here(left, after(s, *end)) && u_isalpha((UChar32)after(s, *end)))
        return MARK_OPEN;
    if (c != 0x2018 && (left == ',' || left == '.' || left == '?' || left == '!'))
        return MARK_CLOSE;
    return MARK_NONE;
}

typedef enum mark mark_fn(struct span s, size_t at, size_t *end);

static mark_fn *marks_of(struct span s)
{
    for (size_t at = 0; at < s.n;) {
        size_t end;

        if (double_mark(s, at, &end) != MARK_NONE)
            return double_mark;
        at = end;
    }
    return single_mark;
}

/* Whether somebody says something in these words. */
static bool has_speech_verb(struct span s)
{
    static const char *const verbs[] = {"said",        "says",
                                        "say",         "told",
                                        "added",       "stated",
                                        "states",      "noted",
                                        "notes",       "stressed",
                                        "concluded",   "began",
                                        "continued",   "went on",
                                        "explained",   "observed",
                                        "commented",   "underlined",
                                        "remarked",    "warned",
                                        "declared",    "asked",
                                        "emphasized",  "emphasised",
                                        "reads",       "according to",
                                        "urged",       "insisted",
                                        "recalled",    "argued",
                                        "pointed out", "affirmed",
                                        "saying",      "following statement"};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (words_hold(s, span_of_str(verbs[i])))
            return true;
    }
    return false;
}

static struct span around(struct span s, size_t start, size_t end)
{
    if (start > s.n)
        start = s.n;
    if (end > s.n)
        end = s.n;
    return span_of(s.p + start, end > start ? end - start : 0);
}

static bool is_scare(struct span s, size_t start, size_t end)
{
    size_t left = start > SPEECH_REACH_BYTES ? utf8_floor(s, start - SPEECH_REACH_BYTES) : 0;
    size_t right = utf8_floor(s, end + SPEECH_REACH_BYTES);

    return words_count(around(s, start, end)) <= SCARE_MAX_WORDS &&
           !has_speech_verb(around(s, left, start)) && !has_speech_verb(around(s, end, right));
}

/* Whether the piece that starts at `start` goes on with the one that ended at `last_end`. */
static bool resumes(const struct quoting *q, struct span s, size_t last_end, size_t start)
{
    const struct quote *last;

    if (last_end == SIZE_MAX || q->out->quotes.n == 0)
        return false;
    last = &q->out->quotes.items[q->out->quotes.n - 1];
    return !last->is_scare && has_speech_verb(around(s, last_end, start));
}

static void add_quote(struct quoting *q, const struct line *line, struct span s, size_t start,
                      size_t end, bool is_same)
{
    struct quote *quote;

    if (end <= start)
        return;
    if (!is_same)
        q->group++;
    quote = LIST_ADD(q->arena, &q->out->quotes);
    *quote = (struct quote){
        .at = {line->at.start + (uint32_t)start, line->at.start + (uint32_t)end},
        .group = q->group,
        .is_scare = is_scare(s, start, end),
    };
}

static void quote_line(struct quoting *q, const struct line *line)
{
    struct span s = span_slice(q->text->text, line->at);
    mark_fn *mark_at = marks_of(s);
    size_t start = SIZE_MAX;    /* of the words of the open quotation */
    size_t last_end = SIZE_MAX; /* of the one before */
    bool is_same = false;

    for (size_t at = 0; at < s.n;) {
        size_t end;
        enum mark mark = mark_at(s, at, &end);

        if (mark == MARK_OPEN && start == SIZE_MAX) {
            is_same = (q->is_open && at == 0) || resumes(q, s, last_end, at);
            start = end;
        } else if (mark == MARK_CLOSE && start != SIZE_MAX) {
            add_quote(q, line, s, start, at, is_same);
            last_end = end;
            start = SIZE_MAX;
        }
        at = end;
    }
    q->is_open = start != SIZE_MAX;
    if (q->is_open)
        add_quote(q, line, s, start, s.n, is_same);
}

void text_find_quotes(const line_list *lines, struct arena *arena, struct text *out)
{
    struct quoting q = {.text = out, .arena = arena, .out = out};

    for (size_t i = 0; i < lines->n; i++)
        quote_line(&q, &lines->items[i]);
}
