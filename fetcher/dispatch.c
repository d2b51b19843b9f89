/*
 * The ROUTER side of the work queue.
 *
 * A worker is a peer that said HELLO. It is given up after four heartbeats of silence (its leases
 * then fail as "worker_lost") or lets go by BYE (they are released). Whoever else speaks is told
 * BYE "unknown_peer", which makes a worker that outlived a restart of ours introduce itself again;
 * its leases hold all the while, since they are in the store.
 */
#include "fetcher/dispatch.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/mem.h"
#include "common/self.h"
#include "common/timestamp.h"
#include "fetcher/outbox.h"
#include "fetcher/peers.h"
#include "fetcher/poller.h"
#include "fetcher/status.h"
#include "proto/limits.h"

#define HEARTBEAT_MS     1000
#define SILENT_MS        ((uint64_t)4 * HEARTBEAT_MS)
#define STATUS_MAX_BYTES LIMIT_HEAD_BYTES

/* What one turn may lease: the commit is shared, and bodies are read from the archive one by one.
 */
#define LEASES_A_TURN      64
#define LEASE_BYTES_A_TURN ((uint64_t)32 * 1024 * 1024)

/* Messages that a queue to one worker may hold; credit keeps it far below. */
#define QUEUE_MESSAGES 10000

/* Leased in this turn, to be sent when that is durable. */
struct sending {
    uint64_t task_id;
    struct peer peer;
};

struct dispatch {
    struct fetcher *fetcher;
    struct poller *poller;
    struct link_end *link;
    struct loop_watch *timer;
    struct peers peers;
    struct sending sending[LEASES_A_TURN];
    size_t sending_n;
    size_t last_served; /* index behind the worker that was served last */
    struct message out;
    struct arena *arena;
    uint64_t started_mono_ms;
    struct self self;
};

/* --- saying something --- */

static int say(struct dispatch *d, const struct peer *peer, enum message_kind kind,
               const void *head, struct error *err)
{
    message_write(&d->out, kind, head, SPAN_NULL);
    return link_send(d->link, peer, d->out.frames, d->out.n, err);
}

/* For messages that the other side can do without: it asks again, or has gone. */
static void say_freely(struct dispatch *d, const struct peer *peer, enum message_kind kind,
                       const void *head)
{
    struct error err;

    if (say(d, peer, kind, head, &err) < 0)
        log_debug("message.unsent", KV_STR("kind", message_type(kind)->name), KV_ERR(&err));
}

static void say_bye(struct dispatch *d, const struct peer *peer, const char *reason,
                    struct span detail)
{
    say_freely(d, peer, MSG_BYE,
               &(struct msg_bye){.reason = span_of_str(reason), .detail = detail});
}

/* --- workers come and go --- */

static void say_hello(struct dispatch *d, const struct peer *peer)
{
    say_freely(d, peer, MSG_HELLO,
               &(struct msg_hello){
                   .role = SPAN_LIT("fetcher"),
                   .name = span_of_str(d->self.name),
                   .instance = span_of_str(d->self.instance),
                   .software = SPAN_LIT(POLLWATCH_VERSION),
                   .lease_ms = d->fetcher->config->lease_ms,
                   .heartbeat_ms = HEARTBEAT_MS,
               });
}

static void log_worker(const char *event, const struct worker *w)
{
    log_info(event, KV_STR("worker", w->name), KV_STR("instance", w->instance));
}

/* It will not answer for what it holds. */
static int lose_worker(struct dispatch *d, struct worker *w, struct error *err)
{
    const struct config_fetcher *config = d->fetcher->config;
    struct outbox_policy policy = {config->max_attempts, config->retry_ms};
    struct span instance = span_of_str(w->instance);
    enum outbox_fate fate;
    struct lease lease;
    uint64_t n = 0;
    int rc;

    while ((rc = outbox_fail_lost(d->fetcher->store, instance, &policy, wall_ms(), &lease, &fate,
                                  err)) == 1)
        n++;
    log_warn("worker.lost", KV_STR("worker", w->name), KV_STR("instance", w->instance),
             KV_U64("tasks", n));
    peers_remove(&d->peers, w);
    return rc;
}

static int release_worker(struct dispatch *d, struct worker *w, struct error *err)
{
    uint64_t n = 0;
    int rc = outbox_release_all(d->fetcher->store, span_of_str(w->instance), &n, err);

    log_info("worker.left", KV_STR("worker", w->name), KV_STR("instance", w->instance),
             KV_U64("tasks", n));
    peers_remove(&d->peers, w);
    return rc;
}

