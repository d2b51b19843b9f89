/*
 * One loop, no threads. Everything that can wait is a state of a task (task.h) and is looked at
 * again in settle(), which runs before each sleep: hand queued documents to idle children, send
 * results to sinks that know us, tell fetchers what became of their tasks. Callbacks only change
 * states. A message that can't leave now stays in its state and leaves later.
 *
 * Flow control is credit, in messages and in bytes: what a fetcher may have sent and we have not
 * closed. It is granted whole after each HELLO, less what is still held, and given back task by
 * task. Two children's worth of documents wait for each child, so that it never idles.
 *
 * A statement goes to the sink that wins a hash over its id and the sinks' endpoints, so that its
 * versions meet at one sink, whichever parser read them.
 */
#include "parser/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cage.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/self.h"
#include "common/timestamp.h"
#include "parser/dialled.h"
#include "parser/rules.h"
#include "parser/task.h"
#include "proto/limits.h"

#define TICK_MS            500
#define HEARTBEAT_MS       TICK_MS
#define DRAIN_MS           15000
#define RESEND_MS          10000 /* a RESULT without COMMITTED is sent again; the sink dedupes */
#define MESSAGES_PER_CHILD 8
#define BYTES_PER_CHILD    ((uint64_t)32 * 1024 * 1024)
#define JOBS_PER_CHILD     1000 /* then a fresh child, whatever the last ones left behind */
#define RENEWALS_PER_LEASE 3    /* one may get lost */

struct child_slot {
    struct worker *worker;
    struct cage *cage;
    struct task *task; /* NULL: idle */
};

struct worker {
    const struct worker_options *options;
    struct loop *loop;
    struct bus *bus;
    struct arena *arena; /* one message's memory */
    struct dialled *fetchers;
    size_t fetchers_n;
    struct dialled *sinks;
    size_t sinks_n;
    struct child_slot *children;
    size_t children_n;
    struct tasks tasks;
    struct rules *rules;
    struct self self;
    const char *child_argv[6];
    char memory_text[24];
    uint64_t renewed_mono_ms;
    bool draining;
    uint64_t drain_until_mono_ms;
};

/* ---- credit ---- */

static void grant(struct dialled *fetcher, uint32_t messages, uint64_t bytes)
{
    struct msg_credit credit = {messages, bytes};
    struct error err;

    if (fetcher->worker->draining || messages == 0)
        return;
    if (dialled_send(fetcher, MSG_CREDIT, &credit, SPAN_NULL, &err) < 0)
        fetcher->is_known = false; /* greets again, and is granted anew */
}

/* All that this fetcher may have under way, less what we still hold of it. */
static void grant_all(struct worker *w, struct dialled *fetcher)
{
    uint64_t messages = w->children_n * MESSAGES_PER_CHILD;
    uint64_t bytes = w->children_n * BYTES_PER_CHILD;

    for (const struct task *t = w->tasks.head; t; t = t->next) {
        if (t->fetcher != fetcher->number)
            continue;
        messages -= messages > 0;
        bytes -= bytes > t->body_bytes ? t->body_bytes : bytes;
    }
    grant(fetcher, (uint32_t)messages, bytes);
}

/* ---- children ---- */

static void child_failed(struct task *task, enum cage_outcome outcome, const char *detail)
{
    static const char *const reasons[] = {
        [CAGE_REPLY] = "bad_reply", [CAGE_CRASH] = "crash",     [CAGE_TIMEOUT] = "timeout",
        [CAGE_MEMORY] = "memory",   [CAGE_SYSCALL] = "syscall", [CAGE_BAD_REPLY] = "bad_reply",
    };

    log_warn("child.failed", KV_U64("task_id", task->lease.task_id), KV_STR("url", task->url),
             KV_STR("reason", reasons[outcome]), KV_STR("detail", detail));
    task_close_failed(task, span_of_str(reasons[outcome]), span_of_str(detail), false);
}

