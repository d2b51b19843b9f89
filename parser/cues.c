/*
 * Every phrase of the rules in one pass over the text.
 *
 * Phrases and text go through one fold, so that a phrase is written once and found however the
 * page was typed:
 *
 *     “The  Commission’s\tcount”  ->  "the commission's count"
 *
 * ASCII letters become lower case, runs of white space (no-break spaces too) one space, typographic
 * quotes and dashes their plain forms. Two line ends part paragraphs, which no phrase may cross,
 * and stay a line end. The fold keeps for each byte where it came from; hits are handed out in
 * offsets of the original.
 *
 * Vectorscan looks for the bare literals and tells where one ends. The start follows from the
 * length; word bounds are checked there and then ("count" is not in "country"). It could do both by
 * itself, as regular expressions with start of match, at many times the price: limits.md has the
 * measurement that this design follows.
 */
#include "parser/cues.h"

#include <hs/hs.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "common/mem.h"

/* No phrase that people write is longer; a longer one is a mistake in the file. */
#define PHRASE_MAX_BYTES 256

struct phrase {
    uint32_t id;
    uint32_t n;      /* bytes, without the star */
    bool open_start; /* begins with a sign, so needs no word bound there */
    bool open_end;   /* ends with a star or a sign */
    bool has_star;
};

struct cues {
    hs_database_t *db;     /* NULL when there are no phrases */
    hs_scratch_t *scratch; /* the pattern of what each scan needs; scans use copies */
    struct phrase *phrases;
    size_t n;
};

struct folded {
    char *p;
    uint32_t *from; /* offset in the original of each byte; from[n] is the original's length */
    size_t n;
    unsigned line_ends; /* in the run of white space that is being read */
};

/* ---- the fold ---- */

/* The plain form of the typographic sign at `s`, or 0. `*n` is how many bytes it takes. */
static char plain_sign(struct span s, size_t *n)
{
    const unsigned char *u = (const unsigned char *)s.p;

    if (s.n >= 2 && u[0] == 0xC2 && u[1] == 0xA0) { /* no-break space */
        *n = 2;
        return ' ';
    }
    if (s.n < 3 || u[0] != 0xE2 || u[1] != 0x80)
        return 0;
    *n = 3;
    if ((u[2] >= 0x80 && u[2] <= 0x8A) || u[2] == 0xAF) /* U+2000..200A, 202F: spaces */
        return ' ';
    if (u[2] >= 0x90 && u[2] <= 0x95) /* U+2010..2015: hyphens and dashes */
        return '-';
    if (u[2] >= 0x98 && u[2] <= 0x9B) /* U+2018..201B: single quotes */
        return '\'';
    if (u[2] >= 0x9C && u[2] <= 0x9F) /* U+201C..201F: double quotes */
        return '"';
    return 0;
}

/* One sign of the original in its folded form; `*n` bytes of it are used up. */
static char fold_one(struct span s, size_t *n)
{
    char c = s.p[0];
    char plain;

    *n = 1;
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    if (c == '\t' || c == '\r' || c == '\f' || c == '\v')
        return ' ';
    if ((unsigned char)c < 0x80)
        return c;
    plain = plain_sign(s, n);
    if (plain)
        return plain;
    *n = 1;
    return c;
}

static void fold_put(struct folded *f, char c, size_t from)
{
    bool is_white = c == ' ' || c == '\n';
    char *last = f->n ? &f->p[f->n - 1] : NULL;

    f->line_ends = is_white ? f->line_ends + (c == '\n') : 0;
    if (is_white && last && (*last == ' ' || *last == '\n')) {
        if (f->line_ends >= 2)
            *last = '\n';
        return;
    }
    f->p[f->n] = c == '\n' ? ' ' : c;
    f->from[f->n++] = (uint32_t)from;
}

static struct folded fold(struct span text, struct arena *arena)
{
    struct folded f = {
        .p = arena_alloc(arena, text.n + 1),
        .from = arena_calloc(arena, text.n + 1, sizeof(uint32_t)),
    };
    size_t at = 0;

    while (at < text.n) {
        size_t used;
        char c = fold_one(span_from(text, at), &used);

        fold_put(&f, c, at);
        at += used;
    }
    f.from[f.n] = (uint32_t)text.n;
    return f;
}

/* ---- word bounds ---- */

static bool is_word(UChar32 c)
{
    return u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK;
}

static bool word_before(const char *p, size_t at)
{
    UChar32 c;
    int32_t i = (int32_t)at;

    if (i == 0)
        return false;
    U8_PREV(p, 0, i, c);
    return is_word(c);
}

/* Bytes of the word sign at `at`, or 0 when there is none. */
static size_t word_at(const char *p, size_t n, size_t at)
{
    UChar32 c;
    int32_t i = (int32_t)at;

    if (at >= n)
        return 0;
    U8_NEXT_UNSAFE(p, i, c);
    return is_word(c) ? (size_t)i - at : 0;
}

static size_t word_end(const struct folded *f, size_t at)
{
    size_t step;

    while ((step = word_at(f->p, f->n, at)) > 0)
        at += step;
    return at;
}

/* ---- compiling ---- */

static int phrase_check(struct span phrase, struct error *err)
{
    size_t star = span_find(phrase, SPAN_LIT("*"), 0);

    if (phrase.n == 0 || phrase.n > PHRASE_MAX_BYTES)
        return error_set(err, ERR_CONFIG, "cue \"%.*s\": must have 1 to %d bytes", SPAN_ARG(phrase),
                         PHRASE_MAX_BYTES);
    if (star == 0 || (star != SIZE_MAX && star != phrase.n - 1))
        return error_set(err, ERR_CONFIG, "cue \"%.*s\": a star may only end it", SPAN_ARG(phrase));
    if (!span_equal(span_trim(phrase), phrase))
        return error_set(err, ERR_CONFIG, "cue \"%.*s\": white space at an end", SPAN_ARG(phrase));
    return 0;
}