static int drop_silent(struct dispatch *d, struct error *err)
{
    uint64_t now = loop_mono_ms(d->fetcher->loop);

    for (size_t i = d->peers.n; i-- > 0;) {
        struct worker *w = d->peers.workers[i];
        int rc = now - w->seen_mono_ms > SILENT_MS ? lose_worker(d, w, err) : 0;

        if (rc < 0)
            return rc;
    }
    return 0;
}

/* --- what workers say --- */

typedef int message_fn(struct dispatch *d, struct worker *w, const union message_head *head,
                       struct error *err);

static int on_credit(struct dispatch *d, struct worker *w, const union message_head *head,
                     struct error *err)
{
    (void)d;
    (void)err;
    worker_add_credit(w, head->credit.messages, head->credit.bytes);
    return 0;
}

/* A lease that ended is the everyday fate of a slow worker, and no error of the service. */
static int unless_stale(int rc, const struct worker *w, const char *what, const struct error *err)
{
    if (rc != ERR_STATE)
        return rc;
    log_info("lease.stale", KV_STR("message", what), KV_STR("worker", w->name), KV_ERR(err));
    return 0;
}

static int on_renew(struct dispatch *d, struct worker *w, const union message_head *head,
                    struct error *err)
{
    uint64_t until = wall_ms() + d->fetcher->config->lease_ms;
    int rc =
        outbox_renew(d->fetcher->store, &head->renew.lease, span_of_str(w->instance), until, err);

    return unless_stale(rc, w, "RENEW", err);
}

static int on_done(struct dispatch *d, struct worker *w, const union message_head *head,
                   struct error *err)
{
    const struct msg_done *done = &head->done;
    int rc = outbox_done(d->fetcher->store, done, err);

    if (rc == 0)
        log_info("task.done", KV_U64("task_id", done->lease.task_id),
                 KV_U64("first_seq", done->first_seq), KV_U64("records", done->records),
                 KV_STR("worker", w->name));
    return unless_stale(rc, w, "DONE", err);
}

static int on_fail(struct dispatch *d, struct worker *w, const union message_head *head,
                   struct error *err)
{
    const struct config_fetcher *config = d->fetcher->config;
    struct outbox_policy policy = {config->max_attempts, config->retry_ms};
    const struct msg_fail *fail = &head->fail;
    enum outbox_fate fate;
    int rc = outbox_fail(d->fetcher->store, fail, &policy, wall_ms(), &fate, err);

    if (rc == 0)
        log_warn(fate == OUTBOX_DEAD ? "task.dead" : "task.failed",
                 KV_U64("task_id", fail->lease.task_id), KV_U64("attempt", fail->lease.attempt),
                 KV_SPAN("reason", fail->reason), KV_SPAN("detail", fail->detail),
                 KV_STR("worker", w->name));
    return unless_stale(rc, w, "FAIL", err);
}

static int on_heartbeat(struct dispatch *d, struct worker *w, const union message_head *head,
                        struct error *err)
{
    (void)d;
    (void)w;
    (void)head;
    (void)err;
    return 0; /* that it came is all */
}

static int on_bye(struct dispatch *d, struct worker *w, const union message_head *head,
                  struct error *err)
{
    (void)head;
    return release_worker(d, w, err);
}

/* NULL: no business of a worker's. */
static message_fn *const handlers[MSG_KIND_COUNT] = {
    [MSG_CREDIT] = on_credit, [MSG_RENEW] = on_renew, [MSG_DONE] = on_done,
    [MSG_FAIL] = on_fail,     [MSG_BYE] = on_bye,     [MSG_HEARTBEAT] = on_heartbeat,
};

/* --- what anybody may say --- */

static void refuse(struct dispatch *d, const struct peer *peer, const char *reason,
                   struct span detail)
{
    log_warn("peer.refused", KV_STR("reason", reason), KV_SPAN("detail", detail));
    say_bye(d, peer, reason, detail);
}

/* The same worker again, after a lost connection or a restart of ours: credit starts anew. */
static int forget_former(struct dispatch *d, const struct peer *peer, struct span instance,
                         struct error *err)
{
    struct worker *w = peers_find(&d->peers, peer);

