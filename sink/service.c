/*
 * One loop, one thread. The life of a result:
 *
 *     on_message -> on_result -> commit_add()          in the turn in which it arrives
 *     settle -> commit_settle() -> publish, COMMITTED  before the loop sleeps
 *
 * An answer that can't be sent (the peer is gone or its queue full) is dropped: the parser sends
 * the result again and is told that it is a duplicate.
 */
#include "sink/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/file.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/timestamp.h"
#include "proto/limits.h"
#include "proto/message.h"
#include "sink/commit.h"
#include "sink/peers.h"
#include "sink/publish.h"
#include "sink/replay.h"
#include "sink/store.h"

#define HEARTBEAT_MS 1000

/* A replay's answer and a parser's acknowledgements fit. */
#define QUEUE_MESSAGES 2000

/* More than this is settled at once, not at the end of the turn. */
#define SETTLE_BYTES ((size_t)16 * 1024 * 1024)

#define NAME_BYTES      128
#define INSTANCE_DIGITS 16

/* A COMMITTED that waits for the turn's fdatasync. */
struct answer {
    struct peer peer;
    struct lease lease;
    struct span fetcher; /* in the turn's arena */
    struct commit_outcome outcome;
};

struct sink {
    struct loop *loop;
    struct link_end *results;
    struct publisher *publisher;
    struct loop_watch *heartbeat;
    struct store *store;
    struct index *ix;
    struct commit *commit;
    struct peers peers;
    struct message message;
    struct arena *message_arena;
    struct arena *turn_arena;
    struct answer *answers;
    size_t answers_n;
    size_t answers_cap;
    int lock_fd;
    uint64_t started_ms;
    uint64_t duplicates;
    char name[NAME_BYTES];
    char instance[INSTANCE_DIGITS + 1];
    bool failed;
    struct error failure;
};

static void log_damage(void *arg, const char *path, uint64_t offset, const char *reason)
{
    (void)arg;
    log_warn("segment.damage", KV_STR("file", path), KV_U64("offset", offset),
             KV_STR("reason", reason), KV_STR("so", "passed over"));
}

/* Storage can't be trusted any more: nothing is acknowledged from here on. */
static void fail(struct sink *s, const struct error *err)
{
    if (s->failed)
        return;
    s->failed = true;
    s->failure = *err;
    log_error("sink.storage_failed", KV_ERR(err),
              KV_STR("so", "stopping; unacknowledged results stay with their parsers"));
    loop_stop(s->loop);
}

static void send_to(struct sink *s, const struct peer *peer, enum message_kind kind,
                    const void *head, struct span bulk)
{
    struct error err;

    message_write(&s->message, kind, head, bulk);
    if (link_send(s->results, peer, s->message.frames, s->message.n, &err) < 0)
        log_debug("sink.answer_dropped", KV_STR("kind", message_type(kind)->name), KV_ERR(&err));
}

static void send_bye(struct sink *s, const struct peer *peer, const char *reason,
                     const char *detail)
{
    struct msg_bye bye = {span_of_str(reason), span_of_str(detail)};

    send_to(s, peer, MSG_BYE, &bye, SPAN_NULL);
    peers_remove(&s->peers, peer);
}

static void send_error(struct sink *s, const struct peer *peer, const char *reason,
                       const char *detail)
{
    struct msg_error error = {span_of_str(reason), span_of_str(detail)};

    send_to(s, peer, MSG_ERROR, &error, SPAN_NULL);
}

static void send_answer(struct sink *s, const struct answer *a)
{
    struct msg_committed head = {.lease = a->lease,
                                 .fetcher = a->fetcher,
                                 .first_seq = a->outcome.first_seq,
                                 .records = a->outcome.records,
                                 .duplicate = a->outcome.duplicate};

    send_to(s, &a->peer, MSG_COMMITTED, &head, SPAN_NULL);
}

static void publish_one(void *arg, struct span topic, uint64_t seq, struct span map)
{
    struct sink *s = arg;

    publish_record(s->publisher, topic, seq, map);
}

/* Makes durable what the turn brought, then answers and publishes it. */
static void settle(void *arg)
{
    struct sink *s = arg;
    struct error err;

    if (s->failed)
        return;
    if (commit_settle(s->commit, publish_one, s, &err) < 0) {
        fail(s, &err);
        return;
    }
    for (size_t i = 0; i < s->answers_n; i++)
        send_answer(s, &s->answers[i]);
    s->answers_n = 0;
    arena_reset(s->turn_arena);
    if (store_rotate(s->store, loop_mono_ms(s->loop), &err) < 0)
        fail(s, &err);
}

