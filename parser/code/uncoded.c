/*
 * Why a sentence is not coded (codebook 1.5).
 *
 * Some sentences are known beforehand by where they stand (a heading, a contact); others have words
 * that say so (thanks, links) and nothing that weighs against them. What is left without a finding,
 * and without such a word, is `no_rule`: the recall gap.
 */
#include "parser/code/coding.h"

/* A line this short that does not end like a sentence is a title or a label. */
#define TITLE_WORDS 12

/* Reasons that words give, strongest first, and how long a sentence may be to be only that. */
static const struct {
    enum uncoded_reason reason;
    size_t max_words;
    int max_topic; /* a topic above this weight is a finding after all */
    bool at_start; /* the words must open the sentence */
} by_words[] = {
    {UNCODED_CONTACT, 20, 8, false},
    {UNCODED_NAV, 9, 8, false},
    {UNCODED_DATELINE, 14, 6, true},
    {UNCODED_COURTESY, 60, 6, true},
    {UNCODED_BOILERPLATE, 80, 99, false},
    {UNCODED_SIGNPOST, 14, 5, true},
    {UNCODED_DIPLOMATIC_RELATIONS, 60, 5, false},
    {UNCODED_PLATITUDE, 30, 7, true},
};

/* A courtesy or a signpost opens its sentence within this many bytes. */
#define START_BYTES 60

static enum uncoded_reason by_section(enum section_kind kind)
{
    switch (kind) {
    case SECTION_DATELINE:
        return UNCODED_DATELINE;
    case SECTION_SIGNATURE:
        return UNCODED_CONTACT;
    case SECTION_CONTACT:
        return UNCODED_CONTACT;
    case SECTION_BOILERPLATE:
        return UNCODED_BOILERPLATE;
    case SECTION_NONE:
    case SECTION_HEADLINE:
    case SECTION_STANDFIRST:
    case SECTION_BODY:
        break;
    }
    return UNCODED_NONE;
}

static bool has_reason(const struct view *v, enum uncoded_reason reason, bool at_start)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct cue *cue = &v->cues[i];

        if (cue->rule->class == CUE_UNCODED && cue->rule->value == (int)reason &&
            (!at_start || cue->at.start < v->clause->at.start + START_BYTES))
            return true;
    }
    return false;
}

static bool ends_sentence(struct span s)
{
    while (s.n &&
           (s.p[s.n - 1] == '"' || s.p[s.n - 1] == ')' || (unsigned char)s.p[s.n - 1] >= 0x80))
        s.n--;
    return s.n && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == '!' || s.p[s.n - 1] == '?' ||
                   s.p[s.n - 1] == ';');
}

static bool ends_with_colon(struct span s)
{
    return s.n && s.p[s.n - 1] == ':';
}

bool uncoded_for_certain(const struct sentence *s)
{
    return by_section(s->section) != UNCODED_NONE || (s->is_heading && s->section == SECTION_BODY);
}

enum uncoded_reason uncoded_before(const struct coding *c, const struct view *v)
{
    const struct sentence *s = v->clause->sentence;
    struct span words = span_trim(coding_words(c, s->at));
    enum uncoded_reason reason = by_section(s->section);

    if (reason != UNCODED_NONE)
        return reason;
    if (s->is_heading)
        return UNCODED_TITLE;
    for (size_t i = 0; i < ARRAY_LEN(by_words); i++) {
        if (v->words <= by_words[i].max_words && view_best_score(v) <= by_words[i].max_topic &&
            has_reason(v, by_words[i].reason, by_words[i].at_start) && !v->first[CUE_ADVICE])
            return by_words[i].reason;
    }
    if (s->section != SECTION_HEADLINE && ends_with_colon(words) && v->words <= TITLE_WORDS)
        return UNCODED_NAV;
    if (s->section != SECTION_HEADLINE && !s->is_list_item && !ends_sentence(words) &&
        v->words <= TITLE_WORDS)
        return UNCODED_TITLE;
    return UNCODED_NONE;
}

enum uncoded_reason uncoded_after(const struct view *v)
{
    if (v->clause->sentence->section == SECTION_HEADLINE)
        return UNCODED_TITLE;
    for (size_t i = 0; i < ARRAY_LEN(by_words); i++) {
        if (has_reason(v, by_words[i].reason, false))
            return by_words[i].reason;
    }
    return has_reason(v, UNCODED_NORM, false) ? UNCODED_NORM : UNCODED_NO_RULE;
}
