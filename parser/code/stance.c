/*
 * Whose words a clause passes on: a source and a verb of saying beside it.
 *
 *     "ODIHR noted that …"            source before the verb
 *     "according to ODIHR, …"         source behind it
 *     "As ODIHR noted, …"             passed on and shared: endorsed
 *
 * A source is a body or a country in the lexicon, or a class of people that the rulebook names
 * ("several parties"). Of several the one nearest to the verb is meant, a body before a country: in
 * "Kazakhstan's commission" the country is only an attribute.
 */
#include "parser/code/coding.h"

/* Words between a source and its verb: "ODIHR in its final report also noted". */
#define BEFORE_WORDS 8
#define BEHIND_WORDS 4

/* A class of people is the subject of its verb only this near. */
#define CLASS_WORDS 2

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

static bool is_near(const struct coding *c, struct range at, const struct cue *verb, bool ahead,
                    size_t words_before)
{
    struct range before = {at.end, verb->at.start};
    struct range behind = {verb->at.end, at.start};

    if (ahead)
        return behind.start <= behind.end && coding_count_words(c, behind) <= BEHIND_WORDS;
    return before.start <= before.end && coding_count_words(c, before) <= words_before;
}

/* A body or country of the lexicon beside the verb. */
static struct span named_source(const struct coding *c, const struct view *v,
                                const struct cue *verb, bool ahead)
{
    size_t first;
    size_t n = mentions_within(&c->mentions, v->clause->sentence->at, &first);
    struct span found = SPAN_NULL;

    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &c->mentions.items[first + i];
        struct span slug = slug_of(m);

        if (span_is_null(slug) || !is_near(c, m->at, verb, ahead, BEFORE_WORDS))
            continue;
        if (m->kind == MENTION_BODY || span_is_null(found))
            found = slug;
        if (ahead)
            break;
    }
    return found;
}

static bool mentions_body(const struct coding *c, const char *slug)
{
    for (size_t i = 0; i < c->mentions.n; i++) {
        const struct mention *m = &c->mentions.items[i];

        if (m->kind == MENTION_BODY && span_equal_str(m->body->slug, slug))
            return true;
    }
    return false;
}

/* A class of people beside the verb. Observers are those of the mission that the text speaks of. */
static struct span class_source(const struct coding *c, const struct view *v,
                                const struct cue *verb, bool ahead)
{
    struct span found = SPAN_NULL;

    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cue->rule->class == CUE_SOURCE && is_near(c, cue->at, verb, ahead, CLASS_WORDS))
            found = span_of_str(source_names[cue->rule->value]);
    }
    if (span_equal_str(found, "observers") && mentions_body(c, "ieom"))
        return SPAN_LIT("ieom");
    return found;
}

/* "As the report notes, …" */
static bool is_shared(const struct coding *c, const struct view *v, const struct cue *verb)
{
    struct range before = {v->clause->read.start, verb->at.start};
    struct span words = coding_words(c, v->clause->read);

    return (span_starts(words, SPAN_LIT("As ")) || span_starts(words, SPAN_LIT("as "))) &&
           before.start <= before.end && coding_count_words(c, before) <= BEFORE_WORDS;
}

static struct source source_at(const struct coding *c, const struct view *v, const struct cue *verb)
{
    struct source s = {.stance = (enum stance)verb->rule->value, .verb = verb};
    bool ahead = looks_ahead(v, verb);

    s.slug = named_source(c, v, verb, ahead);
    if (span_is_null(s.slug))
        s.slug = class_source(c, v, verb, ahead);
    if (is_shared(c, v, verb)) {
        s.stance = STANCE_ENDORSE;
        if (span_is_null(s.slug))
            s.slug = c->reporter;
    }
    return s;
}

struct source stance_find(const struct coding *c, const struct view *v)
{
    struct source found = {0};

    for (size_t i = 0; i < v->n && span_is_null(found.slug); i++) {
        if (v->cues[i].rule->class != CUE_SPEECH)
            continue;
        if (!found.verb || !span_is_null(source_at(c, v, &v->cues[i]).slug))
            found = source_at(c, v, &v->cues[i]);
    }
    return found;
}
