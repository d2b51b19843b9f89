/*
 * The places of a text where a body's name tells the issuer: labels, letterheads, joint missions,
 * the title, the site, the top, those who speak, the first sentences.
 */
#include "parser/meta_issuer.h"

static bool is_label(struct span line)
{
    static const char *const words[] = {"from:",        "publisher:",       "issued by",
                                        "published by", "statement by the", "joint statement of"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (span_find_nocase(line, span_of_str(words[i]), 0) != SIZE_MAX)
            return words_count(line) < 30;
    }
    return false;
}

void issuers_look_labels(struct meta *m, struct issuers_found *f)
{
    struct meta_line line;

    for (size_t at = 0; f->n == 0 && meta_next_line(m, &at, &line);) {
        bool may_say = line.section != SECTION_BODY && line.section != SECTION_HEADLINE;

        if (may_say && (is_label(line.words) || words_start_with(line.words, SPAN_LIT("by "))))
            issuers_add_all(m, line.at, f);
    }
}

static bool is_joint(struct span s)
{
    static const char *const words[] = {
        "joint undertaking", "joint mission",       "joint observation", "joint endeavour",
        "common endeavour",  "the observers, from", "observers from the"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (span_find_nocase(s, span_of_str(words[i]), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool is_joint_mission_itself(const struct body *body)
{
    return span_equal_str(body->slug, "ieom") || span_equal_str(body->slug, "osce");
}

void issuers_look_joint(struct meta *m, struct issuers_found *f)
{
    struct range at;

    for (size_t i = 0; f->n < 2 && i < ISSUERS_LEAD_SENTENCES && issuers_lead_sentence(m, i, &at);
         i++) {
        struct issuers_found here = {0};

        if (!is_joint(meta_words(m, at)))
            continue;
        issuers_add_all(m, at, &here);
        f->n = 0;
        for (size_t k = 0; k < here.n; k++) {
            if (here.mentions[k]->body->kind == BODY_IGO &&
                !is_joint_mission_itself(here.mentions[k]->body))
                issuers_add(f, here.mentions[k]);
        }
    }
    if (f->n < 2)
        f->n = 0;
}

/* "UK statement to the OSCE": who is spoken to does not speak. */
static bool is_addressed(const struct meta *m, const struct mention *mention, uint32_t start)
{
    uint32_t from = mention->at.start > start + 24 ? mention->at.start - 24 : start;
    struct span before = span_of(m->text->text.p + from, mention->at.start - from);

    bool is_to = span_ends(before, SPAN_LIT("to the ")) || span_ends(before, SPAN_LIT("to "));

    return is_to && span_find_nocase(before, SPAN_LIT("attributable"), 0) == SIZE_MAX;
}

void issuers_look_title(struct meta *m, struct issuers_found *f)
{
    const struct mention *mention;
    size_t from = 0;

    while ((mention = meta_next_mention(m, m->text->title, MENTION_BODY, &from)) != NULL) {
        if (!is_addressed(m, mention, m->text->title.start) &&
            !span_equal_str(mention->body->slug, "ieom"))
            issuers_add(f, mention);
    }
    issuers_name_organs(m, f);
}

/* "International Election Observation Mission – …": a mission whose bodies are not named. */
void issuers_look_title_mission(struct meta *m, struct issuers_found *f)
{
    issuers_add_all(m, m->text->title, f);
}

/* What a page's own title has behind the headline, or its site: "… - U.S. Mission to the OSCE". */
void issuers_look_site(struct meta *m, struct issuers_found *f)
{
    struct span raw = m->article->title_raw;
    struct span site = m->article->site_name;
    mentions here = {0};

    if (site.n == 0 && raw.n > m->article->title.n && span_starts(raw, m->article->title))
        site = span_from(raw, m->article->title.n);
    if (site.n == 0 || m->article->title_is_block)
        return;
    lexicon_find(m->lexicon, site, m->arena, &here);
    for (size_t i = 0; i < here.n; i++) {
        /* the words are not in the text: no place there */
        here.items[i].at = (struct range){0, 0};
        if (here.items[i].kind == MENTION_BODY)
            issuers_add(f, &here.items[i]);
    }
    issuers_name_organs(m, f);
}

/* A line that is a body's name and no more: "United States Mission to the OSCE". */
void issuers_look_letterhead(struct meta *m, struct issuers_found *f)
{
    struct meta_line line;

    for (size_t at = 0; f->n == 0 && meta_next_line(m, &at, &line);) {
        const struct mention *mention;
        size_t from = 0;

        if (line.section == SECTION_BODY)
            break;
        mention = meta_next_mention(m, line.at, MENTION_BODY, &from);
        if (line.section != SECTION_HEADLINE && mention &&
            mention->at.end - mention->at.start + 4 >= line.words.n)
            issuers_add(f, mention);
    }
}

void issuers_look_masthead(struct meta *m, struct issuers_found *f)
{
    struct meta_line line;

    for (size_t at = 0; f->n == 0 && meta_next_line(m, &at, &line);) {
        if (line.section == SECTION_BODY)
            break;
        if (line.section != SECTION_HEADLINE && words_count(line.words) < 30)
            issuers_add_all(m, line.at, f);
    }
    issuers_name_organs(m, f);
}

/* "said Reinhold Lopatka, Leader of the delegation from the OSCE Parliamentary Assembly" */
static void look_speakers(struct meta *m, struct issuers_found *f)
{
    for (size_t i = 0; i < m->mentions.n; i++) {
        const struct mention *office = &m->mentions.items[i];
        const struct mention *body;
        struct range behind = {office->at.end, office->at.end + 90};
        size_t from = 0;

        if (office->kind != MENTION_OFFICE || !office->office->is_speech)
            continue;
        body = meta_next_mention(m, behind, MENTION_BODY, &from);
        if (body && body->body->kind == BODY_IGO && !is_joint_mission_itself(body->body))
            issuers_add(f, body);
    }
    issuers_drop_parents(f);
}

static bool speaks_of_observers(const struct meta *m)
{
    return words_hold(m->out->title, SPAN_LIT("observers")) &&
           (words_hold(m->out->title, SPAN_LIT("international")) ||
            words_hold(m->out->title, SPAN_LIT("say")));
}

/* The subject of a sentence: "The EU takes note …". */
static bool is_subject(const struct mention *mention, struct range sentence)
{
    return mention->at.start <= sentence.start + 4;
}

static void look_sentences(struct meta *m, size_t sentences, bool only_subjects,
                           struct issuers_found *f)
{
    struct range at;

    for (size_t i = 0; f->n == 0 && i < sentences && issuers_lead_sentence(m, i, &at); i++) {
        const struct mention *mention;
        size_t from = 0;

        while (f->n == 0 && (mention = meta_next_mention(m, at, MENTION_BODY, &from)) != NULL) {
            if (!is_addressed(m, mention, at.start) && (!only_subjects || is_subject(mention, at)))
                issuers_add(f, mention);
        }
    }
}

void issuers_look_subjects(struct meta *m, struct issuers_found *f)
{
    if (m->out->genre == GENRE_SPOKESPERSON_STATEMENT)
        look_sentences(m, ISSUERS_LEAD_SENTENCES, true, f);
}

void issuers_look_first_sentences(struct meta *m, struct issuers_found *f)
{
    look_sentences(m, 4, false, f);
}

void issuers_look_observers(struct meta *m, struct issuers_found *f)
{
    if (speaks_of_observers(m))
        look_speakers(m, f);
}