static uint64_t sink_score(const struct dialled *sink, struct span statement_id)
{
    uint32_t of_sink = crc32_of(span_of_str(sink->endpoint));
    uint32_t of_statement = crc32_of(statement_id);
    uint32_t both[2] = {of_sink, of_statement};

    return (uint64_t)crc32_of(span_of(both, sizeof both)) << 32 | of_sink;
}

/* Rendezvous hashing: a sink more or less moves only the statements that it wins or leaves. */
static size_t choose_sink(const struct worker *w, struct span statement_id)
{
    size_t best = 0;

    for (size_t i = 1; i < w->sinks_n; i++) {
        if (sink_score(&w->sinks[i], statement_id) > sink_score(&w->sinks[best], statement_id))
            best = i;
    }
    return best;
}

/* The child may be somebody else's by now: of its reply only the ids and the records are used. */
static void child_coded(struct worker *w, struct task *task, struct msg_result *result,
                        struct span records)
{
    struct message m;

    result->lease = task->lease;
    result->fetcher = span_of_str(w->fetchers[task->fetcher].endpoint);
    message_init(&m);
    message_write(&m, MSG_RESULT, result, records);
    task_set_frames(task, m.frames, m.n);
    message_fini(&m);
    task->sink = choose_sink(w, result->statement_id);
    task->sent_mono_ms = 0;
    task_set_state(task, TASK_RESULT);
}

static void child_replied(struct worker *w, struct task *task, const struct span *frames, size_t n)
{
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    arena_reset(w->arena);
    if (message_read(frames, n, w->arena, &kind, &head, &bulk, &err) < 0) {
        child_failed(task, CAGE_BAD_REPLY, err.message);
    } else if (kind == MSG_RESULT) {
        child_coded(w, task, &head.result, bulk);
    } else if (kind == MSG_FAIL) {
        log_info("document.refused", KV_U64("task_id", task->lease.task_id),
                 KV_STR("url", task->url), KV_SPAN("reason", head.fail.reason),
                 KV_SPAN("detail", head.fail.detail));
        task_close_failed(task, head.fail.reason, head.fail.detail, head.fail.permanent);
    } else {
        child_failed(task, CAGE_BAD_REPLY, "neither RESULT nor FAIL");
    }
}

static void on_child_done(void *arg, enum cage_outcome outcome, const char *detail,
                          const struct span *frames, size_t n)
{
    struct child_slot *slot = arg;
    struct task *task = slot->task;

    slot->task = NULL;
    if (outcome == CAGE_REPLY)
        child_replied(slot->worker, task, frames, n);
    else
        child_failed(task, outcome, detail);
}

static void feed_children(struct worker *w)
{
    for (size_t i = 0; i < w->children_n; i++) {
        struct child_slot *slot = &w->children[i];
        struct task *task;

        if (slot->task || cage_busy(slot->cage))
            continue;
        task = tasks_first(&w->tasks, TASK_QUEUED);
        if (!task)
            return;
        slot->task = task;
        task_set_state(task, TASK_PARSING);
        cage_send(slot->cage, task->frames, task->frames_n);
        task_set_frames(task, NULL, 0);
    }
}

/* ---- sinks ---- */

static void send_result(struct worker *w, struct task *task)
{
    struct dialled *sink = &w->sinks[task->sink];
    uint64_t now = loop_mono_ms(w->loop);
    struct error err;

    if (!sink->is_known || (task->sent_mono_ms != 0 && now < task->sent_mono_ms + RESEND_MS))
        return;
    if (link_send(sink->link, NULL, task->frames, task->frames_n, &err) == 0)
        task->sent_mono_ms = now;
}

static void send_results(struct worker *w)
{
    for (struct task *task = w->tasks.head; task; task = task->next) {
        if (task->state == TASK_RESULT)
            send_result(w, task);
    }
}

/* It may have lost what we sent: all of it again. */
static void sink_is_known(struct worker *w, struct dialled *sink)
{
    sink->is_known = true;
    for (struct task *task = w->tasks.head; task; task = task->next) {
        if (task->state == TASK_RESULT && task->sink == sink->number)
            task->sent_mono_ms = 0;
    }
}