static struct phrase phrase_make(const struct cue_pattern *pattern, const struct folded *f)
{
    bool star = f->p[f->n - 1] == '*';
    size_t n = f->n - (star ? 1 : 0);

    return (struct phrase){
        .id = pattern->id,
        .n = (uint32_t)n,
        .open_start = word_at(f->p, n, 0) == 0,
        .open_end = star || !word_before(f->p, n),
        .has_star = star,
    };
}

static int database_build(struct cues *c, const char **texts, const unsigned *ids,
                          const size_t *lens, struct error *err)
{
    hs_compile_error_t *problem = NULL;
    unsigned *flags = xcalloc(c->n, sizeof *flags);
    int rc = 0;

    if (hs_compile_lit_multi(texts, flags, ids, lens, (unsigned)c->n, HS_MODE_BLOCK, NULL, &c->db,
                             &problem) != HS_SUCCESS) {
        int at = problem->expression;

        rc = error_set(err, ERR_CONFIG, "cue \"%s\": %s", at >= 0 ? texts[at] : "?",
                       problem->message);
        hs_free_compile_error(problem);
    } else if (hs_alloc_scratch(c->db, &c->scratch) != HS_SUCCESS) {
        rc = error_set(err, ERR_CONFIG, "no memory for %zu cues", c->n);
    }
    free(flags);
    return rc;
}

static int compile(struct cues *c, const struct cue_pattern *patterns, struct error *err)
{
    struct arena *scrap = arena_new();
    const char **texts = arena_calloc(scrap, c->n, sizeof *texts);
    unsigned *ids = arena_calloc(scrap, c->n, sizeof *ids);
    size_t *lens = arena_calloc(scrap, c->n, sizeof *lens);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < c->n; i++) {
        struct folded f;

        rc = phrase_check(patterns[i].phrase, err);
        if (rc < 0)
            break;
        f = fold(patterns[i].phrase, scrap);
        c->phrases[i] = phrase_make(&patterns[i], &f);
        texts[i] = f.p;
        ids[i] = (unsigned)i;
        lens[i] = c->phrases[i].n;
        f.p[lens[i]] = '\0'; /* the compiler's error shows it */
    }
    if (rc == 0)
        rc = database_build(c, texts, ids, lens, err);
    arena_free(scrap);
    return rc;
}

int cues_compile(const struct cue_pattern *patterns, size_t n, struct cues **out, struct error *err)
{
    struct cues *c = xcalloc(1, sizeof *c);
    int rc = 0;

    c->n = n;
    if (n > 0) {
        c->phrases = xcalloc(n, sizeof *c->phrases);
        rc = compile(c, patterns, err);
    }
    if (rc == 0) {
        *out = c;
        c = NULL; /* now the caller's */
    }
    cues_free(c);
    return rc;
}

void cues_free(struct cues *c)
{
    if (!c)
        return;
    hs_free_scratch(c->scratch);
    hs_free_database(c->db);
    free(c->phrases);
    free(c);
}

/* ---- finding ---- */

struct scan {
    const struct cues *cues;
    const struct folded *text;
    struct arena *arena;
    cue_hits *hits;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    const struct scan *s = context;
    const struct phrase *phrase = &s->cues->phrases[id];
    size_t end = (size_t)to;
    size_t start = end - phrase->n;
    struct cue_hit *hit;

    (void)from;
    (void)flags;
    if (!phrase->open_start && word_before(s->text->p, start))
        return 0;
    if (!phrase->open_end && word_at(s->text->p, s->text->n, end) > 0)
        return 0;
    if (phrase->has_star)
        end = word_end(s->text, end);
    hit = LIST_ADD(s->arena, s->hits);
    hit->id = phrase->id;
    hit->at = (struct range){s->text->from[start], s->text->from[end]};
    return 0;
}

static int hit_compare(const void *a, const void *b)
{
    const struct cue_hit *x = a;
    const struct cue_hit *y = b;

    if (x->at.start != y->at.start)
        return x->at.start < y->at.start ? -1 : 1;
    if (x->at.end != y->at.end)
        return x->at.end > y->at.end ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void drop_repeats(cue_hits *hits)
{
    size_t kept = 0;

    for (size_t i = 0; i < hits->n; i++) {
        if (kept == 0 || hit_compare(&hits->items[kept - 1], &hits->items[i]) != 0)
            hits->items[kept++] = hits->items[i];
    }
    hits->n = kept;
}

void cues_find(const struct cues *c, struct span text, struct arena *arena, cue_hits *out)
{
    struct folded folded;
    struct scan scan = {c, &folded, arena, out};
    hs_scratch_t *scratch = NULL;

    out->n = 0;
    if (!c->db || text.n == 0)
        return;
    folded = fold(text, arena);
    if (hs_clone_scratch(c->scratch, &scratch) != HS_SUCCESS ||
        hs_scan(c->db, folded.p, (unsigned)folded.n, 0, scratch, on_match, &scan) != HS_SUCCESS)
        abort(); /* out of memory, or our mistake: no input leads here */
    hs_free_scratch(scratch);
    if (out->n > 1)
        qsort(out->items, out->n, sizeof *out->items, hit_compare);
    drop_repeats(out);
}
