/*
 * Records -> pages for people.
 *
 * A record lists findings and uncoded sentences, each in order of the text; together they are all
 * its sentences. --explain merges the two and shows of each sentence
 *
 *     brief.txt:4 (91-160)
 *       While voting was calm, the count was chaotic.
 *         cue      "voting" topics.eday.voting: voting, weight 3 -> 2
 *         cue      "calm" polarity.good: calm -> 2
 *         …
 *         clause   (conceded) While voting was calm
 *         2        assessment eday.voting positive; holder odihr; confidence medium
 *
 * where numbers are those of findings (`ordinal`), and an arrow leads from a cue to the findings
 * that cite it. A cue without an arrow was seen and decided nothing.
 */
#include "parser/explain.h"

#include <stdlib.h>

#include "common/utf8.h"
#include "parser/code/coding.h"

/* A range of the statement's text, or nothing when it points outside. */
static struct span words_at(const struct coded_statement *coded, uint32_t start, uint32_t end)
{
    struct span text = coded->statement.text;

    if (start > end || end > text.n)
        return SPAN_NULL;
    return span_slice(text, (struct range){start, end});
}

static bool is_blank(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7F && c <= 0xA0);
}

/* On one line, and without what a terminal would obey. `words` is valid UTF-8. */
static void print_words(FILE *out, struct span words)
{
    const char *gap = "";
    bool is_first = true;
    size_t at = 0;

    while (at < words.n) {
        size_t start = at;

        if (is_blank(utf8_next(words, &at))) {
            gap = is_first ? "" : " ";
            continue;
        }
        fprintf(out, "%s%.*s", gap, (int)(at - start), words.p + start);
        gap = "";
        is_first = false;
    }
}

/* Counts lines of a text once through, for places that are asked for in order. */
struct line_counter {
    struct span text;
    size_t at;
    size_t line; /* of `at`, 1-based */
};

static size_t line_of(struct line_counter *c, size_t offset)
{
    for (; c->at < offset && c->at < c->text.n; c->at++)
        c->line += c->text.p[c->at] == '\n';
    return c->line;
}

/* ---- uncoded sentences ---- */

static bool is_unknown(enum uncoded_reason reason)
{
    return reason == UNCODED_NO_RULE;
}

static void print_uncoded(const struct coded_statement *coded, const char *file, bool unknown,
                          enum uncoded_reason only, FILE *out)
{
    struct line_counter lines = {.text = coded->statement.text, .line = 1};

    for (size_t i = 0; i < coded->statement.uncoded.n; i++) {
        const struct uncoded *u = &coded->statement.uncoded.items[i];

        if (is_unknown(u->reason) != unknown || (only != UNCODED_NONE && u->reason != only))
            continue;
        fprintf(out, "%s:%zu\t%u-%u\t%s\t", file, line_of(&lines, u->start), u->start, u->end,
                uncoded_reason_names[u->reason]);
        print_words(out, words_at(coded, u->start, u->end));
        putc('\n', out);
    }
}

void explain_uncoded(const struct coded_statement *coded, const char *file,
                     enum uncoded_reason only, FILE *out)
{
    print_uncoded(coded, file, true, only, out);
    print_uncoded(coded, file, false, only, out);
}

/* ---- sentences ---- */

/* A sentence, as the records tell of it. */
struct told {
    struct range at;
    size_t first; /* of its findings */
    size_t n;
    enum uncoded_reason reason;
};

typedef LIST_OF(struct told) told_list;

static int told_compare(const void *a, const void *b)
{
    const struct told *x = a;
    const struct told *y = b;

    return (x->at.start > y->at.start) - (x->at.start < y->at.start);
}

static bool is_same(struct range a, struct range b)
{
    return a.start == b.start && a.end == b.end;
}

static void sentences_list(const struct coded_statement *coded, struct arena *arena, told_list *out)
{
    for (size_t i = 0; i < coded->findings.n; i++) {
        const struct evidence *e = &coded->findings.items[i].evidence;
        struct range at = {e->sentence_start, e->sentence_end};

        if (out->n == 0 || !is_same(out->items[out->n - 1].at, at))
            *LIST_ADD(arena, out) = (struct told){.at = at, .first = i};
        out->items[out->n - 1].n++;
    }
    for (size_t i = 0; i < coded->statement.uncoded.n; i++) {
        const struct uncoded *u = &coded->statement.uncoded.items[i];

        *LIST_ADD(arena, out) = (struct told){.at = {u->start, u->end}, .reason = u->reason};
    }
    if (out->n > 1)
        qsort(out->items, out->n, sizeof *out->items, told_compare);
}

