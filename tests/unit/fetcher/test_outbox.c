#include "fetcher/outbox.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "fetcher/ledger.h"
#include "scratch.h"

#define NOW   ((uint64_t)1800000000000)
#define LEASE ((uint64_t)30000)

static const struct outbox_policy policy = {.max_attempts = 3, .retry_ms = 1000};

static struct store *store;
static struct arena *arena;
static struct error err;

static void ok(int rc)
{
    cr_assert_eq(rc, 0, "%s", err.message);
}

static void restart(void)
{
    if (store)
        ok(store_commit(store, &err));
    store_close(store);
    store = NULL;
    ok(store_open(scratch_path("fetcher.sqlite"), &store, &err));
    ok(ledger_add_source(store, SPAN_LIT("s"), SPAN_LIT("page"), &err));
}

static void start(void)
{
    scratch_make();
    arena = arena_new();
    restart();
}

static void end(void)
{
    arena_free(arena);
    store_close(store);
    scratch_remove();
}

TestSuite(outbox, .init = start, .fini = end, .timeout = 60);

static struct task task_at(const char *url)
{
    return (struct task){
        .work = {.url = span_of_str(url), .source = SPAN_LIT("s"), .raw_sha256 = SPAN_LIT("00")},
        .body = {.file = "a.warc.gz", .offset = 10, .length = 20},
        .body_bytes = 100,
    };
}

static uint64_t add(const char *url)
{
    struct task task = task_at(url);
    uint64_t id;

    ok(outbox_add(store, &task, NOW, &id, &err));
    return id;
}

static struct lease lease_next(uint64_t now, const char *holder)
{
    struct lease lease;
    uint64_t bytes;
    uint64_t id;

    cr_assert_eq(outbox_peek(store, now, &id, &bytes, &err), 1, "%s", err.message);
    ok(outbox_lease(store, id, span_of_str(holder), now + LEASE, &lease, &err));
    return lease;
}

static void assert_counts(uint64_t pending, uint64_t leased, uint64_t done, uint64_t dead)
{
    struct outbox_counts c;

    ok(outbox_count(store, &c, &err));
    cr_assert(c.pending == pending && c.leased == leased && c.done == done && c.dead == dead,
              "pending %d leased %d done %d dead %d", (int)c.pending, (int)c.leased, (int)c.done,
              (int)c.dead);
}

static int fail(struct lease lease, uint64_t now, bool permanent, enum outbox_fate *fate)
{
    struct msg_fail f = {.lease = lease,
                         .reason = SPAN_LIT("crash"),
                         .detail = SPAN_LIT("killed by signal 11"),
                         .permanent = permanent};

    return outbox_fail(store, &f, &policy, now, fate, &err);
}

Test(outbox, tasks_are_leased_in_the_order_they_came)
{
    uint64_t first = add("u1");
    uint64_t second = add("u2");

    cr_assert_eq(lease_next(NOW, "w").task_id, first);
    cr_assert_eq(lease_next(NOW, "w").task_id, second);
    assert_counts(0, 2, 0, 0);
}

Test(outbox, nothing_is_next_when_all_is_leased)
{
    uint64_t id;
    uint64_t bytes;

    add("u");
    lease_next(NOW, "w");

    cr_assert_eq(outbox_peek(store, NOW, &id, &bytes, &err), 0);
}