    if (w && !span_equal_str(instance, w->instance))
        return lose_worker(d, w, err);
    if (w)
        peers_remove(&d->peers, w);
    w = peers_find_instance(&d->peers, instance);
    if (w)
        peers_remove(&d->peers, w);
    return 0;
}

static int on_hello(struct dispatch *d, const struct peer *peer, const struct msg_hello *hello,
                    struct error *err)
{
    struct worker *w;
    int rc;

    if (!span_equal_str(hello->role, "parser") || hello->instance.n == 0 ||
        hello->instance.n >= PEER_NAME_BYTES) {
        refuse(d, peer, "malformed", SPAN_LIT("only a parser with an instance is served here"));
        return 0;
    }
    rc = forget_former(d, peer, hello->instance, err);
    if (rc < 0)
        return rc;
    w = peers_add(&d->peers, peer, hello->name, hello->instance);
    if (!w) {
        refuse(d, peer, "full", SPAN_LIT("too many workers"));
        return 0;
    }
    w->seen_mono_ms = loop_mono_ms(d->fetcher->loop);
    log_worker("worker.joined", w);
    say_hello(d, peer);
    return 0;
}

static int list_workers(struct dispatch *d, worker_state_list *out, struct error *err)
{
    for (size_t i = 0; i < d->peers.n; i++) {
        const struct worker *w = d->peers.workers[i];
        struct worker_state *state = LIST_ADD(d->arena, out);
        int rc = outbox_held(d->fetcher->store, span_of_str(w->instance), &state->held, err);

        if (rc < 0)
            return rc;
        state->name = span_of_str(w->name);
        state->credit = w->credit_messages;
    }
    return 0;
}

static int collect_status(struct dispatch *d, struct status *s, struct error *err)
{
    int rc = ledger_sources(d->fetcher->store, d->arena, &s->sources, err);

    if (rc == 0)
        rc = outbox_count(d->fetcher->store, &s->tasks, err);
    if (rc == 0)
        rc = list_workers(d, &s->workers, err);
    if (rc == 0 && d->poller)
        rc = poller_all_settled(d->poller, &s->polled_all_once, err);
    return rc;
}

static int on_status(struct dispatch *d, const struct peer *peer, struct error *err)
{
    struct status s = {.role = SPAN_LIT("fetcher")};
    struct buf json;
    int rc;

    s.uptime_s = (loop_mono_ms(d->fetcher->loop) - d->started_mono_ms) / 1000;
    rc = collect_status(d, &s, err);
    if (rc < 0)
        return rc;
    buf_init(&json, STATUS_MAX_BYTES);
    status_json(&s, &json);
    if (json.failed) { /* hundreds of sources in trouble: say the rest */
        s.sources.n = 0;
        s.workers.n = 0;
        buf_clear(&json);
        status_json(&s, &json);
    }
    say_freely(d, peer, MSG_STATUS,
               &(struct msg_status){.role = SPAN_LIT("fetcher"), .json = buf_span(&json)});
    buf_fini(&json);
    return 0;
}

static int handle(struct dispatch *d, const struct peer *peer, enum message_kind kind,
                  const union message_head *head, struct error *err)
{
    struct worker *w;

    if (kind == MSG_HELLO)
        return on_hello(d, peer, &head->hello, err);
    if (kind == MSG_STATUS)
        return on_status(d, peer, err);
    w = peers_find(&d->peers, peer);
    if (!w) {
        if (kind != MSG_BYE) /* two strangers would say goodbye for ever */
            say_bye(d, peer, "unknown_peer", SPAN_LIT("say HELLO first"));
        return 0;
    }
    w->seen_mono_ms = loop_mono_ms(d->fetcher->loop);
    if (!handlers[kind]) {
        refuse(d, peer, "malformed", span_of_str(message_type(kind)->name));
        return 0;
    }
    return handlers[kind](d, w, head, err);
}

static void on_message(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct dispatch *d = arg;
    enum message_kind kind = MSG_NONE;
    union message_head head;
    struct span bulk;
    struct error err;
    int rc;

    arena_reset(d->arena);
    rc = message_read(frames, n, d->arena, &kind, &head, &bulk, &err);
    if (rc < 0) {
        refuse(d, peer, rc == ERR_VERSION ? "version" : "malformed", span_of_str(err.message));
        return;
    }
    if (handle(d, peer, kind, &head, &err) < 0)
        fetcher_fail(d->fetcher, &err);
}

