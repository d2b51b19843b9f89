/* Bad input, bad peers, bad places: a clear error that names cause and place, and life goes on. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/message.h"
#include "rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig, "", "", "");
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(refusals, .init = setup, .fini = teardown, .timeout = 240);

static void write_config(const char *text)
{
    FILE *f = fopen(rig.config, "w");

    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

static char *shell(const char *command, int *status)
{
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    char *out;
    int rc = rig_run(&rig, argv, &out, NULL, 60);

    if (status)
        *status = rc;
    return out;
}

Test(refusals, each_program_names_file_and_line_of_a_configuration_error)
{
    static const char *const programs[] = {"pollwatch-fetcher", "pollwatch-parser",
                                           "pollwatch-sink"};
    char where[RIG_PATH_BYTES + 16];

    write_config("fetcher:\n  lease: soon\nsink:\n  ndjsonn: yes\n");
    for (size_t i = 0; i < 3; i++) {
        const char *argv[] = {programs[i], "-c", rig.config, NULL};
        char *err;
        int status = rig_run(&rig, argv, NULL, &err, 30);

        cr_assert_eq(status, EX_CONFIG, "%s: %d: %s", programs[i], status, err);
        snprintf(where, sizeof where, "%s:2:", rig.config);
        cr_assert_not_null(strstr(err, where), "%s: %s", programs[i], err);
        snprintf(where, sizeof where, "%s:4:", rig.config);
        cr_assert_not_null(strstr(err, where), "%s: %s", programs[i], err);
        free(err);
    }
}

Test(refusals, a_second_sink_on_the_directory_is_refused)
{
    const char *argv[] = {"pollwatch-sink", "-c", rig.config, NULL};
    char *err;
    int status;

    rig_start_sink(&rig);
    rig_wait_statements(&rig, 0, 30);
    status = rig_run(&rig, argv, NULL, &err, 30);

    cr_assert_neq(status, 0);
    cr_assert_not_null(strstr(err, "/state/sink"), "%s", err);
    free(err);
}

Test(refusals, a_taken_endpoint_is_named)
{
    char other[RIG_PATH_BYTES];
    const char *argv[] = {"pollwatch-sink", "-c", rig.config, "--dir", other, NULL};
    char *err;
    int status;

    rig_path(&rig, "other-sink", other);
    rig_start_sink(&rig);
    rig_wait_statements(&rig, 0, 30);
    status = rig_run(&rig, argv, NULL, &err, 30);

    cr_assert_neq(status, 0);
    cr_assert_not_null(strstr(err, "results.sock"), "%s", err);
    free(err);
}

Test(refusals, a_directory_that_can_not_be_is_named)
{
    static const char *const programs[] = {"pollwatch-fetcher", "pollwatch-sink"};
    char text[RIG_PATH_BYTES * 2];

    snprintf(text, sizeof text, "dir: %s/not-a-directory/state\n", rig.dir);
    write_config(text);
    snprintf(text, sizeof text, "%s/not-a-directory", rig.dir);
    fclose(fopen(text, "w"));
    for (size_t i = 0; i < 2; i++) {
        const char *argv[] = {programs[i], "-c", rig.config, NULL};
        char *err;
        int status = rig_run(&rig, argv, NULL, &err, 30);

        cr_assert(status != 0 && status != -1, "%s: %d", programs[i], status);
        cr_assert_not_null(strstr(err, "not-a-directory"), "%s: %s", programs[i], err);
        free(err);
    }
}

/* A peer that speaks nonsense. */
struct stranger {
    void *context;
    void *socket;
};

