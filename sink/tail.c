/*
 * pollwatch-sink tail: the stream as NDJSON, without gap or duplicate.
 *
 *              REPLAY answered: nothing more, and the stream has shown nothing newer
 *     REPLAYING ────────────────────────────────────────────────────────────▶ LIVE
 *         ▲                                                                     │
 *         └──── a record or heartbeat beyond the next seq: something was lost ──┘
 *
 * `next_seq` is what comes next. The stream is subscribed to first. While replaying, live records
 * are only noted (how far the stream is); in LIVE a record with next_seq is printed, an older one
 * dropped, a newer one sends us back to REPLAYING. So a message that the stream dropped is fetched
 * from the sink's files, whichever way it was lost.
 */
#include "sink/commands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/bus.h"
#include "common/config.h"
#include "common/loop.h"
#include "common/mem.h"
#include "common/number.h"
#include "proto/limits.h"
#include "proto/message.h"
#include "sink/filter.h"
#include "sink/replay.h"
#include "sink/topic.h"
#include "sink/unpack.h"

#define TICK_MS 250

/* No answer to a REPLAY in this time: ask again. */
#define ASK_AGAIN_MS 2000

/* Nothing at all in this time: say so, and give up if only a replay was wanted. */
#define SILENCE_MS 10000

#define OUT_MAX_BYTES (6 * LIMIT_RECORD_BYTES + (size_t)4096)
#define LINGER_MS     0

enum tail_state { TAIL_REPLAYING, TAIL_LIVE };

struct tail_options {
    const char *config;
    const char *stream;
    const char *results;
    struct filter filter;
    bool from_given;
    uint64_t from_seq;
    bool follow;
    uint64_t count; /* 0: no end */
};

struct tail {
    const struct tail_options *o;
    const char *stream_endpoint;
    const char *results_endpoint;
    struct loop *loop;
    struct bus *bus;
    struct link_end *stream;
    struct link_end *results;
    enum tail_state state;
    uint64_t next_seq; /* 0: not known yet (live, nothing heard) */
    uint64_t live_seq; /* the newest that the stream has shown */
    bool asking;       /* a REPLAY is open, for asked_seq on */
    uint64_t asked_seq;
    uint64_t asked_ms;
    uint64_t heard_ms;
    bool silence_told;
    uint64_t printed;
    struct context *context;
    struct arena *arena;
    struct message message;
    struct buf out;
    int status;
};

static void finish(struct tail *t, int status)
{
    t->status = status;
    loop_stop(t->loop);
}

static void ask(struct tail *t)
{
    struct msg_replay head = {.from_seq = t->next_seq, .credit = REPLAY_MAX_RECORDS};
    struct error err;

    message_write(&t->message, MSG_REPLAY, &head, SPAN_NULL);
    if (link_send(t->results, NULL, t->message.frames, t->message.n, &err) < 0)
        return; /* not connected yet; the timer asks again */
    t->asking = true;
    t->asked_seq = t->next_seq;
    t->asked_ms = loop_mono_ms(t->loop);
}

static void set_state(struct tail *t, enum tail_state state)
{
    t->state = state;
    t->asking = false;
    if (state == TAIL_REPLAYING)
        ask(t);
}

static void print_line(struct tail *t, const struct unpacked *u)
{
    struct error err;

    buf_clear(&t->out);
    if (unpacked_json(u, &t->out, &err) < 0) {
        fprintf(stderr, "pollwatch-sink: %s\n", err.message);
        return;
    }
    if (fwrite(t->out.data, 1, t->out.n, stdout) != t->out.n || fflush(stdout) != 0) {
        fprintf(stderr, "pollwatch-sink: write standard output: %s\n", strerror(errno));
        finish(t, EX_IOERR);
        return;
    }
    t->printed++;
    if (t->printed == t->o->count)
        finish(t, EX_OK);
}

static bool is_finished(const struct tail *t)
{
    return t->status >= 0;
}