Test(outbox, a_task_comes_back_as_it_was_put_in)
{
    struct task in = task_at("https://observers.example/ä");
    struct task out;
    uint64_t id;

    in.work.final_url = SPAN_LIT("https://observers.example/b");
    in.work.issuer = SPAN_LIT("odihr");
    in.work.media_type = SPAN_LIT("text/html");
    in.work.charset = SPAN_LIT("utf-8");
    in.work.http_status = 200;
    in.work.etag = SPAN_LIT("W/\"1\"");
    in.work.last_modified = SPAN_LIT("Wed, 25 Nov 2026 10:00:00 GMT");
    in.work.fetched_at = SPAN_LIT("2026-11-25T10:00:00Z");
    in.work.feed_title = SPAN_LIT("Title");
    in.work.feed_published = SPAN_LIT("2026-11-24T10:00:00Z");
    ok(outbox_add(store, &in, NOW, &id, &err));
    lease_next(NOW, "w");
    ok(outbox_get(store, id, arena, &out, &err));

    cr_assert_eq(out.work.lease.task_id, id);
    cr_assert_eq(out.work.lease.attempt, 1);
    cr_assert_eq(out.work.lease.epoch, store_epoch(store));
    cr_assert(span_equal(out.work.url, in.work.url));
    cr_assert(span_equal(out.work.final_url, in.work.final_url));
    cr_assert(span_equal(out.work.issuer, in.work.issuer));
    cr_assert(span_equal(out.work.media_type, in.work.media_type));
    cr_assert(span_equal(out.work.charset, in.work.charset));
    cr_assert_eq(out.work.http_status, 200);
    cr_assert(span_equal(out.work.etag, in.work.etag));
    cr_assert(span_equal(out.work.last_modified, in.work.last_modified));
    cr_assert(span_equal(out.work.fetched_at, in.work.fetched_at));
    cr_assert(span_equal(out.work.raw_sha256, in.work.raw_sha256));
    cr_assert(span_equal(out.work.feed_title, in.work.feed_title));
    cr_assert(span_equal(out.work.feed_published, in.work.feed_published));
    cr_assert_str_eq(out.body.file, "a.warc.gz");
    cr_assert_eq(out.body.offset, 10);
    cr_assert_eq(out.body.length, 20);
    cr_assert_eq(out.body_bytes, 100);
}

Test(outbox, unknown_values_come_back_as_null)
{
    struct task out;
    uint64_t id = add("u");

    ok(outbox_get(store, id, arena, &out, &err));

    cr_assert(span_is_null(out.work.final_url));
    cr_assert(span_is_null(out.work.etag));
    cr_assert(span_is_null(out.work.feed_title));
}

Test(outbox, done_closes_the_task)
{
    struct lease lease;

    add("u");
    lease = lease_next(NOW, "w");
    ok(outbox_done(store, &(struct msg_done){lease, 7, 3}, &err));

    assert_counts(0, 0, 1, 0);
}

Test(outbox, done_counts_only_once)
{
    struct msg_done done;

    add("u");
    done = (struct msg_done){.lease = lease_next(NOW, "w")};
    ok(outbox_done(store, &done, &err));

    cr_assert_eq(outbox_done(store, &done, &err), ERR_STATE);
    assert_counts(0, 0, 1, 0);
}

/* Each way in which a lease can differ from the one that holds. */
static struct lease other_than(struct lease lease, int how)
{
    lease.task_id += how == 0;
    lease.attempt += how == 1;
    lease.attempt -= how == 2;
    lease.epoch += how == 3;
    lease.epoch -= how == 4;
    return lease;
}

Test(outbox, every_answer_for_another_lease_is_stale_and_changes_nothing)
{
    struct lease lease;

    add("u");
    lease = lease_next(NOW, "w");
    for (int how = 0; how < 5; how++) {
        struct lease other = other_than(lease, how);
        enum outbox_fate fate;

        cr_assert_eq(outbox_done(store, &(struct msg_done){.lease = other}, &err), ERR_STATE);
        cr_assert_eq(fail(other, NOW, true, &fate), ERR_STATE);
        cr_assert_eq(outbox_renew(store, &other, SPAN_LIT("x"), NOW * 2, &err), ERR_STATE);
        cr_assert_eq(outbox_release(store, &other, &err), ERR_STATE);
    }

    assert_counts(0, 1, 0, 0);
    ok(outbox_done(store, &(struct msg_done){.lease = lease}, &err));
}

Test(outbox, late_done_of_a_worker_that_was_given_up_is_stale)
{
    struct lease first;
    struct lease second;

    add("u");
    first = lease_next(NOW, "slow");
    ok(outbox_release(store, &first, &err));
    second = lease_next(NOW, "fast");

    cr_assert_eq(second.attempt, first.attempt + 1);
    cr_assert_eq(outbox_done(store, &(struct msg_done){.lease = first}, &err), ERR_STATE);
    ok(outbox_done(store, &(struct msg_done){.lease = second}, &err));
}