/* ---- cues ---- */

struct explaining {
    const struct coded_statement *coded;
    struct arena *arena;
    cue_list cues; /* of the whole text, in order */
    size_t next;   /* the first that is not behind us */
    FILE *out;
};

/* A rule and where it fired, be it known from the text ("cue") or from a finding alone ("cited":
 * words that the scorer went by). */
struct sighting {
    const char *kind;
    struct span id;
    struct range at;
    int weight; /* of a topic's cue, or 0 */
};

typedef LIST_OF(struct sighting) sightings;

static void cues_look_up(struct explaining *e, const struct rules *rules)
{
    const struct statement *s = &e->coded->statement;
    struct text text = {.text = s->text};
    struct coding coding = {
        .book = rules_for(rules, s->language)->book,
        .text = &text,
        .arena = e->arena,
    };

    view_find_cues(&coding);
    e->cues = coding.cues;
}

static bool is_seen(const sightings *list, struct span id, struct range at)
{
    for (size_t i = 0; i < list->n; i++) {
        if (is_same(list->items[i].at, at) && span_equal(list->items[i].id, id))
            return true;
    }
    return false;
}

/* First what stands in the sentence, then what its findings cite from elsewhere. */
static void sightings_list(struct explaining *e, const struct told *told, sightings *out)
{
    while (e->next < e->cues.n && e->cues.items[e->next].at.start < told->at.start)
        e->next++;
    for (; e->next < e->cues.n && e->cues.items[e->next].at.start < told->at.end; e->next++) {
        const struct cue *cue = &e->cues.items[e->next];

        *LIST_ADD(e->arena, out) =
            (struct sighting){"cue", cue->rule->id, cue->at, cue->rule->weight};
    }
    for (size_t i = 0; i < told->n; i++) {
        const struct finding *f = &e->coded->findings.items[told->first + i];

        for (size_t k = 0; k < f->rules.n; k++) {
            const struct fired_rule *r = &f->rules.items[k];
            struct range at = {r->start, r->end};

            if (!is_seen(out, r->id, at))
                *LIST_ADD(e->arena, out) = (struct sighting){"cited", r->id, at, 0};
        }
    }
}

static bool is_cited(const struct finding *f, const struct sighting *s)
{
    for (size_t i = 0; i < f->rules.n; i++) {
        const struct fired_rule *r = &f->rules.items[i];

        if (is_same((struct range){r->start, r->end}, s->at) && span_equal(r->id, s->id))
            return true;
    }
    return false;
}

static void print_sighting(const struct explaining *e, const struct told *told,
                           const struct sighting *s)
{
    const char *arrow = " ->";

    fprintf(e->out, "    %-8s ", s->kind);
    if (s->at.start < s->at.end) {
        putc('"', e->out);
        print_words(e->out, words_at(e->coded, s->at.start, s->at.end));
        fputs("\" ", e->out);
    }
    print_words(e->out, s->id);
    if (s->weight > 0)
        fprintf(e->out, ", weight %d", s->weight);
    for (size_t i = 0; i < told->n; i++) {
        const struct finding *f = &e->coded->findings.items[told->first + i];

        if (is_cited(f, s)) {
            fprintf(e->out, "%s %u", arrow, f->ordinal);
            arrow = "";
        }
    }
    putc('\n', e->out);
}

/* ---- findings ---- */

/* "; KEY NAME", unless it is null or says nothing. */
static void print_name(FILE *out, const char *key, const char *name)
{
    if (name)
        fprintf(out, "; %s %s", key, name);
}

static void print_span(FILE *out, const char *key, struct span value)
{
    if (span_is_null(value))
        return;
    fprintf(out, "; %s ", key);
    print_words(out, value);
}

static const char *or_null(const char *name)
{
    return name ? name : "null";
}

