/*
 * Who speaks: people who are quoted, who deliver the text, and who sign it.
 *
 *     quoted     '"…," said Irene Charalambides, OSCE Special Co-ordinator and Leader of …'
 *                'Chief Observer Bartosz Wielgosz, Member of …, told reporters: "…"'
 *     delivers   'As delivered by Ambassador Daniel B. Baer'; a by-line at the top; the title
 *     signs      a name at the end, its office in the same line or the next
 *
 * A name without an office or a body beside it is nobody's; a contact is no speaker. The same
 * person is named once: a later surname alone adds nothing.
 */
#include "common/utf8.h"
#include "parser/meta_parts.h"

/* Around a speech verb a person and her office take no more than this. */
#define PERSON_BYTES 260

/* A name follows its verb within this much: offices stand between. */
#define NAME_REACH_BYTES 220

struct person {
    struct span name;
    struct span role;
};

static size_t last_word(struct span s)
{
    size_t at = s.n;

    while (at > 0 && s.p[at - 1] != ' ')
        at--;
    return at;
}

static bool is_known(const struct meta *m, struct span name)
{
    struct span last = span_from(name, last_word(name));

    for (size_t i = 0; i < m->out->speakers.n; i++) {
        struct span other = m->out->speakers.items[i].name;

        if (span_equal_nocase(span_from(other, last_word(other)), last))
            return true;
    }
    return false;
}

static struct span trim_role(struct span s)
{
    size_t before;

    do {
        before = s.n;
        s = span_trim(s);
        while (s.n > 0 && (s.p[0] == ',' || s.p[0] == '('))
            s = span_from(s, 1);
        while (s.n > 0 && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == '.' || s.p[s.n - 1] == ':'))
            s.n--;
    } while (s.n < before);
    return s;
}

/* The body named in her office; else the issuer's. */
static struct span body_of(const struct meta *m, struct span role)
{
    struct range at = {0, 0};
    const struct mention *mention;
    size_t from = 0;
    /* an ambassador to the OSCE is not of it */
    bool is_state = m->out->issuers.n > 0 && m->out->issuers.items[0].country.n > 0;

    if (role.n > 0 && role.p >= m->text->text.p && role.p < m->text->text.p + m->text->text.n) {
        at.start = (uint32_t)(role.p - m->text->text.p);
        at.end = at.start + (uint32_t)role.n;
        while ((mention = meta_next_mention(m, at, MENTION_BODY, &from)) != NULL) {
            if (!span_equal_str(mention->body->slug, "ieom") &&
                (!is_state || mention->body->kind == BODY_STATE))
                return mention->body->slug;
        }
    }
    return m->out->issuers.n > 0 ? m->out->issuers.items[0].slug : SPAN_NULL;
}

static void add_speaker(struct meta *m, struct person person)
{
    struct speaker *speaker;

    if (person.name.n == 0 || is_known(m, person.name))
        return;
    speaker = LIST_ADD(m->arena, &m->out->speakers);
    speaker->name = person.name;
    speaker->role_as_written = person.role.n ? person.role : SPAN_NULL;
    speaker->body = body_of(m, person.role);
}

/* ---- a person in a few words ---- */

/* Up to the end of the sentence or a bracket. */
static struct span until_stop(struct span s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if ((s.p[i] == '.' && s.p[i + 1] == ' ') || s.p[i] == ';' || s.p[i] == ')')
            return span_of(s.p, i);
    }
    return s.n <= PERSON_BYTES ? s : SPAN_NULL;
}

/* Behind "Ms.", "Mr" and the like. */
static size_t name_start(struct span s)
{
    static const char *const titles[] = {"Ms. ", "Ms ", "Mr. ", "Mr ",        "Mrs. ",
                                         "Mrs ", "Dr ", "Dr. ", "Ambassador "};

    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        if (span_starts(s, span_of_str(titles[i])))
            return span_of_str(titles[i]).n;
    }
    return 0;
}