static void take_record(struct tail *t, uint64_t seq, struct span map)
{
    struct unpacked u;
    struct error err;

    t->next_seq = seq + 1;
    if (unpack_record(map, t->arena, &u, &err) < 0) {
        fprintf(stderr, "pollwatch-sink: record %" PRIu64 ": %s\n", seq, err.message);
        return;
    }
    context_add(t->context, &u, map);
    if (filter_matches(&t->o->filter, &u, context_find(t->context, &u)))
        print_line(t, &u);
}

/* The stream has shown that `seq` exists and is durable. */
static void saw_live(struct tail *t, uint64_t seq)
{
    if (seq > t->live_seq)
        t->live_seq = seq;
}

static void on_live_record(struct tail *t, uint64_t seq, struct span map)
{
    saw_live(t, seq);
    if (t->state != TAIL_LIVE)
        return;
    if (t->next_seq == 0 || seq == t->next_seq)
        take_record(t, seq, map);
    else if (seq > t->next_seq)
        set_state(t, TAIL_REPLAYING);
}

static void on_live_heartbeat(struct tail *t, const struct msg_heartbeat *head)
{
    saw_live(t, head->last_seq);
    if (t->state != TAIL_LIVE)
        return;
    if (t->next_seq == 0)
        t->next_seq = head->last_seq + 1;
    else if (head->last_seq >= t->next_seq)
        set_state(t, TAIL_REPLAYING);
}

static void note_heard(struct tail *t)
{
    t->heard_ms = loop_mono_ms(t->loop);
    t->silence_told = false;
}

static void on_stream(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct tail *t = arg;
    enum message_kind kind;
    union message_head head;
    struct span bulk;
    struct error err;

    (void)peer;
    if (is_finished(t) || n < 2)
        return;
    arena_reset(t->arena);
    if (message_read(frames + 1, n - 1, t->arena, &kind, &head, &bulk, &err) < 0) {
        fprintf(stderr, "pollwatch-sink: stream: %s\n", err.message);
        return;
    }
    note_heard(t);
    if (kind == MSG_RECORD)
        on_live_record(t, head.record.seq, bulk);
    else if (kind == MSG_HEARTBEAT)
        on_live_heartbeat(t, &head.heartbeat);
}

/* An answer that brings us no further is the end of what is on disk. */
static void on_caught_up(struct tail *t, uint64_t next_seq)
{
    bool further = next_seq > t->asked_seq;

    if (!t->asking)
        return;
    if (next_seq > t->next_seq)
        t->next_seq = next_seq; /* the files lack what is between */
    t->asking = false;
    if (further || t->live_seq >= t->next_seq)
        ask(t);
    else if (t->o->from_given && !t->o->follow)
        finish(t, EX_OK);
    else
        set_state(t, TAIL_LIVE);
}

static void on_compacted(struct tail *t, uint64_t first_seq)
{
    fprintf(stderr, "pollwatch-sink: records %" PRIu64 " to %" PRIu64 " are not kept any more\n",
            t->next_seq, first_seq - 1);
    t->next_seq = first_seq;
    ask(t);
}

static void on_replayed(struct tail *t, uint64_t seq, struct span map)
{
    if (t->state == TAIL_REPLAYING && seq >= t->next_seq)
        take_record(t, seq, map);
}

static void on_results(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct tail *t = arg;
    enum message_kind kind;
    union message_head head;
    struct span bulk;
    struct error err;

    (void)peer;
    if (is_finished(t))
        return;
    arena_reset(t->arena);
    if (message_read(frames, n, t->arena, &kind, &head, &bulk, &err) < 0) {
        fprintf(stderr, "pollwatch-sink: replay: %s\n", err.message);
        return;
    }
    note_heard(t);
    if (kind == MSG_RECORD)
        on_replayed(t, head.record.seq, bulk);
    else if (kind == MSG_CAUGHT_UP && t->state == TAIL_REPLAYING)
        on_caught_up(t, head.caught_up.next_seq);
    else if (kind == MSG_COMPACTED && t->state == TAIL_REPLAYING)
        on_compacted(t, head.compacted.first_seq);
    else if (kind == MSG_ERROR)
        fprintf(stderr, "pollwatch-sink: the sink says %.*s: %.*s\n", SPAN_ARG(head.error.reason),
                SPAN_ARG(head.error.detail));
}