static void on_hello(struct sink *s, const struct peer *peer, const union message_head *head,
                     struct span bulk)
{
    struct msg_hello reply = {.role = SPAN_LIT("sink"),
                              .name = span_of_str(s->name),
                              .instance = span_of_str(s->instance),
                              .software = SPAN_LIT(POLLWATCH_VERSION),
                              .heartbeat_ms = HEARTBEAT_MS,
                              .last_seq = store_last_seq(s->store)};

    (void)bulk;
    peers_add(&s->peers, peer, loop_mono_ms(s->loop));
    log_info("peer.hello", KV_SPAN("role", head->hello.role), KV_SPAN("name", head->hello.name),
             KV_SPAN("software", head->hello.software));
    send_to(s, peer, MSG_HELLO, &reply, SPAN_NULL);
}

/* Those who have not said HELLO are asked to: they may have missed that the sink is a new one. */
static bool is_known(struct sink *s, const struct peer *peer)
{
    if (peers_heard(&s->peers, peer, loop_mono_ms(s->loop)))
        return true;
    send_bye(s, peer, "unknown_peer", "say HELLO first");
    return false;
}

static void refuse_result(struct sink *s, const struct peer *peer, const struct msg_result *result,
                          const struct error *err)
{
    struct msg_fail head = {.lease = result->lease,
                            .reason = SPAN_LIT("bad_result"),
                            .detail = span_of_str(err->message),
                            .permanent = true};

    log_warn("result.refused", KV_SPAN("statement_id", result->statement_id),
             KV_U64("task_id", result->lease.task_id), KV_ERR(err));
    send_to(s, peer, MSG_FAIL, &head, SPAN_NULL);
}

static void add_answer(struct sink *s, const struct peer *peer, const struct msg_result *result,
                       const struct commit_outcome *outcome)
{
    s->answers = xgrow(s->answers, &s->answers_cap, s->answers_n + 1, sizeof *s->answers);
    s->answers[s->answers_n++] =
        (struct answer){.peer = *peer,
                        .lease = result->lease,
                        .fetcher = arena_copy(s->turn_arena, result->fetcher),
                        .outcome = *outcome};
    s->duplicates += outcome->duplicate;
}

static void on_result(struct sink *s, const struct peer *peer, const union message_head *head,
                      struct span bulk)
{
    const struct msg_result *result = &head->result;
    struct commit_outcome outcome;
    struct error err;
    int rc;

    if (!is_known(s, peer))
        return;
    rc = commit_add(s->commit, result, bulk, &outcome, &err);
    if (rc == ERR_SYS || rc == ERR_STATE) {
        fail(s, &err);
        return;
    }
    if (rc < 0) {
        refuse_result(s, peer, result, &err);
        return;
    }
    log_debug("result.taken", KV_SPAN("statement_id", result->statement_id),
              KV_U64("task_id", result->lease.task_id), KV_U64("first_seq", outcome.first_seq),
              KV_U64("records", outcome.records), KV_U64("duplicate", outcome.duplicate));
    add_answer(s, peer, result, &outcome);
    if (commit_pending_bytes(s->commit) > SETTLE_BYTES)
        settle(s);
}

static struct msg_heartbeat heartbeat_now(const struct sink *s)
{
    return (struct msg_heartbeat){.last_seq = store_last_seq(s->store),
                                  .first_seq = store_first_seq(s->store)};
}

static void on_heartbeat(struct sink *s, const struct peer *peer, const union message_head *head,
                         struct span bulk)
{
    struct msg_heartbeat reply = heartbeat_now(s);

    (void)head;
    (void)bulk;
    if (is_known(s, peer))
        send_to(s, peer, MSG_HEARTBEAT, &reply, SPAN_NULL);
}

static void on_bye(struct sink *s, const struct peer *peer, const union message_head *head,
                   struct span bulk)
{
    (void)bulk;
    log_info("peer.bye", KV_SPAN("reason", head->bye.reason));
    peers_remove(&s->peers, peer);
}

static void on_status(struct sink *s, const struct peer *peer, const union message_head *head,
                      struct span bulk)
{
    struct index_counts counts = index_counts(s->ix);
    struct msg_status reply = {.role = SPAN_LIT("sink")};

    (void)head;
    (void)bulk;
    reply.json = arena_printf(
        s->message_arena,
        "{\"role\":\"sink\",\"last_seq\":%" PRIu64 ",\"first_seq\":%" PRIu64
        ",\"statements\":%" PRIu64 ",\"findings\":%" PRIu64
        ",\"segments\":%zu,\"peers\":%zu,\"duplicates\":%" PRIu64 ",\"uptime_s\":%" PRIu64 "}",
        store_last_seq(s->store), store_first_seq(s->store), counts.statements, counts.findings,
        store_segments(s->store), s->peers.n, s->duplicates,
        (loop_mono_ms(s->loop) - s->started_ms) / 1000);
    send_to(s, peer, MSG_STATUS, &reply, SPAN_NULL);
}