static bool has_office(const struct meta *m, struct span s)
{
    struct range at = {(uint32_t)(s.p - m->text->text.p), (uint32_t)(s.p - m->text->text.p + s.n)};
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, at, MENTION_OFFICE, &from)) != NULL) {
        if (mention->office->is_speech)
            return true;
    }
    return words_hold(s, SPAN_LIT("spokesperson")); /* it may be part of a body's name */
}

/* Without the country or office that the words of a name begin with: "Africa Dominic Ashgrove". */
static struct span cut_mentions(const struct meta *m, struct span name)
{
    struct range at = {(uint32_t)(name.p - m->text->text.p), 0};
    size_t first;
    size_t n;

    at.end = at.start + (uint32_t)name.n;
    n = mentions_within(&m->mentions, at, &first);
    for (size_t i = first; i < first + n; i++) {
        const struct mention *mention = &m->mentions.items[i];
        bool is_thing = mention->kind == MENTION_COUNTRY || mention->kind == MENTION_BODY ||
                        mention->kind == MENTION_OFFICE;

        if (is_thing && mention->at.end <= at.end)
            name = span_trim(span_of(m->text->text.p + mention->at.end, at.end - mention->at.end));
    }
    return name;
}

/* A name that ends in the same words and is longer, where the person was introduced. */
static bool full_name(const struct meta *m, struct span surname, struct person *out)
{
    struct meta_line line;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        size_t from = 0;

        while (from < line.words.n) {
            struct range name = name_find(line.words, from, false);
            struct span words = cut_mentions(m, span_slice(line.words, name));

            if (name.end == name.start)
                break;
            from = name.end;
            if (words.n <= surname.n + 1 || !span_ends(words, surname) ||
                words.p[words.n - surname.n - 1] != ' ')
                continue;
            out->name = words;
            out->role = trim_role(span_of(line.words.p + name.end, line.words.n - name.end));
            out->role = until_stop(out->role);
            return true;
        }
    }
    return false;
}

/* The first name in `s` that is a person's and no place's or body's; `*at` is where it stands. */
static struct span first_person(const struct meta *m, struct span s, struct range *at)
{
    size_t from = 0;

    while (from < s.n) {
        struct range name = name_find(s, from, false);
        struct span words;

        if (name.end == name.start || name.start > NAME_REACH_BYTES)
            break;
        words = cut_mentions(m, span_slice(s, name));
        if (last_word(words) > 0) {
            at->start = (uint32_t)(words.p - s.p);
            at->end = at->start + (uint32_t)words.n;
            return words;
        }
        from = name.end;
    }
    return SPAN_NULL;
}

/* The name in `s`, and the office behind it or, where nothing is, in front of it. */
static bool read_person(const struct meta *m, struct span s, bool needs_office, struct person *out)
{
    struct range name = {0, 0};
    struct person longer;
    struct span behind;
    struct span before;

    out->name = first_person(m, s, &name);
    if (out->name.n == 0)
        return false;
    behind = trim_role(span_from(s, name.end));
    before = trim_role(span_of(s.p, name.start));
    out->role = behind.n > 2 && words_count(behind) <= 40 ? behind : before;
    if (full_name(m, out->name, &longer))
        out->name = longer.name;
    return !needs_office || has_office(m, before) || has_office(m, behind);
}

/* "Ms Oosterveld", "Drăgulești": the last word with a capital, introduced elsewhere. */
static bool read_surname(const struct meta *m, struct span s, bool at_end, struct person *out)
{
    size_t start;
    size_t end = s.n;

    s = span_trim(s);
    if (at_end) {
        while (s.n > 0 && strchr(",: ", s.p[s.n - 1]))
            s.n--;
        start = last_word(s);
        end = s.n;
    } else {
        start = name_start(s);
        end = start;
        while (end < s.n && !strchr(" ,.;:", s.p[end]))
            end++;
    }
    return end > start + 2 && words_start_upper(span_of(s.p + start, end - start)) &&
           full_name(m, span_of(s.p + start, end - start), out);
}

