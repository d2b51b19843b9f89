/*
 * "One" is a pronoun more often than a number. It counts where something else is said to be
 * counted: "one of whom", "only one", "in one village", "One contestant".
 */
#include "common/compiler.h"
#include "parser/quantity_parts.h"

/* A small word that "one" is not counting something with. */
static bool is_no_noun(struct span word)
{
    static const char *const words[] = {
        "of",    "another", "can",  "could", "that", "which", "who",  "should", "might", "must",
        "may",   "day",     "hand", "thing", "side", "is",    "in",   "and",    "or",    "such",
        "to",    "more",    "way",  "go",    "word", "voice", "text", "form",   "whose", "at",
        "piece", "sense",   "for",  "on",    "with", "would", "will", "year",   "off"};

    return word.n == 0 || word.p[0] < 'a' || word.p[0] > 'z' ||
           around_is_one_of(word, words, ARRAY_LEN(words));
}

static bool is_contender(struct span word)
{
    static const char *const who[] = {"candidate", "contender", "contestant", "nominee"};

    return around_is_one_of(word, who, ARRAY_LEN(who));
}

/* "one of whom", "one of them", "one of its" */
static bool is_one_of_some(struct span s, size_t end)
{
    static const char *const some[] = {" of whom", " of whose", " of them", " of these",
                                       " of its",  " of his",   " of her",  " of their"};

    for (size_t i = 0; i < ARRAY_LEN(some); i++) {
        if (around_begins(s, end, some[i]))
            return true;
    }
    return false;
}

/* "tightened in one since", "two by a power cut and one by rain": a noun that was said before. */
static bool is_one_more(struct span behind)
{
    static const char *const words[] = {"by", "in", "from", "since", "was", "as"};

    return around_is_one_of(behind, words, ARRAY_LEN(words));
}

/* Of all words for one, those that count: "one of whom", "One contestant", "only one". */
bool quantity_counts_one(struct span s, size_t start, size_t end)
{
    static const char *const counting[] = {"only", "just", "least", "exactly", "bar", "including"};
    static const char *const denying[] = {"every", "not", "asked", "no", "any"};
    struct span before = around_before(s, start);
    struct span behind = around_behind(s, end);
    bool has_noun = !is_no_noun(behind);
    bool is_first = s.p[start] == 'O';

    if (around_is_one_of(before, denying, ARRAY_LEN(denying)))
        return false;
    if (is_one_of_some(s, end) || around_is_one_of(before, counting, ARRAY_LEN(counting)))
        return true;
    if (span_equal_str(before, "in"))
        return has_noun || is_one_more(behind);
    if (span_equal_str(before, "and"))
        return is_one_more(behind);
    if (span_equal_str(before, "of") || span_equal_str(before, "by") ||
        span_equal_str(before, "from"))
        return is_contender(behind);
    return has_noun && (is_first || (before.n > 0 && before.p[before.n - 1] == ';'));
}