struct replay_to {
    struct sink *sink;
    const struct peer *peer;
};

static bool send_record(void *arg, uint64_t seq, struct span map)
{
    const struct replay_to *to = arg;
    struct msg_record head = {.seq = seq};
    struct error err;

    message_write(&to->sink->message, MSG_RECORD, &head, map);
    return link_send(to->sink->results, to->peer, to->sink->message.frames, to->sink->message.n,
                     &err) == 0;
}

static void on_replay(struct sink *s, const struct peer *peer, const union message_head *head,
                      struct span bulk)
{
    uint64_t first_seq = store_first_seq(s->store);
    uint64_t from_seq = head->replay.from_seq ? head->replay.from_seq : first_seq;
    struct msg_compacted compacted = {first_seq};
    struct msg_caught_up caught_up;
    struct replay_to to = {s, peer};
    struct error err;

    (void)bulk;
    if (from_seq < first_seq) {
        send_to(s, peer, MSG_COMPACTED, &compacted, SPAN_NULL);
        return;
    }
    if (replay(s->store, s->ix, from_seq, head->replay.credit, send_record, &to,
               &caught_up.next_seq, &err) < 0) {
        log_warn("replay.failed", KV_U64("from_seq", from_seq), KV_ERR(&err));
        send_error(s, peer, "storage", err.message);
        return;
    }
    send_to(s, peer, MSG_CAUGHT_UP, &caught_up, SPAN_NULL);
}

typedef void handler_fn(struct sink *s, const struct peer *peer, const union message_head *head,
                        struct span bulk);

/* What a peer may send to a sink. */
static handler_fn *const handlers[MSG_KIND_COUNT] = {
    [MSG_HELLO] = on_hello, [MSG_RESULT] = on_result, [MSG_HEARTBEAT] = on_heartbeat,
    [MSG_BYE] = on_bye,     [MSG_STATUS] = on_status, [MSG_REPLAY] = on_replay,
};

/* A message that can't be read costs its sender the conversation; an unknown kind, nothing. */
static void refuse_message(struct sink *s, const struct peer *peer, int code,
                           const struct error *err)
{
    const char *reason = "malformed";

    if (code == ERR_VERSION)
        reason = "version";
    else if (code == ERR_LIMIT)
        reason = "too_large";
    else if (code == ERR_UNSUPPORTED)
        reason = "unsupported";
    log_warn("message.refused", KV_STR("reason", reason), KV_ERR(err),
             KV_STR("so", "dropped; the peer was told"));
    if (code == ERR_UNSUPPORTED)
        send_error(s, peer, reason, err->message);
    else
        send_bye(s, peer, reason, err->message);
}

static void on_message(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct sink *s = arg;
    enum message_kind kind;
    union message_head head;
    struct span bulk;
    struct error err;
    int rc;

    if (s->failed)
        return;
    arena_reset(s->message_arena);
    rc = message_read(frames, n, s->message_arena, &kind, &head, &bulk, &err);
    if (rc == 0 && !handlers[kind])
        rc = error_set(&err, ERR_UNSUPPORTED, "a sink takes no %s", message_type(kind)->name);
    if (rc < 0)
        refuse_message(s, peer, rc, &err);
    else
        handlers[kind](s, peer, &head, bulk);
}

static void on_heartbeat_timer(void *arg)
{
    struct sink *s = arg;
    struct msg_heartbeat now = heartbeat_now(s);

    publish_heartbeat(s->publisher, now.first_seq, now.last_seq);
    peers_expire(&s->peers, loop_mono_ms(s->loop));
}

static void name_self(struct sink *s)
{
    char host[64] = "";
    uint64_t random = 0;

    if (gethostname(host, sizeof host - 1) < 0)
        host[0] = '\0';
    snprintf(s->name, sizeof s->name, "%s:%ld", host, (long)getpid());
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = wall_ms() ^ (uint64_t)getpid() << 48;
    snprintf(s->instance, sizeof s->instance, "%016" PRIx64, random);
}

static char *path_in(const char *dir, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s", dir, name) < 0)
        abort();
    return path;
}

static int open_index(struct sink *s, const struct config_sink *config, struct error *err)
{
    char *path = path_in(config->dir, "index.sqlite");
    bool moved;
    int rc = index_open(path, &moved, &s->ix, err);

    if (rc == 0 && moved)
        log_warn("index.damaged", KV_STR("file", path),
                 KV_STR("so", "moved aside; a new one is built from the segments"));
    free(path);
    return rc;
}

