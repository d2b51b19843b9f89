/*
 * A person in a few words: a name, and the office in front of it or behind it. A name that is part
 * of an institution's ("Eastern Partnership Civil Society Forum"), of a place, or of a country is
 * nobody's.
 */
#include "parser/meta_people.h"

/* A name follows its verb within this much: offices stand between. */
#define NAME_REACH_BYTES 220

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

void person_add(struct meta *m, struct person person)
{
    struct speaker *speaker;

    if (person.name.n == 0 || is_known(m, person.name))
        return;
    speaker = LIST_ADD(m->arena, &m->out->speakers);
    speaker->name = person.name;
    speaker->role_as_written = person.role.n ? person.role : SPAN_NULL;
    speaker->body = body_of(m, person.role);
}

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

bool person_has_office(const struct meta *m, struct span s)
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

/* Whether a longer name of a body or country goes over the edge of `at`: "Carter Center". */
static bool is_part_of_thing(const struct meta *m, struct range at)
{
    for (size_t i = 0; i < m->mentions.n && m->mentions.items[i].at.start < at.end; i++) {
        const struct mention *mention = &m->mentions.items[i];
        bool is_thing = mention->kind == MENTION_COUNTRY || mention->kind == MENTION_BODY;

        if (is_thing && mention->at.end > at.start &&
            (mention->at.start < at.start || mention->at.end > at.end))
            return true;
    }
    return false;
}

static struct span word_before(struct span text, uint32_t at)
{
    struct span before = span_trim(span_of(text.p, at));

    return span_from(before, last_word(before));
}

/*
 * "the Great Hural", "in Novi Beograd", "to Protect Journalists": not what stands before a person.
 * "Civil Society" goes on with a word that no name has.
 */
static bool is_no_person(const struct meta *m, struct range at)
{
    static const char *const leads[] = {"the", "in", "for", "State", "Local", "at", "near"};
    struct span text = m->text->text;
    struct span before = word_before(text, at.start);
    struct span behind = span_from(text, at.end);

    for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
        if (span_equal_str(before, leads[i]))
            return true;
    }
    if (span_equal_str(before, "and"))
        before = word_before(text, (uint32_t)(before.p - text.p));
    if (span_equal_str(before, "Local") || span_starts(behind, SPAN_LIT("'s office")))
        return true;
    return behind.n > 2 && behind.p[0] == ' ' && behind.p[1] >= 'A' && behind.p[1] <= 'Z' &&
           !words_are_capitals(span_of(behind.p + 1, 2));
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
    at.start = at.end - (uint32_t)name.n;
    if (is_part_of_thing(m, at) || is_no_person(m, at))
        name.n = 0;
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
bool person_read(const struct meta *m, struct span s, bool needs_office, struct person *out)
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
    return !needs_office || person_has_office(m, before) || person_has_office(m, behind);
}

/* "Ms Oosterveld", "Drăgulești": the last word with a capital, introduced elsewhere. */
bool person_read_surname(const struct meta *m, struct span s, bool at_end, struct person *out)
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
bool person_read_leader(const struct meta *m, struct person *out)
{
    static const char *const phrases[] = {"led by",        "headed by",    "chaired by",
                                          "leadership of", "direction of", "stewardship of"};
    struct meta_line line;

    for (size_t at = 0; meta_next_line(m, &at, &line);) {
        for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
            size_t found = span_find_nocase(line.words, span_of_str(phrases[i]), 0);

            if (found != SIZE_MAX && line.section == SECTION_BODY &&
                person_read(m, span_from(line.words, found + span_of_str(phrases[i]).n), false,
                            out)) {
                out->role = SPAN_NULL;
                return true;
            }
        }
    }
    return false;
}
