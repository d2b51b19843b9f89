/* The real thing: a sink and a tail as processes of their own, results sent to them over ZeroMQ. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/bus.h"
#include "sample.h"

static char dir[64];
static char results[128];
static char stream[128];
static struct arena *arena;
static struct buf packed;
static struct error err;
static pid_t sink;
static struct loop *loop;
static struct bus *bus;
static struct link_end *parser;
static int committed;
static int helloed;

static void send_hello(void);

static void on_answer(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    enum message_kind kind;
    union message_head head;
    struct span bulk;

    (void)arg;
    (void)peer;
    cr_assert_eq(message_read(frames, n, arena, &kind, &head, &bulk, &err), 0, "%s", err.message);
    committed += kind == MSG_COMMITTED;
    helloed += kind == MSG_HELLO;
}

/*
 * Runs the program with its standard output in `out`. It is executed, not only forked: the threads
 * of ZeroMQ that run here may hold a lock of libc's, which a fork alone would inherit for ever.
 */
static pid_t start(char *const *argv, const char *out)
{
    pid_t pid = fork();
    int fd;

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
        _exit(126);
    execv(TEST_BIN_DIR "/pollwatch-sink", argv);
    _exit(127);
}

static void start_sink(void)
{
    char *argv[] = {(char *)"pollwatch-sink", (char *)"--dir", dir, (char *)"--results", results,
                    (char *)"--stream",       stream,          NULL};

    sink = start(argv, "/dev/null");
}

