/*
 * What ties findings together once all are there: their order, their ids, and the concession that
 * points from a conceded clause to the main one of its sentence.
 */
#include "common/digest.h"
#include "parser/code/coding.h"

static bool same_sentence(const struct finding *a, const struct finding *b)
{
    return a->evidence.sentence_start == b->evidence.sentence_start;
}

/* The first main finding of the sentence that `i` stands in, or NULL. */
static const struct finding *main_of(const struct coding *c, size_t i)
{
    const struct finding *all = c->out->findings.items;
    size_t n = c->out->findings.n;
    size_t k = i;

    while (k > 0 && same_sentence(&all[k - 1], &all[i]))
        k--;
    for (; k < n && same_sentence(&all[k], &all[i]); k++) {
        if (all[k].weight == WEIGHT_MAIN)
            return &all[k];
    }
    return NULL;
}

static void concede(struct coding *c, size_t i)
{
    struct finding *f = &c->out->findings.items[i];
    const struct finding *main = f->weight == WEIGHT_CONCEDED ? main_of(c, i) : NULL;

    if (main)
        *LIST_ADD(c->arena, &f->relations) =
            (struct relation){RELATION_CONCESSION, main->finding_id};
}

void relations_finish(struct coding *c)
{
    for (size_t i = 0; i < c->out->findings.n; i++)
        c->out->findings.items[i].ordinal = (uint32_t)i + 1;
    for (size_t i = 0; i < c->out->findings.n; i++)
        concede(c, i);
}
