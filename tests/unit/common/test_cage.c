#include "common/cage.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME_MS         500
#define MEMORY_BYTES    (256 * 1024 * 1024)
#define MAX_REPLY_BYTES (128 * 1024)

#define TURNS_MAX 6000 /* of at most 10 ms */

static struct loop *loop;
static struct cage *cage;
static struct error err;

/* What the last job's callback was told. */
static struct {
    int calls;
    enum cage_outcome outcome;
    char detail[256];
    char text[256]; /* the frames, joined by '|' */
    size_t bytes;
    bool close;
    const char *next; /* hand over this job from within */
} seen;

static void start(void)
{
    loop = loop_new();
}

static void end(void)
{
    cage_close(cage);
    loop_free(loop);
}

TestSuite(cage, .init = start, .fini = end, .timeout = 120);

static void send_text(const char *text)
{
    struct span frame = span_of_str(text);

    cage_send(cage, &frame, 1);
}

static void on_done(void *arg, enum cage_outcome outcome, const char *detail,
                    const struct span *frames, size_t n)
{
    size_t used = 0;

    (void)arg;
    seen.calls++;
    seen.outcome = outcome;
    seen.bytes = 0;
    snprintf(seen.detail, sizeof seen.detail, "%s", detail);
    for (size_t i = 0; i < n; i++) {
        seen.bytes += frames[i].n;
        if (used + frames[i].n + 2 < sizeof seen.text) {
            if (i > 0)
                seen.text[used++] = '|';
            memcpy(seen.text + used, frames[i].p, frames[i].n);
            used += frames[i].n;
        }
    }
    seen.text[used] = '\0';
    if (seen.next) {
        const char *next = seen.next;

        seen.next = NULL;
        send_text(next);
    }
    if (seen.close) {
        cage_close(cage);
        cage = NULL;
    }
}

static void turn(void)
{
    cr_assert_eq(loop_turn(loop, 10, &err), 0, "%s", err.message);
}

static void open_cage(const char *how, const char *sandbox_bytes, struct cage_options options)
{
    static const char *argv[] = {CAGE_CHILD, NULL, NULL, NULL};

    argv[1] = how;
    argv[2] = sandbox_bytes;
    options.argv = argv;
    if (!options.max_reply_bytes)
        options.max_reply_bytes = MAX_REPLY_BYTES;
    cr_assert_eq(cage_open(loop, &options, on_done, NULL, &cage, &err), 0, "%s", err.message);
}

static void wait_for_answer(int calls)
{
    for (int i = 0; seen.calls < calls; i++) {
        cr_assert_lt(i, TURNS_MAX, "no answer");
        turn();
    }
}

static enum cage_outcome run(const char *text)
{
    send_text(text);
    wait_for_answer(seen.calls + 1);
    return seen.outcome;
}

Test(cage, a_job_is_answered_frame_by_frame)
{
    struct span frames[] = {SPAN_LIT("one"), SPAN_LIT(""), SPAN_LIT("three"), SPAN_LIT("4")};

    open_cage("serve", "0", (struct cage_options){0});
    cage_send(cage, frames, 4);
    cr_assert(cage_busy(cage));
    wait_for_answer(1);

    cr_assert_eq(seen.outcome, CAGE_REPLY);
    cr_assert_str_eq(seen.text, "one||three|4");
    cr_assert_not(cage_busy(cage));
}

Test(cage, one_child_answers_many_jobs)
{
    pid_t pid;

    open_cage("serve", "0", (struct cage_options){0});
    pid = cage_pid(cage);
    for (int i = 0; i < 200; i++)
        cr_assert_eq(run("hello"), CAGE_REPLY);

    cr_assert_eq(cage_pid(cage), pid);
}

Test(cage, jobs_and_replies_larger_than_any_buffer_pass)
{
    size_t n = 512 * 1024;
    char *big = calloc(1, n);
    struct span frame = span_of(big, n);

    open_cage("serve", "0", (struct cage_options){.max_reply_bytes = n});
    cage_send(cage, &frame, 1);
    wait_for_answer(1);

    cr_assert_eq(seen.outcome, CAGE_REPLY);
    cr_assert_eq(seen.bytes, n);
    free(big);
}

Test(cage, the_child_can_print_and_read_the_calendar_and_sees_no_file)
{
    cr_assert_eq(setenv("TZ", "Europe/Vienna", 1), 0); /* east of Greenwich in 1970, too */
    open_cage("serve", "0", (struct cage_options){0});

    cr_assert_eq(run("look"), CAGE_REPLY, "%s", seen.detail);
    cr_assert_str_eq(seen.text, "null=1 path=0 year=70");
}

/* --- each way to go wrong, and that the next job finds a fresh child --- */

