/* The work link, spoken to by hand over the mem transport. */
#include "fetcher/dispatch.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/timestamp.h"
#include "fetcher/ledger.h"
#include "fetcher/outbox.h"
#include "proto/message.h"
#include "scratch.h"

#define ENDPOINT "mem://work"

/* What a worker heard, newest last. */
struct heard {
    enum message_kind kind;
    union message_head head;
    struct span body;
};

struct worker_end {
    struct link_end *link;
    struct heard heard[64];
    size_t n;
};

static struct config_fetcher config;
static struct fetcher fetcher;
static struct bus *bus;
static struct dispatch *dispatch;
static struct worker_end a;
static struct worker_end b;
static struct arena *arena;
static struct error err;

static void on_message(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct worker_end *w = arg;
    struct span copies[4];
    struct heard h;

    (void)peer;
    for (size_t i = 0; i < n; i++)
        copies[i] = arena_copy(arena, frames[i]);
    cr_assert_eq(message_read(copies, n, arena, &h.kind, &h.head, &h.body, &err), 0, "%s",
                 err.message);
    if (h.kind != MSG_HEARTBEAT && w->n < ARRAY_LEN(w->heard))
        w->heard[w->n++] = h;
}

static void before_sleep(void *arg)
{
    (void)arg;
    cr_assert_eq(dispatch_lease(dispatch, &err), 0, "%s", err.message);
    cr_assert_eq(fetcher_settle(&fetcher, &err), 0, "%s", err.message);
    cr_assert_eq(dispatch_send(dispatch, &err), 0, "%s", err.message);
}

static void start(void)
{
    struct link_options options = {.max_frame_bytes = 1 << 26};

    scratch_make();
    log_start("test", LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT);
    arena = arena_new();
    config = (struct config_fetcher){
        .work = ENDPOINT, .lease_ms = 30000, .max_attempts = 2, .retry_ms = 1};
    fetcher = (struct fetcher){.config = &config, .loop = loop_new()};
    bus = bus_new(fetcher.loop, "mem");
    cr_assert_eq(archive_open(scratch_path("archive"), 1 << 28, &fetcher.archive, &err), 0);
    cr_assert_eq(store_open(scratch_path("fetcher.sqlite"), &fetcher.store, &err), 0);
    cr_assert_eq(ledger_add_source(fetcher.store, SPAN_LIT("s"), SPAN_LIT("page"), &err), 0);
    cr_assert_eq(dispatch_open(&fetcher, bus, NULL, &dispatch, &err), 0, "%s", err.message);
    loop_set_before_sleep(fetcher.loop, before_sleep, NULL);
    cr_assert_eq(bus_dial(bus, ENDPOINT, options, on_message, &a, &a.link, &err), 0);
    cr_assert_eq(bus_dial(bus, ENDPOINT, options, on_message, &b, &b.link, &err), 0);
}

static void end(void)
{
    dispatch_close(dispatch);
    bus_free(bus, 0);
    store_close(fetcher.store);
    archive_close(fetcher.archive);
    loop_free(fetcher.loop);
    arena_free(arena);
    scratch_remove();
}

TestSuite(dispatch, .init = start, .fini = end, .timeout = 60);

static void turns(int n)
{
    while (n-- > 0) {
        cr_assert_eq(loop_turn(fetcher.loop, 1, &err), 0, "%s", err.message);
        cr_assert_not(fetcher.has_failed, "%s", fetcher.failure.message);
    }
}

static void say(struct worker_end *w, enum message_kind kind, const void *head)
{
    struct message m;

    message_init(&m);
    message_write(&m, kind, head, SPAN_NULL);
    cr_assert_eq(link_send(w->link, NULL, m.frames, m.n, &err), 0, "%s", err.message);
    message_fini(&m);
    turns(4);
}

static void hello_as(struct worker_end *w, const char *instance)
{
    say(w, MSG_HELLO,
        &(struct msg_hello){
            .role = SPAN_LIT("parser"), .name = SPAN_LIT("w"), .instance = span_of_str(instance)});
}

static void credit(struct worker_end *w, uint32_t messages, uint64_t bytes)
{
    say(w, MSG_CREDIT, &(struct msg_credit){messages, bytes});
}

