/*
 * Prints what the scorer is told about each clause of the given texts, for training:
 *
 *     D FILE
 *     U START END SECTION SETTLED  KIND KEY VALUE ...      a clause; KIND: w word, c other
 *     T TOPIC KEY VALUE ...                                the same clause, asked about a topic
 *
 * START and END are byte offsets into the file's canonical text, which is printed before as
 * "X BYTES" and the bytes themselves.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/file.h"
#include "parser/code/features.h"
#include "parser/pipeline.h"
#include "proto/limits.h"

static void print_features(const feature_list *features, bool with_kind)
{
    for (size_t i = 0; i < features->n; i++) {
        const struct feature *f = &features->items[i];

        if (with_kind)
            printf(" %c", f->kind == FEATURE_WORD ? 'w' : 'c');
        printf(" %" PRIx32 " %g", f->key, (double)f->value);
    }
    putchar('\n');
}

static void print_topic(const struct coding *c, const struct view *v, enum topic topic)
{
    struct topic_seen seen = view_topic(v, topic);
    feature_list features = {0};
    struct judgement j;

    j = polarity_judge(c, v, &seen);
    features_of_topic(c, v, topic, &j, &features);
    printf("T %d", topic);
    print_features(&features, false);
}

static void print_unit(void *arg, const struct coding *c, size_t unit, const feature_list *features)
{
    const struct seen *u = &c->units.items[unit];
    const struct sentence *s = u->clause->sentence;

    (void)arg;
    printf("U %u %u %d %d", u->clause->at.start, u->clause->at.end, s->section,
           uncoded_for_certain(s));
    print_features(features, true);
    for (int t = TOPIC_NONE + 1; t < TOPIC_COUNT; t++)
        print_topic(c, &u->view, (enum topic)t);
}

static int observe(const struct rules *rules, const char *path, struct error *err)
{
    struct arena *arena = arena_new();
    struct msg_work work = {
        .url = span_of_str(path),
        .source = SPAN_LIT("local"),
        .media_type = SPAN_LIT("text/plain"),
        .fetched_at = SPAN_LIT("2000-01-01T00:00:00Z"),
        .parsed_at = SPAN_LIT("2000-01-01T00:00:00Z"),
    };
    struct coded_statement coded;
    const char *reason = "";
    struct text text;
    struct buf body;
    int rc;

    buf_init(&body, LIMIT_BODY_BYTES);
    rc = file_read(path, &body, err);
    if (rc == 0)
        rc = pipeline_read(rules, &work, buf_span(&body), arena, &text, &coded, &reason, err);
    if (rc == 0) {
        printf("D %s\nX %zu\n", path, text.text.n);
        fwrite(text.text.p, 1, text.text.n, stdout);
        putchar('\n');
        code_observe(rules, &text, arena, &coded, print_unit, NULL);
    }
    buf_fini(&body);
    arena_free(arena);
    return rc;
}

int main(int argc, char **argv)
{
    struct rules *rules;
    struct error err;

    if (argc < 3) {
        fprintf(stderr, "usage: %s RULES FILE...\n", argv[0]);
        return EX_USAGE;
    }
    if (rules_load(argv[1], &rules, &err) < 0) {
        fprintf(stderr, "observe: %s\n", err.message);
        return error_exit_status(&err);
    }
    for (int i = 2; i < argc; i++) {
        if (observe(rules, argv[i], &err) < 0) {
            fprintf(stderr, "observe: %s: %s\n", argv[i], err.message);
            return EX_DATAERR;
        }
    }
    rules_free(rules);
    return EX_OK;
}
