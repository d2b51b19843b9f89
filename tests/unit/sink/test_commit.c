#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sample.h"
#include "sink/commit.h"
#include "sink/unpack.h"

static char dir[64];
static struct arena *arena;
static struct buf packed;
static struct error err;
static struct store *store;
static struct index *ix;
static struct commit *commit;

/* What commit_settle() published last. */
static struct published {
    int n;
    uint64_t seqs[64];
    char topics[64][96];
    struct statement statement; /* the last statement, its texts in `arena` */
} published;

static void open_all(void)
{
    struct store_options o = {
        .dir = in_dir(dir, "findings"), .segment_bytes = 1 << 20, .segment_age_ms = 3600000};
    bool moved;

    cr_assert_eq(index_open(in_dir(dir, "index.sqlite"), &moved, &ix, &err), 0, "%s", err.message);
    cr_assert_eq(store_open(&o, index_counts(ix).last_seq, &store, &err), 0, "%s", err.message);
    for (size_t i = 0; i < store_segments(store); i++) {
        char *path;
        uint64_t first_seq = store_segment(store, i, &path);

        cr_assert_eq(index_catch_up(ix, path, first_seq, NULL, NULL, &err), 0, "%s", err.message);
        free(path);
    }
    commit = commit_new(store, ix);
}

static void close_all(void)
{
    commit_free(commit);
    store_close(store);
    index_close(ix);
}

static void setup(void)
{
    make_dir(dir);
    arena = arena_new();
    buf_init(&packed, 1 << 20);
    open_all();
}

