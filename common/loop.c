/*
 * One turn of the loop:
 *
 *     prepare (the foreign source) -> wait -> now -> dispatch (the source) -> ready watches
 *     -> due timers -> before_sleep -> bury the watches that were removed
 *
 * The array for zmq_poll() is built afresh each turn, for it holds a few dozen entries and the
 * source's change anyway; `polled` says whose entry each is. A watch that is removed stays in its
 * list, marked dead, until the turn is over, so that neither entries nor iterations dangle.
 *
 * zmq_poll() on a socket itself is level-triggered (it reads ZMQ_EVENTS again on each call), so a
 * callback that leaves messages unread is called again in the next turn. ZMQ_FD would not do that.
 *
 * Timers are a binary heap ordered by due time, then by age. A timer that is added while timers run
 * waits for the next turn even if it is due at once, so that a turn always ends.
 */
#include "common/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "common/mem.h"

/* No wait is longer: zmq_poll() takes a long, and an idle turn a minute costs nothing. */
#define WAIT_MAX_MS 60000

/* Signals read in one turn; the rest stay queued in the kernel for the next. */
#define SIGNALS_A_TURN 16

enum watch_kind { WATCH_FD, WATCH_SOCKET, WATCH_TIMER, WATCH_SIGNAL };

struct loop_watch {
    enum watch_kind kind;
    bool dead;
    void *arg;
    struct loop_watch *next; /* in its list: watches, signals or dead_timers */

    loop_ready_fn *on_ready; /* WATCH_FD, WATCH_SOCKET */
    void *socket;
    int fd;
    int events;

    loop_timer_fn *on_timer; /* WATCH_TIMER */
    uint64_t due_ms;
    uint64_t repeat_ms;
    uint64_t age; /* order among timers due at once */
    size_t at;    /* place in the heap */

    loop_signal_fn *on_signal; /* WATCH_SIGNAL */
    int signo;
};

struct loop {
    bool in_turn;
    bool stopped;
    bool woken;
    uint64_t now_ms;

    struct loop_watch *watches; /* descriptors and sockets */
    struct loop_watch *signals;
    struct loop_watch *dead_timers;
    bool has_dead;

    struct loop_watch **heap;
    size_t heap_n;
    size_t heap_cap;
    uint64_t next_age;

    zmq_pollitem_t *items;
    size_t items_n;
    size_t items_cap;
    struct loop_watch **polled; /* whose item it is; NULL: the source's */
    size_t polled_cap;

    sigset_t signal_mask;
    int signal_fd;

    loop_prepare_fn *prepare;
    loop_dispatch_fn *dispatch;
    void *source_arg;
    loop_before_sleep_fn *before_sleep;
    void *before_sleep_arg;
};

static uint64_t clock_mono_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- lists of watches --- */

static void list_push(struct loop_watch **head, struct loop_watch *w)
{
    w->next = *head;
    *head = w;
}

static void list_free(struct loop_watch **head)
{
    while (*head) {
        struct loop_watch *w = *head;

        *head = w->next;
        free(w);
    }
}

static void list_bury_dead(struct loop_watch **head)
{
    while (*head) {
        struct loop_watch *w = *head;

        if (w->dead) {
            *head = w->next;
            free(w);
        } else {
            head = &w->next;
        }
    }
}

/* --- the heap of timers --- */

static bool due_before(const struct loop_watch *a, const struct loop_watch *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->age < b->age;
}

static void heap_put(struct loop *l, struct loop_watch *w, size_t at)
{
    l->heap[at] = w;
    w->at = at;
}

