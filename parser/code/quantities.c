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
    for (size_t i = 0; i < found.n; i++) {
        struct finding *f = finding_with(c, first, &found.items[i]);

        if (f)
            *LIST_ADD(c->arena, &f->quantities) = found.items[i];
    }
    if (quantity_sum_agrees(c->text->text, &found) == TRUTH_NO)
        flag_mismatch(c);
}
