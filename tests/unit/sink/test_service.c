#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample.h"
#include "sink/service.h"

#define RESULTS "mem://results"
#define STREAM  "mem://stream"

/* What a parser or consumer at the other end has heard. */
struct heard {
    int n;
    enum message_kind kinds[64];
    union message_head heads[64];
    struct span bulks[64];
    char topics[64][96];
};

static char dir[64];
static struct arena *arena;
static struct buf packed;
static struct error err;
static struct loop *loop;
static struct bus *bus;
static struct sink *sink;
static struct link_end *parser;
static struct link_end *subscriber;
static struct heard answers;
static struct heard stream;

static struct span keep(struct span s)
{
    return arena_copy(arena, s);
}

/* Heads point into the message, which is lent; so read them from a copy. */
static void note(struct heard *h, const struct span *frames, size_t n)
{
    struct span copies[LINK_FRAMES_MAX];

    for (size_t i = 0; i < n; i++)
        copies[i] = keep(frames[i]);
    cr_assert_lt(h->n, 64);
    cr_assert_eq(
        message_read(copies, n, arena, &h->kinds[h->n], &h->heads[h->n], &h->bulks[h->n], &err), 0,
        "%s", err.message);
    h->n++;
}

static void on_answer(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    (void)arg;
    (void)peer;
    note(&answers, frames, n);
}

static void on_stream(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    (void)arg;
    (void)peer;
    snprintf(stream.topics[stream.n], sizeof stream.topics[0], "%.*s", SPAN_ARG(frames[0]));
    note(&stream, frames + 1, n - 1);
}

static void open_sink(void)
{
    static const char *const everything[] = {"", NULL};
    struct config_sink config = {.results = RESULTS,
                                 .stream = STREAM,
                                 .dir = dir,
                                 .segment_bytes = 1 << 20,
                                 .segment_age_ms = 3600000};
    struct link_options options = {.max_frame_bytes = 1 << 24};

    loop = loop_new();
    bus = bus_new(loop, "mem");
    cr_assert_eq(sink_open(loop, bus, &config, &sink, &err), 0, "%s", err.message);
    cr_assert_eq(bus_dial(bus, RESULTS, options, on_answer, NULL, &parser, &err), 0, "%s",
                 err.message);
    cr_assert_eq(bus_follow(bus, STREAM, options, everything, on_stream, NULL, &subscriber, &err),
                 0, "%s", err.message);
}

static void close_sink(void)
{
    sink_close(sink);
    link_close(parser);
    link_close(subscriber);
    bus_free(bus, 0);
    loop_free(loop);
}

static void setup(void)
{
    make_dir(dir);
    arena = arena_new();
    buf_init(&packed, 1 << 20);
    open_sink();
}