static void stranger_open(struct stranger *s, const char *endpoint_file)
{
    char endpoint[RIG_PATH_BYTES + 16];
    int linger = 0;
    int timeout = 3000;

    snprintf(endpoint, sizeof endpoint, "ipc://%s/state/%s", rig.dir, endpoint_file);
    s->context = zmq_ctx_new();
    s->socket = zmq_socket(s->context, ZMQ_DEALER);
    zmq_setsockopt(s->socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(s->socket, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
    cr_assert_eq(zmq_connect(s->socket, endpoint), 0);
}

static void stranger_close(struct stranger *s)
{
    zmq_close(s->socket);
    zmq_ctx_term(s->context);
}

static void say(struct stranger *s, const void *p, size_t n, bool more)
{
    cr_assert_eq(zmq_send(s->socket, p, n, more ? ZMQ_SNDMORE : 0), (int)n);
}

/* The reason of the BYE that comes back; "" when none does. */
static void bye_reason(struct stranger *s, char out[64])
{
    struct arena *arena = arena_new();
    char frames[3][512];
    struct span spans[3];
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;
    size_t n = 0;
    int more = 1;
    size_t size = sizeof more;

    out[0] = '\0';
    while (more && n < 3) {
        int got = zmq_recv(s->socket, frames[n], sizeof frames[n], 0);

        if (got < 0)
            break;
        spans[n] = span_of(frames[n], (size_t)got);
        n++;
        zmq_getsockopt(s->socket, ZMQ_RCVMORE, &more, &size);
    }
    if (n > 0 && message_read(spans, n, arena, &kind, &head, &bulk, &err) == 0 && kind == MSG_BYE)
        snprintf(out, 64, "%.*s", SPAN_ARG(head.bye.reason));
    arena_free(arena);
}

static void check_answers_to_nonsense(const char *endpoint_file)
{
    struct stranger s;
    char reason[64];

    stranger_open(&s, endpoint_file);
    say(&s, "\x09\x63", 2, true); /* HEARTBEAT of version 99 */
    say(&s, "\x80", 1, false);
    bye_reason(&s, reason);
    cr_assert_str_eq(reason, "version");

    say(&s, "hello?", 6, false);
    bye_reason(&s, reason);
    cr_assert_str_eq(reason, "malformed");

    say(&s, "\x01\x01", 2, true); /* HELLO whose map claims 65,535 entries */
    say(&s, "\xde\xff\xff", 3, false);
    bye_reason(&s, reason);
    cr_assert_str_eq(reason, "malformed");

    say(&s, "\x09\x01", 2, true);
    say(&s, "\x80", 1, false);
    bye_reason(&s, reason);
    cr_assert_str_eq(reason, "unknown_peer");

    for (int i = 0; i < 9; i++) /* more frames than any message has */
        say(&s, "x", 1, i < 8);
    stranger_close(&s);
}

Test(refusals, nonsense_on_a_socket_is_answered_and_survived)
{
    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    rig_start_parser(&rig);
    rig_wait_statements(&rig, 0, 30);

    check_answers_to_nonsense("work.sock");
    check_answers_to_nonsense("results.sock");

    rig_numbered_documents(&rig, 0, 5);
    rig_wait_settled(&rig, 5, 60);
}

Test(refusals, an_oversized_frame_ends_the_connection_only)
{
    size_t big = (size_t)80 * 1024 * 1024;
    char *body = calloc(1, big);
    struct stranger s;

    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    rig_start_parser(&rig);
    rig_wait_statements(&rig, 0, 30);
    stranger_open(&s, "results.sock");
    say(&s, "\x07\x01", 2, true);
    say(&s, "\x80", 1, true);
    say(&s, body, big, false);
    free(body);

    rig_numbered_documents(&rig, 0, 5);
    rig_wait_settled(&rig, 5, 60);
    stranger_close(&s);
}

/* A sink on a small volume of its own: it must end by itself, and go on when there is room again.
 */
static pid_t start_sink_on_small_volume(void)
{
    char command[2048];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};

    snprintf(command, sizeof command,
             "cd %s && mkdir -p state/sink && exec unshare -m sh -c '"
             "mount -t tmpfs -o size=400k tmpfs state/sink; "
             "%s/pollwatch-sink -c pollwatch.yaml; echo $? > full-status; "
             "mount -o remount,size=64m state/sink; exec %s/pollwatch-sink -c pollwatch.yaml'",
             rig.dir, TEST_BIN_DIR, TEST_BIN_DIR);
    return rig_start(&rig, argv);
}

Test(refusals, a_full_disk_stops_the_sink_and_loses_nothing)
{
    char command[2048];
    json_t *records;
    pid_t sink;
    char *out;
    int status;

    free(shell("unshare -m true 2>/dev/null", &status));
    if (status != 0)
        cr_skip_test("no mount namespace here");
    rig_start_fetcher(&rig);
    rig_start_parser(&rig);
    rig_numbered_documents(&rig, 0, 120);
    sink = start_sink_on_small_volume();
    rig_wait_settled(&rig, 120, 120);

    /* The segment or the index may be the first for which there is no room; SQLite has its own
     * words for it. */
    snprintf(
        command, sizeof command,
        "cat %s/full-status && grep -hE 'No space left|disk is full|disk I.O error' %s/sh-*.log",
        rig.dir, rig.dir);
    out = shell(command, NULL);
    cr_assert_eq(strtol(out, NULL, 10), EX_IOERR, "the full sink ended with: %s", out);
    cr_assert(strstr(out, "No space left") || strstr(out, "index "), "the log does not say why: %s",
              out);
    free(out);
    snprintf(command, sizeof command, "cp -r /proc/%ld/root%s/state/sink/. %s/state/sink/",
             (long)sink, rig.dir, rig.dir);
    free(shell(command, &status));
    records = rig_records(&rig);
    rig_check_records(records, 120);
    json_decref(records);
}

Test(refusals, a_peer_that_never_answers_holds_nobody_up)
{
    char silent[RIG_PATH_BYTES];
    char command[1024];
    const char *argv[] = {"pollwatch-parser", "-c",    rig.config, "--fetcher", silent,
                          "--fetcher",        command, NULL};
    struct stranger s = {.context = zmq_ctx_new()};

    /* a listener that takes what comes and says nothing */
    snprintf(silent, sizeof silent, "ipc://%s/silent.sock", rig.dir);
    snprintf(command, sizeof command, "ipc://%s/state/work.sock", rig.dir);
    s.socket = zmq_socket(s.context, ZMQ_ROUTER);
    cr_assert_eq(zmq_bind(s.socket, silent), 0);
    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    rig_start(&rig, argv);
    rig_numbered_documents(&rig, 0, 10);

    rig_wait_settled(&rig, 10, 60);
    {
        int linger = 0;

        zmq_setsockopt(s.socket, ZMQ_LINGER, &linger, sizeof linger);
    }
    stranger_close(&s);
}