static void print_finding(const struct finding *f, FILE *out)
{
    const struct attribution *a = &f->attribution;

    fprintf(out, "    %-8u %s %s %s", f->ordinal, or_null(finding_type_names[f->type]),
            or_null(topic_names[f->topic]), or_null(polarity_names[f->polarity]));
    print_name(out, "mode", topic_mode_names[f->mode]);
    print_name(out, "trend", trend_names[f->trend]);
    print_name(out, "extent", extent_names[f->extent]);
    if (f->recommendation)
        print_name(out, "strength", strength_names[f->recommendation->strength]);
    if (f->followup)
        print_name(out, "status", followup_status_names[f->followup->status]);
    print_span(out, "holder", a->holder);
    print_span(out, "speaker", a->speaker);
    print_name(out, "stance", stance_names[a->stance]);
    print_name(out, "confidence", confidence_names[f->confidence]);
    putc('\n', out);
}

/* A clause once, then what was found in it. */
static void print_findings(const struct explaining *e, const struct told *told)
{
    struct range clause = {0, 0};

    for (size_t i = 0; i < told->n; i++) {
        const struct finding *f = &e->coded->findings.items[told->first + i];
        struct range at = {f->evidence.start, f->evidence.end};

        if (!is_same(clause, at)) {
            fprintf(e->out, "    clause   %s", f->weight == WEIGHT_CONCEDED ? "(conceded) " : "");
            print_words(e->out, f->evidence.exact);
            putc('\n', e->out);
        }
        print_finding(f, e->out);
        clause = at;
    }
}

/* ---- a statement ---- */

static void print_head(const struct coded_statement *coded, const char *file, FILE *out)
{
    const struct statement *s = &coded->statement;

    fprintf(out, "%s: ", file);
    print_words(out, s->title);
    print_name(out, "genre", genre_names[s->genre]);
    for (size_t i = 0; i < s->issuers.n; i++)
        print_span(out, or_null(issuer_role_names[s->issuers.items[i].role]),
                   s->issuers.items[i].slug);
    for (size_t i = 0; i < s->countries.n; i++)
        print_span(out, "country", s->countries.items[i]);
    print_span(out, "published", s->date_published.value);
    fprintf(out, "; sentences coded: %u of %u; findings: %zu\n", s->coverage.coded,
            s->coverage.sentences, coded->findings.n);
}

static void print_sentence(struct explaining *e, const char *file, size_t line,
                           const struct told *told)
{
    sightings seen = {0};

    fprintf(e->out, "\n%s:%zu (%u-%u)\n  ", file, line, told->at.start, told->at.end);
    print_words(e->out, words_at(e->coded, told->at.start, told->at.end));
    putc('\n', e->out);
    sightings_list(e, told, &seen);
    for (size_t i = 0; i < seen.n; i++)
        print_sighting(e, told, &seen.items[i]);
    print_findings(e, told);
    if (told->reason != UNCODED_NONE)
        fprintf(e->out, "    uncoded  %s\n", uncoded_reason_names[told->reason]);
}

void explain_statement(const struct coded_statement *coded, const char *file,
                       const struct rules *rules, struct arena *arena, FILE *out)
{
    struct explaining e = {.coded = coded, .arena = arena, .out = out};
    struct line_counter lines = {.text = coded->statement.text, .line = 1};
    told_list sentences = {0};

    print_head(coded, file, out);
    cues_look_up(&e, rules);
    sentences_list(coded, arena, &sentences);
    for (size_t i = 0; i < sentences.n; i++) {
        const struct told *told = &sentences.items[i];

        print_sentence(&e, file, line_of(&lines, told->at.start), told);
    }
}

/* ---- totals ---- */

void explain_add(struct explain_totals *totals, const struct coded_statement *coded)
{
    const struct statement *s = &coded->statement;

    totals->statements++;
    totals->sentences += s->coverage.sentences;
    totals->coded += s->coverage.coded;
    for (size_t i = 0; i < s->uncoded.n; i++)
        totals->uncoded[s->uncoded.items[i].reason]++;
}

void explain_print_totals(const struct explain_totals *totals, FILE *out)
{
    fprintf(out, "statements: %zu, sentences: %zu, coded: %zu, uncoded: %zu", totals->statements,
            totals->sentences, totals->coded, totals->sentences - totals->coded);
    for (int r = UNCODED_NO_RULE; r > UNCODED_NONE; r--) {
        if (totals->uncoded[r] > 0)
            fprintf(out, ", %s: %zu", uncoded_reason_names[r], totals->uncoded[r]);
    }
    putc('\n', out);
}
