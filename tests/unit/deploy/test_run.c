/*
 * The front command and the supervisor with services that are shell scripts: the programs under
 * test are copied beside them, for that is where they look first.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/file.h"
#include "common/timestamp.h"
#include "proto/limits.h"
#include "proto/message.h"

static char dir[] = "/tmp/test_run.XXXXXX";
static struct error err;

/*
 * Says what happens to it in `log`, with its own process id in <name>.pid. The files fail-<name>
 * and deaf-<name> make it end with a status, or not hear SIGTERM.
 */
static const char service[] = "#!/bin/sh\n"
                              "cd \"$(dirname \"$0\")\" || exit 1\n"
                              "n=${0##*/pollwatch-}\n"
                              "[ \"$1\" = extract ] && { echo \"$n: $*\"; exit 7; }\n"
                              "trap 'echo \"$n term\" >> log; exit 0' TERM\n"
                              "[ -f deaf-$n ] && trap '' TERM\n"
                              "echo $$ > $n.pid\n"
                              "echo \"$n up\" >> log\n"
                              "[ -f fail-$n ] && exit \"$(cat fail-$n)\"\n"
                              "while :; do sleep 0.05; done\n";

static char *in_dir(const char *name)
{
    static char paths[4][128];
    static unsigned next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s", dir, name);
    return paths[next];
}

static void write_file(const char *name, const char *text)
{
    cr_assert(file_write_atomic(in_dir(name), text, strlen(text), &err) == 0, "%s", err.message);
}

static void shell(const char *command)
{
    cr_assert(system(command) == 0, "%s", command);
}

static void setup(void)
{
    static const char *const names[] = {"pollwatch-sink", "pollwatch-fetcher", "pollwatch-parser"};
    char command[512];

    cr_assert(mkdtemp(dir));
    snprintf(command, sizeof command,
             "cp " TEST_BIN_DIR "/pollwatch " TEST_BIN_DIR "/pollwatch-run %s", dir);
    shell(command);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        write_file(names[i], service);
        cr_assert(chmod(in_dir(names[i]), 0755) == 0);
    }
    write_file("c.yaml", "dir: state\n");
    cr_assert(mkdir(in_dir("state"), 0755) == 0);
}

static void teardown(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", dir);
    shell(command);
}

