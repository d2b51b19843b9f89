/*
 * Whose words a clause passes on: a source and a verb of saying beside it.
 *
 *     "ODIHR noted that …"            source before the verb
 *     "according to ODIHR, …"         source behind it
 *     "As ODIHR noted, …"             passed on and shared: endorsed
 *
 * A source is a body or a country in the lexicon, or a class of people that the rulebook names
 * ("several parties", "the ministry"). Of several the one nearest to the verb is meant, a body
 * before a country: in "Kazakhstan's commission" the country is only an attribute.
 *
 * A verb may stand in another clause than what it passes on: "…, observers said" closes a sentence
 * and is about all of it, "ODIHR noted that X, while Y" is about what follows.
 */
#include "parser/code/coding.h"

/* Words between a source and its verb: "ODIHR in its final report also noted". */
#define BEFORE_WORDS 8
#define BEHIND_WORDS 4

/* A class of people is the subject of its verb only this near; an institution has a longer name,
 * and often its head's behind it: "the Election Commissioner, Ms Jane Doe, replied". */
#define CLASS_WORDS       2
#define INSTITUTION_WORDS 6

/* A verb with no more words behind it than this closes its sentence: "observers said in a statement
 * released today". */
#define CLOSING_WORDS 9

/* Words before the head of a subject: "An", "• Several". */
#define SUBJECT_WORDS 2

/* Where "that" or words in quotation marks stand behind a verb that passes something on. */
#define SAYS_BYTES 40

/* "According to": found as such over the same words. "Told by": the source is behind that. */
static bool looks_ahead(const struct coding *c, const struct view *v, const struct cue *verb)
{
    struct span behind = span_from(c->text->text, verb->at.end);

    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cue->rule->class == CUE_AHEAD && range_holds(cue->at, verb->at))
            return true;
    }
    return span_starts(behind, SPAN_LIT(" by "));
}

/* "The Albanian Ambassador", "Albania's delegation" speak for the state; "Albania's voters" don't.
 */
static bool is_of_state(const struct coding *c, const struct mention *m)
{
    static const char *const offices[] = {
        "Ambassador",     "ambassador",  "Government", "government", "Delegation",
        "delegation",     "authorities", "President",  "president",  "Ministry",
        "Foreign Minist", "Parliament",  "parliament", "Permanent"};
    struct span behind = span_from(c->text->text, m->at.end);

    if (span_starts(behind, SPAN_LIT("'s")))
        behind = span_from(behind, 2);
    else if (span_starts(behind, SPAN_LIT("\xE2\x80\x99s")))
        behind = span_from(behind, 4);
    else if (m->form == FORM_NAME || m->form == FORM_ACRONYM)
        return true;
    behind = span_from(behind, behind.n > 0 ? 1 : 0);
    for (size_t i = 0; i < ARRAY_LEN(offices); i++) {
        if (span_starts(behind, span_of_str(offices[i])))
            return true;
    }
    return false;
}

static struct span slug_of(const struct coding *c, const struct mention *m)
{
    if (m->kind == MENTION_BODY)
        return span_is_null(m->body->holder) ? m->body->slug : m->body->holder;
    if (m->kind == MENTION_COUNTRY && m->form != FORM_CAPITAL && is_of_state(c, m))
        return m->country->slug;
    return SPAN_NULL;
}