static int open_store(struct sink *s, const struct config_sink *config, struct error *err)
{
    char *dir = path_in(config->dir, "findings");
    struct store_options o = {.dir = dir,
                              .ndjson = config->ndjson,
                              .segment_bytes = config->segment_bytes,
                              .segment_age_ms = config->segment_age_ms,
                              .damage = log_damage};
    int rc = store_open(&o, index_counts(s->ix).last_seq, &s->store, err);

    if (rc == 0 && store_cut_bytes(s->store) > 0)
        log_warn("segment.torn_tail", KV_STR("dir", dir),
                 KV_U64("bytes", store_cut_bytes(s->store)),
                 KV_STR("so", "cut; none of it was acknowledged"));
    free(dir);
    return rc;
}

/* Brings the index up to what the segments hold. */
static int catch_up(struct sink *s, struct error *err)
{
    size_t n = store_segments(s->store);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++) {
        char *path;
        char *next_path = NULL;
        uint64_t first_seq = store_segment(s->store, i, &path);
        uint64_t next =
            i + 1 < n ? store_segment(s->store, i + 1, &next_path) : store_next_seq(s->store);

        if (next - 1 > index_counts(s->ix).last_seq)
            rc = index_catch_up(s->ix, path, first_seq, log_damage, NULL, err);
        free(path);
        free(next_path);
    }
    return rc;
}

static int open_storage(struct sink *s, const struct config_sink *config, struct error *err)
{
    int rc = dir_make(config->dir, err);

    if (rc == 0)
        rc = dir_lock(config->dir, &s->lock_fd, err);
    if (rc == 0)
        rc = open_index(s, config, err);
    if (rc == 0)
        rc = open_store(s, config, err);
    if (rc == 0)
        rc = catch_up(s, err);
    if (rc == 0)
        s->commit = commit_new(s->store, s->ix);
    return rc;
}

static int open_links(struct sink *s, struct bus *bus, const struct config_sink *config,
                      struct error *err)
{
    struct link_options options = {.max_frame_bytes = LIMIT_RESULT_BYTES,
                                   .queue_messages = QUEUE_MESSAGES};
    int rc = bus_listen(bus, config->results, options, on_message, s, &s->results, err);

    if (rc == 0)
        rc = publisher_open(bus, config->stream, &s->publisher, err);
    return rc;
}

int sink_open(struct loop *loop, struct bus *bus, const struct config_sink *config,
              struct sink **out, struct error *err)
{
    struct sink *s = xcalloc(1, sizeof *s);
    int rc;

    s->loop = loop;
    s->lock_fd = -1;
    s->message_arena = arena_new();
    s->turn_arena = arena_new();
    message_init(&s->message);
    name_self(s);
    rc = open_storage(s, config, err);
    if (rc == 0)
        rc = open_links(s, bus, config, err);
    if (rc < 0) {
        sink_close(s);
        return rc;
    }
    s->started_ms = loop_mono_ms(loop);
    s->heartbeat = loop_add_timer(loop, HEARTBEAT_MS, HEARTBEAT_MS, on_heartbeat_timer, s);
    loop_set_before_sleep(loop, settle, s);
    log_info("sink.started", KV_STR("results", link_endpoint(s->results)),
             KV_STR("stream", publisher_endpoint(s->publisher)), KV_STR("dir", config->dir),
             KV_U64("last_seq", store_last_seq(s->store)),
             KV_U64("statements", index_counts(s->ix).statements));
    *out = s;
    return 0;
}

int sink_stop(struct sink *s, struct error *err)
{
    int rc = 0;

    settle(s);
    if (s->failed) {
        *err = s->failure;
        return err->code;
    }
    rc = store_seal(s->store, err);
    for (size_t i = s->peers.n; i-- > 0;) {
        struct peer peer = s->peers.items[i].id;

        send_bye(s, &peer, "leaving", NULL);
    }
    return rc;
}

void sink_close(struct sink *s)
{
    if (!s)
        return;
    loop_set_before_sleep(s->loop, NULL, NULL);
    loop_remove(s->loop, s->heartbeat);
    link_close(s->results);
    publisher_close(s->publisher);
    commit_free(s->commit);
    store_close(s->store);
    index_close(s->ix);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    message_fini(&s->message);
    arena_free(s->message_arena);
    arena_free(s->turn_arena);
    free(s->answers);
    free(s);
}

uint64_t sink_last_seq(const struct sink *s)
{
    return store_last_seq(s->store);
}