/* --- leasing --- */

static int may_take(struct dispatch *d, const struct worker *w, uint64_t bytes, bool *yes,
                    struct error *err)
{
    uint64_t held = 0;
    int rc = 0;

    *yes = w->credit_messages > 0 && w->credit_bytes >= (int64_t)bytes;
    if (*yes || w->credit_messages == 0)
        return 0;
    rc = outbox_held(d->fetcher->store, span_of_str(w->instance), &held, err);
    *yes = held == 0;
    return rc;
}

/* The worker with the most credit that may take it; among equals the one behind the last served. */
static int choose(struct dispatch *d, uint64_t bytes, struct worker **out, struct error *err)
{
    struct worker *best = NULL;
    size_t best_at = 0;

    for (size_t i = 0; i < d->peers.n; i++) {
        size_t at = (d->last_served + i) % d->peers.n;
        struct worker *w = d->peers.workers[at];
        bool yes = false;
        int rc;

        if (best && w->credit_messages <= best->credit_messages)
            continue;
        rc = may_take(d, w, bytes, &yes, err);
        if (rc < 0)
            return rc;
        if (yes) {
            best = w;
            best_at = at;
        }
    }
    *out = best;
    if (best)
        d->last_served = best_at + 1;
    return 0;
}

static bool has_credit(const struct dispatch *d)
{
    for (size_t i = 0; i < d->peers.n; i++) {
        if (d->peers.workers[i]->credit_messages > 0)
            return true;
    }
    return false;
}

/* Returns 1 when a task was leased, 0 when there is none or nobody for it. */
static int lease_one(struct dispatch *d, uint64_t *bytes, struct error *err)
{
    uint64_t now = wall_ms();
    struct worker *w = NULL;
    struct lease lease;
    uint64_t id;
    int rc;

    if (!has_credit(d))
        return 0;
    rc = outbox_peek(d->fetcher->store, now, &id, bytes, err);
    if (rc != 1)
        return rc;
    rc = choose(d, *bytes, &w, err);
    if (rc < 0 || !w)
        return rc;
    rc = outbox_lease(d->fetcher->store, id, span_of_str(w->instance),
                      now + d->fetcher->config->lease_ms, &lease, err);
    if (rc < 0)
        return rc;
    worker_use_credit(w, *bytes);
    d->sending[d->sending_n++] = (struct sending){.task_id = id, .peer = w->peer};
    return 1;
}

int dispatch_lease(struct dispatch *d, struct error *err)
{
    uint64_t total = 0;
    int rc = 1;

    if (d->fetcher->is_draining)
        return 0;
    while (rc == 1 && d->sending_n < LEASES_A_TURN && total < LEASE_BYTES_A_TURN) {
        uint64_t bytes = 0;

        rc = lease_one(d, &bytes, err);
        total += bytes;
    }
    if (rc == 1)
        loop_wake(d->fetcher->loop);
    return rc < 0 ? rc : 0;
}

/* --- sending --- */

/* The archive can't give the document back: no attempt will. */
static int bury_unreadable(struct dispatch *d, const struct lease *lease, const struct error *why,
                           struct error *err)
{
    struct msg_fail fail = {.lease = *lease,
                            .reason = SPAN_LIT("archive"),
                            .detail = span_of_str(why->message),
                            .permanent = true};
    enum outbox_fate fate;

    log_error("task.dead", KV_U64("task_id", lease->task_id), KV_SPAN("reason", fail.reason),
              KV_ERR(why));
    return outbox_fail(d->fetcher->store, &fail, &(struct outbox_policy){0}, wall_ms(), &fate, err);
}

static void give_credit_back(struct dispatch *d, const struct peer *peer, uint64_t bytes)
{
    struct worker *w = peers_find(&d->peers, peer);

    if (w)
        worker_return_credit(w, bytes);
}

/* The worker's queue is full or it has gone: somebody else gets the task. */
static int take_back(struct dispatch *d, const struct sending *s, const struct task *task,
                     const struct error *why, struct error *err)
{
    struct worker *w = peers_find(&d->peers, &s->peer);

    log_info("task.unsent", KV_U64("task_id", s->task_id), KV_ERR(why));
    if (w && why->code == ERR_GONE)
        peers_remove(&d->peers, w); /* a new HELLO brings it back */
    else if (w)
        w->credit_messages = 0; /* and so does new credit */
    return outbox_release(d->fetcher->store, &task->work.lease, err);
}