static void heap_up(struct loop *l, struct loop_watch *w)
{
    size_t at = w->at;

    while (at > 0 && due_before(w, l->heap[(at - 1) / 2])) {
        heap_put(l, l->heap[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    heap_put(l, w, at);
}

static void heap_down(struct loop *l, struct loop_watch *w)
{
    size_t at = w->at;

    for (size_t child = 2 * at + 1; child < l->heap_n; child = 2 * at + 1) {
        if (child + 1 < l->heap_n && due_before(l->heap[child + 1], l->heap[child]))
            child++;
        if (!due_before(l->heap[child], w))
            break;
        heap_put(l, l->heap[child], at);
        at = child;
    }
    heap_put(l, w, at);
}

static void heap_add(struct loop *l, struct loop_watch *w)
{
    l->heap = xgrow(l->heap, &l->heap_cap, l->heap_n + 1, sizeof(struct loop_watch *));
    w->at = l->heap_n++;
    heap_up(l, w);
}

static void heap_remove(struct loop *l, struct loop_watch *w)
{
    struct loop_watch *last = l->heap[--l->heap_n];

    if (last == w)
        return;
    heap_put(l, last, w->at);
    heap_up(l, last);
    heap_down(l, last);
}

/* --- birth and death --- */

struct loop *loop_new(void)
{
    struct loop *l = xcalloc(1, sizeof *l);

    l->signal_fd = -1;
    sigemptyset(&l->signal_mask);
    return l;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    list_free(&l->watches);
    list_free(&l->signals);
    list_free(&l->dead_timers);
    for (size_t i = 0; i < l->heap_n; i++)
        free(l->heap[i]);
    if (l->signal_fd >= 0)
        close(l->signal_fd);
    free(l->heap);
    free(l->items);
    free(l->polled);
    free(l);
}

static struct loop_watch *watch_new(enum watch_kind kind, void *arg)
{
    struct loop_watch *w = xcalloc(1, sizeof *w);

    w->kind = kind;
    w->arg = arg;
    w->fd = -1;
    return w;
}

struct loop_watch *loop_add_fd(struct loop *l, int fd, int events, loop_ready_fn *fn, void *arg)
{
    struct loop_watch *w = watch_new(WATCH_FD, arg);

    w->fd = fd;
    w->events = events;
    w->on_ready = fn;
    list_push(&l->watches, w);
    return w;
}

struct loop_watch *loop_add_socket(struct loop *l, void *zmq_socket, loop_ready_fn *fn, void *arg)
{
    struct loop_watch *w = watch_new(WATCH_SOCKET, arg);

    w->socket = zmq_socket;
    w->events = LOOP_READ;
    w->on_ready = fn;
    list_push(&l->watches, w);
    return w;
}

struct loop_watch *loop_add_timer(struct loop *l, uint64_t delay_ms, uint64_t repeat_ms,
                                  loop_timer_fn *fn, void *arg)
{
    struct loop_watch *w = watch_new(WATCH_TIMER, arg);

    w->due_ms = loop_mono_ms(l) + delay_ms;
    w->repeat_ms = repeat_ms;
    w->on_timer = fn;
    w->age = l->next_age++;
    heap_add(l, w);
    return w;
}

int loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg, struct error *err)
{
    struct loop_watch *w;
    sigset_t one;
    int fd;

    sigemptyset(&one);
    if (sigaddset(&one, signo) < 0 || sigprocmask(SIG_BLOCK, &one, NULL) < 0)
        return error_sys(err, "block signal %d", signo);
    sigaddset(&l->signal_mask, signo);
    fd = signalfd(l->signal_fd, &l->signal_mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return error_sys(err, "signalfd for signal %d", signo);
    l->signal_fd = fd;
    w = watch_new(WATCH_SIGNAL, arg);
    w->signo = signo;
    w->on_signal = fn;
    list_push(&l->signals, w);
    return 0;
}

void loop_set_events(struct loop_watch *w, int events)
{
    w->events = events;
}

void loop_remove(struct loop *l, struct loop_watch *w)
{
    if (!w || w->dead)
        return;
    w->dead = true;
    l->has_dead = true;
    if (w->kind == WATCH_TIMER) {
        heap_remove(l, w);
        list_push(&l->dead_timers, w);
    }
}

void loop_set_before_sleep(struct loop *l, loop_before_sleep_fn *fn, void *arg)
{
    l->before_sleep = fn;
    l->before_sleep_arg = arg;
}

void loop_set_source(struct loop *l, loop_prepare_fn *prepare, loop_dispatch_fn *dispatch,
                     void *arg)
{
    l->prepare = prepare;
    l->dispatch = dispatch;
    l->source_arg = arg;
}

void loop_wake(struct loop *l)
{
    l->woken = true;
}

uint64_t loop_mono_ms(const struct loop *l)
{
    /* Before the first turn, and between the turns of a test, no turn's time is the right one. */
    return l->in_turn ? l->now_ms : clock_mono_ms();
}

/* --- a turn --- */

static void add_item(struct loop *l, struct loop_watch *w, void *socket, int fd, int events)
{
    zmq_pollitem_t *item;

    l->items = xgrow(l->items, &l->items_cap, l->items_n + 1, sizeof *l->items);
    l->polled = xgrow(l->polled, &l->polled_cap, l->items_n + 1, sizeof(struct loop_watch *));
    item = &l->items[l->items_n];
    *item = (zmq_pollitem_t){.socket = socket, .fd = fd};
    if (events & LOOP_READ)
        item->events |= ZMQ_POLLIN;
    if (events & LOOP_WRITE)
        item->events |= ZMQ_POLLOUT;
    l->polled[l->items_n++] = w;
}

void loop_source_fd(struct loop *l, int fd, int events)
{
    add_item(l, NULL, NULL, fd, events);
}

/* A watch without events is left out: a hung-up descriptor would be reported for ever. */
static void collect_items(struct loop *l)
{
    l->items_n = 0;
    if (l->signal_fd >= 0)
        add_item(l, NULL, NULL, l->signal_fd, LOOP_READ);
    for (struct loop_watch *w = l->watches; w; w = w->next)
        if (w->events && !w->dead)
            add_item(l, w, w->socket, w->fd, w->events);
}

static long until_first_timer(const struct loop *l, long wait_ms)
{
    uint64_t now = clock_mono_ms();
    uint64_t due = l->heap_n ? l->heap[0]->due_ms : UINT64_MAX;

    if (due <= now)
        return 0;
    return due - now < (uint64_t)wait_ms ? (long)(due - now) : wait_ms;
}

static int wait_for_events(struct loop *l, long max_wait_ms, struct error *err)
{
    long wait_ms = max_wait_ms < 0 || max_wait_ms > WAIT_MAX_MS ? WAIT_MAX_MS : max_wait_ms;

    collect_items(l);
    if (l->prepare)
        l->prepare(l->source_arg, l, &wait_ms);
    if (wait_ms < 0 || wait_ms > WAIT_MAX_MS)
        wait_ms = WAIT_MAX_MS;
    wait_ms = l->woken ? 0 : until_first_timer(l, wait_ms);
    l->woken = false;
    if (zmq_poll(l->items, (int)l->items_n, wait_ms) >= 0)
        return 0;
    for (size_t i = 0; i < l->items_n; i++) /* nothing was filled in */
        l->items[i].revents = 0;
    return errno == EINTR ? 0 : error_sys(err, "wait for events");
}

static void run_signal(struct loop *l, int signo)
{
    for (struct loop_watch *w = l->signals; w; w = w->next)
        if (w->signo == signo && !w->dead)
            w->on_signal(w->arg, signo);
}

static void run_signals(struct loop *l)
{
    struct signalfd_siginfo info;

    if (l->signal_fd < 0)
        return;
    for (int i = 0; i < SIGNALS_A_TURN; i++) {
        if (read(l->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
            return;
        run_signal(l, (int)info.ssi_signo);
    }
}

/* An error or a hang-up is what the watch asked for: its read or write finds out which. */
static int events_of(const zmq_pollitem_t *item, int wanted)
{
    int events = 0;

    if (item->revents & ZMQ_POLLERR)
        return wanted;
    if (item->revents & ZMQ_POLLIN)
        events |= LOOP_READ;
    if (item->revents & ZMQ_POLLOUT)
        events |= LOOP_WRITE;
    return events & wanted;
}

static void run_ready(struct loop *l)
{
    for (size_t i = 0; i < l->items_n; i++) {
        struct loop_watch *w = l->polled[i];
        int events = w && !w->dead ? events_of(&l->items[i], w->events) : 0;

        if (events)
            w->on_ready(w->arg, events);
    }
}

/* A late timer is not called again for each beat that it missed. */
static void rearm(struct loop *l, struct loop_watch *w)
{
    heap_remove(l, w);
    w->due_ms += w->repeat_ms;
    if (w->due_ms <= l->now_ms)
        w->due_ms = l->now_ms + w->repeat_ms;
    w->age = l->next_age++;
    heap_add(l, w);
}

static void run_timers(struct loop *l)
{
    uint64_t first_new = l->next_age;

    while (l->heap_n > 0) {
        struct loop_watch *w = l->heap[0];

        if (w->due_ms > l->now_ms || w->age >= first_new)
            return;
        if (w->repeat_ms)
            rearm(l, w);
        else
            loop_remove(l, w);
        w->on_timer(w->arg);
    }
}

static void bury_dead(struct loop *l)
{
    if (!l->has_dead)
        return;
    list_bury_dead(&l->watches);
    list_bury_dead(&l->signals);
    list_free(&l->dead_timers);
    l->has_dead = false;
}

int loop_turn(struct loop *l, long max_wait_ms, struct error *err)
{
    int rc;

    assert(!l->in_turn);
    rc = wait_for_events(l, max_wait_ms, err);
    if (rc < 0)
        return rc;
    l->now_ms = clock_mono_ms();
    l->in_turn = true;
    if (l->dispatch)
        l->dispatch(l->source_arg);
    run_signals(l);
    run_ready(l);
    run_timers(l);
    if (l->before_sleep)
        l->before_sleep(l->before_sleep_arg);
    l->in_turn = false;
    bury_dead(l);
    return 0;
}

int loop_run(struct loop *l, struct error *err)
{
    int rc = 0;

    while (rc == 0 && !l->stopped)
        rc = loop_turn(l, -1, err);
    l->stopped = false; /* a stop before the run counts, too, but only once */
    return rc;
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
}
