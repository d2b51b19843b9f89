/*
 * What became of earlier recommendations (codebook section 6).
 *
 * A follow-up needs the thing ("recommendations") and the state it is in. Where words of several
 * degrees stand in a clause, the order of `by_weight` decides: a denial beats a degree, a degree
 * beats the bare "implemented" that it belongs to ("partly implemented").
 */
#include "parser/code/coding.h"

static const enum followup_status by_weight[] = {
    STATUS_NOT,   STATUS_PARTIALLY,     STATUS_MOSTLY, STATUS_ADDRESSED_UNSPECIFIED,
    STATUS_FULLY, STATUS_NOT_EVALUATED,
};

static bool has_value(const struct view *v, enum cue_class class, int value)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->cues[i].rule->class == class && v->cues[i].rule->value == value)
            return true;
    }
    return false;
}

static enum followup_status status_read(const struct view *v)
{
    for (size_t i = 0; i < ARRAY_LEN(by_weight); i++) {
        if (has_value(v, CUE_STATUS, (int)by_weight[i]))
            return by_weight[i];
    }
    return STATUS_NONE;
}

struct followup *followup_read(const struct coding *c, const struct view *v)
{
    enum followup_status status = v->first[CUE_PROPOSAL] ? status_read(v) : STATUS_NONE;
    struct followup *f;

    if (status == STATUS_NONE)
        return NULL;
    f = arena_alloc(c->arena, sizeof *f);
    f->status = status;
    f->scope =
        v->first[CUE_SCOPE] ? (enum followup_scope)v->first[CUE_SCOPE]->rule->value : SCOPE_NONE;
    return f;
}

enum polarity followup_polarity(const struct followup *f)
{
    switch (f->status) {
    case STATUS_FULLY:
    case STATUS_MOSTLY:
    case STATUS_ADDRESSED_UNSPECIFIED:
        return POLARITY_POSITIVE;
    case STATUS_PARTIALLY:
        return POLARITY_MIXED;
    case STATUS_NOT:
        return POLARITY_NEGATIVE;
    case STATUS_NOT_EVALUATED:
    case STATUS_NONE:
        break;
    }
    return POLARITY_NEUTRAL;
}

static enum followup_status status_of(enum polarity polarity)
{
    switch (polarity) {
    case POLARITY_POSITIVE:
        return STATUS_ADDRESSED_UNSPECIFIED;
    case POLARITY_MIXED:
        return STATUS_PARTIALLY;
    case POLARITY_NEGATIVE:
        return STATUS_NOT;
    case POLARITY_NEUTRAL:
    case POLARITY_NONE:
        break;
    }
    return STATUS_NOT_EVALUATED;
}

struct followup *followup_of(const struct coding *c, const struct view *v, enum polarity polarity)
{
    struct followup *f = followup_read(c, v);

    if (!f) {
        f = arena_calloc(c->arena, 1, sizeof *f);
        f->status = status_of(polarity);
    }
    return f;
}