static void teardown(void)
{
    close_sink();
    buf_fini(&packed);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(service, .init = setup, .fini = teardown, .timeout = 60);

static void send_frames(const struct span *frames, size_t n)
{
    cr_assert_eq(link_send(parser, NULL, frames, n, &err), 0, "%s", err.message);
}

static void send_message(enum message_kind kind, const void *head, struct span bulk)
{
    struct message m;

    message_init(&m);
    message_write(&m, kind, head, bulk);
    send_frames(m.frames, m.n);
    message_fini(&m);
}

static void turn_until(const struct heard *h, int n)
{
    while (h->n < n)
        cr_assert_eq(loop_turn(loop, 100, &err), 0, "%s", err.message);
}

static void say_hello(void)
{
    struct msg_hello hello = {.role = SPAN_LIT("parser"),
                              .name = SPAN_LIT("test"),
                              .instance = SPAN_LIT("0123456789abcdef"),
                              .software = SPAN_LIT("0"),
                              .heartbeat_ms = 1000};

    send_message(MSG_HELLO, &hello, SPAN_NULL);
    turn_until(&answers, answers.n + 1);
}

static void send_result(struct sample s)
{
    struct msg_result head;

    sample_pack(&s, &packed, &head, arena);
    send_message(MSG_RESULT, &head, buf_span(&packed));
}

static const union message_head *last(enum message_kind kind)
{
    cr_assert_gt(answers.n, 0);
    cr_assert_eq(answers.kinds[answers.n - 1], kind, "got %s",
                 message_type(answers.kinds[answers.n - 1])->name);
    return &answers.heads[answers.n - 1];
}

Test(service, hello_is_answered_with_the_last_seq)
{
    say_hello();

    cr_assert(span_equal_str(last(MSG_HELLO)->hello.role, "sink"));
    cr_assert_eq(last(MSG_HELLO)->hello.last_seq, 0);
}

Test(service, a_result_is_committed_and_published)
{
    say_hello();
    send_result((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    turn_until(&answers, 2);
    turn_until(&stream, 3);

    cr_assert_eq(last(MSG_COMMITTED)->committed.first_seq, 1);
    cr_assert_eq(last(MSG_COMMITTED)->committed.records, 3);
    cr_assert(!last(MSG_COMMITTED)->committed.duplicate);
    cr_assert_eq(last(MSG_COMMITTED)->committed.lease.task_id, 1);
    cr_assert(span_equal_str(last(MSG_COMMITTED)->committed.fetcher, "0123456789abcdef"));
    cr_assert_str_eq(stream.topics[0], "statement/KZ/osce-odihr");
    cr_assert_eq(stream.heads[2].record.seq, 3);
    cr_assert_gt(stream.bulks[2].n, 0);
}

Test(service, a_redelivery_is_committed_as_a_duplicate_and_not_published)
{
    say_hello();
    send_result((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    send_result((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    send_result((struct sample){2, 2, 2, 5, 0, NULL, NULL});
    turn_until(&answers, 4);
    turn_until(&stream, 4);

    cr_assert(answers.heads[2].committed.duplicate);
    cr_assert_eq(answers.heads[2].committed.first_seq, 1);
    cr_assert_eq(answers.heads[3].committed.first_seq, 4);
    cr_assert_eq(stream.heads[3].record.seq, 4);
}

Test(service, a_stranger_is_asked_to_say_hello)
{
    send_result((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    turn_until(&answers, 1);

    cr_assert(span_equal_str(last(MSG_BYE)->bye.reason, "unknown_peer"));
}

Test(service, a_bad_result_fails_for_good_and_the_service_lives)
{
    struct msg_result head;

    say_hello();
    sample_pack(&(struct sample){1, 1, 1, 1, 2, NULL, NULL}, &packed, &head, arena);
    send_message(MSG_RESULT, &head, span_of(packed.data, packed.n / 2));
    turn_until(&answers, 2);
    cr_assert(span_equal_str(last(MSG_FAIL)->fail.reason, "bad_result"));
    cr_assert(last(MSG_FAIL)->fail.permanent);
    cr_assert_eq(last(MSG_FAIL)->fail.lease.task_id, 1);

    send_message(MSG_RESULT, &head, buf_span(&packed));
    turn_until(&answers, 3);
    cr_assert_eq(last(MSG_COMMITTED)->committed.first_seq, 1);
}

Test(service, nonsense_is_answered_with_its_reason)
{
    struct span other_version[] = {SPAN_LIT("\x01\x63"), SPAN_LIT("\x80")};
    struct span unknown_kind[] = {SPAN_LIT("\x63\x01"), SPAN_LIT("\x80")};
    struct span no_map[] = {SPAN_LIT("\x01\x01"), SPAN_LIT("\xa1x")};
    struct span one_frame[] = {SPAN_LIT("hello")};

    send_frames(other_version, 2);
    turn_until(&answers, 1);
    cr_assert(span_equal_str(last(MSG_BYE)->bye.reason, "version"));
    send_frames(unknown_kind, 2);
    turn_until(&answers, 2);
    cr_assert(span_equal_str(last(MSG_ERROR)->error.reason, "unsupported"));
    send_frames(no_map, 2);
    turn_until(&answers, 3);
    cr_assert(span_equal_str(last(MSG_BYE)->bye.reason, "malformed"));
    send_frames(one_frame, 1);
    turn_until(&answers, 4);
    cr_assert(span_equal_str(last(MSG_BYE)->bye.reason, "malformed"));
    say_hello();
}

Test(service, an_oversized_head_is_refused)
{
    static char big[70000];
    struct span frames[] = {SPAN_LIT("\x01\x01"), {big, sizeof big}};

    send_frames(frames, 2);
    turn_until(&answers, 1);

    cr_assert(span_equal_str(last(MSG_BYE)->bye.reason, "too_large"));
}

Test(service, what_a_sink_does_not_take_is_refused)
{
    struct msg_credit credit = {.messages = 1};

    send_message(MSG_CREDIT, &credit, SPAN_NULL);
    turn_until(&answers, 1);

    cr_assert(span_equal_str(last(MSG_ERROR)->error.reason, "unsupported"));
}

Test(service, status_is_json_with_the_counters)
{
    struct msg_status question = {.role = SPAN_LIT("sink")};
    json_t *status;

    say_hello();
    send_result((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    send_result((struct sample){1, 1, 1, 1, 2, NULL, NULL});
    turn_until(&answers, 3);
    send_message(MSG_STATUS, &question, SPAN_NULL);
    turn_until(&answers, 4);

    status = json_loadb(last(MSG_STATUS)->status.json.p, last(MSG_STATUS)->status.json.n, 0, NULL);
    cr_assert(status);
    cr_assert_str_eq(json_string_value(json_object_get(status, "role")), "sink");
    cr_assert_eq(json_integer_value(json_object_get(status, "last_seq")), 3);
    cr_assert_eq(json_integer_value(json_object_get(status, "statements")), 1);
    cr_assert_eq(json_integer_value(json_object_get(status, "findings")), 2);
    cr_assert_eq(json_integer_value(json_object_get(status, "segments")), 1);
    cr_assert_eq(json_integer_value(json_object_get(status, "duplicates")), 1);
    json_decref(status);
}

static void ask_replay(uint64_t from_seq, uint32_t credit)
{
    struct msg_replay replay = {from_seq, credit};

    send_message(MSG_REPLAY, &replay, SPAN_NULL);
}

static void commit_some(void)
{
    say_hello();
    for (int i = 1; i <= 4; i++)
        send_result((struct sample){i, i, i, i * 10, 2, NULL, NULL});
    turn_until(&answers, 5);
    answers.n = 0;
}

Test(service, a_replay_gives_what_is_asked_and_where_to_go_on)
{
    commit_some();

    ask_replay(5, 3);
    turn_until(&answers, 4);
    for (uint64_t i = 0; i < 3; i++)
        cr_assert_eq(answers.heads[i].record.seq, 5 + i);
    cr_assert_eq(last(MSG_CAUGHT_UP)->caught_up.next_seq, 8);
    ask_replay(8, 500);
    turn_until(&answers, 10);
    cr_assert_eq(last(MSG_CAUGHT_UP)->caught_up.next_seq, 13);
    ask_replay(13, 500);
    turn_until(&answers, 11);

    cr_assert_eq(last(MSG_CAUGHT_UP)->caught_up.next_seq, 13, "nothing more");
}

Test(service, a_replay_gives_the_bytes_that_were_published)
{
    commit_some();
    turn_until(&stream, 12);
    ask_replay(1, 500);
    turn_until(&answers, 13);

    for (int i = 0; i < 12; i++)
        cr_assert(span_equal(answers.bulks[i], stream.bulks[i]), "record %d", i + 1);
}

Test(service, a_replay_goes_over_segments_and_restarts)
{
    commit_some();
    cr_assert_eq(sink_stop(sink, &err), 0, "%s", err.message);
    close_sink();
    open_sink();
    answers.n = 0;
    say_hello();
    send_result((struct sample){9, 9, 9, 90, 0, NULL, NULL});
    turn_until(&answers, 2);
    answers.n = 0;

    ask_replay(0, 500);
    turn_until(&answers, 14);

    for (uint64_t i = 0; i < 13; i++)
        cr_assert_eq(answers.heads[i].record.seq, 1 + i);
    cr_assert_eq(last(MSG_CAUGHT_UP)->caught_up.next_seq, 14);
}

Test(service, what_retention_has_removed_is_told)
{
    commit_some();
    cr_assert_eq(sink_stop(sink, &err), 0, "%s", err.message);
    close_sink();
    open_sink();
    answers.n = 0;
    say_hello();
    send_result((struct sample){9, 9, 9, 90, 0, NULL, NULL});
    turn_until(&answers, 2);
    cr_assert_eq(sink_stop(sink, &err), 0, "%s", err.message);
    close_sink();
    cr_assert_eq(remove(in_dir(dir, "findings/00000000000000000001.msgpack")), 0);
    cr_assert_eq(remove(in_dir(dir, "findings/00000000000000000001.json")), 0);
    open_sink();
    answers.n = 0;

    ask_replay(1, 500);
    turn_until(&answers, 1);

    cr_assert_eq(last(MSG_COMPACTED)->compacted.first_seq, 13);
}

Test(service, the_stream_has_a_heartbeat)
{
    turn_until(&stream, 1);

    cr_assert_str_eq(stream.topics[0], "heartbeat");
    cr_assert_eq(stream.kinds[0], MSG_HEARTBEAT);
    cr_assert_eq(stream.heads[0].heartbeat.last_seq, 0);
    cr_assert_eq(stream.heads[0].heartbeat.first_seq, 1);
}

Test(service, a_heartbeat_is_answered_and_a_stranger_s_is_not)
{
    struct msg_heartbeat heartbeat = {0};

    send_message(MSG_HEARTBEAT, &heartbeat, SPAN_NULL);
    turn_until(&answers, 1);
    cr_assert(span_equal_str(last(MSG_BYE)->bye.reason, "unknown_peer"));
    say_hello();
    send_message(MSG_HEARTBEAT, &heartbeat, SPAN_NULL);
    turn_until(&answers, 3);

    cr_assert_eq(last(MSG_HEARTBEAT)->heartbeat.last_seq, 0);
}

Test(service, a_clean_stop_leaves_nothing_open)
{
    commit_some();

    cr_assert_eq(sink_stop(sink, &err), 0, "%s", err.message);

    cr_assert(file_exists(in_dir(dir, "findings/00000000000000000001.msgpack")));
    cr_assert(!file_exists(in_dir(dir, "findings/00000000000000000001.msgpack.open")));
}