/* "led by the former Foreign Minister of Costa Rica, Marcela Umaña Bolaños" */
static bool read_leader(const struct meta *m, struct person *out)
{
    static const char *const phrases[] = {"led by", "headed by", "chaired by", "leadership of"};
    struct meta_line line;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
            size_t found = span_find_nocase(line.words, span_of_str(phrases[i]), 0);

            if (found != SIZE_MAX && line.section == SECTION_BODY &&
                read_person(m, span_from(line.words, found + span_of_str(phrases[i]).n), false,
                            out)) {
                out->role = SPAN_NULL;
                return true;
            }
        }
    }
    return false;
}

/* ---- quoted ---- */

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
        "said",       "says",      "told",          "added",     "stated",     "noted",
        "stressed",   "concluded", "explained",     "commented", "warned",     "declared",
        "underlined", "began",     "remarked",      "announced", "emphasized", "went on",
        "recalled",   "insisted",  "argued",        "observed",  "appealed",   "replied",
        "summed up",  "called",    "took the view", "was quoted"};
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

/* Right behind the verb ("said X, …") or in front of it ("X, …, said"). */
static bool find_by_verb(struct meta *m, struct range line, uint32_t start, uint32_t end,
                         bool needs_office, struct person *out)
{
    struct span behind = span_trim(meta_words(m, piece_from(m, end, line)));
    struct span before = span_trim(meta_words(m, piece_before(m, start, line)));
    struct range name = name_find(behind, 0, true);
    bool is_behind = name.end > name.start || words_count(before) == 0;

    if (is_behind)
        return read_person(m, behind, needs_office, out) || read_surname(m, behind, false, out) ||
               (is_leaders_office(m, behind) && read_leader(m, out));
    return read_person(m, before, needs_office, out) || read_surname(m, before, true, out) ||
           (is_leaders_office(m, before) && read_leader(m, out)) ||
           read_person(m, behind, true, out);
}

static void read_verb(struct meta *m, struct range line, uint32_t start, uint32_t end, bool quotes)
{
    struct person person = {0};

    if (find_by_verb(m, line, start, end, !quotes, &person))
        add_speaker(m, person);
}

static void read_speech(struct meta *m, const struct meta_line *line)
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

/* ---- delivers, signs ---- */

static bool is_contact(struct span s)
{
    static const char *const words[] = {
        "contact", "contacts", "enquiries",      "inquiries", "press officer", "information",
        "tel",     "media",    "communications", "telephone", "spokesperson:"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words_hold(s, span_of_str(words[i])))
            return true;
    }
    return span_find(s, SPAN_LIT("@"), 0) != SIZE_MAX || span_find(s, SPAN_LIT("+"), 0) != SIZE_MAX;
}

static bool tells_speech(struct span line)
{
    return span_ends(line, SPAN_LIT("said:")) || span_ends(line, SPAN_LIT("statement:")) ||
           words_start_with(line, SPAN_LIT("as delivered by")) ||
           words_hold(line, SPAN_LIT("as delivered by")) ||
           words_hold(line, SPAN_LIT("issued today by"));
}

/* Behind "as delivered by"; the whole line when it does not say so. */
static struct span behind_delivery(struct span s)
{
    size_t at = span_find_nocase(s, SPAN_LIT("delivered by "), 0);

    return at == SIZE_MAX ? s : span_from(s, at + SPAN_LIT("delivered by ").n);
}

static void read_byline(struct meta *m, const struct meta_line *line)
{
    struct person person;

    if (words_count(line->words) > 45 || is_contact(line->words))
        return;
    if (read_person(m, behind_delivery(line->words), !tells_speech(line->words), &person) ||
        (span_ends(line->words, SPAN_LIT("said:")) &&
         read_surname(m, span_of(line->words.p, line->words.n - 5), true, &person)))
        add_speaker(m, person);
}