static const struct {
    const char *job;
    enum cage_outcome outcome;
    const char *detail;
} deaths[] = {
    {"crash", CAGE_CRASH, "killed by signal 6 (Aborted)"},
    {"leave", CAGE_CRASH, "exited with status 3"},
    {"spin", CAGE_TIMEOUT, "killed after 500 ms"},
    {"hang-up", CAGE_CRASH, "killed by signal 9 (Killed)"},
    {"give-up", CAGE_MEMORY, "out of memory"},
    {"open", CAGE_SYSCALL, "killed by signal 31 (Bad system call)"},
    {"socket", CAGE_SYSCALL, "killed by signal 31 (Bad system call)"},
    {"fork", CAGE_SYSCALL, "killed by signal 31 (Bad system call)"},
    {"exec", CAGE_SYSCALL, "killed by signal 31 (Bad system call)"},
    {"map-code", CAGE_SYSCALL, "killed by signal 31 (Bad system call)"},
    {"kill", CAGE_SYSCALL, "killed by signal 31 (Bad system call)"},
    {"shout", CAGE_BAD_REPLY, "its answer is too big or not framed right"},
};

Test(cage, each_death_has_its_outcome_and_costs_one_job_only)
{
    open_cage("serve", "0", (struct cage_options){.time_ms = TIME_MS});
    for (size_t i = 0; i < ARRAY_LEN(deaths); i++) {
        pid_t pid = cage_pid(cage);

        cr_assert_eq(run(deaths[i].job), deaths[i].outcome, "%s: %d, %s", deaths[i].job,
                     seen.outcome, seen.detail);
        cr_assert_str_eq(seen.detail, deaths[i].detail, "%s: %s", deaths[i].job, seen.detail);
        cr_assert_eq(run("hello"), CAGE_REPLY, "after %s: %s", deaths[i].job, seen.detail);
        cr_assert_str_eq(seen.text, "hello");
        cr_assert_neq(cage_pid(cage), pid);
    }
}

Test(cage, many_deaths_in_a_row_need_no_pause)
{
    uint64_t start_ms;

    open_cage("serve", "0", (struct cage_options){0});
    start_ms = loop_mono_ms(loop);
    for (int i = 0; i < 12; i++)
        cr_assert_eq(run("crash"), CAGE_CRASH);

    cr_assert_lt(loop_mono_ms(loop) - start_ms, 20000); /* doubling pauses would be 30 s */
}

Test(cage, a_child_that_outgrows_its_memory_is_killed_from_outside)
{
    open_cage("serve", "0", (struct cage_options){.time_ms = 60000, .memory_bytes = MEMORY_BYTES});

    cr_assert_eq(run("eat"), CAGE_MEMORY, "%s", seen.detail);
    cr_assert_neq(strstr(seen.detail, "killed at"), NULL, "%s", seen.detail);
    cr_assert_eq(run("hello"), CAGE_REPLY, "%s", seen.detail);
}

#ifndef POLLWATCH_SANITIZED
Test(cage, a_child_that_reaches_its_own_limit_gives_up)
{
    open_cage("serve", "100000000", (struct cage_options){.time_ms = 60000});

    cr_assert_eq(run("eat"), CAGE_MEMORY, "%s", seen.detail);
    cr_assert_str_eq(seen.detail, "out of memory");
    cr_assert_eq(run("hello"), CAGE_REPLY, "%s", seen.detail);
}
#endif

Test(cage, an_answer_over_the_cap_is_refused)
{
    struct span frames[] = {SPAN_LIT("much"), SPAN_LIT("131072")};

    open_cage("serve", "0", (struct cage_options){0});
    cage_send(cage, frames, 2);
    wait_for_answer(1);
    cr_assert_eq(seen.outcome, CAGE_REPLY, "%s", seen.detail);
    cr_assert_eq(seen.bytes, MAX_REPLY_BYTES);
    frames[1] = SPAN_LIT("131073");
    cage_send(cage, frames, 2);
    wait_for_answer(2);
    cr_assert_eq(seen.outcome, CAGE_BAD_REPLY);

    cr_assert_eq(run("hello"), CAGE_REPLY, "%s", seen.detail);
}

static void wait_for_another_child(pid_t than)
{
    for (int i = 0; cage_pid(cage) == than; i++) {
        cr_assert_lt(i, TURNS_MAX, "no other child");
        turn();
    }
}

Test(cage, a_child_that_answers_twice_is_replaced)
{
    pid_t pid;

    open_cage("serve", "0", (struct cage_options){0});
    pid = cage_pid(cage);
    run("twice");
    wait_for_another_child(pid);

    cr_assert_eq(run("hello"), CAGE_REPLY, "%s", seen.detail);
    cr_assert_str_eq(seen.text, "hello");
}

/* --- children that come and go --- */