static struct task *task_of_answer(struct worker *w, struct span fetcher, const struct lease *lease)
{
    for (size_t i = 0; i < w->fetchers_n; i++) {
        struct task *task;

        if (!span_is_null(fetcher) && !span_equal_str(fetcher, w->fetchers[i].endpoint))
            continue;
        task = tasks_find(&w->tasks, i, lease);
        if (task && task->state == TASK_RESULT)
            return task;
    }
    return NULL;
}

static void greet_again(struct dialled *d, const struct msg_bye *bye)
{
    log_debug("peer.bye", KV_STR("endpoint", d->endpoint), KV_SPAN("reason", bye->reason));
    if (!span_equal_str(bye->reason, "unknown_peer"))
        log_warn("peer.refused", KV_STR("endpoint", d->endpoint), KV_SPAN("reason", bye->reason),
                 KV_SPAN("detail", bye->detail));
    if (d->is_known)
        d->greeted_mono_ms = 0; /* at once; else a second after the last greeting */
    d->is_known = false;
}

static void on_sink_message(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct dialled *sink = arg;
    struct worker *w = sink->worker;
    union message_head head;
    enum message_kind kind;
    struct task *task;
    struct span bulk;
    struct error err;

    (void)peer;
    arena_reset(w->arena);
    if (message_read(frames, n, w->arena, &kind, &head, &bulk, &err) < 0) {
        log_warn("peer.malformed", KV_STR("endpoint", sink->endpoint), KV_ERR(&err));
        return;
    }
    if (kind == MSG_HELLO) {
        log_info("sink.known", KV_STR("endpoint", sink->endpoint),
                 KV_SPAN("instance", head.hello.instance));
        sink_is_known(w, sink);
    } else if (kind == MSG_COMMITTED) {
        task = task_of_answer(w, head.committed.fetcher, &head.committed.lease);
        if (task)
            task_close_done(task, head.committed.first_seq, head.committed.records);
    } else if (kind == MSG_FAIL) {
        task = task_of_answer(w, SPAN_NULL, &head.fail.lease);
        if (task)
            task_close_failed(task, head.fail.reason, head.fail.detail, head.fail.permanent);
    } else if (kind == MSG_BYE) {
        greet_again(sink, &head.bye);
    }
}

/* ---- fetchers ---- */

static void take_work(struct worker *w, struct dialled *fetcher, const struct msg_work *work,
                      const struct span *frames, size_t n)
{
    char parsed_at[TIMESTAMP_BYTES];
    struct msg_work job = *work;
    struct message m;

    if (tasks_find(&w->tasks, fetcher->number, &work->lease))
        return;
    timestamp_write(wall_ms(), parsed_at);
    job.parsed_at = span_of_str(parsed_at);
    message_init(&m);
    message_write(&m, MSG_WORK, &job, frames[n - 1]);
    tasks_add(&w->tasks, fetcher->number, &job, m.frames, m.n);
    message_fini(&m);
}

static void on_fetcher_message(void *arg, const struct peer *peer, const struct span *frames,
                               size_t n)
{
    struct dialled *fetcher = arg;
    struct worker *w = fetcher->worker;
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    (void)peer;
    arena_reset(w->arena);
    if (message_read(frames, n, w->arena, &kind, &head, &bulk, &err) < 0) {
        log_warn("peer.malformed", KV_STR("endpoint", fetcher->endpoint), KV_ERR(&err));
        return;
    }
    if (kind == MSG_HELLO) {
        log_info("fetcher.known", KV_STR("endpoint", fetcher->endpoint),
                 KV_SPAN("instance", head.hello.instance));
        fetcher->is_known = true;
        fetcher->lease_ms = head.hello.lease_ms;
        grant_all(w, fetcher);
    } else if (kind == MSG_WORK) {
        take_work(w, fetcher, &head.work, frames, n);
    } else if (kind == MSG_BYE) {
        greet_again(fetcher, &head.bye);
    }
}