static int dial(struct tail *t, struct error *err)
{
    struct link_options options = {.max_frame_bytes = LIMIT_RECORD_BYTES};

    return bus_dial(t->bus, t->results_endpoint, options, on_results, t, &t->results, err);
}

/* A late answer to what we asked before must not be taken for the answer to what we ask now. */
static void redial(struct tail *t)
{
    struct error err;

    link_close(t->results);
    t->results = NULL;
    t->asking = false;
    if (dial(t, &err) < 0) {
        fprintf(stderr, "pollwatch-sink: %s\n", err.message);
        finish(t, error_exit_status(&err));
    }
}

static void on_tick(void *arg)
{
    struct tail *t = arg;
    uint64_t now = loop_mono_ms(t->loop);

    if (t->state == TAIL_REPLAYING && t->asking && now - t->asked_ms > ASK_AGAIN_MS)
        redial(t);
    if (t->state == TAIL_REPLAYING && !t->asking && t->results)
        ask(t);
    if (now - t->heard_ms < SILENCE_MS || t->silence_told)
        return;
    t->silence_told = true;
    fprintf(stderr, "pollwatch-sink: nothing heard from %s for %d s\n",
            t->state == TAIL_LIVE ? t->stream_endpoint : t->results_endpoint, SILENCE_MS / 1000);
    if (t->o->from_given && !t->o->follow)
        finish(t, EX_UNAVAILABLE);
}

static void on_signal(void *arg, int signo)
{
    (void)signo;
    finish(arg, EX_OK);
}

static int open_links(struct tail *t, struct error *err)
{
    static const char *const topics[] = {"statement/", "finding/", TOPIC_HEARTBEAT, NULL};
    struct link_options options = {.max_frame_bytes = LIMIT_RECORD_BYTES};
    int rc = bus_follow(t->bus, t->stream_endpoint, options, topics, on_stream, t, &t->stream, err);

    return rc < 0 ? rc : dial(t, err);
}

static int follow(struct tail *t, struct error *err)
{
    int rc = loop_add_signal(t->loop, SIGTERM, on_signal, t, err);

    if (rc == 0)
        rc = loop_add_signal(t->loop, SIGINT, on_signal, t, err);
    if (rc < 0)
        return rc;
    t->bus = bus_new(t->loop, "zmq");
    rc = open_links(t, err);
    if (rc == 0) {
        loop_add_timer(t->loop, TICK_MS, TICK_MS, on_tick, t);
        t->heard_ms = loop_mono_ms(t->loop);
        set_state(t, t->o->from_given ? TAIL_REPLAYING : TAIL_LIVE);
        rc = loop_run(t->loop, err);
    }
    link_close(t->stream);
    link_close(t->results);
    bus_free(t->bus, LINGER_MS);
    return rc;
}

static int run(const struct tail_options *o, const struct config *config)
{
    struct tail t = {.o = o,
                     .stream_endpoint = o->stream ? o->stream : config->sink.stream,
                     .results_endpoint = o->results ? o->results : config->sink.results,
                     .next_seq = o->from_given ? o->from_seq : 0,
                     .status = -1};
    struct error err;
    int status;

    t.loop = loop_new();
    t.context = context_new();
    t.arena = arena_new();
    message_init(&t.message);
    buf_init(&t.out, OUT_MAX_BYTES);
    if (follow(&t, &err) < 0) {
        fprintf(stderr, "pollwatch-sink: %s\n", err.message);
        t.status = error_exit_status(&err);
    }
    status = t.status;
    loop_free(t.loop);
    context_free(t.context);
    arena_free(t.arena);
    message_fini(&t.message);
    buf_fini(&t.out);
    return status;
}

