/*
 * The numbers of a sentence, given to the findings that they stand in.
 *
 * A number that stands in several findings (one clause, several topics) goes to the first of them,
 * so that it is counted once.
 */
#include "parser/quantity.h"

#include "parser/code/coding.h"

static struct finding *finding_with(struct coding *c, size_t first, const struct quantity *q)
{
    for (size_t i = first; i < c->out->findings.n; i++) {
        struct finding *f = &c->out->findings.items[i];

        if (f->evidence.start <= q->evidence.start && q->evidence.end <= f->evidence.end)
            return f;
    }
    return NULL;
}

#define GROUP_WORDS 4

/* "The proportional race", of "in the proportional race and …", behind a number. */
static struct span group_behind(const struct coding *c, const struct sentence *s, uint32_t at)
{
    struct range behind = {at, s->at.end};
    struct span words = coding_words(c, behind);
    static const char stops[] = ",;.()";
    size_t lead = span_starts(words, SPAN_LIT(" in the ")) ? 8 : 0;
    size_t end = lead;

    if (lead == 0)
        return SPAN_NULL;
    for (size_t n = 0; n < GROUP_WORDS && end < words.n; n++) {
        size_t next = span_find(words, SPAN_LIT(" "), end + 1);

        if (span_starts(span_from(words, end), SPAN_LIT(" and ")))
            break;
        for (end++; end < words.n && end < next && !memchr(stops, words.p[end], sizeof stops - 1);)
            end++;
        if (end < next)
            break;
    }
    return span_slice(words, (struct range){(uint32_t)lead, (uint32_t)end});
}

/* Shares that a sentence sets side by side are of the same thing, each in a group of its own: "31
 * per cent of the candidates in the one race and 18 per cent in the other". */
static void shares_compare(const struct coding *c, const struct sentence *s, quantity_list *found)
{
    for (size_t i = 1; i < found->n; i++) {
        struct quantity *a = &found->items[i - 1];
        struct quantity *b = &found->items[i];

        if (a->unit != UNIT_PERCENT || b->unit != UNIT_PERCENT || !span_is_null(b->concept) ||
            span_is_null(a->concept))
            continue;
        b->concept = a->concept;
        b->of = a->of;
        if (span_is_null(a->group))
            a->group = group_behind(c, s, a->evidence.end);
        b->group = group_behind(c, s, b->evidence.end);
    }
}

static void flag_mismatch(struct coding *c)
{
    text_list *quality = &c->out->statement.quality;

    for (size_t i = 0; i < quality->n; i++) {
        if (span_equal_str(quality->items[i], "sum_mismatch"))
            return;
    }
    *LIST_ADD(c->arena, quality) = SPAN_LIT("sum_mismatch");
}

void quantities_attach(struct coding *c, const struct sentence *s, size_t first)
{
    quantity_list found = {0};

    if (first == c->out->findings.n)
        return;
    quantity_find(c->text->text, s->at, c->arena, &found);
    shares_compare(c, s, &found);
    for (size_t i = 0; i < found.n; i++) {
        struct finding *f = finding_with(c, first, &found.items[i]);

        if (f)
            *LIST_ADD(c->arena, &f->quantities) = found.items[i];
    }
    if (quantity_sum_agrees(c->text->text, &found) == TRUTH_NO)
        flag_mismatch(c);
}