static uint64_t add(size_t bytes)
{
    char *body = calloc(1, bytes + 1);
    struct archive_record record = {.url = SPAN_LIT("file:///x"), .body = span_of(body, bytes)};
    struct task task = {.work = {.url = SPAN_LIT("file:///x"), .source = SPAN_LIT("s")},
                        .body_bytes = bytes};
    uint64_t id;

    cr_assert_eq(archive_append(fetcher.archive, &record, &task.body, &err), 0);
    cr_assert_eq(outbox_add(fetcher.store, &task, wall_ms(), &id, &err), 0);
    free(body);
    return id;
}

static size_t heard(const struct worker_end *w, enum message_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++)
        n += w->heard[i].kind == kind;
    return n;
}

static const struct heard *last(const struct worker_end *w, enum message_kind kind)
{
    for (size_t i = w->n; i-- > 0;) {
        if (w->heard[i].kind == kind)
            return &w->heard[i];
    }
    cr_assert(false, "no message of kind %d", kind);
    abort();
}

static struct lease leased(const struct worker_end *w)
{
    return last(w, MSG_WORK)->head.work.lease;
}

static struct outbox_counts counts(void)
{
    struct outbox_counts c;

    cr_assert_eq(outbox_count(fetcher.store, &c, &err), 0);
    return c;
}

Test(dispatch, hello_is_answered_with_what_a_worker_must_know)
{
    hello_as(&a, "aaaa");

    cr_assert(span_equal_str(last(&a, MSG_HELLO)->head.hello.role, "fetcher"));
    cr_assert_eq(last(&a, MSG_HELLO)->head.hello.instance.n, 16);
    cr_assert_eq(last(&a, MSG_HELLO)->head.hello.lease_ms, 30000);
    cr_assert_eq(last(&a, MSG_HELLO)->head.hello.heartbeat_ms, 1000);
}

Test(dispatch, stranger_is_told_to_say_hello)
{
    credit(&a, 1, 1000);

    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "unknown_peer"));
    cr_assert_eq(heard(&a, MSG_BYE), 1);
}

Test(dispatch, work_needs_credit)
{
    add(10);
    hello_as(&a, "aaaa");
    cr_assert_eq(heard(&a, MSG_WORK), 0);
    credit(&a, 1, 1000);

    cr_assert_eq(heard(&a, MSG_WORK), 1);
    cr_assert_eq(last(&a, MSG_WORK)->body.n, 10);
    cr_assert_eq(counts().leased, 1);
}

Test(dispatch, no_more_messages_than_credit)
{
    for (int i = 0; i < 5; i++)
        add(10);
    hello_as(&a, "aaaa");
    credit(&a, 3, 1000000);

    cr_assert_eq(heard(&a, MSG_WORK), 3);
}

Test(dispatch, no_more_bytes_than_credit)
{
    for (int i = 0; i < 5; i++)
        add(400);
    hello_as(&a, "aaaa");
    credit(&a, 5, 1000);

    cr_assert_eq(heard(&a, MSG_WORK), 2);
    say(&a, MSG_DONE, &(struct msg_done){.lease = leased(&a)});
    credit(&a, 1, 400);
    cr_assert_eq(heard(&a, MSG_WORK), 3);
}

Test(dispatch, document_larger_than_all_credit_goes_to_a_worker_that_holds_nothing)
{
    struct lease first;

    add(10);
    add(5000);
    hello_as(&a, "aaaa");
    credit(&a, 5, 100);
    cr_assert_eq(heard(&a, MSG_WORK), 1);
    first = leased(&a);
    say(&a, MSG_DONE, &(struct msg_done){.lease = first});

    cr_assert_eq(heard(&a, MSG_WORK), 2);
    cr_assert_eq(last(&a, MSG_WORK)->body.n, 5000);
    add(10);
    turns(3);
    cr_assert_eq(heard(&a, MSG_WORK), 2, "its bytes are overdrawn now");
}

Test(dispatch, the_one_with_most_credit_is_served)
{
    hello_as(&a, "aaaa");
    hello_as(&b, "bbbb");
    credit(&a, 2, 1000000);
    credit(&b, 4, 1000000);
    for (int i = 0; i < 4; i++)
        add(10);
    turns(4);

    cr_assert_geq(heard(&a, MSG_WORK), 1);
    cr_assert_geq(heard(&b, MSG_WORK), 2);
    cr_assert_eq(heard(&a, MSG_WORK) + heard(&b, MSG_WORK), 4);
}

