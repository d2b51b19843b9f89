/*
 * What a record promises about places in its text, on whole documents as untidy as real ones.
 * Nothing here knows what a document says: the promises hold for any input.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "common/utf8.h"
#include "corpus.h"
#include "mutate.h"
#include "parser/article.h"
#include "parser/pipeline.h"
#include "proto/limits.h"

#define RULES  TEST_SOURCE_DIR "/parser/rules"
#define ROUNDS 2

/* A document on trial, for messages: they name it and the seed, and quote nothing. */
static struct {
    const char *name;
    enum mutation mutation;
    uint64_t seed;
    struct span text;
} trial;

#define expect(condition)                                                                          \
    cr_expect((condition), "%s, %s, seed %llu: %s", trial.name, mutation_names[trial.mutation],    \
              (unsigned long long)trial.seed, #condition)

static struct rules *rules;
static struct arena *corpus_arena;
static struct arena *arena; /* of the document on trial */
static document_list corpus;

static void setup(void)
{
    struct error err = {0};

    cr_assert_eq(rules_load(RULES, &rules, &err), 0, "%s", err.message);
    corpus_arena = arena_new();
    arena = arena_new();
    corpus_add_all(corpus_arena, &corpus);
}

static void teardown(void)
{
    arena_free(arena);
    arena_free(corpus_arena);
    rules_free(rules);
}

TestSuite(evidence, .init = setup, .fini = teardown, .timeout = 280);

/* ---- places ---- */

static bool is_border(uint32_t at)
{
    return at == trial.text.n || (at < trial.text.n && utf8_floor(trial.text, at) == at);
}

static bool is_place(uint32_t start, uint32_t end)
{
    return start <= end && is_border(start) && is_border(end);
}

static struct span slice(uint32_t start, uint32_t end)
{
    return span_slice(trial.text, (struct range){start, end});
}

/* Context is valid, next to the evidence, and missing only where the text ends. */
static void check_neighbours(const struct evidence *e)
{
    expect(e->prefix.n <= e->start && e->suffix.n <= trial.text.n - e->end);
    expect(utf8_is_valid(e->prefix) && utf8_is_valid(e->suffix));
    expect(span_equal(e->prefix, slice(e->start - (uint32_t)e->prefix.n, e->start)));
    expect(span_equal(e->suffix, slice(e->end, e->end + (uint32_t)e->suffix.n)));
    expect(span_is_null(e->prefix) == (e->start == 0));
    expect(span_is_null(e->suffix) == (e->end == trial.text.n));
}

static void check_evidence(const struct evidence *e)
{
    expect(e->start < e->end && is_place(e->start, e->end));
    expect(span_equal(e->exact, slice(e->start, e->end)));
    expect(e->start_cp == utf8_count(slice(0, e->start)));
    expect(e->end_cp == utf8_count(slice(0, e->end)));
    expect(is_place(e->sentence_start, e->sentence_end));
    expect(e->sentence_start <= e->start && e->end <= e->sentence_end);
    check_neighbours(e);
}

static void check_finding(const struct finding *f)
{
    check_evidence(&f->evidence);
    for (size_t i = 0; i < f->rules.n; i++)
        expect(is_place(f->rules.items[i].start, f->rules.items[i].end));
    for (size_t i = 0; i < f->quantities.n; i++) {
        const struct cue_range *at = &f->quantities.items[i].evidence;

        expect(at->start < at->end && is_place(at->start, at->end));
        expect(f->evidence.sentence_start <= at->start && at->end <= f->evidence.sentence_end);
    }
    if (f->attribution.cue)
        expect(is_place(f->attribution.cue->start, f->attribution.cue->end));
}

/* ---- sentences ---- */

struct place {
    struct range at;
    bool is_coded;
};

typedef LIST_OF(struct place) place_list;

static int place_compare(const void *a, const void *b)
{
    const struct place *x = (const struct place *)a;
    const struct place *y = (const struct place *)b;

    if (x->at.start != y->at.start)
        return x->at.start < y->at.start ? -1 : 1;
    return x->at.end < y->at.end ? -1 : x->at.end > y->at.end;
}

/* The sentences of the findings and those without, in order. */
static void collect_sentences(const struct coded_statement *c, place_list *out)
{
    for (size_t i = 0; i < c->findings.n; i++) {
        const struct evidence *e = &c->findings.items[i].evidence;

        *LIST_ADD(arena, out) = (struct place){{e->sentence_start, e->sentence_end}, true};
    }
    for (size_t i = 0; i < c->statement.uncoded.n; i++) {
        const struct uncoded *u = &c->statement.uncoded.items[i];

        expect(u->start < u->end && is_place(u->start, u->end) && u->reason != UNCODED_NONE);
        *LIST_ADD(arena, out) = (struct place){{u->start, u->end}, false};
    }
    qsort(out->items, out->n, sizeof out->items[0], place_compare);
}

static bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Between sentences there is space and stray marks, but no letter. */
static void check_gap(uint32_t start, uint32_t end)
{
    bool has_letter = false;

    for (uint32_t i = start; i < end; i++)
        has_letter |= is_ascii_letter(trial.text.p[i]);
    expect(!has_letter);
}

/* Findings share a sentence; nothing else does. */
static void check_each_sentence_once(const struct coded_statement *c)
{
    place_list all = {0};
    uint32_t n = 0;
    uint32_t end = 0;

    collect_sentences(c, &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct place *p = &all.items[i];

        if (i > 0 && place_compare(p, p - 1) == 0) {
            expect(p->is_coded && p[-1].is_coded);
            continue;
        }
        expect(p->at.start >= end);
        if (p->at.start > end)
            check_gap(end, p->at.start);
        end = p->at.end;
        n++;
    }
    check_gap(end, (uint32_t)trial.text.n);
    expect(n == c->statement.coverage.sentences);
    expect(n == c->statement.coverage.coded + c->statement.uncoded.n);
}

/* ---- documents ---- */

static void check_text(const struct coded_statement *c)
{
    expect(utf8_is_valid(trial.text));
    expect(span_equal(text_nfc(trial.text, arena), trial.text));
    expect(!memchr(trial.text.p, '\r', trial.text.n));
    for (size_t i = 0; i < c->statement.sections.n; i++)
        expect(is_place(c->statement.sections.items[i].start, c->statement.sections.items[i].end));
}

/* The reader of packed records checks the evidence once more. */
static void check_readable(const struct coded_statement *c)
{
    struct coded_statement again = {0};
    struct error err = {0};
    struct buf packed;

    buf_init(&packed, LIMIT_RESULT_BYTES);
    coded_statement_pack(c, &packed);
    expect(!packed.failed);
    expect(coded_statement_unpack(buf_span(&packed), arena, &again, &err) == 0);
    buf_fini(&packed);
}

/* A page may be cut before its text begins. */
static bool may_lack_text(enum mutation m)
{
    return m == MUTATE_CUT || m == MUTATE_ALL;
}

/* Returns how many findings there were. */
static size_t check_document(const struct document *d, struct span bytes)
{
    struct msg_work job = corpus_job(d, arena);
    struct coded_statement coded;
    const char *reason = NULL;
    struct error err = {0};

    if (pipeline_run(rules, &job, bytes, arena, &coded, &reason, &err) < 0) {
        expect(may_lack_text(trial.mutation) && strcmp(reason, "no_text") == 0);
        return 0;
    }
    trial.text = coded.statement.text;
    check_text(&coded);
    check_each_sentence_once(&coded);
    for (size_t i = 0; i < coded.findings.n; i++)
        check_finding(&coded.findings.items[i]);
    check_readable(&coded);
    return coded.findings.n;
}

ParameterizedTestParameters(evidence, stands_where_it_says_under_each_mutation)
{
    static enum mutation all[MUTATION_COUNT];

    for (size_t i = 0; i < MUTATION_COUNT; i++)
        all[i] = (enum mutation)i;
    return cr_make_param_array(enum mutation, all, MUTATION_COUNT);
}

ParameterizedTest(const enum mutation *m, evidence, stands_where_it_says_under_each_mutation)
{
    size_t findings = 0;
    struct buf bytes;

    buf_init(&bytes, LIMIT_BODY_BYTES);
    for (size_t i = 0; i < corpus.n; i++) {
        for (uint64_t round = 0; round < ROUNDS; round++) {
            const struct document *d = &corpus.items[i];

            trial.name = d->name;
            trial.mutation = *m;
            trial.seed = i * ROUNDS + round;
            mutate(*m, trial.seed, d->bytes, &bytes);
            findings += check_document(d, buf_span(&bytes));
            arena_reset(arena);
        }
    }
    buf_fini(&bytes);
    cr_log_info("%s: %zu findings in %zu documents", mutation_names[*m], findings, corpus.n);

    /* or nothing was tried */
    cr_assert_gt(findings, corpus.n);
}

/* Half of the space once stayed with the name, and the sink refused the statement. */
Test(evidence, name_ends_before_a_no_break_space)
{
    static const struct document d = {
        .name = "a.txt",
        .bytes = SPAN_INIT("Statement on the elections\n\n"
                           "The Coastal Election Support Network\u00a0(CESN) observed the local "
                           "elections of 3 May 2031.\n\nVoting was orderly.\n"),
    };

    trial.name = d.name;
    check_document(&d, d.bytes);
}