static int tell_fetcher(struct dialled *fetcher, const struct task *task, struct error *err)
{
    struct msg_fail fail = {task->lease, span_of_str(task->reason), span_of_str(task->detail),
                            task->permanent};
    struct msg_done done = {task->lease, task->first_seq, task->records};

    if (task->failed)
        return dialled_send(fetcher, MSG_FAIL, &fail, SPAN_NULL, err);
    return dialled_send(fetcher, MSG_DONE, &done, SPAN_NULL, err);
}

static void close_tasks(struct worker *w)
{
    struct task *next;

    for (struct task *task = w->tasks.head; task; task = next) {
        struct dialled *fetcher = &w->fetchers[task->fetcher];
        struct error err;

        next = task->next;
        if (task->state != TASK_CLOSING || !fetcher->is_known)
            continue;
        if (tell_fetcher(fetcher, task, &err) < 0)
            continue;
        grant(fetcher, 1, task->body_bytes);
        tasks_remove(&w->tasks, task);
    }
}

/* While we hold a task its lease must not expire, however long the child or the sink takes. */
static void renew_leases(struct worker *w)
{
    for (const struct task *task = w->tasks.head; task; task = task->next) {
        struct msg_renew renew = {task->lease};
        struct error err;
        int rc;

        rc = dialled_send(&w->fetchers[task->fetcher], MSG_RENEW, &renew, SPAN_NULL, &err);
        (void)rc; /* a renewal that can't leave is followed by another one in time */
    }
}

static uint64_t renew_interval_ms(const struct worker *w)
{
    uint64_t shortest = 30000;

    for (size_t i = 0; i < w->fetchers_n; i++) {
        if (w->fetchers[i].lease_ms > 0 && w->fetchers[i].lease_ms < shortest)
            shortest = w->fetchers[i].lease_ms;
    }
    return shortest / RENEWALS_PER_LEASE;
}

/* ---- the turn ---- */

static void say_bye(struct worker *w)
{
    struct msg_bye bye = {.reason = SPAN_LIT("leaving")};
    struct error err;

    for (size_t i = 0; i < w->fetchers_n + w->sinks_n; i++) {
        struct dialled *d = i < w->fetchers_n ? &w->fetchers[i] : &w->sinks[i - w->fetchers_n];
        int rc = dialled_send(d, MSG_BYE, &bye, SPAN_NULL, &err);

        (void)rc; /* who does not hear it notices our silence */
    }
}

static void settle(void *arg)
{
    struct worker *w = arg;

    feed_children(w);
    send_results(w);
    close_tasks(w);
    if (!w->draining)
        return;
    if (w->tasks.n == 0 || loop_mono_ms(w->loop) >= w->drain_until_mono_ms) {
        log_info("parser.drained", KV_U64("left", w->tasks.n));
        say_bye(w);
        loop_stop(w->loop);
    }
}

static struct msg_hello hello_of(const struct worker *w)
{
    return (struct msg_hello){
        .role = SPAN_LIT("parser"),
        .name = span_of_str(w->self.name),
        .instance = span_of_str(w->self.instance),
        .software = span_of_str(POLLWATCH_VERSION),
        .rules_sha256 = rules_sha256(w->rules),
        .heartbeat_ms = HEARTBEAT_MS,
    };
}

static void tick(void *arg)
{
    struct worker *w = arg;
    struct msg_hello hello = hello_of(w);
    uint64_t now = loop_mono_ms(w->loop);

    for (size_t i = 0; i < w->fetchers_n; i++)
        dialled_tick(&w->fetchers[i], &hello, now);
    for (size_t i = 0; i < w->sinks_n; i++)
        dialled_tick(&w->sinks[i], &hello, now);
    if (now >= w->renewed_mono_ms + renew_interval_ms(w)) {
        w->renewed_mono_ms = now;
        renew_leases(w);
    }
}

static void on_stop_signal(void *arg, int signo)
{
    struct worker *w = arg;

    log_info("parser.draining", KV_U64("signal", (uint64_t)signo), KV_U64("held", w->tasks.n));
    if (w->draining)
        w->drain_until_mono_ms = 0; /* asked twice: now */
    else
        w->drain_until_mono_ms = loop_mono_ms(w->loop) + DRAIN_MS;
    w->draining = true;
}