Test(outbox, failed_task_waits_twice_as_long_each_time_and_is_then_dead)
{
    enum outbox_fate fate;
    uint64_t bytes;
    uint64_t id;

    add("u");
    ok(fail(lease_next(NOW, "w"), NOW, false, &fate));
    cr_assert_eq(fate, OUTBOX_RETRY);
    cr_assert_eq(outbox_peek(store, NOW + 999, &id, &bytes, &err), 0);
    ok(fail(lease_next(NOW + 1000, "w"), NOW + 1000, false, &fate));
    cr_assert_eq(fate, OUTBOX_RETRY);
    cr_assert_eq(outbox_peek(store, NOW + 2999, &id, &bytes, &err), 0);
    ok(fail(lease_next(NOW + 3000, "w"), NOW + 3000, false, &fate));

    cr_assert_eq(fate, OUTBOX_DEAD);
    assert_counts(0, 0, 0, 1);
}

Test(outbox, permanent_failure_is_dead_at_once_with_reason_and_detail)
{
    struct dead_letter letter;
    enum outbox_fate fate;
    uint64_t id = add("u");

    ok(fail(lease_next(NOW, "w"), NOW, true, &fate));

    cr_assert_eq(fate, OUTBOX_DEAD);
    cr_assert_eq(outbox_next_dead(store, 0, arena, &letter, &err), 1);
    cr_assert_eq(letter.id, id);
    cr_assert(span_equal_str(letter.url, "u"));
    cr_assert(span_equal_str(letter.reason, "crash"));
    cr_assert(span_equal_str(letter.detail, "killed by signal 11"));
    cr_assert_eq(letter.attempts, 1);
    cr_assert_eq(outbox_next_dead(store, id, arena, &letter, &err), 0);
}

Test(outbox, lease_that_ran_out_is_leased_again_with_a_higher_attempt)
{
    enum outbox_fate fate;
    struct lease lost;
    struct lease lease;

    add("u");
    lease = lease_next(NOW, "w");

    cr_assert_eq(outbox_fail_expired(store, &policy, NOW + LEASE, &lost, &fate, &err), 0);
    cr_assert_eq(outbox_fail_expired(store, &policy, NOW + LEASE + 1, &lost, &fate, &err), 1);
    cr_assert_eq(fate, OUTBOX_RETRY);
    cr_assert_eq(lost.task_id, lease.task_id);
    cr_assert_eq(lease_next(NOW + LEASE + 1 + policy.retry_ms, "w").attempt, 2);
    cr_assert_eq(outbox_done(store, &(struct msg_done){.lease = lease}, &err), ERR_STATE);
}

Test(outbox, lease_that_ran_out_for_the_last_time_is_dead)
{
    struct dead_letter letter;
    enum outbox_fate fate = OUTBOX_RETRY;
    uint64_t now = NOW;

    add("u");
    for (uint32_t i = 0; i < policy.max_attempts; i++) {
        struct lease lost;

        lease_next(now, "w");
        now += LEASE + 1;
        cr_assert_eq(outbox_fail_expired(store, &policy, now, &lost, &fate, &err), 1);
        now += 1000000;
    }

    cr_assert_eq(fate, OUTBOX_DEAD);
    cr_assert_eq(outbox_next_dead(store, 0, arena, &letter, &err), 1);
    cr_assert(span_equal_str(letter.reason, "lease_expired"));
    cr_assert_eq(letter.attempts, 3);
}

Test(outbox, renewed_lease_does_not_run_out)
{
    enum outbox_fate fate;
    struct lease lost;
    struct lease lease;

    add("u");
    lease = lease_next(NOW, "w");
    ok(outbox_renew(store, &lease, SPAN_LIT("w"), NOW + 2 * LEASE, &err));

    cr_assert_eq(outbox_fail_expired(store, &policy, NOW + LEASE + 1, &lost, &fate, &err), 0);
    ok(outbox_done(store, &(struct msg_done){.lease = lease}, &err));
}

Test(outbox, release_counts_nothing_against_the_task)
{
    enum outbox_fate fate;

    add("u");
    for (int i = 0; i < 10; i++) {
        struct lease lease = lease_next(NOW, "w");

        ok(outbox_release(store, &lease, &err));
    }
    ok(fail(lease_next(NOW, "w"), NOW, false, &fate));

    cr_assert_eq(fate, OUTBOX_RETRY);
}

Test(outbox, only_the_leaving_workers_leases_are_released)
{
    struct lease kept;
    uint64_t n = 0;

    add("u1");
    add("u2");
    add("u3");
    lease_next(NOW, "leaving");
    kept = lease_next(NOW, "staying");
    lease_next(NOW, "leaving");
    ok(outbox_release_all(store, SPAN_LIT("leaving"), &n, &err));

    cr_assert_eq(n, 2);
    assert_counts(2, 1, 0, 0);
    ok(outbox_done(store, &(struct msg_done){.lease = kept}, &err));
}