Test(dispatch, hello_resets_credit)
{
    hello_as(&a, "aaaa");
    credit(&a, 5, 1000000);
    hello_as(&a, "aaaa");
    add(10);
    turns(3);

    cr_assert_eq(heard(&a, MSG_WORK), 0);
}

Test(dispatch, done_closes_the_task)
{
    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);
    say(&a, MSG_DONE, &(struct msg_done){leased(&a), 1, 2});

    cr_assert_eq(counts().done, 1);
}

Test(dispatch, failed_task_goes_out_again_with_a_higher_attempt_and_then_dies)
{
    struct msg_fail fail = {.reason = SPAN_LIT("crash")};

    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 5, 1000);
    fail.lease = leased(&a);
    cr_assert_eq(fail.lease.attempt, 1);
    say(&a, MSG_FAIL, &fail);
    while (heard(&a, MSG_WORK) < 2)
        turns(1);
    fail.lease = leased(&a);
    cr_assert_eq(fail.lease.attempt, 2);
    say(&a, MSG_FAIL, &fail);

    cr_assert_eq(counts().dead, 1);
}

Test(dispatch, stale_answers_are_ignored)
{
    struct lease other;

    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);
    other = leased(&a);
    other.attempt++;
    say(&a, MSG_DONE, &(struct msg_done){.lease = other});
    say(&a, MSG_FAIL, &(struct msg_fail){.lease = other, .reason = SPAN_LIT("x")});
    say(&a, MSG_RENEW, &(struct msg_renew){.lease = other});

    cr_assert_eq(counts().leased, 1);
    cr_assert_eq(heard(&a, MSG_BYE), 0);
}

Test(dispatch, worker_that_leaves_gives_its_tasks_back_at_once)
{
    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);
    hello_as(&b, "bbbb");
    credit(&b, 1, 1000);
    say(&a, MSG_BYE, &(struct msg_bye){.reason = SPAN_LIT("leaving")});

    cr_assert_eq(heard(&b, MSG_WORK), 1);
    cr_assert_eq(leased(&b).attempt, 2);
}

Test(dispatch, silent_worker_is_given_up_and_its_task_goes_to_another)
{
    uint64_t start_ms = mono_ms();

    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);
    hello_as(&b, "bbbb");
    credit(&b, 1, 1000);
    while (heard(&b, MSG_WORK) == 0) {
        say(&b, MSG_HEARTBEAT, &(struct msg_heartbeat){0});
        cr_assert_eq(loop_turn(fetcher.loop, 200, &err), 0);
    }

    cr_assert_geq(mono_ms() - start_ms, 3900);
    cr_assert_eq(leased(&b).attempt, 2);
    credit(&a, 1, 1000);
    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "unknown_peer"));
}

Test(dispatch, lease_that_nobody_renews_expires)
{
    config.lease_ms = 10;
    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 2, 1000);
    while (heard(&a, MSG_WORK) < 2) {
        say(&a, MSG_HEARTBEAT, &(struct msg_heartbeat){0});
        cr_assert_eq(loop_turn(fetcher.loop, 200, &err), 0);
    }

    cr_assert_eq(leased(&a).attempt, 2);
}

Test(dispatch, lease_outlives_a_restart_of_the_fetcher)
{
    struct lease lease;

    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);
    lease = leased(&a);
    loop_set_before_sleep(fetcher.loop, NULL, NULL);
    dispatch_close(dispatch);
    turns(2);
    store_close(fetcher.store);
    cr_assert_eq(store_open(scratch_path("fetcher.sqlite"), &fetcher.store, &err), 0);
    cr_assert_eq(dispatch_open(&fetcher, bus, NULL, &dispatch, &err), 0, "%s", err.message);
    loop_set_before_sleep(fetcher.loop, before_sleep, NULL);
    turns(3);
    hello_as(&a, "aaaa");
    say(&a, MSG_RENEW, &(struct msg_renew){lease});
    say(&a, MSG_DONE, &(struct msg_done){.lease = lease});

    cr_assert_eq(counts().done, 1);
}

