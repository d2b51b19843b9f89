/*
 * The names that texts use, and what they stand for.
 *
 * Every phrase of every thing is one entry; entries are compiled into one set of cues, whose ids
 * are the entries' numbers. Cues know no case, so an entry says which case its words must have in
 * the text; a hit in the wrong case is dropped. What is left is read from left to right, the
 * longest first, and each hit hides what begins inside it: "OSCE Parliamentary Assembly" is one
 * body, not two. Genres overlap with everything, since "statement" stands in the middle of names.
 *
 * lexicon_load.c reads the files.
 */
#include "parser/lexicon.h"

#include <stdlib.h>

#include "common/mem.h"
#include "parser/lexicon_parts.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Whether the words have the case that the entry asks for. */
static bool case_fits(const struct lexicon_entry *entry, struct span words)
{
    switch (entry->letters) {
    case CASE_ANY:
        return true;
    case CASE_FIRST:
        return words.n > 0 && !is_lower(words.p[0]);
    case CASE_EXACT:
        for (size_t i = 0; i < words.n; i++) {
            if (is_lower(words.p[i]))
                return false;
        }
        return true;
    }
    return false;
}

enum lexicon_case lexicon_case_of(struct span phrase)
{
    size_t upper = 0;
    size_t lower = 0;

    for (size_t i = 0; i < phrase.n; i++) {
        upper += is_upper(phrase.p[i]);
        lower += is_lower(phrase.p[i]);
    }
    if (upper > 0 && lower == 0)
        return CASE_EXACT;
    return upper > 0 && !is_lower(phrase.p[0]) ? CASE_FIRST : CASE_ANY;
}

void lexicon_find(const struct lexicon *l, struct span text, struct arena *arena, mentions *out)
{
    cue_hits hits = {0};
    uint32_t taken = 0; /* everything before is inside a mention */

    out->n = 0;
    cues_find(l->cues, text, arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        const struct cue_hit *hit = &hits.items[i];
        const struct lexicon_entry *entry = &l->entries.items[hit->id];
        bool is_genre = entry->mention.kind == MENTION_GENRE;
        struct mention *mention;

        if (!case_fits(entry, span_slice(text, hit->at)) || (!is_genre && hit->at.start < taken))
            continue;
        if (!is_genre)
            taken = hit->at.end;
        if (entry->is_ignored)
            continue;
        mention = LIST_ADD(arena, out);
        *mention = entry->mention;
        mention->at = hit->at;
    }
}

const struct body *lexicon_body(const struct lexicon *l, struct span slug)
{
    for (size_t i = 0; i < l->bodies.n; i++) {
        if (span_equal(l->bodies.items[i]->slug, slug))
            return l->bodies.items[i];
    }
    return NULL;
}

const struct country *lexicon_country(const struct lexicon *l, struct span code)
{
    for (size_t i = 0; i < l->countries.n; i++) {
        if (span_equal_nocase(l->countries.items[i]->code, code))
            return l->countries.items[i];
    }
    return NULL;
}

bool body_is_within(const struct body *b, const struct body *ancestor)
{
    while (b && b != ancestor)
        b = b->parent;
    return b != NULL;
}

size_t mentions_within(const mentions *all, struct range at, size_t *first)
{
    size_t low = 0;
    size_t high = all->n;
    size_t end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (all->items[middle].at.start < at.start)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < all->n && all->items[end].at.start < at.end; end++)
        continue;
    *first = low;
    return end - low;
}

void lexicon_free(struct lexicon *l)
{
    if (!l)
        return;
    cues_free(l->cues);
    arena_free(l->arena);
    free(l);
}