Test(outbox, task_that_kills_its_workers_is_dead_in_the_end)
{
    enum outbox_fate fate = OUTBOX_RETRY;
    uint64_t now = NOW;
    struct lease lost;

    add("u");
    for (uint32_t i = 0; i < policy.max_attempts; i++) {
        lease_next(now, "w");
        cr_assert_eq(outbox_fail_lost(store, SPAN_LIT("w"), &policy, now, &lost, &fate, &err), 1);
        cr_assert_eq(outbox_fail_lost(store, SPAN_LIT("w"), &policy, now, &lost, &fate, &err), 0);
        now += 1000000;
    }

    cr_assert_eq(fate, OUTBOX_DEAD);
}

Test(outbox, lease_outlives_a_restart)
{
    struct lease lease;

    add("u");
    lease = lease_next(NOW, "w");
    restart();

    cr_assert_eq(store_epoch(store), lease.epoch + 1);
    assert_counts(0, 1, 0, 0);
    ok(outbox_renew(store, &lease, SPAN_LIT("w"), NOW + 2 * LEASE, &err));
    ok(outbox_done(store, &(struct msg_done){.lease = lease}, &err));
}

Test(outbox, leases_of_two_lives_never_look_alike)
{
    struct lease first;
    struct lease second;

    add("u");
    first = lease_next(NOW, "w");
    ok(outbox_release(store, &first, &err));
    restart();
    second = lease_next(NOW, "w");

    cr_assert_neq(second.epoch, first.epoch);
    cr_assert_eq(outbox_done(store, &(struct msg_done){.lease = first}, &err), ERR_STATE);
}

Test(outbox, what_was_not_committed_is_forgotten)
{
    ok(store_commit(store, &err));
    add("u");
    store_close(store);
    store = NULL;
    restart();

    assert_counts(0, 0, 0, 0);
}

Test(outbox, dead_from_the_start_needs_no_body)
{
    struct task task = task_at("file:///x.txt");
    struct dead_letter letter;
    struct task out;
    uint64_t id;

    task.body = (struct archive_ref){0};
    ok(outbox_add_dead(store, &task, SPAN_LIT("unreadable"), SPAN_LIT("why"), NOW, &id, &err));

    cr_assert_eq(outbox_next_dead(store, 0, arena, &letter, &err), 1);
    cr_assert(span_equal_str(letter.reason, "unreadable"));
    ok(outbox_get(store, id, arena, &out, &err));
    cr_assert_str_eq(out.body.file, "");
}

Test(outbox, reason_and_detail_of_a_peer_are_cut)
{
    char *longest = calloc(1, 100000);
    struct dead_letter letter;
    enum outbox_fate fate;
    struct msg_fail f = {.permanent = true};

    memset(longest, 'x', 99999);
    add("u");
    f.lease = lease_next(NOW, "w");
    f.reason = span_of_str(longest);
    f.detail = span_of_str(longest);
    ok(outbox_fail(store, &f, &policy, NOW, &fate, &err));

    cr_assert_eq(outbox_next_dead(store, 0, arena, &letter, &err), 1);
    cr_assert_leq(letter.reason.n, 64);
    cr_assert_leq(letter.detail.n, 512);
    free(longest);
}

Test(outbox, detail_ends_before_what_is_no_text)
{
    struct dead_letter letter;
    enum outbox_fate fate;
    struct msg_fail f = {.permanent = true};

    add("u");
    f.lease = lease_next(NOW, "w");
    f.reason = SPAN_LIT("crash");
    f.detail = SPAN_LIT("abc\xff"
                        "def");
    ok(outbox_fail(store, &f, &policy, NOW, &fate, &err));

    cr_assert_eq(outbox_next_dead(store, 0, arena, &letter, &err), 1);
    cr_assert(span_equal_str(letter.detail, "abc"));
}

Test(outbox, held_counts_what_a_worker_holds)
{
    uint64_t n = 0;

    add("u1");
    add("u2");
    lease_next(NOW, "w");
    lease_next(NOW, "other");
    ok(outbox_held(store, SPAN_LIT("w"), &n, &err));

    cr_assert_eq(n, 1);
}
