/*
 * Where a finding stands: the clause byte for byte, with a little of what is around it, so that it
 * can be found again in an edited page (W3C Web Annotation, TextQuoteSelector).
 */
#include "common/utf8.h"
#include "parser/code/coding.h"

/* Context on each side, as far as a character's border allows. */
#define CONTEXT_BYTES 32

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct range without_space(struct span text, struct range at)
{
    while (at.end > at.start && is_space(text.p[at.end - 1]))
        at.end--;
    while (at.start < at.end && is_space(text.p[at.start]))
        at.start++;
    return at;
}

/* Null where the text begins: an unknown value is never an empty one. */
static struct span prefix_of(struct span text, uint32_t start)
{
    size_t from = start > CONTEXT_BYTES ? start - CONTEXT_BYTES : 0;
    size_t floor = utf8_floor(text, from);

    /* A character that is cut by the limit stays out. */
    if (floor < from) {
        from = floor;
        utf8_next(text, &from);
    }
    return from < start ? span_of(text.p + from, start - from) : SPAN_NULL;
}

static struct span suffix_of(struct span text, uint32_t end)
{
    size_t to = end + CONTEXT_BYTES < text.n ? utf8_floor(text, end + CONTEXT_BYTES) : text.n;

    return end < to ? span_of(text.p + end, to - end) : SPAN_NULL;
}

/* Code points before `at`. Findings come nearly in order, so this looks at each byte about once. */
static uint32_t code_points_before(struct coding *c, uint32_t at)
{
    const char *p = c->text->text.p;

    if (at < c->counted.at) {
        c->counted.at = 0;
        c->counted.code_points = 0;
    }
    c->counted.code_points += (uint32_t)utf8_count(span_of(p + c->counted.at, at - c->counted.at));
    c->counted.at = at;
    return c->counted.code_points;
}

void evidence_make(struct coding *c, const struct clause *clause, struct evidence *out)
{
    struct span text = c->text->text;
    struct range at = without_space(text, clause->at);

    *out = (struct evidence){
        .start = at.start,
        .end = at.end,
        .exact = span_slice(text, at),
        .prefix = prefix_of(text, at.start),
        .suffix = suffix_of(text, at.end),
        .sentence_start = clause->sentence->at.start,
        .sentence_end = clause->sentence->at.end,
        .section = clause->sentence->section,
    };
    out->start_cp = code_points_before(c, at.start);
    out->end_cp = out->start_cp + (uint32_t)utf8_count(out->exact);
}
