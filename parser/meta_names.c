/*
 * People's names, found by their shape: two or more words with capitals, with initials, hyphens and
 * the small words that names have between them. Titles and honours in front are not part of a name
 * ("H.E. Dr Baraka Lusenge-Otieno").
 */
#include <unicode/uchar.h>

#include "common/utf8.h"
#include "parser/meta_parts.h"

#define NAME_MAX_WORDS 6

static bool in_list(struct span word, const char *const *list, size_t n)
{
    while (word.n > 0 && (word.p[word.n - 1] == '.' || word.p[word.n - 1] == ','))
        word.n--;
    for (size_t i = 0; word.n > 0 && i < n; i++) {
        /* The lists are long, and few of their words begin like this one. */
        if ((list[i][0] | 0x20) == (word.p[0] | 0x20) &&
            span_equal_nocase(word, span_of_str(list[i])))
            return true;
    }
    return false;
}

static bool is_particle(struct span word)
{
    static const char *const particles[] = {"van", "der", "de",  "den", "von", "del", "da",  "di",
                                            "dos", "do",  "du",  "la",  "le",  "bin", "ibn", "al",
                                            "el",  "ter", "ten", "y",   "e",   "af",  "zu",  "st"};

    return word.n > 0 && (word.p[0] >= 'a' && word.p[0] <= 'z') &&
           in_list(word, particles, ARRAY_LEN(particles));
}

/* Stands before a name and is not of it. */
static bool is_honour(struct span word)
{
    static const char *const honours[] = {
        "mr",         "mrs",         "ms",    "mme",        "dr",          "prof",
        "professor",  "sir",         "dame",  "lord",       "lady",        "hon",
        "honourable", "honorable",   "the",   "h.e",        "he",          "her",
        "his",        "excellency",  "amb",   "ambassador", "rev",         "gen",
        "justice",    "senator",     "sen",   "minister",   "baroness",    "barr",
        "judge",      "ssp",         "maj",   "col",        "lt",          "capt",
        "right",      "chairperson", "rtd",   "mp",         "madam",       "deputy",
        "president",  "director",    "shri",  "mgr",        "congressman", "congresswoman",
        "mep",        "bishop",      "chief", "fr",         "prime",       "ssp"};

    return in_list(word, honours, ARRAY_LEN(honours));
}

/* Words with a capital that no name has. */
static bool is_no_name(struct span word)
{
    static const char *const words[] = {"the",
                                        "a",
                                        "in",
                                        "on",
                                        "at",
                                        "of",
                                        "election",
                                        "elections",
                                        "electoral",
                                        "mission",
                                        "head",
                                        "chief",
                                        "observer",
                                        "union",
                                        "european",
                                        "commission",
                                        "united",
                                        "national",
                                        "spokesperson",
                                        "office",
                                        "press",
                                        "release",
                                        "statement",
                                        "we",
                                        "this",
                                        "that",
                                        "it",
                                        "they",
                                        "he",
                                        "she",
                                        "our",
                                        "international",
                                        "observers",
                                        "council",
                                        "secretary",
                                        "secretary-general",
                                        "chair",
                                        "special",
                                        "co-ordinator",
                                        "member",
                                        "members",
                                        "parliament",
                                        "assembly",
                                        "delegation",
                                        "leader",
                                        "department",
                                        "ministry",
                                        "foreign",
                                        "affairs",
                                        "government",
                                        "republic",
                                        "however",
                                        "while",
                                        "although",
                                        "as",
                                        "and",
                                        "but",
                                        "for",
                                        "if",
                                        "most",
                                        "some",
                                        "police",
                                        "communications",
                                        "media",
                                        "coordinator",
                                        "representative",
                                        "executive",
                                        "permanent",
                                        "chairman",
                                        "general",
                                        "director",
                                        "commissioner",
                                        "minister",
                                        "center",
                                        "centre",
                                        "network",
                                        "group",
                                        "team",
                                        "institute",
                                        "association",
                                        "organization",
                                        "information",
                                        "african",
                                        "commonwealth",
                                        "osce",
                                        "odihr",
                                        "eu",
                                        "un",
                                        "human",
                                        "rights",
                                        "law",
                                        "court",
                                        "supreme",
                                        "electoral",
                                        "democracy",
                                        "democratic",
                                        "party",
                                        "day",
                                        "voters",
                                        "women",
                                        "not",
                                        "no",
                                        "there",
                                        "i",
                                        "security",
                                        "peace",
                                        "policy",
                                        "political",
                                        "state",
                                        "states",
                                        "london",
                                        "vienna",
                                        "former",
                                        "vice",
                                        "high",
                                        "speaking",
                                        "acting",
                                        "co-chair",
                                        "with",
                                        "by",
                                        "to",
                                        "from",
                                        "when",
                                        "more",
                                        "all",
                                        "both",
                                        "registry",
                                        "unit",
                                        "units",
                                        "forces",
                                        "force",
                                        "army",
                                        "television",
                                        "radio",
                                        "governance",
                                        "highlands",
                                        "public",
                                        "armed",
                                        "electronic",
                                        "protection",
                                        "committees",
                                        "committee",
                                        "bureau",
                                        "dialogue",
                                        "agency",
                                        "authority",
                                        "tribunal",
                                        "board",
                                        "service",
                                        "forum",
                                        "movement",
                                        "alliance",
                                        "coalition",
                                        "society",
                                        "university",
                                        "hotel",
                                        "street",
                                        "province",
                                        "city",
                                        "region",
                                        "ombudsman",
                                        "t\xC3\xA1naiste",
                                        "jurist",
                                        "leaders",
                                        "congress",
                                        "vote",
                                        "ballot",
                                        "code",
                                        "act",
                                        "final",
                                        "report",
                                        "preliminary",
                                        "interactive",
                                        "centre,",
                                        "africa",
                                        "house",
                                        "senate",
                                        "his",
                                        "her",
                                        "their",
                                        "its",
                                        "one",
                                        "two",
                                        "three",
                                        "asked",
                                        "quotes",
                                        "members",
                                        "ladies",
                                        "gentlemen",
                                        "thank",
                                        "your",
                                        "excellencies",
                                        "saint",
                                        "north",
                                        "south",
                                        "east",
                                        "west",
                                        "new",
                                        "regions",
                                        "authorities",
                                        "communication",
                                        "district",
                                        "districts",
                                        "provinces",
                                        "general",
                                        "attorney",
                                        "journalists",
                                        "follow-up",
                                        "parliamentary",
                                        "administrative",
                                        "civil",
                                        "partnership",
                                        "president-elect",
                                        "platform",
                                        "league",
                                        "monitor"};

    return in_list(word, words, ARRAY_LEN(words)) || month_of(word) > 0 || weekday_of(word) >= 0;
}

