/*
 * Who is quoted or told to have spoken: a speech verb outside quotations, and the person behind it
 * ("said Irene Salas, OSCE Special Co-ordinator") or in front of it ("Irene Salas, …, said"). Where
 * the line has no quotation, only an office makes a name a speaker's.
 */
#include "common/utf8.h"
#include "parser/meta_people.h"

static bool is_quoted(const struct meta *m, uint32_t at)
{
    for (size_t i = 0; i < m->text->quotes.n; i++) {
        if (at >= m->text->quotes.items[i].at.start && at < m->text->quotes.items[i].at.end)
            return true;
    }
    return false;
}

static bool has_quote(const struct meta *m, struct range line)
{
    for (size_t i = 0; i < m->text->quotes.n; i++) {
        const struct quote *quote = &m->text->quotes.items[i];

        if (quote->at.start >= line.start && quote->at.end <= line.end && !quote->is_scare)
            return true;
    }
    return false;
}

/* The part of `line` that is one sentence around `at`. */
static struct range sentence_around(const struct meta *m, uint32_t at, struct range line)
{
    for (size_t i = 0; i < m->text->sentences.n; i++) {
        struct range sentence = m->text->sentences.items[i].at;

        if (at >= sentence.start && at <= sentence.end)
            return sentence;
    }
    return line;
}

/* The words outside quotations that go on from `at` inside its sentence. */
static struct range piece_from(const struct meta *m, uint32_t at, struct range line)
{
    struct range within = sentence_around(m, at, line);
    struct range piece = {at, at};

    while (piece.end < within.end && piece.end - at < PERSON_BYTES && !is_quoted(m, piece.end) &&
           m->text->text.p[piece.end] != '"')
        piece.end++;
    piece.end = (uint32_t)utf8_floor(m->text->text, piece.end);
    return piece;
}

static struct range piece_before(const struct meta *m, uint32_t at, struct range line)
{
    struct range within = sentence_around(m, at, line);
    struct range piece = {at, at};

    while (piece.start > within.start && at - piece.start < PERSON_BYTES &&
           !is_quoted(m, piece.start - 1) && m->text->text.p[piece.start - 1] != '"')
        piece.start--;
    piece.start = (uint32_t)utf8_floor(m->text->text, piece.start);
    return piece;
}

static size_t speech_verb(struct span s, size_t from, size_t *end)
{
    static const char *const verbs[] = {
        "said",      "says",          "told",           "added",         "stated",
        "noted",     "stressed",      "concluded",      "explained",     "commented",
        "warned",    "declared",      "underlined",     "began",         "remarked",
        "announced", "emphasized",    "went on",        "recalled",      "insisted",
        "argued",    "observed",      "appealed",       "replied",       "summed up",
        "called",    "took the view", "was quoted",     "pointed out",   "highlighted",
        "recounted", "remarks",       "maintains",      "regretted",     "decried",
        "confirmed", "assured",       "lamented",       "praised",       "adds",
        "concludes", "Said",          "drew attention", "took the floor"};
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        struct span verb = span_of_str(verbs[i]);
        size_t at = span_find(s, verb, from);

        while (at != SIZE_MAX && at < best) {
            bool is_word = (at == 0 || s.p[at - 1] == ' ') &&
                           (at + verb.n == s.n || strchr(" ,:.;", s.p[at + verb.n]));

            if (is_word) {
                best = at;
                *end = at + verb.n;
                break;
            }
            at = span_find(s, verb, at + 1);
        }
    }
    return best;
}

/* An office without a name: "said the Chief of Mission", "the Head of Mission said". */
static bool is_leaders_office(const struct meta *m, struct span s)
{
    static const char *const offices[] = {
        "chief of mission", "head of mission", "head of the mission", "mission leader",
        "team leader",      "mission head",    "chief observer"};

    (void)m;
    for (size_t i = 0; i < ARRAY_LEN(offices); i++) {
        if (words_hold(s, span_of_str(offices[i])))
            return true;
    }
    return false;
}

/* "headed by Ana Maes, said": the subject is who is headed. */
static struct span without_leader(struct span before)
{
    static const char *const phrases[] = {"headed by", "led by", "chaired by"};

    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        size_t at = span_find(before, span_of_str(phrases[i]), 0);

        if (at != SIZE_MAX && span_find(before, SPAN_LIT("which was"), 0) != SIZE_MAX)
            return span_of(before.p, at);
        if (at != SIZE_MAX && span_find(before, SPAN_LIT("delegation"), 0) < at)
            return span_of(before.p, at);
    }
    return before;
}

/* Right behind the verb ("said X, …") or in front of it ("X, …, said"). */
static bool find_by_verb(struct meta *m, struct range line, uint32_t start, uint32_t end,
                         bool needs_office, struct person *out)
{
    struct span behind = span_trim(meta_words(m, piece_from(m, end, line)));
    struct span before = without_leader(span_trim(meta_words(m, piece_before(m, start, line))));
    struct range name = name_find(behind, 0, true);
    bool is_behind = name.end > name.start || words_count(before) == 0;

    if (is_behind)
        return person_read(m, behind, needs_office, out) ||
               person_read_surname(m, behind, false, out) ||
               (is_leaders_office(m, behind) && person_read_leader(m, out));
    return person_read(m, before, needs_office, out) || person_read_surname(m, before, true, out) ||
           (is_leaders_office(m, before) && person_read_leader(m, out)) ||
           person_read(m, behind, true, out);
}

static void read_verb(struct meta *m, struct range line, uint32_t start, uint32_t end, bool quotes)
{
    struct person person = {0};

    if (find_by_verb(m, line, start, end, !quotes, &person))
        person_add(m, person);
}

void speakers_quoted(struct meta *m, const struct meta_line *line)
{
    bool quotes = has_quote(m, line->at);
    size_t end = 0;
    size_t at = 0;

    while ((at = speech_verb(line->words, at, &end)) != SIZE_MAX) {
        uint32_t start = line->at.start + (uint32_t)at;

        if (!is_quoted(m, start))
            read_verb(m, line->at, start, line->at.start + (uint32_t)end, quotes);
        at = end;
    }
}
