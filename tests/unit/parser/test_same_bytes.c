/* The same document under the same rules is the same records, byte for byte, ids included. */
#include <criterion/criterion.h>

#include "corpus.h"
#include "parser/pipeline.h"
#include "proto/limits.h"

#define RULES TEST_SOURCE_DIR "/parser/rules"
#define RUNS  100

/* Of the samples: they are tried one after another, so that none can leave a trace in the next. */
#define DOCUMENTS 4

static struct arena *corpus_arena;
static document_list corpus;

static void setup(void)
{
    corpus_arena = arena_new();
    cr_assert(corpus_add(TEST_SOURCE_DIR "/deploy/samples", corpus_arena, &corpus));
    cr_assert_gt(corpus.n, DOCUMENTS);
}

static void teardown(void)
{
    arena_free(corpus_arena);
}

TestSuite(same_bytes, .init = setup, .fini = teardown, .timeout = 240);

static struct rules *rules_loaded(void)
{
    struct error err = {0};
    struct rules *rules = NULL;

    cr_assert_eq(rules_load(RULES, &rules, &err), 0, "%s", err.message);
    return rules;
}

static void pack(const struct rules *rules, const struct document *d, struct arena *arena,
                 struct buf *out)
{
    struct msg_work job = corpus_job(d, arena);
    struct coded_statement coded;
    const char *reason = NULL;
    struct error err = {0};

    cr_assert_eq(pipeline_run(rules, &job, d->bytes, arena, &coded, &reason, &err), 0, "%s",
                 err.message);
    cr_assert_gt(coded.findings.n, 0);
    buf_clear(out);
    coded_statement_pack(&coded, out);
    cr_assert(!out->failed);
}

/* What each document gives under rules of its own and in memory that nothing has used. */
static void pack_afresh(struct buf out[DOCUMENTS])
{
    for (size_t i = 0; i < DOCUMENTS; i++) {
        struct rules *rules = rules_loaded();
        struct arena *arena = arena_new();

        buf_init(&out[i], LIMIT_RESULT_BYTES);
        pack(rules, &corpus.items[i], arena, &out[i]);
        arena_free(arena);
        rules_free(rules);
    }
}

Test(same_bytes, come_out_of_a_hundred_runs)
{
    struct rules *rules = rules_loaded();
    struct arena *arena = arena_new();
    struct buf want[DOCUMENTS];
    struct buf got;

    pack_afresh(want);
    buf_init(&got, LIMIT_RESULT_BYTES);
    for (int run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < DOCUMENTS; i++) {
            pack(rules, &corpus.items[i], arena, &got);
            cr_assert(span_equal(buf_span(&got), buf_span(&want[i])), "run %d of %s", run,
                      corpus.items[i].name);
            arena_reset(arena);
        }
    }

    buf_fini(&got);
    for (size_t i = 0; i < DOCUMENTS; i++)
        buf_fini(&want[i]);
    arena_free(arena);
    rules_free(rules);
}

/* Two rulebooks alive at once stand at other addresses: no order may hang on a pointer. */
Test(same_bytes, come_out_of_two_rulebooks_loaded_apart)
{
    struct rules *one = rules_loaded();
    struct rules *two = rules_loaded();
    struct arena *arena = arena_new();
    struct buf want;
    struct buf got;

    buf_init(&want, LIMIT_RESULT_BYTES);
    buf_init(&got, LIMIT_RESULT_BYTES);
    for (size_t i = 0; i < corpus.n; i++) {
        pack(one, &corpus.items[i], arena, &want);
        pack(two, &corpus.items[i], arena, &got);
        cr_expect(span_equal(buf_span(&got), buf_span(&want)), "%s", corpus.items[i].name);
    }

    buf_fini(&want);
    buf_fini(&got);
    arena_free(arena);
    rules_free(one);
    rules_free(two);
}