static const char usage[] =
    "usage: pollwatch-sink tail [-c FILE] [--endpoint ENDPOINT] [--results ENDPOINT]\n"
    "                           [--filter EXPR] [--from SEQ] [--follow] [--count N]\n"
    "\n"
    "Prints the findings stream as NDJSON. Without --from it starts with what comes next and\n"
    "goes on; with --from it prints what is kept from there on, and ends unless --follow.\n"
    "\n"
    "  -c, --config FILE        takes the endpoints from pollwatch.yaml\n"
    "      --endpoint ENDPOINT  the sink's stream\n"
    "      --results ENDPOINT   where the sink answers replays\n"
    "      --filter EXPR        key=value,...; keys country, issuer, topic, polarity, type;\n"
    "                           a trailing * stands for any rest\n"
    "      --from SEQ           first record; 1 or 0: all\n"
    "      --follow             go on when all is printed\n"
    "      --count N            end after N records\n"
    "  -h, --help               this text\n";

enum { OPT_ENDPOINT = 256, OPT_RESULTS, OPT_FILTER, OPT_FROM, OPT_FOLLOW, OPT_COUNT };

static int usage_error(const char *what, const char *value)
{
    fprintf(stderr, "pollwatch-sink: %s: \"%s\"\n%s", what, value, usage);
    return EX_USAGE;
}

/* Returns -1 to go on, or an exit status. */
static int take_option(int opt, struct tail_options *o)
{
    struct error err;

    switch (opt) {
    case 'c':
        o->config = optarg;
        return -1;
    case OPT_ENDPOINT:
        o->stream = optarg;
        return -1;
    case OPT_RESULTS:
        o->results = optarg;
        return -1;
    case OPT_FILTER:
        if (filter_read(span_of_str(optarg), &o->filter, &err) == 0)
            return -1;
        return usage_error(err.message, optarg);
    case OPT_FROM:
        o->from_given = true;
        if (number_read(span_of_str(optarg), 0, INT64_MAX, &o->from_seq))
            return -1;
        return usage_error("--from takes a number", optarg);
    case OPT_FOLLOW:
        o->follow = true;
        return -1;
    case OPT_COUNT:
        if (number_read(span_of_str(optarg), 1, INT64_MAX, &o->count))
            return -1;
        return usage_error("--count takes a number", optarg);
    case 'h':
        fputs(usage, stdout);
        return EX_OK;
    default:
        fputs(usage, stderr);
        return EX_USAGE;
    }
}

static int read_options(int argc, char **argv, struct tail_options *o)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"endpoint", required_argument, NULL, OPT_ENDPOINT},
        {"results", required_argument, NULL, OPT_RESULTS},
        {"filter", required_argument, NULL, OPT_FILTER},
        {"from", required_argument, NULL, OPT_FROM},
        {"follow", no_argument, NULL, OPT_FOLLOW},
        {"count", required_argument, NULL, OPT_COUNT},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int opt;

    while ((opt = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        int status = take_option(opt, o);

        if (status >= 0)
            return status;
    }
    if (optind < argc)
        return usage_error("tail takes no argument", argv[optind]);
    return -1;
}

int tail_main(int argc, char **argv)
{
    struct tail_options o = {0};
    struct config *config = NULL;
    struct buf problems;
    struct error err;
    int status = read_options(argc, argv, &o);

    if (status >= 0)
        return status;
    buf_init(&problems, (size_t)64 * 1024);
    if (config_load(o.config, &config, &problems, &err) < 0) {
        fprintf(stderr, "%.*s", SPAN_ARG(buf_span(&problems)));
        if (problems.n == 0)
            fprintf(stderr, "pollwatch-sink: %s\n", err.message);
        status = error_exit_status(&err);
    } else {
        status = run(&o, config);
    }
    config_free(config);
    buf_fini(&problems);
    return status;
}
