/*
 * A body that no list knows introduces itself: "the Tammuz Organization for Social Development
 * (TOSD)". The letters in brackets, in lower case, are then its slug (codebook section 11.13).
 */
#include "common/utf8.h"
#include "parser/meta_parts.h"

#define ACRONYM_MIN_LETTERS 3
#define ACRONYM_MAX_LETTERS 10

/* How long a name may be in front of its letters. */
#define NAME_MAX_BYTES 120

/* A name with one of these can be of a body that comments on elections; with the others it is one
 * that runs them, or stands in them. */
static const char *const issuing[] = {
    "network",     "association", "coalition",  "organization", "organisation", "institute",
    "center",      "centre",      "union",      "community",    "mission",      "group",
    "movement",    "alliance",    "foundation", "society",      "league",       "initiative",
    "platform",    "observatory", "monitor",    "fund",         "watch",        "forum",
    "secretariat", "committee",   "conference", "observers"};

static const char *const others[] = {"commission",        "court",  "tribunal",   "party",
                                     "electoral council", "board",  "parliament", "ministry",
                                     "authority",         "police", "registry"};

static bool holds_any(struct span s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (words_hold(s, span_of_str(list[i])))
            return true;
    }
    return false;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* The letters in the brackets that open at `open`, or null. */
static struct span acronym_at(struct span s, size_t open)
{
    size_t end = open + 1;

    while (end < s.n && (is_upper(s.p[end]) || s.p[end] == '-' ||
                         (end > open + 1 && s.p[end] >= '0' && s.p[end] <= '9')))
        end++;
    if (end >= s.n || s.p[end] != ')' || end - open - 1 < ACRONYM_MIN_LETTERS ||
        end - open - 1 > ACRONYM_MAX_LETTERS)
        return SPAN_NULL;
    return span_of(s.p + open + 1, end - open - 1);
}

/* Words with capitals, and the small ones between them, that end at `end`. */
static struct span name_before(struct span s, size_t end)
{
    static const char *const small[] = {"of", "for", "and", "the",    "in",
                                        "on", "de",  "to",  "against"};
    size_t from = end > NAME_MAX_BYTES ? end - NAME_MAX_BYTES : 0;
    size_t start = end;
    size_t at = end;

    while (at > from) {
        size_t word = at - 1;
        struct span words;

        while (word > from && s.p[word - 1] != ' ')
            word--;
        words = span_trim(span_of(s.p + word, at - word));
        if (words_start_upper(words))
            start = word;
        else if (!holds_any(words, small, ARRAY_LEN(small)))
            break;
        if (word == 0 || words.n == 0 || words.p[words.n - 1] == ',' || words.p[words.n - 1] == '.')
            break;
        at = word;
    }
    return span_trim(span_of(s.p + start, end - start));
}

bool meta_find_acronym(const struct meta *m, struct range at, struct span *name, struct span *slug)
{
    struct span s = meta_words(m, at);

    for (size_t open = 0; open < s.n; open++) {
        struct span letters = s.p[open] == '(' && open > 1 ? acronym_at(s, open) : SPAN_NULL;
        char *lower;

        if (span_is_null(letters))
            continue;
        *name = name_before(s, utf8_floor(s, open - 1));
        if (words_count(*name) < 2 || !holds_any(*name, issuing, ARRAY_LEN(issuing)) ||
            holds_any(*name, others, ARRAY_LEN(others)))
            continue;
        lower = arena_alloc(m->arena, letters.n + 1);
        for (size_t i = 0; i < letters.n; i++)
            lower[i] = is_upper(letters.p[i]) ? (char)(letters.p[i] + 'a' - 'A') : letters.p[i];
        *slug = span_of(lower, letters.n);
        return true;
    }
    return false;
}
