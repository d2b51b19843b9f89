/*
 * What a statement is. Each field has a file of its own (meta_parts.h lists them); what all of them
 * share is here. A field that the text does not settle stays null: a wrong date or issuer in a
 * panel of data costs more than a missing one.
 */
#include "parser/meta.h"

#include "parser/meta_parts.h"

/* Half a year, in days: a date without a year is nearer than this to the publication. */
#define HALF_YEAR 183

/* Of the words of an English text, at least this share is among the commonest ones. */
#define ENGLISH_MIN_PERCENT 12

struct span meta_words(const struct meta *m, struct range at)
{
    return span_slice(m->text->text, at);
}

static enum section_kind section_at(const struct text *text, uint32_t at)
{
    for (size_t i = 0; i < text->sections.n; i++) {
        if (at >= text->sections.items[i].start && at < text->sections.items[i].end)
            return text->sections.items[i].kind;
    }
    return SECTION_NONE;
}

bool meta_next_line(const struct meta *m, size_t *at, struct meta_line *out)
{
    struct span text = m->text->text;

    while (*at < text.n) {
        const char *end = memchr(text.p + *at, '\n', text.n - *at);
        size_t stop = end ? (size_t)(end - text.p) : text.n;

        out->at = (struct range){(uint32_t)*at, (uint32_t)stop};
        *at = stop + 1;
        out->words = span_slice(text, out->at);
        if (out->words.n == 0)
            continue;
        out->section = section_at(m->text, out->at.start);
        return true;
    }
    return false;
}

const struct mention *meta_next_mention(const struct meta *m, struct range at,
                                        enum mention_kind kind, size_t *from)
{
    size_t first;
    size_t n = mentions_within(&m->mentions, at, &first);

    for (size_t i = *from > first ? *from : first; i < first + n; i++) {
        if (m->mentions.items[i].kind == kind) {
            *from = i + 1;
            return &m->mentions.items[i];
        }
    }
    *from = first + n;
    return NULL;
}

bool meta_complete_date(const struct meta *m, struct date *d)
{
    long distance;

    if (d->year > 0 || d->month == 0 || d->day == 0)
        return d->year > 0;
    if (m->published.year == 0)
        return false;
    d->year = m->published.year;
    if (!date_is_full(m->published))
        return true;
    distance = date_number(*d) - date_number(m->published);
    if (distance > HALF_YEAR)
        d->year--;
    else if (distance < -HALF_YEAR)
        d->year++;
    return true;
}

/* The text's own words decide, so that a page that declares its site's language is not believed. */
static bool is_english(struct span text)
{
    static const char *const words[] = {"the", "of",   "and", "to",  "in",
                                        "a",   "that", "for", "was", "is"};
    size_t all = 0;
    size_t common = 0;

    for (size_t at = 0; at < text.n;) {
        size_t end = at;

        while (end < text.n && text.p[end] != ' ' && text.p[end] != '\n')
            end++;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            common += span_equal_nocase(span_of(text.p + at, end - at), span_of_str(words[i]));
        all += end > at;
        at = end + 1;
    }
    return all > 0 && common * 100 / all >= ENGLISH_MIN_PERCENT;
}

static void find_language(struct meta *m)
{
    struct span declared = m->article->language;
    bool says_english =
        span_starts(declared, SPAN_LIT("en")) || span_starts(declared, SPAN_LIT("EN"));

    if (is_english(m->text->text))
        m->out->language = says_english ? declared : SPAN_LIT("en");
    else if (!says_english)
        m->out->language = declared;
}

static struct range first_sentence(const struct text *text)
{
    for (size_t i = 0; i < text->sentences.n; i++) {
        const struct sentence *s = &text->sentences.items[i];

        if (s->section == SECTION_BODY && !s->is_heading &&
            words_count(span_slice(text->text, s->at)) > 6)
            return s->at;
    }
    return (struct range){0, 0};
}

void meta_find_with(const struct lexicon *lexicon, const struct article *article,
                    const struct text *text, const struct msg_work *job, struct arena *arena,
                    struct statement *out)
{
    struct meta m = {
        .lexicon = lexicon,
        .article = article,
        .text = text,
        .job = job,
        .arena = arena,
        .out = out,
        .first = first_sentence(text),
    };

    lexicon_find(lexicon, text->text, arena, &m.mentions);
    find_language(&m);
    meta_find_title(&m);
    meta_find_genre(&m);
    meta_find_dates(&m);
    meta_find_issuers(&m);
    meta_find_countries(&m);
    meta_find_speakers(&m);
    meta_find_forum(&m);
    meta_find_elections(&m);
}

void meta_find(const struct rules *rules, const struct article *article, const struct text *text,
               const struct msg_work *job, struct arena *arena, struct statement *out)
{
    const struct language_rules *in_language = rules_for(rules, article->language);

    meta_find_with(in_language->lexicon, article, text, job, arena, out);
}
