#include "common/loop.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

static struct loop *loop;
static struct error err;

static void start(void)
{
    loop = loop_new();
}

static void end(void)
{
    loop_free(loop);
}

TestSuite(loop, .init = start, .fini = end, .timeout = 20);

static void turn(long max_wait_ms)
{
    cr_assert_eq(loop_turn(loop, max_wait_ms, &err), 0, "%s", err.message);
}

/* What a callback did, and the watches that it is to remove. */
struct seen {
    int calls;
    int events;
    int calls_before_sleep;
    int fd;
    struct loop_watch *remove[2];
};

static void on_ready(void *arg, int events)
{
    struct seen *seen = arg;

    seen->calls++;
    seen->events = events;
    for (int i = 0; i < 2; i++)
        loop_remove(loop, seen->remove[i]);
}

static void on_timer(void *arg)
{
    struct seen *seen = arg;

    seen->calls++;
}

static int eventfd_with(unsigned value)
{
    int fd = eventfd(value, EFD_CLOEXEC | EFD_NONBLOCK);

    cr_assert_geq(fd, 0);
    return fd;
}

Test(loop, a_descriptor_is_reported_as_long_as_it_is_ready)
{
    struct seen seen = {0};
    int fd = eventfd_with(1);
    uint64_t value;

    loop_add_fd(loop, fd, LOOP_READ, on_ready, &seen);
    turn(0);
    turn(0);
    cr_assert_eq(read(fd, &value, sizeof value), (ssize_t)sizeof value);
    turn(0);

    cr_assert_eq(seen.calls, 2);
    cr_assert_eq(seen.events, LOOP_READ);
    close(fd);
}

Test(loop, only_wanted_events_are_reported)
{
    struct seen seen = {0};
    int fd = eventfd_with(1);
    struct loop_watch *w = loop_add_fd(loop, fd, LOOP_READ | LOOP_WRITE, on_ready, &seen);

    turn(0);
    cr_assert_eq(seen.events, LOOP_READ | LOOP_WRITE);
    loop_set_events(w, LOOP_WRITE);
    turn(0);
    cr_assert_eq(seen.events, LOOP_WRITE);
    loop_set_events(w, 0);
    turn(0);

    cr_assert_eq(seen.calls, 2);
    close(fd);
}

Test(loop, a_hang_up_reaches_a_reader)
{
    struct seen seen = {0};
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    loop_add_fd(loop, ends[0], LOOP_READ, on_ready, &seen);
    close(ends[1]);
    turn(1000);

    cr_assert_eq(seen.events, LOOP_READ);
    close(ends[0]);
}

Test(loop, a_watch_may_remove_itself_and_others_that_are_ready)
{
    struct seen first = {0};
    struct seen second = {0};
    int fd = eventfd_with(1);
    struct loop_watch *a = loop_add_fd(loop, fd, LOOP_READ, on_ready, &first);
    struct loop_watch *b = loop_add_fd(loop, fd, LOOP_READ, on_ready, &second);

    first.remove[0] = second.remove[0] = a;
    first.remove[1] = second.remove[1] = b;
    turn(0);
    turn(0);

    cr_assert_eq(first.calls + second.calls, 1);
    close(fd);
}

Test(loop, a_socket_is_reported_until_it_is_read_empty)
{
    struct seen seen = {0};
    void *context = zmq_ctx_new();
    void *in = zmq_socket(context, ZMQ_PAIR);
    void *out = zmq_socket(context, ZMQ_PAIR);
    char byte;

    cr_assert_eq(zmq_bind(in, "inproc://loop"), 0);
    cr_assert_eq(zmq_connect(out, "inproc://loop"), 0);
    cr_assert_eq(zmq_send(out, "a", 1, 0), 1);
    cr_assert_eq(zmq_send(out, "b", 1, 0), 1);
    loop_add_socket(loop, in, on_ready, &seen);
    turn(1000);
    cr_assert_eq(zmq_recv(in, &byte, 1, ZMQ_DONTWAIT), 1);
    turn(1000);
    cr_assert_eq(zmq_recv(in, &byte, 1, ZMQ_DONTWAIT), 1);
    turn(0);

    cr_assert_eq(seen.calls, 2);
    zmq_close(in);
    zmq_close(out);
    zmq_ctx_term(context);
}

static int order[8];
static int order_n;

static void on_ordered_timer(void *arg)
{
    order[order_n++] = (int)(intptr_t)arg;
}

Test(loop, timers_run_by_due_time_and_then_by_age)
{
    static const struct {
        uint64_t delay_ms;
        int name;
    } timers[] = {{30, 4}, {10, 1}, {20, 3}, {10, 2}, {40, 5}};
    for (size_t i = 0; i < ARRAY_LEN(timers); i++)
        loop_add_timer(loop, timers[i].delay_ms, 0, on_ordered_timer,
                       (void *)(intptr_t)timers[i].name);
    while (order_n < 5)
        turn(1000);

    for (int i = 0; i < 5; i++)
        cr_assert_eq(order[i], i + 1);
}

Test(loop, a_timer_is_never_early_and_wakes_the_wait)
{
    struct seen seen = {0};
    uint64_t start_ms = loop_mono_ms(loop);

    loop_add_timer(loop, 50, 0, on_timer, &seen);
    while (seen.calls == 0)
        turn(10000);

    cr_assert_geq(loop_mono_ms(loop) - start_ms, 50);
    cr_assert_lt(loop_mono_ms(loop) - start_ms, 5000);
}

