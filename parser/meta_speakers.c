/*
 * Who speaks: people who are quoted (meta_quoted.c), who deliver the text, and who sign it.
 *
 *     quoted     '"…," said Irene Charalambides, OSCE Special Co-ordinator and Leader of …'
 *                'Chief Observer Bartosz Wielgosz, Member of …, told reporters: "…"'
 *     delivers   'As delivered by Ambassador Daniel B. Baer'; a by-line at the top; the title
 *     signs      a name at the end, its office in the same line or the next
 *     leads      a mission, "in whose name this statement is made"
 *
 * A name without an office or a body beside it is nobody's; a contact is no speaker. The same
 * person is named once: a later surname alone adds nothing.
 */
#include "parser/meta_people.h"

/* An office at the beginning of a text, and the name behind it, take no more than this. */
#define OPENING_BYTES      80
#define OPENING_LEAD_BYTES 12

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
           words_hold(line, SPAN_LIT("delivered by")) ||
           (words_start_with(line, SPAN_LIT("delivered")) && words_hold(line, SPAN_LIT("by"))) ||
           words_hold(line, SPAN_LIT("issued today by"));
}

/* Behind "as delivered by", "Delivered on 9 October by"; the whole line when it says no such. */
static struct span behind_delivery(struct span s)
{
    size_t at = span_find_nocase(s, SPAN_LIT("delivered "), 0);

    if (at != SIZE_MAX)
        at = span_find(s, SPAN_LIT("by "), at);
    return at == SIZE_MAX ? s : span_from(s, at + SPAN_LIT("by ").n);
}

static void read_byline(struct meta *m, const struct meta_line *line)
{
    struct person person;

    if (words_count(line->words) > 45 || is_contact(line->words))
        return;
    if (person_read(m, behind_delivery(line->words), !tells_speech(line->words), &person) ||
        (span_ends(line->words, SPAN_LIT("said:")) &&
         person_read_surname(m, span_of(line->words.p, line->words.n - 5), true, &person)))
        person_add(m, person);
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
        person_add(m, person);
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
        person_add(m, person);
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
    if (name.end > name.start && name.end == line->words.n && next.n > 0 &&
        person_has_office(m, next) && words_count(next) < 20)
        person_add(m, person);
    else if (person_has_office(m, line->words) ||
             words_hold(line->words, SPAN_LIT("for the mission")))
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
    if (person_read(m, title, m->out->genre != GENRE_REMARKS, &person))
        person_add(m, person);
}

/* "For the Mission, H.E. Mme Ana Maes" */
static void read_on_behalf(struct meta *m, const struct meta_line *line)
{
    static const char *const phrases[] = {"For the Mission, ", "For the Delegation, "};
    struct person person;

    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        struct span phrase = span_of_str(phrases[i]);
        size_t at = span_find(line->words, phrase, 0);

        if (at != SIZE_MAX && person_read(m, span_from(line->words, at + phrase.n), false, &person))
            person_add(m, person);
    }
}

/* An office in the first words, also one that a body's name is part of. */
static bool opens_with_office(const struct meta *m, struct span line)
{
    static const char *const offices[] = {"The Secretary General", "The Secretary-General",
                                          "The Executive Secretary", "The High Representative"};
    struct range reach = {m->first.start, m->first.start + OPENING_BYTES};
    const struct mention *office;
    size_t from = 0;

    for (size_t i = 0; i < ARRAY_LEN(offices); i++) {
        if (span_starts(line, span_of_str(offices[i])))
            return true;
    }
    office = meta_next_mention(m, reach, MENTION_OFFICE, &from);
    return office && office->office->is_speech &&
           office->at.start <= m->first.start + OPENING_LEAD_BYTES;
}

/* "The Secretary General of the Forum, Ana Maes, welcomes …": the text opens with who speaks. */
static void read_opening(struct meta *m)
{
    struct span line = meta_words(m, m->first);
    struct person person;
    struct range name;

    if (m->out->speakers.n > 0 || !opens_with_office(m, line))
        return;
    for (size_t i = 0; i < line.n && i < 2 * OPENING_BYTES; i++) {
        if (line.p[i] != ',' || i + 2 >= line.n)
            continue;
        name = name_find(line, i + 2, true);
        if (name.end > name.start && name.end < line.n && line.p[name.end] == ',' &&
            person_read(m, span_of(line.p, name.end), false, &person))
            person_add(m, person);
        return;
    }
}

/* "under the leadership of Ana Maes, in whose name this statement is made" */
static void read_leader(struct meta *m)
{
    struct person person;

    if (m->out->speakers.n == 0 &&
        span_find_nocase(m->text->text, SPAN_LIT("in whose name"), 0) != SIZE_MAX &&
        person_read_leader(m, &person))
        person_add(m, person);
}

/* The last line, of whatever section: "Ms. Ana Maes, Executive Director, …" */
static void read_last_line(struct meta *m)
{
    struct meta_line line;
    struct meta_line last = {0};
    struct person person;
    struct range name;

    for (size_t at = 0; meta_next_line(m, &at, &line);)
        last = line;
    name = name_find(last.words, 0, true);
    if (name.end == name.start || is_contact(last.words) || name.end + 2 >= last.words.n ||
        last.words.p[name.end] != ',' || !person_read(m, last.words, true, &person))
        return;
    if (person_has_office(m, span_of(last.words.p + name.end, last.words.n - name.end)))
        person_add(m, person);
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
            read_on_behalf(m, &line);
            break;
        case SECTION_BODY:
            if (tells_speech(line.words))
                read_byline(m, &line);
            read_on_behalf(m, &line);
            speakers_quoted(m, &line);
            break;
        case SECTION_NONE:
        case SECTION_HEADLINE:
        case SECTION_BOILERPLATE:
            break;
        }
    }
    read_last_line(m);
    read_opening(m);
    read_leader(m);
}