static int send_one(struct dispatch *d, const struct sending *s, struct error *err)
{
    struct task task;
    struct error why;
    char *body = NULL;
    size_t n = 0;
    int rc = outbox_get(d->fetcher->store, s->task_id, d->arena, &task, err);

    if (rc < 0)
        return rc;
    if (archive_read(d->fetcher->archive, &task.body, &body, &n, &why) < 0) {
        give_credit_back(d, &s->peer, task.body_bytes);
        return bury_unreadable(d, &task.work.lease, &why, err);
    }
    message_write(&d->out, MSG_WORK, &task.work, span_of(body, n));
    if (link_send_taking(d->link, &s->peer, d->out.frames, d->out.n - 1, body, n, &why) < 0)
        return take_back(d, s, &task, &why, err);
    log_info("task.leased", KV_U64("task_id", s->task_id), KV_SPAN("url", task.work.url),
             KV_U64("attempt", task.work.lease.attempt), KV_U64("bytes", n));
    return 0;
}

int dispatch_send(struct dispatch *d, struct error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < d->sending_n; i++) {
        arena_reset(d->arena);
        rc = send_one(d, &d->sending[i], err);
    }
    d->sending_n = 0;
    if (store_is_dirty(d->fetcher->store))
        loop_wake(d->fetcher->loop); /* something was taken back: settle it */
    return rc;
}

int dispatch_outstanding(struct dispatch *d, uint64_t *n, struct error *err)
{
    *n = 0;
    for (size_t i = 0; i < d->peers.n; i++) {
        uint64_t held = 0;
        int rc =
            outbox_held(d->fetcher->store, span_of_str(d->peers.workers[i]->instance), &held, err);

        if (rc < 0)
            return rc;
        *n += held;
    }
    return 0;
}

/* --- time --- */

static int expire(struct dispatch *d, struct error *err)
{
    const struct config_fetcher *config = d->fetcher->config;
    struct outbox_policy policy = {config->max_attempts, config->retry_ms};
    enum outbox_fate fate;
    struct lease lease;
    int rc;

    while ((rc = outbox_fail_expired(d->fetcher->store, &policy, wall_ms(), &lease, &fate, err)) ==
           1)
        log_warn(fate == OUTBOX_DEAD ? "task.dead" : "task.failed",
                 KV_U64("task_id", lease.task_id), KV_U64("attempt", lease.attempt),
                 KV_STR("reason", "lease_expired"));
    return rc;
}

static void on_timer(void *arg)
{
    struct dispatch *d = arg;
    struct error err;
    int rc = drop_silent(d, &err);

    if (rc == 0)
        rc = expire(d, &err);
    if (rc < 0) {
        fetcher_fail(d->fetcher, &err);
        return;
    }
    for (size_t i = 0; i < d->peers.n; i++)
        say_freely(d, &d->peers.workers[i]->peer, MSG_HEARTBEAT, &(struct msg_heartbeat){0});
}

/* --- life --- */

int dispatch_open(struct fetcher *f, struct bus *bus, struct poller *poller, struct dispatch **out,
                  struct error *err)
{
    struct link_options options = {.max_frame_bytes = LIMIT_HEAD_BYTES,
                                   .queue_messages = QUEUE_MESSAGES};
    struct dispatch *d = xcalloc(1, sizeof *d);
    int rc;

    d->fetcher = f;
    d->poller = poller;
    d->arena = arena_new();
    d->started_mono_ms = loop_mono_ms(f->loop);
    message_init(&d->out);
    self_init(&d->self);
    rc = bus_listen(bus, f->config->work, options, on_message, d, &d->link, err);
    if (rc < 0)
        goto out;
    d->timer = loop_add_timer(f->loop, HEARTBEAT_MS, HEARTBEAT_MS, on_timer, d);
    *out = d;
    d = NULL;
out:
    dispatch_close(d);
    return rc;
}

void dispatch_close(struct dispatch *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->peers.n; i++)
        say_bye(d, &d->peers.workers[i]->peer, "leaving", SPAN_NULL);
    loop_remove(d->fetcher->loop, d->timer);
    link_close(d->link);
    peers_fini(&d->peers);
    message_fini(&d->out);
    arena_free(d->arena);
    free(d);
}