TestSuite(front, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(run, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(check_config, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(status, .init = setup, .fini = teardown, .timeout = 60);

/* --- programs --- */

/* Standard output and error go to the files `out` and `err` in the test's directory. */
static pid_t start(const char *const *arguments)
{
    pid_t pid = fork();

    if (pid == 0) {
        const char *argv[8] = {in_dir("pollwatch")};
        int out = open(in_dir("out"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        int error = open(in_dir("err"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

        for (size_t i = 0; arguments[i]; i++)
            argv[i + 1] = arguments[i];
        dup2(out, STDOUT_FILENO);
        dup2(error, STDERR_FILENO);
        execv(argv[0], (char *const *)argv);
        _exit(99);
    }
    return pid;
}

static int wait_status(pid_t pid)
{
    int status;

    cr_assert(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run(const char *const *arguments)
{
    return wait_status(start(arguments));
}

static struct buf *read_text(const char *name)
{
    static struct buf text;

    if (text.cap_bytes == 0)
        buf_init(&text, 1024 * 1024);
    buf_clear(&text);
    if (file_read(in_dir(name), &text, &err) < 0)
        buf_clear(&text);
    return &text;
}

static void assert_text(const char *name, const char *want)
{
    struct buf *got = read_text(name);

    cr_assert(span_equal_str(buf_span(got), want), "%s: %.*s", name, SPAN_ARG(buf_span(got)));
}

static bool has(const char *name, const char *what)
{
    return span_find(buf_span(read_text(name)), span_of_str(what), 0) != SIZE_MAX;
}

static size_t count(const char *name, const char *what)
{
    struct span text = buf_span(read_text(name));
    size_t n = 0;
    size_t at = 0;

    while ((at = span_find(text, span_of_str(what), at)) != SIZE_MAX) {
        n++;
        at++;
    }
    return n;
}

/* The scripts can't be waited for in any other way than by looking. */
static void wait_for(const char *name, const char *what, size_t times)
{
    uint64_t until = mono_ms() + 20000;

    while (count(name, what) < times) {
        cr_assert(mono_ms() < until, "no \"%s\" in %s:\n%.*s", what, name,
                  SPAN_ARG(buf_span(read_text(name))));
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

static void wait_all_up(void)
{
    wait_for("log", "sink up\n", 1);
    wait_for("log", "fetcher up\n", 1);
    wait_for("log", "parser up\n", 1);
}

static pid_t pid_of(const char *name)
{
    char file[32];

    snprintf(file, sizeof file, "%s.pid", name);
    return (pid_t)strtol(read_text(file)->data, NULL, 10);
}

static bool stands_before(const char *first, const char *second)
{
    struct span log = buf_span(read_text("log"));
    size_t a = span_find(log, span_of_str(first), 0);
    size_t b = span_find(log, span_of_str(second), 0);

    return a != SIZE_MAX && b != SIZE_MAX && a < b;
}

static pid_t start_run(void)
{
    const char *const arguments[] = {"run", "-c", in_dir("c.yaml"), NULL};

    return start(arguments);
}

/* --- front --- */

Test(front, help_lists_the_commands)
{
    static const char *const names[] = {"article", "check-config", "check-rules", "convert",
                                        "dlq",     "extract",      "fetcher",     "parser",
                                        "run",     "sink",         "status",      "tail"};

    cr_assert(run((const char *[]){"--help", NULL}) == EX_OK);

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        cr_assert(has("out", names[i]), "%s", names[i]);
    cr_assert(run((const char *[]){"--version", NULL}) == EX_OK);
    assert_text("out", "pollwatch " POLLWATCH_VERSION "\n");
}

Test(front, an_unknown_command_gets_a_hint)
{
    cr_assert(run((const char *[]){"extrct", NULL}) == EX_USAGE);
    assert_text("err", "pollwatch: unknown command 'extrct'; did you mean 'extract'?\n");

    cr_assert(run((const char *[]){"frobnicate", NULL}) == EX_USAGE);
    assert_text("err", "pollwatch: unknown command 'frobnicate'; 'pollwatch --help' lists them\n");

    cr_assert(run((const char *[]){NULL}) == EX_USAGE);
}

Test(front, a_command_becomes_its_program)
{
    cr_assert(run((const char *[]){"extract", "--url", "a b", "-", NULL}) == 7);

    assert_text("out", "parser: extract --url a b -\n");
}

Test(front, a_program_that_is_not_there_is_named)
{
    cr_assert(unlink(in_dir("pollwatch-sink")) == 0);
    setenv("PATH", "/nonexistent", 1);

    cr_assert(run((const char *[]){"tail", NULL}) == EX_OSFILE);
    setenv("PATH", "/usr/bin:/bin", 1);

    cr_assert(has("err", "pollwatch-sink: No such file or directory"));
}

/* --- check-config --- */

Test(check_config, a_good_file_is_ok)
{
    char want[128];

    write_file("c.yaml", "fetcher: {sources: [{id: a, kind: folder, path: x}]}\n");
    snprintf(want, sizeof want, "%s: ok, 1 source\n", in_dir("c.yaml"));

    cr_assert(run((const char *[]){"check-config", "-c", in_dir("c.yaml"), NULL}) == EX_OK);

    assert_text("out", want);
}

Test(check_config, each_problem_is_a_line)
{
    char want[512];

    write_file("c.yaml", "dri: x\nparser: {workers: 0}\n");
    snprintf(want, sizeof want,
             "%s:1: unknown key dri; did you mean dir?\n"
             "%s:2: parser.workers: expected 1 to 256, found 0\n",
             in_dir("c.yaml"), in_dir("c.yaml"));

    cr_assert(run((const char *[]){"check-config", "-c", in_dir("c.yaml"), NULL}) == EX_CONFIG);

    assert_text("err", want);
}

/* --- run --- */

Test(run, a_drain_ends_the_sink_last)
{
    pid_t supervisor = start_run();

    wait_all_up();
    kill(supervisor, SIGTERM);

    cr_assert(wait_status(supervisor) == EX_OK);
    cr_assert(stands_before("parser term", "sink term"));
    cr_assert(count("log", "term\n") == 3, "each is told once");
}

Test(run, a_killed_service_is_started_again)
{
    pid_t supervisor = start_run();

    wait_all_up();
    kill(pid_of("parser"), SIGKILL);
    wait_for("log", "parser up\n", 2);
    kill(pid_of("sink"), SIGKILL);
    wait_for("log", "sink up\n", 2);
    kill(supervisor, SIGINT);

    cr_assert(wait_status(supervisor) == EX_OK);
    cr_assert(has("err", "event=service.died name=parser how=\"killed by signal 9 (Killed)\""));
    cr_assert(count("log", "fetcher up\n") == 1, "the others are left alone");
}

Test(run, the_wait_before_the_next_start_doubles)
{
    pid_t supervisor;

    write_file("fail-parser", "1");
    supervisor = start_run();
    wait_for("err", "in_ms=800", 1);
    kill(supervisor, SIGTERM);

    cr_assert(wait_status(supervisor) == EX_OK);
    cr_assert(has("err", "in_ms=200") && has("err", "in_ms=400"));
}

static const int refusals[] = {EX_CONFIG, EX_NOPERM, EX_USAGE, EX_CANTCREAT, EX_IOERR, EX_OSERR};

Test(run, a_service_that_refuses_to_start_stops_the_whole)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        char status[8];

        snprintf(status, sizeof status, "%d", refusals[i]);
        write_file("fail-sink", status);

        cr_assert(wait_status(start_run()) == refusals[i]);

        cr_assert(has("err", "event=service.refused name=sink how=\"exit status "));
        cr_assert(count("log", "sink up\n") == i + 1, "it is not started again");
    }
}

Test(run, a_wrong_configuration_starts_nothing)
{
    write_file("c.yaml", "dri: x\n");

    cr_assert(wait_status(start_run()) == EX_CONFIG);

    cr_assert(has("err", "c.yaml:1: unknown key dri"));
    cr_assert(access(in_dir("log"), F_OK) < 0);
}

Test(run, a_second_signal_kills_at_once)
{
    pid_t supervisor;

    write_file("deaf-fetcher", "");
    write_file("deaf-parser", "");
    supervisor = start_run();
    wait_all_up();
    kill(supervisor, SIGINT);
    wait_for("err", "event=drain.started", 1);
    kill(supervisor, SIGINT);

    cr_assert(wait_status(supervisor) == 128 + SIGINT);
    cr_assert(kill(pid_of("fetcher"), 0) < 0 && errno == ESRCH);
    cr_assert(kill(pid_of("sink"), 0) < 0 && errno == ESRCH);
}

Test(run, children_do_not_outlive_the_supervisor)
{
    pid_t supervisor = start_run();

    wait_all_up();
    kill(supervisor, SIGKILL);
    cr_assert(wait_status(supervisor) == -1);

    wait_for("log", "term\n", 3);
}

/* --- services that answer --- */

struct answers {
    struct link_end *link;
    const char *role;
    const char *const *json; /* one answer after the other; the last again and again */
    unsigned asked;
};

static void on_question(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct answers *a = arg;
    struct arena *arena = arena_new();
    struct message message;
    enum message_kind kind;
    union message_head head;
    struct span bulk;
    struct msg_status answer = {.role = span_of_str(a->role)};

    cr_assert(message_read(frames, n, arena, &kind, &head, &bulk, &err) == 0 && kind == MSG_STATUS);
    cr_assert(span_equal_str(head.status.role, a->role) && span_is_null(head.status.json));
    answer.json = span_of_str(a->json[0]);
    if (a->json[1])
        a->json++;
    a->asked++;
    message_init(&message);
    message_write(&message, MSG_STATUS, &answer, SPAN_NULL);
    cr_assert(link_send(a->link, peer, message.frames, message.n, &err) == 0);
    message_fini(&message);
    arena_free(arena);
}

static void listen_at(struct bus *bus, const char *socket, struct answers *a)
{
    char endpoint[160];
    struct link_options options = {.max_frame_bytes = LIMIT_HEAD_BYTES};

    snprintf(endpoint, sizeof endpoint, "ipc://%s", in_dir(socket));
    cr_assert(bus_listen(bus, endpoint, options, on_question, a, &a->link, &err) == 0, "%s",
              err.message);
}

/* Turns the loop until the process ends. Returns its exit status. */
static int serve_until_end(struct loop *loop, pid_t pid)
{
    int status;

    while (waitpid(pid, &status, WNOHANG) != pid)
        cr_assert(loop_turn(loop, 10, &err) == 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define FETCHER_STATE(once, pending, leased)                                                       \
    "{\"role\":\"fetcher\",\"sources\":[{\"id\":\"odihr\",\"last_poll\":null,\"next_poll\":"       \
    "\"2026-11-25T10:00:09Z\",\"seen\":7,\"error\":\"bad\\u001b[2J\"}],\"tasks\":{"                \
    "\"pending\":" pending ",\"leased\":" leased                                                   \
    ",\"done\":3,\"dead\":1},\"workers\":[{\"name\":\"host:1\","                                   \
    "\"credit\":2,\"held\":1}],\"polled_all_once\":" once ",\"uptime_s\":4000}"

static const char *const fetcher_idle[] = {FETCHER_STATE("true", "0", "0"), NULL};
static const char *const fetcher_busy_then_idle[] = {FETCHER_STATE("false", "0", "0"),
                                                     FETCHER_STATE("true", "2", "0"),
                                                     FETCHER_STATE("true", "0", "1"),
                                                     "not json",
                                                     "[]",
                                                     FETCHER_STATE("true", "0", "0"),
                                                     NULL};
static const char *const sink_state[] = {
    "{\"role\":\"sink\",\"last_seq\":42,\"statements\":3,\"findings\":39,\"segments\":1,"
    "\"duplicates\":0,\"uptime_s\":59}",
    NULL};

Test(status, nobody_there_is_named)
{
    cr_assert(run((const char *[]){"status", "-c", in_dir("c.yaml"), "--json", NULL}) ==
              EX_UNAVAILABLE);

    assert_text("out", "{\"fetcher\":null,\"sink\":null}\n");
    cr_assert(has("err", "the fetcher does not answer at ipc://"));
    cr_assert(has("err", "the sink does not answer at ipc://"));
}

Test(status, answers_are_shown_as_one_object_or_a_table)
{
    struct answers fetcher = {.role = "fetcher", .json = fetcher_idle};
    struct answers sink = {.role = "sink", .json = sink_state};
    struct loop *loop = loop_new();
    struct bus *bus = bus_new(loop, "zmq");
    json_t *all;

    listen_at(bus, "state/work.sock", &fetcher);
    listen_at(bus, "state/results.sock", &sink);

    cr_assert(serve_until_end(loop, start((const char *[]){"status", "-c", in_dir("c.yaml"),
                                                           "--json", NULL})) == EX_OK);
    all = json_loadb(read_text("out")->data, read_text("out")->n, 0, NULL);
    cr_assert(json_integer_value(json_object_get(json_object_get(all, "sink"), "last_seq")) == 42);
    cr_assert(json_is_true(json_object_get(json_object_get(all, "fetcher"), "polled_all_once")));
    json_decref(all);

    cr_assert(serve_until_end(
                  loop, start((const char *[]){"status", "-c", in_dir("c.yaml"), NULL})) == EX_OK);
    assert_text("out", "fetcher  up 1h 6m\n"
                       "  tasks:  pending 0  leased 0  done 3  dead 1\n"
                       "  parser host:1  credit 2  held 1\n"
                       "  source  last poll             next poll               seen  error\n"
                       "  odihr   never                 2026-11-25T10:00:09Z       7  bad?[2J\n"
                       "sink     up 0m 59s\n"
                       "  last_seq 42  statements 3  findings 39  segments 1  duplicates 0\n");
    bus_free(bus, 0);
    loop_free(loop);
}

Test(run, until_idle_ends_when_all_was_polled_and_nothing_is_left)
{
    struct answers fetcher = {.role = "fetcher", .json = fetcher_busy_then_idle};
    struct loop *loop = loop_new();
    struct bus *bus = bus_new(loop, "zmq");

    listen_at(bus, "state/work.sock", &fetcher);

    cr_assert(serve_until_end(loop, start((const char *[]){"run", "-c", in_dir("c.yaml"),
                                                           "--until-idle", NULL})) == EX_OK);

    cr_assert(fetcher.asked >= 6, "asked %u times", fetcher.asked);
    cr_assert(has("err", "event=drain.started why=idle"));
    cr_assert(stands_before("parser term", "sink term"));
    bus_free(bus, 0);
    loop_free(loop);
}