static bool has_comma(const struct coding *c, uint32_t start, uint32_t end)
{
    struct span words = start < end ? coding_words(c, (struct range){start, end}) : SPAN_NULL;

    return words.n > 0 && memchr(words.p, ',', words.n) != NULL;
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
        struct span slug = slug_of(c, m);

        if (span_is_null(slug) || !is_near(c, m->at, verb, ahead, BEFORE_WORDS))
            continue;
        if (m->kind == MENTION_COUNTRY && has_comma(c, m->at.end, verb->at.start))
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

/* "The ECOWAS Commission" is no commission of the state. */
static bool is_part_of_name(const struct coding *c, struct range at)
{
    size_t first;
    size_t n = mentions_within(&c->mentions, at, &first);

    if (n > 0)
        return true;
    for (size_t i = first; i > 0 && c->mentions.items[i - 1].at.start + 64 > at.start; i--) {
        const struct mention *m = &c->mentions.items[i - 1];

        if (m->kind == MENTION_BODY && range_holds(m->at, at))
            return true;
    }
    return false;
}

/* "Announced that", "said polling was “exemplary”", but not "announced the results". */
static bool passes_on(const struct coding *c, const struct cue *verb)
{
    struct span behind = span_from(c->text->text, verb->at.end);
    static const char *const signs[] = {" that ", " us ",  "\xE2\x80\x9C",
                                        "\"",     " how ", "per cent"};

    if (behind.n > SAYS_BYTES)
        behind.n = SAYS_BYTES;
    if (span_ends(coding_words(c, verb->at), SPAN_LIT("that")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (span_find(behind, span_of_str(signs[i]), 0) < behind.n)
            return true;
    }
    return false;
}

struct span coding_state(const struct coding *c)
{
    const struct statement *s = &c->out->statement;
    const struct country *country =
        s->countries.n == 1 ? lexicon_country(c->lexicon, s->countries.items[0]) : NULL;

    return country ? country->slug : SPAN_NULL;
}

/* "The two candidates who have said …" are told apart by what they say. */
static bool is_told_apart(const struct coding *c, const struct cue *class, const struct cue *verb)
{
    struct range between = {class->at.end, verb->at.start};

    if (between.start >= between.end)
        return false;
    return span_starts(coding_words(c, between), SPAN_LIT(" who ")) ||
           span_starts(coding_words(c, between), SPAN_LIT(", who "));
}

/* Whether the class is meant as the source of the verb. */
static bool is_class_source(const struct coding *c, const struct cue *class, const struct cue *verb,
                            bool ahead)
{
    bool is_institution = class->rule->value == SOURCE_AUTHORITIES;

    if (!is_near(c, class->at, verb, ahead, is_institution ? INSTITUTION_WORDS : CLASS_WORDS))
        return false;
    if (is_told_apart(c, class, verb))
        return false;
    if (is_institution)
        return (ahead || passes_on(c, verb)) && !is_part_of_name(c, class->at);
    return !has_comma(c, class->at.end, verb->at.start);
}

static struct span class_slug(const struct coding *c, const struct cue *class)
{
    struct span slug = span_of_str(source_names[class->rule->value]);

    if (class->rule->value == SOURCE_AUTHORITIES)
        return coding_state(c);
    if (span_equal_str(slug, "observers") && mentions_body(c, "ieom"))
        return SPAN_LIT("ieom");
    return slug;
}

/* A class of people beside the verb. Observers are those of the mission that the text speaks of. */
static const struct cue *class_source(const struct coding *c, const struct view *v,
                                      const struct cue *verb, bool ahead)
{
    const struct cue *found = NULL;

    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cue->rule->class != CUE_SOURCE || !is_class_source(c, cue, verb, ahead))
            continue;
        found = cue;
        if (ahead)
            break;
    }
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

/* "Teachers and nurses", of "were told by teachers and nurses that …". */
static struct span informants(const struct coding *c, const struct cue *verb)
{
    struct span behind = span_from(c->text->text, verb->at.end);
    struct span by = SPAN_LIT(" by ");
    size_t end = span_find(behind, SPAN_LIT(" that "), 0);

    if (span_ends(coding_words(c, verb->at), SPAN_LIT(" by")))
        by = SPAN_LIT(" ");
    if (!span_starts(behind, by) || end >= behind.n || end > 2 * SAYS_BYTES)
        return SPAN_NULL;
    return span_slice(behind, (struct range){(uint32_t)by.n, (uint32_t)end});
}

static bool closes_sentence(const struct coding *c, const struct view *v, const struct cue *verb)
{
    struct range behind = {verb->at.end, v->clause->sentence->at.end};
    struct range before = {v->clause->sentence->at.start, verb->at.start};

    return coding_count_words(c, behind) <= CLOSING_WORDS &&
           coding_count_words(c, before) > CLOSING_WORDS &&
           span_find(coding_words(c, behind), SPAN_LIT(" that "), 0) == SIZE_MAX;
}

/* "Candidates were denied access": what is done to them, and nothing that they say. */
static bool is_done_to(const struct coding *c, const struct cue *verb)
{
    static const char *const auxiliaries[] = {" were ", " was ", " been ", " being ",
                                              " be ",   " are ", " is "};
    struct span before = span_of(c->text->text.p, verb->at.start);

    for (size_t i = 0; i < ARRAY_LEN(auxiliaries); i++) {
        if (span_ends(before, span_of_str(auxiliaries[i])))
            return true;
    }
    return false;
}

/* "The report records that": a paper is told of from outside. */
static bool is_paper(const struct coding *c, const struct cue *verb)
{
    static const char *const papers[] = {"report ", "statement ", "report further ",
                                         "report also "};
    struct span before = span_of(c->text->text.p, verb->at.start);

    for (size_t i = 0; i < ARRAY_LEN(papers); i++) {
        if (span_ends(before, span_of_str(papers[i])))
            return true;
    }
    return false;
}

/* "Told the mission", "assured us": by whom does not matter, where nobody else is named. */
static bool is_told_to_us(const struct coding *c, const struct cue *verb)
{
    static const char *const listeners[] = {
        " us ",          " us,",      " observers ",     " the mission ",
        " the Mission ", " it that ", " the delegation "};
    struct span behind = span_from(c->text->text, verb->at.end);

    for (size_t i = 0; i < ARRAY_LEN(listeners); i++) {
        if (span_starts(behind, span_of_str(listeners[i])))
            return true;
    }
    return false;
}

/* "The mission received reports that …", "Allegations of … were made": by whom is not said. That
 * somebody "regrets allegations" is his own word. */
static bool is_hearsay(const struct coding *c, const struct view *v, const struct cue *verb)
{
    struct span words = coding_words(c, verb->at);
    struct range before = {v->clause->at.start, verb->at.start};

    if (span_starts(words, SPAN_LIT("received ")) || span_starts(words, SPAN_LIT("heard ")))
        return true;
    return (span_starts(words, SPAN_LIT("allegation")) ||
            span_starts(words, SPAN_LIT("Allegation"))) &&
           (before.start >= before.end || coding_count_words(c, before) <= SUBJECT_WORDS);
}

static struct source source_at(const struct coding *c, const struct view *v, const struct cue *verb)
{
    struct source s = {.stance = (enum stance)verb->rule->value, .verb = verb};
    bool ahead = looks_ahead(c, v, verb);
    const struct cue *class = NULL;

    if (!ahead && is_done_to(c, verb))
        return s;
    class = class_source(c, v, verb, ahead);
    s.slug = named_source(c, v, verb, ahead);
    s.is_closing = ahead || closes_sentence(c, v, verb);
    if (ahead)
        s.informants = informants(c, verb);
    if (class && (span_is_null(s.slug) || class->rule->value == SOURCE_AUTHORITIES))
        s.slug = class_slug(c, class);
    if (is_paper(c, verb)) {
        s.is_closing = true;
        if (span_is_null(s.slug) && c->issuer_observes)
            s.slug = c->holder;
    }
    if (span_is_null(s.slug) && (is_told_to_us(c, verb) || is_hearsay(c, v, verb)))
        s.slug = SPAN_LIT("unnamed");
    if (is_shared(c, v, verb)) {
        s.stance = STANCE_ENDORSE;
        if (span_is_null(s.slug))
            s.slug = c->reporter;
    }
    return s;
}

/* The first source that a verb in the view has, or the first verb without one. */
static struct source first_source(const struct coding *c, const struct view *v)
{
    struct source found = {0};

    for (size_t i = 0; i < v->n && span_is_null(found.slug); i++) {
        struct source s;

        if (v->cues[i].rule->class != CUE_SPEECH)
            continue;
        s = source_at(c, v, &v->cues[i]);
        if (!found.verb || !span_is_null(s.slug))
            found = s;
    }
    return found;
}

/* Behind a recommendation that is passed on, what others saw: "notes ODIHR's recommendation on X,
 * where observers reported Y". */
static struct source source_behind(const struct coding *c, const struct view *v,
                                   const struct source *first)
{
    const struct cue *proposal = v->first[CUE_PROPOSAL];

    if (!first->verb || !proposal || proposal->at.start < first->verb->at.end)
        return *first;
    for (size_t i = 0; i < v->n; i++) {
        struct source s;

        if (v->cues[i].rule->class != CUE_SPEECH || v->cues[i].at.start < proposal->at.end)
            continue;
        s = source_at(c, v, &v->cues[i]);
        if (!span_is_null(s.slug) && !span_equal(s.slug, first->slug))
            return s;
    }
    return *first;
}

/* "…; Y" and "…, we have yet to see it" are not what was passed on before. */
static bool goes_on(const struct coding *c, const struct cue *verb, const struct clause *clause)
{
    struct span words = coding_words(c, clause->at);
    struct range between = {verb->at.end, clause->at.start};

    if (between.start > between.end || !passes_on(c, verb))
        return false;
    return span_find(coding_words(c, between), SPAN_LIT(";"), 0) == SIZE_MAX &&
           !span_starts(words, SPAN_LIT("we ")) && !span_starts(words, SPAN_LIT("our "));
}

/* What another clause of the sentence says about the source of this one. */
static struct source source_around(const struct coding *c, const struct view *v)
{
    const struct view *all = view_of_sentence(c, v->clause->sentence);
    struct source found = {0};

    for (size_t i = 0; i < all->n; i++) {
        struct source s;
        bool is_before;

        if (all->cues[i].rule->class != CUE_SPEECH)
            continue;
        s = source_at(c, all, &all->cues[i]);
        is_before = goes_on(c, s.verb, v->clause);
        if (!span_is_null(s.slug) && (is_before || closes_sentence(c, all, s.verb)))
            found = s;
    }
    return found;
}

struct source stance_find(const struct coding *c, const struct view *v, enum finding_type type)
{
    struct source found = first_source(c, v);

    if (type == TYPE_ASSESSMENT)
        found = source_behind(c, v, &found);
    if (v->clause->is_split && span_is_null(found.slug)) {
        struct source around = source_around(c, v);

        if (!span_is_null(around.slug))
            return around;
    }
    return found;
}
