/*
 * What ties findings together once all are there: their order, their ids, and the concession that
 * points from a conceded clause to the main one of its sentence.
 *
 * Findings that agree in all that an id is made of are told apart by their order. All ids are made
 * as if there were no equals; sorting then brings the equals together, and only those are made
 * anew.
 */
#include <stdlib.h>

#include "parser/code/coding.h"
#include "parser/identity.h"

static int id_compare(const void *a, const void *b)
{
    const struct finding *x = *(struct finding *const *)a;
    const struct finding *y = *(struct finding *const *)b;
    size_t n = x->finding_id.n < y->finding_id.n ? x->finding_id.n : y->finding_id.n;
    int order = memcmp(x->finding_id.p, y->finding_id.p, n);

    return order ? order : (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static void tell_apart(const struct coding *c, struct finding **sorted, size_t n)
{
    size_t i = 0;

    while (i < n) {
        struct span id = sorted[i]->finding_id;
        uint32_t equals = 1;

        for (i++; i < n && span_equal(sorted[i]->finding_id, id); i++)
            sorted[i]->finding_id = identity_of_finding(sorted[i], equals++, c->arena);
    }
}

static void identify(struct coding *c)
{
    size_t n = c->out->findings.n;
    struct finding **sorted = arena_calloc(c->arena, n + 1, sizeof(struct finding *));

    for (size_t i = 0; i < n; i++) {
        struct finding *f = &c->out->findings.items[i];

        f->ordinal = (uint32_t)i + 1;
        f->finding_id = identity_of_finding(f, 0, c->arena);
        sorted[i] = f;
    }
    qsort(sorted, n, sizeof(struct finding *), id_compare);
    tell_apart(c, sorted, n);
}

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

/* Who is to blame is told of wrongs only. */
static void name_actor(const struct coding *c, struct finding *f)
{
    if (f->type == TYPE_ASSESSMENT && f->polarity == POLARITY_NEGATIVE)
        f->actor = attribution_actor(c, (struct range){f->evidence.start, f->evidence.end});
}

/* A relay that only goes on from the sentence before is never sure. */
static void doubt_continued(struct finding *f)
{
    if (f->attribution.stance == STANCE_RELAY && !f->attribution.cue &&
        f->confidence == CONFIDENCE_HIGH)
        f->confidence = CONFIDENCE_MEDIUM;
}

void relations_finish(struct coding *c)
{
    identify(c);
    for (size_t i = 0; i < c->out->findings.n; i++) {
        concede(c, i);
        name_actor(c, &c->out->findings.items[i]);
        doubt_continued(&c->out->findings.items[i]);
    }
}