/* "From: Foreign, Commonwealth & Development Office and Helena Marchbank" */
static void read_from_line(struct meta *m, const struct meta_line *line)
{
    struct person person = {0};
    struct range name;
    size_t at = span_find(line->words, SPAN_LIT(" and "), 0);
    size_t next;

    if (!words_start_with(line->words, SPAN_LIT("from:")))
        return;
    while (at != SIZE_MAX && (next = span_find(line->words, SPAN_LIT(" and "), at + 1)) != SIZE_MAX)
        at = next;
    if (at == SIZE_MAX)
        return;
    name = name_find(line->words, at + 5, true);
    person.name = span_slice(line->words, name);
    if (name.end == line->words.n)
        add_speaker(m, person);
}

/* "Deputy Ambassador Brown welcomes …": a title and a surname, and no more of the name. */
static void read_titled_surname(struct meta *m, const struct meta_line *line)
{
    const struct mention *office;
    struct person person;
    struct span rest;
    size_t from = 0;
    size_t end = 0;

    office = meta_next_mention(m, line->at, MENTION_OFFICE, &from);
    if (!office || !office->office->is_title || office->at.start != line->at.start)
        return;
    rest = span_trim(span_from(line->words, office->at.end - line->at.start));
    while (end < rest.n && rest.p[end] != ' ')
        end++;
    person.name = span_of(rest.p, end);
    person.role = meta_words(m, office->at);
    if (end > 2 && words_start_upper(person.name) && end + 1 < rest.n && rest.p[end + 1] >= 'a' &&
        rest.p[end + 1] <= 'z' && rest.p[end - 1] != ',')
        add_speaker(m, person);
}

/* A name alone in a line, an office in the next. */
static void read_signature(struct meta *m, const struct meta_line *line, struct span next)
{
    struct range name = name_find(line->words, 0, true);
    struct person person;

    if (is_contact(line->words))
        return;
    person.name = span_slice(line->words, name);
    person.role = next;
    if (name.end > name.start && name.end == line->words.n && next.n > 0 && has_office(m, next) &&
        words_count(next) < 20)
        add_speaker(m, person);
    else if (has_office(m, line->words) || words_hold(line->words, SPAN_LIT("for the mission")))
        read_byline(m, line);
}

static void read_title(struct meta *m)
{
    struct span title = meta_words(m, m->text->title);
    size_t by = span_find_nocase(title, SPAN_LIT(" by "), 0);
    struct person person;

    if (by == SIZE_MAX)
        return;
    title = span_from(title, by + 4);
    if (words_are_capitals(title) && span_find(title, SPAN_LIT("HON."), 0) == SIZE_MAX &&
        span_find(title, SPAN_LIT("H.E."), 0) == SIZE_MAX)
        return; /* any word has a capital here */
    if (read_person(m, title, true, &person))
        add_speaker(m, person);
}

static struct span next_words(const struct meta *m, size_t at)
{
    struct meta_line next;

    return meta_next_line(m, &at, &next) ? next.words : SPAN_LIT("");
}

void meta_find_speakers(struct meta *m)
{
    struct meta_line line;

    read_title(m);
    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        switch (line.section) {
        case SECTION_DATELINE:
        case SECTION_STANDFIRST:
            read_from_line(m, &line);
            read_byline(m, &line);
            read_titled_surname(m, &line);
            break;
        case SECTION_SIGNATURE:
        case SECTION_CONTACT:
            read_signature(m, &line, next_words(m, at));
            break;
        case SECTION_BODY:
            if (tells_speech(line.words))
                read_byline(m, &line);
            read_speech(m, &line);
            break;
        case SECTION_NONE:
        case SECTION_HEADLINE:
        case SECTION_BOILERPLATE:
            break;
        }
    }
}
