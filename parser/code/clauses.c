/*
 * A sentence into clauses, at the overt markers of the codebook (1.2) and nowhere else.
 *
 *     While X, Y      X conceded, Y main          X, but Y        X conceded, Y main
 *     X, although Y   X main, Y conceded          X, while Y; Z   all main
 *
 * A part shorter than a thought (MIN_WORDS) stays with its neighbour: "small, but lively".
 */
#include "parser/code/coding.h"

#define MIN_WORDS 4

/* How far into a sentence its first word may be: a bullet, a number, a quotation mark. */
#define LEAD_BYTES 8

/* Words behind a comma that go on with what stood before it. */
static const char *const continuations[] = {" and ",   " or ",  " including ", " such as ",
                                            " which ", " who ", " as well "};

static struct range trim(const struct coding *c, struct range at)
{
    static const char spare[] = " \t\n,;:-";
    const char *p = c->text->text.p;

    while (at.start < at.end && memchr(spare, p[at.start], sizeof spare - 1))
        at.start++;
    while (at.end > at.start && memchr(spare, p[at.end - 1], sizeof spare - 1))
        at.end--;
    return at;
}

static bool goes_on(struct span behind)
{
    for (size_t i = 0; i < ARRAY_LEN(continuations); i++) {
        if (span_starts(behind, span_of_str(continuations[i])))
            return true;
    }
    return false;
}

/* The comma that ends the subordinate clause at the start of `at`, or at.end. */
static uint32_t subordinate_end(const struct coding *c, struct range at)
{
    struct span s = coding_words(c, at);
    size_t comma = span_find(s, SPAN_LIT(","), 0);

    while (comma != SIZE_MAX) {
        struct range left = {at.start, at.start + (uint32_t)comma};

        if (coding_count_words(c, left) > MIN_WORDS && !goes_on(span_from(s, comma + 1)))
            return left.end;
        comma = span_find(s, SPAN_LIT(","), comma + 1);
    }
    return at.end;
}

static void clause_add(const struct coding *c, const struct sentence *sentence, struct range at,
                       enum weight weight, clause_list *out)
{
    struct clause *clause;

    at = trim(c, at);
    if (at.start == at.end)
        return;
    clause = LIST_ADD(c->arena, out);
    *clause = (struct clause){.at = at, .read = at, .sentence = sentence, .weight = weight};
}

/* "X was inclusive. although Y": a stray full stop for the comma. */
static bool follows_stray_stop(const struct coding *c, struct range marker)
{
    struct span before = span_of(c->text->text.p, marker.start);

    return span_ends(before, SPAN_LIT(". ")) || span_ends(before, SPAN_LIT("."));
}

/* How a marker parts what stands around it. One that opens sentences does so inside of one only
 * behind a stray full stop. */
static enum contrast contrast_of(const struct coding *c, const struct cue *marker)
{
    enum contrast contrast = (enum contrast)marker->rule->value;

    if (contrast != CONTRAST_INITIAL)
        return contrast;
    return follows_stray_stop(c, marker->at) ? CONTRAST_CONCEDE : CONTRAST_NONE;
}

/* Whether a marker parts two thoughts: "not only …, but also" does not. */
static bool parts(const struct coding *c, const struct cue *marker, struct range rest)
{
    struct range left = {rest.start, marker->at.start};
    struct range right = {marker->at.end, rest.end};
    struct span behind = coding_words(c, right);

    if (contrast_of(c, marker) == CONTRAST_NONE)
        return false;
    if (span_starts(behind, SPAN_LIT(" also")) || span_starts(behind, SPAN_LIT(" only")))
        return false;
    return coding_count_words(c, left) >= MIN_WORDS && coding_count_words(c, right) >= MIN_WORDS;
}

/* Cuts off a conceded clause in front, if there is one, and returns where the rest starts. */
static uint32_t cut_initial(const struct coding *c, const struct view *v, clause_list *out)
{
    const struct sentence *sentence = v->clause->sentence;
    uint32_t end;

    for (size_t i = 0; i < v->n && v->cues[i].at.start <= sentence->at.start + LEAD_BYTES; i++) {
        if (v->cues[i].rule->class != CUE_CONTRAST || v->cues[i].rule->value != CONTRAST_INITIAL)
            continue;
        end = subordinate_end(c, sentence->at);
        if (end == sentence->at.end)
            break;
        clause_add(c, sentence, (struct range){sentence->at.start, end}, WEIGHT_CONCEDED, out);
        return end;
    }
    return sentence->at.start;
}

/* Of a quotation, only its words are looked at, and not who said them. */
static void narrow(const struct coding *c, struct clause *clause)
{
    const struct quote *q = coding_quote(c, clause->at);

    clause->read = clause->at;
    if (q && q->at.start > clause->at.start)
        clause->read.start = q->at.start;
    if (q && q->at.end < clause->at.end)
        clause->read.end = q->at.end;
}

void clauses_split(const struct coding *c, const struct sentence *sentence, clause_list *out)
{
    const struct view *v = view_of_sentence(c, sentence);
    struct range rest = sentence->at;
    enum weight weight = WEIGHT_MAIN;

    out->n = 0;
    rest.start = cut_initial(c, v, out);
    for (size_t i = 0; i < v->n; i++) {
        const struct cue *marker = &v->cues[i];
        enum contrast contrast;

        if (marker->rule->class != CUE_CONTRAST || marker->at.start <= rest.start ||
            !parts(c, marker, rest))
            continue;
        contrast = contrast_of(c, marker);
        if (contrast == CONTRAST_ADVERSE)
            weight = WEIGHT_CONCEDED;
        clause_add(c, sentence, (struct range){rest.start, marker->at.start}, weight, out);
        weight = contrast == CONTRAST_CONCEDE ? WEIGHT_CONCEDED : WEIGHT_MAIN;
        rest.start = contrast == CONTRAST_CONCEDE ? marker->at.start : marker->at.end;
    }
    clause_add(c, sentence, rest, weight, out);
    for (size_t i = 0; i < out->n; i++)
        out->items[i].is_split = out->n > 1;
    if (out->n == 1)
        out->items[0].at = sentence->at;
    for (size_t i = 0; i < out->n; i++)
        narrow(c, &out->items[i]);
}