/* ---- life ---- */

static int start_children(struct worker *w, struct error *err)
{
    const struct config_parser *c = w->options->config;
    struct cage_options options = {
        .argv = w->child_argv,
        .time_ms = c->child_time_ms,
        .memory_bytes = c->child_memory_bytes,
        .jobs_per_child = JOBS_PER_CHILD,
        .max_reply_bytes = LIMIT_RESULT_BYTES + LIMIT_HEAD_BYTES + 64,
    };

    snprintf(w->memory_text, sizeof w->memory_text, "%llu",
             (unsigned long long)c->child_memory_bytes);
    w->child_argv[0] = w->options->program;
    w->child_argv[1] = "--child";
    w->child_argv[2] = w->options->rules_dir;
    w->child_argv[3] = w->memory_text;
    w->children_n = c->workers;
    w->children = xcalloc(w->children_n, sizeof *w->children);
    for (size_t i = 0; i < w->children_n; i++) {
        struct child_slot *slot = &w->children[i];
        int rc;

        slot->worker = w;
        rc = cage_open(w->loop, &options, on_child_done, slot, &slot->cage, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static size_t count_endpoints(const char *const *endpoints)
{
    size_t n = 0;

    while (endpoints[n])
        n++;
    return n;
}

static int dial_all(struct worker *w, const char *const *endpoints, link_message_fn *on_message,
                    struct dialled **out, size_t *out_n, struct error *err)
{
    struct link_options options = {.max_frame_bytes = LIMIT_BODY_BYTES};

    *out_n = count_endpoints(endpoints);
    *out = xcalloc(*out_n, sizeof **out);
    for (size_t i = 0; i < *out_n; i++) {
        struct dialled *d = &(*out)[i];
        int rc;

        d->worker = w;
        d->number = i;
        d->endpoint = endpoints[i];
        rc = bus_dial(w->bus, endpoints[i], options, on_message, d, &d->link, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Signals and children first: ZeroMQ's threads must not see the former nor be forked by the latter.
 */
static int start(struct worker *w, struct error *err)
{
    const struct config_parser *c = w->options->config;
    int rc = rules_load(w->options->rules_dir, &w->rules, err);

    if (rc == 0)
        rc = loop_add_signal(w->loop, SIGTERM, on_stop_signal, w, err);
    if (rc == 0)
        rc = loop_add_signal(w->loop, SIGINT, on_stop_signal, w, err);
    if (rc == 0)
        rc = start_children(w, err);
    if (rc < 0)
        return rc;
    w->bus = bus_new(w->loop, "zmq");
    rc = dial_all(w, c->sinks, on_sink_message, &w->sinks, &w->sinks_n, err);
    if (rc == 0)
        rc = dial_all(w, c->fetchers, on_fetcher_message, &w->fetchers, &w->fetchers_n, err);
    return rc;
}

static void stop(struct worker *w)
{
    for (size_t i = 0; i < w->children_n; i++)
        cage_close(w->children[i].cage);
    bus_free(w->bus, 1000);
    loop_free(w->loop);
    tasks_clear(&w->tasks);
    rules_free(w->rules);
    free(w->children);
    free(w->fetchers);
    free(w->sinks);
    arena_free(w->arena);
}

int worker_run(const struct worker_options *options, struct error *err)
{
    struct worker w = {.options = options, .loop = loop_new(), .arena = arena_new()};
    int rc;

    self_init(&w.self);
    rc = start(&w, err);
    if (rc == 0) {
        log_info("parser.started", KV_STR("name", w.self.name), KV_U64("children", w.children_n),
                 KV_U64("fetchers", w.fetchers_n), KV_U64("sinks", w.sinks_n),
                 KV_SPAN("rules_sha256", rules_sha256(w.rules)));
        loop_set_before_sleep(w.loop, settle, &w);
        loop_add_timer(w.loop, 0, TICK_MS, tick, &w);
        rc = loop_run(w.loop, err);
    }
    stop(&w);
    return rc;
}