static bool starts_upper(struct span word)
{
    size_t at = 0;
    UChar32 c = (UChar32)utf8_next(word, &at);

    return u_isupper(c);
}

static struct span word_at(struct span s, size_t at)
{
    size_t end = at;

    while (end < s.n && s.p[end] != ' ' && s.p[end] != '\n' && s.p[end] != '(' && s.p[end] != ')' &&
           s.p[end] != '"')
        end++;
    return span_of(s.p + at, end - at);
}

/* A sign that ends a name after this word; a stop behind an initial does not. */
static bool ends_name(struct span word)
{
    char last = word.n ? word.p[word.n - 1] : '\0';

    if (last == '.')
        return word.n > 4 || (word.n > 2 && word.p[word.n - 3] != '.');
    return last == ',' || last == ';' || last == ':' || last == '?' || last == '!';
}

static struct span bare(struct span word)
{
    struct span possessive = SPAN_LIT("\xE2\x80\x99s");

    while (word.n > 0 && (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ';' ||
                          word.p[word.n - 1] == ':' || word.p[word.n - 1] == '?' ||
                          (word.p[word.n - 1] == '.' && word.n > 2 && word.p[word.n - 3] != '.')))
        word.n--;
    if (span_ends(word, SPAN_LIT("'s")))
        word.n -= 2;
    else if (span_ends(word, possessive))
        word.n -= possessive.n;
    return word;
}

/* "al-Obaidan" */
static bool has_article(struct span word)
{
    return word.n > 4 &&
           (span_starts(word, SPAN_LIT("al-")) || span_starts(word, SPAN_LIT("el-"))) &&
           starts_upper(span_from(word, 3));
}

/* "MEP", "KBE": letters behind a name. */
static bool is_post_nominal(struct span word)
{
    word = bare(word);
    return word.n >= 2 && word.n <= 4 && words_are_capitals(word) &&
           memchr(word.p, '.', word.n) == NULL;
}

static bool is_name_word(struct span word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] >= '0' && word.p[i] <= '9')
            return false;
    }
    return word.n > 0 && (has_article(word) || (starts_upper(word) && !is_no_name(word)));
}

static size_t skip_honours(struct span s, size_t at)
{
    while (at < s.n) {
        struct span word = word_at(s, at);

        if (word.n > 0 && !is_honour(word))
            break;
        at += word.n + 1;
    }
    return at < s.n ? at : s.n;
}

struct range name_find(struct span s, size_t from, bool at_start)
{
    size_t at = from;

    while (at < s.n) {
        size_t start = skip_honours(s, at);
        size_t end = start;
        size_t words = 0;
        size_t next = start;

        while (next < s.n && words < NAME_MAX_WORDS) {
            struct span word = word_at(s, next);

            if (!is_name_word(word) && !(words > 0 && is_particle(word)) &&
                !(words == 0 && is_particle(word) && at_start))
                break;
            if (words >= 2 && is_post_nominal(word))
                break;
            words++;
            if (!is_particle(word))
                end = next + bare(word).n;
            if (ends_name(word) || bare(word).n < word.n)
                break;
            next += word.n + 1;
            if (next > 0 && next <= s.n && s.p[next - 1] != ' ')
                break;
        }
        if (words >= 2 && end > start)
            return (struct range){(uint32_t)start, (uint32_t)end};
        if (at_start)
            break;
        at = start + word_at(s, start).n + 1;
    }
    return (struct range){0, 0};
}