Test(loop, a_timer_without_repeat_runs_once)
{
    struct seen seen = {0};

    loop_add_timer(loop, 0, 0, on_timer, &seen);
    turn(0);
    turn(0);

    cr_assert_eq(seen.calls, 1);
}

static void on_beat(void *arg)
{
    if (++*(int *)arg == 3)
        loop_stop(loop);
}

Test(loop, a_repeating_timer_beats_until_the_loop_stops)
{
    int beats = 0;

    loop_add_timer(loop, 1, 1, on_beat, &beats);
    cr_assert_eq(loop_run(loop, &err), 0);

    cr_assert_eq(beats, 3);
}

static void on_timer_that_adds(void *arg)
{
    on_timer(arg);
    loop_add_timer(loop, 0, 0, on_timer_that_adds, arg);
}

Test(loop, a_timer_added_by_a_timer_waits_for_the_next_turn)
{
    struct seen seen = {0};

    loop_add_timer(loop, 0, 0, on_timer_that_adds, &seen);
    turn(0);
    cr_assert_eq(seen.calls, 1);
    turn(0);

    cr_assert_eq(seen.calls, 2);
}

#define MANY 500

static struct loop_watch *many[MANY];
static uint64_t last_due;
static int ran;

static void on_one_of_many(void *arg)
{
    uint64_t due = (uint64_t)(uintptr_t)arg;

    cr_assert_geq(due, last_due);
    last_due = due;
    ran++;
}

/* Inside a turn, where the time stands still. */
static void add_many(void *arg)
{
    unsigned random = 1;

    (void)arg;
    for (int i = 0; i < MANY; i++) {
        uint64_t delay_ms;

        random = random * 1103515245U + 12345U;
        delay_ms = 1 + (random >> 16) % 40;
        many[i] = loop_add_timer(loop, delay_ms, 0, on_one_of_many, (void *)(uintptr_t)delay_ms);
    }
    for (int i = 0; i < MANY; i += 3)
        loop_remove(loop, many[i]);
}

Test(loop, removing_timers_keeps_the_others_in_order)
{
    loop_add_timer(loop, 0, 0, add_many, NULL);
    turn(0);
    while (ran < MANY - (MANY + 2) / 3)
        turn(1000);
    turn(50);

    cr_assert_eq(ran, MANY - (MANY + 2) / 3);
}

static void on_signal(void *arg, int signo)
{
    ((struct seen *)arg)->events = signo;
    ((struct seen *)arg)->calls++;
    loop_stop(loop);
}

Test(loop, a_signal_is_a_callback_and_kills_nobody)
{
    struct seen term = {0};
    struct seen hup = {0};

    cr_assert_eq(loop_add_signal(loop, SIGTERM, on_signal, &term, &err), 0);
    cr_assert_eq(loop_add_signal(loop, SIGHUP, on_signal, &hup, &err), 0);
    cr_assert_eq(kill(getpid(), SIGTERM), 0);
    cr_assert_eq(loop_run(loop, &err), 0);

    cr_assert_eq(term.events, SIGTERM);
    cr_assert_eq(hup.calls, 0);
}

static void on_before_sleep(void *arg)
{
    struct seen *seen = arg;

    seen->calls_before_sleep = seen->calls; /* the turn's work is done by now */
}

Test(loop, before_sleep_comes_after_the_callbacks_of_the_turn)
{
    struct seen seen = {0};
    int fd = eventfd_with(1);

    loop_add_fd(loop, fd, LOOP_READ, on_ready, &seen);
    loop_set_before_sleep(loop, on_before_sleep, &seen);
    turn(0);

    cr_assert_eq(seen.calls_before_sleep, 1);
    close(fd);
}

Test(loop, wake_makes_one_wait_short)
{
    uint64_t start_ms = loop_mono_ms(loop);

    loop_wake(loop);
    turn(10000);
    cr_assert_lt(loop_mono_ms(loop) - start_ms, 5000);
    start_ms = loop_mono_ms(loop);
    turn(30);

    cr_assert_geq(loop_mono_ms(loop) - start_ms, 30);
}

static void prepare(void *arg, struct loop *l, long *timeout_ms)
{
    struct seen *seen = arg;

    loop_source_fd(l, seen->fd, LOOP_READ);
    *timeout_ms = 10000;
}

static void dispatch(void *arg)
{
    on_timer(arg);
}

Test(loop, a_foreign_source_wakes_the_loop_by_its_descriptor)
{
    struct seen seen = {.fd = eventfd_with(1)};
    uint64_t start_ms = loop_mono_ms(loop);

    loop_set_source(loop, prepare, dispatch, &seen);
    turn(-1);

    cr_assert_eq(seen.calls, 1);
    cr_assert_lt(loop_mono_ms(loop) - start_ms, 5000);
    close(seen.fd);
}

static void prepare_short(void *arg, struct loop *l, long *timeout_ms)
{
    (void)arg;
    (void)l;
    *timeout_ms = 20;
}

Test(loop, a_foreign_source_lowers_the_wait)
{
    struct seen seen = {0};
    uint64_t start_ms = loop_mono_ms(loop);

    loop_set_source(loop, prepare_short, dispatch, &seen);
    turn(-1);

    cr_assert_eq(seen.calls, 1);
    cr_assert_lt(loop_mono_ms(loop) - start_ms, 5000);
}

Test(loop, a_stop_before_the_run_counts)
{
    loop_stop(loop);

    cr_assert_eq(loop_run(loop, &err), 0);
}