static void teardown(void)
{
    close_all();
    buf_fini(&packed);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(commit, .init = setup, .fini = teardown, .timeout = 60);

static int try_add(const struct sample *s, struct commit_outcome *out)
{
    struct msg_result head;

    sample_pack(s, &packed, &head, arena);
    return commit_add(commit, &head, buf_span(&packed), out, &err);
}

static struct commit_outcome add(struct sample s)
{
    struct commit_outcome out;

    cr_assert_eq(try_add(&s, &out), 0, "%s", err.message);
    return out;
}

static void note(void *arg, struct span topic, uint64_t seq, struct span map)
{
    struct unpacked u;

    (void)arg;
    cr_assert_lt(published.n, 64);
    published.seqs[published.n] = seq;
    snprintf(published.topics[published.n], sizeof published.topics[0], "%.*s", SPAN_ARG(topic));
    published.n++;
    cr_assert_eq(unpack_record(arena_copy(arena, map), arena, &u, &err), 0, "%s", err.message);
    if (u.statement)
        published.statement = *u.statement;
}

static void settle(void)
{
    published.n = 0;
    cr_assert_eq(commit_settle(commit, note, NULL, &err), 0, "%s", err.message);
}

Test(commit, seqs_are_consecutive_over_statements_and_findings)
{
    struct commit_outcome a = add((struct sample){1, 1, 1, 1, 3, NULL, NULL});
    struct commit_outcome b = add((struct sample){2, 2, 2, 10, 0, NULL, NULL});
    struct commit_outcome c = add((struct sample){3, 3, 3, 20, 1, NULL, NULL});

    settle();

    cr_assert_eq(a.first_seq, 1);
    cr_assert_eq(a.records, 4);
    cr_assert_eq(b.first_seq, 5);
    cr_assert_eq(b.records, 1);
    cr_assert_eq(c.first_seq, 6);
    cr_assert_eq(published.n, 7);
    for (int i = 0; i < 7; i++)
        cr_assert_eq(published.seqs[i], (uint64_t)i + 1);
    cr_assert_eq(store_last_seq(store), 7);
}

Test(commit, nothing_is_durable_or_published_before_settle)
{
    add((struct sample){1, 1, 1, 1, 3, NULL, NULL});

    cr_assert_eq(store_last_seq(store), 0);
    cr_assert_eq(published.n, 0);
}

Test(commit, topics_name_country_issuer_topic_and_polarity)
{
    add((struct sample){1, 1, 1, 1, 1, NULL, NULL});
    settle();

    cr_assert_str_eq(published.topics[0], "statement/KZ/osce-odihr");
    cr_assert(strncmp(published.topics[1], "finding/KZ/", 11) == 0, "%s", published.topics[1]);
    cr_assert(strstr(published.topics[1], "/positive"), "%s", published.topics[1]);
}

Test(commit, a_redelivery_writes_nothing)
{
    struct commit_outcome first = add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    struct commit_outcome again;

    settle();
    again = add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    settle();

    cr_assert(!first.duplicate);
    cr_assert(again.duplicate);
    cr_assert_eq(again.first_seq, 1);
    cr_assert_eq(again.records, 3);
    cr_assert_eq(published.n, 0);
    cr_assert_eq(store_next_seq(store), 4);
}

Test(commit, a_redelivery_in_the_same_batch_writes_nothing)
{
    struct commit_outcome again;

    add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    again = add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    settle();

    cr_assert(again.duplicate);
    cr_assert_eq(again.first_seq, 1);
    cr_assert_eq(published.n, 3);
}

Test(commit, a_redelivery_is_known_after_a_restart)
{
    struct commit_outcome again;

    add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    settle();
    close_all();
    open_all();

    again = add((struct sample){1, 1, 1, 1, 2, NULL, NULL});

    cr_assert(again.duplicate);
    cr_assert_eq(again.first_seq, 1);
    settle();
}

Test(commit, a_redelivery_is_known_after_the_index_is_lost)
{
    struct commit_outcome again;
    struct commit_outcome other;

    add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    settle();
    close_all();
    unlink(in_dir(dir, "index.sqlite"));
    unlink(in_dir(dir, "index.sqlite-wal"));
    unlink(in_dir(dir, "index.sqlite-shm"));
    open_all();

    again = add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    other = add((struct sample){2, 2, 2, 9, 0, NULL, NULL});

    cr_assert(again.duplicate);
    cr_assert_eq(other.first_seq, 4);
    settle();
}

Test(commit, what_was_not_settled_is_as_if_it_never_came)
{
    struct commit_outcome again;

    add((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    settle();
    add((struct sample){2, 2, 2, 5, 2, NULL, NULL});
    close_all();
    open_all();

    again = add((struct sample){2, 2, 2, 5, 2, NULL, NULL});

    cr_assert(!again.duplicate);
    cr_assert_eq(again.first_seq, 4, "its seqs are given again: nobody has seen them");
    settle();
}

Test(commit, an_edited_page_supersedes_and_retracts)
{
    add((struct sample){1, 1, 1, 1, 3, NULL, NULL}); /* findings 1, 2, 3 */
    settle();
    add((struct sample){1, 2, 1, 2, 3, NULL, NULL}); /* findings 2, 3, 4 */
    settle();

    cr_assert(span_equal_str(published.statement.supersedes, "ve_0000000000000001"));
    cr_assert_eq(published.statement.retracted.n, 1);
    cr_assert(span_equal_str(published.statement.retracted.items[0], "fi_0000000000000001"));
    cr_assert(span_is_null(published.statement.duplicate_of));
}

Test(commit, versions_in_one_batch_see_each_other)
{
    add((struct sample){1, 1, 1, 1, 1, NULL, NULL});
    add((struct sample){1, 2, 1, 2, 1, NULL, NULL});
    add((struct sample){1, 3, 1, 3, 1, NULL, NULL});
    settle();

    cr_assert(span_equal_str(published.statement.supersedes, "ve_0000000000000002"));
    cr_assert_eq(published.statement.retracted.n, 1);
    cr_assert(span_equal_str(published.statement.retracted.items[0], "fi_0000000000000002"));
}

Test(commit, an_earlier_fetch_that_comes_late_supersedes_nothing)
{
    add((struct sample){1, 2, 1, 2, 1, NULL, "2026-02-02T00:00:00Z"});
    settle();
    add((struct sample){1, 1, 1, 1, 1, NULL, "2026-01-01T00:00:00Z"});
    settle();
    cr_assert(span_is_null(published.statement.supersedes));
    cr_assert_eq(published.statement.retracted.n, 0);

    add((struct sample){1, 3, 1, 3, 1, NULL, "2026-03-03T00:00:00Z"});
    settle();
    cr_assert(span_equal_str(published.statement.supersedes, "ve_0000000000000002"));
}

Test(commit, new_rules_are_a_new_commit_of_the_same_version)
{
    struct commit_outcome out;

    add((struct sample){1, 1, 1, 1, 2, "rules-a", NULL});
    settle();
    out = add((struct sample){1, 1, 1, 2, 2, "rules-b", NULL});
    settle();

    cr_assert(!out.duplicate);
    cr_assert(span_equal_str(published.statement.supersedes, "ve_0000000000000001"));
    cr_assert_eq(published.statement.retracted.n, 1);
}

Test(commit, a_repost_names_the_first_statement)
{
    add((struct sample){1, 1, 7, 1, 0, NULL, NULL});
    settle();
    cr_assert(span_is_null(published.statement.duplicate_of));

    add((struct sample){2, 2, 7, 5, 0, NULL, NULL});
    settle();

    cr_assert(span_equal_str(published.statement.duplicate_of, "st_0000000000000001"));
}

Test(commit, a_head_that_disagrees_with_its_records_is_refused)
{
    struct commit_outcome out;
    struct msg_result head;

    sample_pack(&(struct sample){1, 1, 1, 1, 2, NULL, NULL}, &packed, &head, arena);
    head.records = 2;
    cr_assert_eq(commit_add(commit, &head, buf_span(&packed), &out, &err), ERR_FORMAT);
    head.records = 3;
    head.statement_id = SPAN_LIT("st_0000000000000009");
    cr_assert_eq(commit_add(commit, &head, buf_span(&packed), &out, &err), ERR_FORMAT);

    settle();
    cr_assert_eq(published.n, 0);
    cr_assert_eq(store_next_seq(store), 1);
}

Test(commit, records_cut_at_any_byte_are_refused_and_leave_nothing)
{
    struct msg_result head;
    struct commit_outcome out;

    sample_pack(&(struct sample){1, 1, 1, 1, 2, NULL, NULL}, &packed, &head, arena);
    for (size_t n = 0; n < packed.n; n++) {
        int rc = commit_add(commit, &head, span_of(packed.data, n), &out, &err);

        cr_assert(rc < 0 && rc != ERR_SYS && rc != ERR_STATE, "cut at %zu: %d", n, rc);
    }
    settle();

    cr_assert_eq(published.n, 0);
    cr_assert_eq(commit_add(commit, &head, buf_span(&packed), &out, &err), 0);
    cr_assert_eq(out.first_seq, 1);
    settle();
}