Test(cage, a_fresh_child_comes_after_so_many_jobs)
{
    pid_t pid;

    open_cage("serve", "0", (struct cage_options){.jobs_per_child = 2});
    pid = cage_pid(cage);
    run("one");
    cr_assert_eq(cage_pid(cage), pid);
    run("two");
    cr_assert_neq(cage_pid(cage), pid);

    cr_assert_eq(run("three"), CAGE_REPLY);
}

Test(cage, an_idle_child_that_dies_is_replaced)
{
    pid_t pid;

    open_cage("serve", "0", (struct cage_options){0});
    run("hello");
    pid = cage_pid(cage);
    cr_assert_eq(kill(pid, SIGKILL), 0);
    wait_for_another_child(pid);

    cr_assert_eq(run("hello"), CAGE_REPLY, "%s", seen.detail);
    cr_assert_eq(seen.calls, 2);
}

Test(cage, a_job_handed_to_a_child_already_dead_goes_to_the_next)
{
    siginfo_t info;
    pid_t pid;

    open_cage("serve", "0", (struct cage_options){0});
    run("hello");
    pid = cage_pid(cage);
    cr_assert_eq(kill(pid, SIGKILL), 0);
    cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);

    cr_assert_eq(run("hello"), CAGE_REPLY, "%s", seen.detail);
}

Test(cage, a_program_that_is_not_there_is_named)
{
    static const char *const argv[] = {"/nonexistent/pollwatch", NULL};
    struct cage_options options = {.argv = argv, .max_reply_bytes = 1};

    cr_assert_eq(cage_open(loop, &options, on_done, NULL, &cage, &err), ERR_SYS);

    cr_assert_eq(err.sys, ENOENT);
    cr_assert_neq(strstr(err.message, argv[0]), NULL, "%s", err.message);
}

Test(cage, a_job_hears_of_a_child_that_never_comes_up)
{
    uint64_t start_ms = loop_mono_ms(loop);

    open_cage("broken", "0", (struct cage_options){0});

    cr_assert_eq(run("hello"), CAGE_CRASH);
    cr_assert_str_eq(seen.detail, "the child does not start: exited with status 4");
    cr_assert_geq(loop_mono_ms(loop) - start_ms, 100 + 200 + 400 + 800);
}

Test(cage, the_callback_may_hand_over_the_next_job)
{
    open_cage("serve", "0", (struct cage_options){0});
    seen.next = "second";
    send_text("first");
    wait_for_answer(2);

    cr_assert_str_eq(seen.text, "second");
}

Test(cage, the_callback_may_hand_over_the_next_job_after_a_death)
{
    open_cage("serve", "0", (struct cage_options){0});
    seen.next = "second";
    send_text("crash");
    wait_for_answer(2);

    cr_assert_eq(seen.outcome, CAGE_REPLY);
    cr_assert_str_eq(seen.text, "second");
}

static void close_in_callback(const char *job)
{
    open_cage("serve", "0", (struct cage_options){.time_ms = TIME_MS});
    seen.close = true;
    send_text(job);
    wait_for_answer(1);
    turn();

    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_assert_eq(errno, ECHILD);
}

Test(cage, the_callback_may_close_the_cage)
{
    close_in_callback("hello");
}

Test(cage, the_callback_may_close_the_cage_after_a_death)
{
    close_in_callback("crash");
}

Test(cage, the_callback_may_close_the_cage_after_a_timeout)
{
    close_in_callback("spin");
}

Test(cage, closing_leaves_no_child_and_no_answer)
{
    open_cage("serve", "0", (struct cage_options){0});
    send_text("spin");
    for (int i = 0; i < 10; i++)
        turn();
    cage_close(cage);
    cage = NULL;

    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_assert_eq(seen.calls, 0);
}

/* An owner in a process of its own, to be killed; tells the pid of its child. */
static _Noreturn void be_owner(int tell_fd)
{
    pid_t pid;

    open_cage("silent", "0", (struct cage_options){0});
    pid = cage_pid(cage);
    if (write(tell_fd, &pid, sizeof pid) != (ssize_t)sizeof pid)
        _exit(1);
    for (;;)
        pause();
}

Test(cage, a_child_does_not_outlive_a_killed_owner)
{
    int ends[2];
    pid_t owner;
    pid_t child;
    struct pollfd ended = {.events = POLLIN};

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    owner = fork();
    if (owner == 0)
        be_owner(ends[1]);
    cr_assert_eq(read(ends[0], &child, sizeof child), (ssize_t)sizeof child);
    ended.fd = (int)syscall(SYS_pidfd_open, child, 0);
    cr_assert_geq(ended.fd, 0);
    cr_assert_eq(kill(owner, SIGKILL), 0);

    cr_assert_eq(poll(&ended, 1, 20000), 1);
    waitpid(owner, NULL, 0);
    close(ended.fd);
    close(ends[0]);
    close(ends[1]);
}