Test(dispatch, document_that_the_archive_lost_is_a_dead_letter)
{
    struct task task = {.work = {.url = SPAN_LIT("u"), .source = SPAN_LIT("s")},
                        .body = {.file = "lost.warc.gz", .length = 100}};
    struct dead_letter letter;
    uint64_t id;

    cr_assert_eq(outbox_add(fetcher.store, &task, wall_ms(), &id, &err), 0);
    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);
    turns(4);

    cr_assert_eq(outbox_next_dead(fetcher.store, 0, arena, &letter, &err), 1);
    cr_assert_eq(letter.id, id);
    cr_assert(span_equal_str(letter.reason, "archive"));
    cr_assert_eq(heard(&a, MSG_WORK), 1, "the credit was given back");
}

static void send_raw(struct worker_end *w, const struct span *frames, size_t n)
{
    cr_assert_eq(link_send(w->link, NULL, frames, n, &err), 0);
    turns(4);
}

Test(dispatch, malformed_message_is_refused_and_the_worker_goes_on)
{
    hello_as(&a, "aaaa");
    send_raw(&a, (struct span[]){SPAN_LIT("\x02\x01"), SPAN_LIT("\xc1")}, 2);
    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "malformed"));
    send_raw(&a, (struct span[]){SPAN_LIT("")}, 1);
    send_raw(&a, (struct span[]){SPAN_LIT("\xff\x01"), SPAN_LIT("\x80")}, 2);
    cr_assert_eq(heard(&a, MSG_BYE), 3);
    add(10);
    credit(&a, 1, 1000);

    cr_assert_eq(heard(&a, MSG_WORK), 1);
}

Test(dispatch, unknown_version_is_refused_as_such)
{
    send_raw(&a, (struct span[]){SPAN_LIT("\x02\x63"), SPAN_LIT("\x80")}, 2);

    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "version"));
}

Test(dispatch, message_that_is_no_workers_business_is_refused)
{
    hello_as(&a, "aaaa");
    say(&a, MSG_CAUGHT_UP, &(struct msg_caught_up){1});

    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "malformed"));
}

Test(dispatch, sink_that_says_hello_is_refused)
{
    say(&a, MSG_HELLO,
        &(struct msg_hello){
            .role = SPAN_LIT("sink"), .name = SPAN_LIT("n"), .instance = SPAN_LIT("i")});

    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "malformed"));
    cr_assert_eq(heard(&a, MSG_HELLO), 0);
}

Test(dispatch, credit_of_any_size_is_taken)
{
    hello_as(&a, "aaaa");
    credit(&a, UINT32_MAX, UINT64_MAX);
    credit(&a, UINT32_MAX, UINT64_MAX);
    add(10);
    turns(4);

    cr_assert_eq(heard(&a, MSG_WORK), 1);
}

Test(dispatch, status_is_json_for_anybody)
{
    json_t *status;
    const char *name = NULL;
    int pending = -1;
    int all = -1;
    struct span json;

    add(10);
    hello_as(&b, "bbbb");
    say(&a, MSG_STATUS, &(struct msg_status){.role = SPAN_LIT("cli")});
    json = last(&a, MSG_STATUS)->head.status.json;
    status = json_loadb(json.p, json.n, 0, NULL);

    cr_assert_not_null(status);
    cr_assert_eq(json_unpack(status, "{s:{s:i}, s:[{s:s}], s:b}", "tasks", "pending", &pending,
                             "workers", "name", &name, "polled_all_once", &all),
                 0);
    cr_assert_eq(pending, 1);
    cr_assert_str_eq(name, "w");
    json_decref(status);
}

Test(dispatch, draining_leases_nothing_more)
{
    fetcher.is_draining = true;
    add(10);
    hello_as(&a, "aaaa");
    credit(&a, 1, 1000);

    cr_assert_eq(heard(&a, MSG_WORK), 0);
}

Test(dispatch, closing_says_goodbye)
{
    hello_as(&a, "aaaa");
    dispatch_close(dispatch);
    dispatch = NULL;
    loop_set_before_sleep(fetcher.loop, NULL, NULL);
    turns(2);

    cr_assert(span_equal_str(last(&a, MSG_BYE)->head.bye.reason, "leaving"));
}