static int wait_for(pid_t pid)
{
    int status;

    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void send_frames(const struct message *m)
{
    while (link_send(parser, NULL, m->frames, m->n, &err) == ERR_FULL)
        cr_assert_eq(loop_turn(loop, 20, &err), 0);
}

static void send_hello(void)
{
    struct msg_hello hello = {.role = SPAN_LIT("parser"),
                              .name = SPAN_LIT("test"),
                              .instance = SPAN_LIT("0123456789abcdef"),
                              .software = SPAN_LIT("0")};
    struct message m;

    message_init(&m);
    message_write(&m, MSG_HELLO, &hello, SPAN_NULL);
    send_frames(&m);
    message_fini(&m);
}

static void send_result(int number)
{
    struct msg_result head;
    struct message m;

    sample_pack(&(struct sample){number, number, number, number * 10, 2, NULL, NULL}, &packed,
                &head, arena);
    message_init(&m);
    message_write(&m, MSG_RESULT, &head, buf_span(&packed));
    send_frames(&m);
    message_fini(&m);
}

static void until(const int *counter, int n)
{
    while (*counter < n)
        cr_assert_eq(loop_turn(loop, 100, &err), 0, "%s", err.message);
}

/* As parsers do: again and again, for what a dying connection had accepted is lost. */
static void greet(void)
{
    int before = helloed;

    while (helloed == before) {
        send_hello();
        for (int i = 0; i < 10 && helloed == before; i++)
            cr_assert_eq(loop_turn(loop, 100, &err), 0, "%s", err.message);
    }
}

static void setup(void)
{
    struct link_options options = {.max_frame_bytes = 1 << 24};

    make_dir(dir);
    snprintf(results, sizeof results, "ipc://%s/results", dir);
    snprintf(stream, sizeof stream, "ipc://%s/stream", dir);
    arena = arena_new();
    buf_init(&packed, 1 << 20);
    start_sink();
    loop = loop_new();
    bus = bus_new(loop, "zmq");
    cr_assert_eq(bus_dial(bus, results, options, on_answer, NULL, &parser, &err), 0, "%s",
                 err.message);
    greet();
}

static void teardown(void)
{
    link_close(parser);
    bus_free(bus, 0);
    loop_free(loop);
    kill(sink, SIGTERM);
    cr_assert_eq(wait_for(sink), EX_OK);
    buf_fini(&packed);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(tail, .init = setup, .fini = teardown, .timeout = 120);

static pid_t start_tail(char *const *more)
{
    char *argv[16] = {(char *)"pollwatch-sink", (char *)"tail", (char *)"--endpoint", stream,
                      (char *)"--results",      results};

    for (int i = 0; more[i]; i++)
        argv[6 + i] = more[i];
    return start(argv, in_dir(dir, "out"));
}

/* Every record from `first` to `last`, once and in order. */
static void assert_records(uint64_t first, uint64_t last)
{
    struct buf out;
    size_t at = 0;

    read_whole(in_dir(dir, "out"), &out);
    for (uint64_t seq = first; seq <= last; seq++) {
        char wanted[64];
        size_t found;
        size_t line_end = span_find(buf_span(&out), SPAN_LIT("\n"), at);

        snprintf(wanted, sizeof wanted, "\"seq\":%llu,", (unsigned long long)seq);
        cr_assert_neq(line_end, SIZE_MAX, "no line for seq %llu", (unsigned long long)seq);
        found = span_find(span_of(out.data, line_end), span_of_str(wanted), at);
        cr_assert_lt(found, line_end, "no %s in its line", wanted);
        at = line_end + 1;
    }
    cr_assert_eq(at, out.n, "nothing else");
    buf_fini(&out);
}

Test(tail, from_prints_all_that_is_kept_and_ends)
{
    for (int i = 1; i <= 250; i++)
        send_result(i); /* 750 records: more than one replay gives */
    until(&committed, 250);

    cr_assert_eq(wait_for(start_tail((char *[]){(char *)"--from", (char *)"0", NULL})), EX_OK);

    assert_records(1, 750);
}

Test(tail, from_the_middle_begins_there)
{
    for (int i = 1; i <= 10; i++)
        send_result(i);
    until(&committed, 10);

    cr_assert_eq(wait_for(start_tail((char *[]){(char *)"--from", (char *)"17", NULL})), EX_OK);

    assert_records(17, 30);
}

Test(tail, replay_goes_over_to_live_without_gap_or_duplicate)
{
    pid_t pid;

    for (int i = 1; i <= 100; i++)
        send_result(i);
    until(&committed, 100);
    pid = start_tail((char *[]){(char *)"--from", (char *)"1", (char *)"--follow",
                                (char *)"--count", (char *)"900", NULL});
    for (int i = 101; i <= 300; i++) {
        send_result(i);
        until(&committed, i);
    }

    cr_assert_eq(wait_for(pid), EX_OK);
    assert_records(1, 900);
}

Test(tail, a_sink_that_starts_again_leaves_no_gap)
{
    pid_t pid;

    send_result(1);
    until(&committed, 1);
    pid = start_tail((char *[]){(char *)"--from", (char *)"1", (char *)"--follow",
                                (char *)"--count", (char *)"12", NULL});
    kill(sink, SIGKILL);
    wait_for(sink);
    start_sink();
    greet();
    for (int i = 2; i <= 4; i++)
        send_result(i);

    cr_assert_eq(wait_for(pid), EX_OK);
    assert_records(1, 12);
}

Test(tail, a_filter_lets_through_what_fits)
{
    for (int i = 1; i <= 3; i++)
        send_result(i);
    until(&committed, 3);

    cr_assert_eq(wait_for(start_tail((char *[]){(char *)"--from", (char *)"0", (char *)"--filter",
                                                (char *)"country=KZ,polarity=positive,issuer=osce*",
                                                (char *)"--count", (char *)"2", NULL})),
                 EX_OK);

    assert_records(2, 3);
}

Test(tail, bad_options_are_usage_errors)
{
    cr_assert_eq(wait_for(start_tail((char *[]){(char *)"--from", (char *)"x", NULL})), EX_USAGE);
    cr_assert_eq(wait_for(start_tail((char *[]){(char *)"--filter", (char *)"x", NULL})), EX_USAGE);
    cr_assert_eq(wait_for(start_tail((char *[]){(char *)"more", NULL})), EX_USAGE);
}
