/*
 * Whose words a clause passes on: a source and a verb of saying beside it.
 *
 *     "ODIHR noted that …"            source before the verb
 *     "according to ODIHR, …"         source behind it
 *     "observers were informed by …"  passive: the source behind it
 *
 * A source is a body or a country in the lexicon; "the ministry" of a country that is named is that
 * country.
 */
#include "parser/code/coding.h"

/* Words between a source and its verb: "ODIHR in its final report also noted". */
#define BEFORE_WORDS 8
#define BEHIND_WORDS 4

/* "According to": found as such over the same words. */
static bool looks_ahead(const struct view *v, const struct cue *verb)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cue->rule->class == CUE_AHEAD && range_holds(cue->at, verb->at))
            return true;
    }
    return false;
}

static struct span slug_of(const struct mention *m)
{
    if (m->kind == MENTION_BODY)
        return span_is_null(m->body->holder) ? m->body->slug : m->body->holder;
    if (m->kind == MENTION_COUNTRY && m->form != FORM_CAPITAL)
        return m->country->slug;
    return SPAN_NULL;
}

static bool is_near(const struct coding *c, const struct mention *m, const struct cue *verb,
                    bool ahead)
{
    struct range before = {m->at.end, verb->at.start};
    struct range behind = {verb->at.end, m->at.start};

    if (ahead)
        return behind.start <= behind.end && coding_count_words(c, behind) <= BEHIND_WORDS;
    return before.start <= before.end && coding_count_words(c, before) <= BEFORE_WORDS;
}

static struct span source_of(const struct coding *c, const struct view *v, const struct cue *verb)
{
    bool ahead = looks_ahead(v, verb);
    size_t first;
    size_t n = mentions_within(&c->mentions, v->clause->sentence->at, &first);
    struct span found = SPAN_NULL;

    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &c->mentions.items[first + i];
        struct span slug = slug_of(m);

        if (span_is_null(slug) || !is_near(c, m, verb, ahead))
            continue;
        if (m->kind == MENTION_BODY || span_is_null(found))
            found = slug;
        if (ahead)
            break;
    }
    return found;
}

struct source stance_find(const struct coding *c, const struct view *v)
{
    struct source source = {0};

    for (size_t i = 0; i < v->n; i++) {
        const struct cue *verb = &v->cues[i];
        struct span slug;

        if (verb->rule->class != CUE_SPEECH)
            continue;
        slug = source_of(c, v, verb);
        if (span_is_null(slug) && source.verb)
            continue;
        if (!span_is_null(source.slug))
            break;
        source = (struct source){slug, (enum stance)verb->rule->value, verb};
    }
    return source;
}
