/*
 * The event loop of a service: one thread, zmq_poll() over ZeroMQ sockets and descriptors, timers
 * and signals.
 *
 * A turn: wait; take one `now`; run what is ready; then `before_sleep`, where the turn's work is
 * settled (one group commit, then all the answers that waited for it). Callbacks don't block. A
 * watch may be removed inside any callback, its own included: it is unlinked at once, never called
 * again, and freed after the turn.
 */
#ifndef POLLWATCH_COMMON_LOOP_H
#define POLLWATCH_COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct loop;
struct loop_watch;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void loop_ready_fn(void *arg, int events);
typedef void loop_timer_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);
typedef void loop_before_sleep_fn(void *arg);

struct loop *loop_new(void);

/* Frees its watches too. */
void loop_free(struct loop *l);

/* Calls `fn` while the descriptor is ready. The descriptor stays the caller's. */
struct loop_watch *loop_add_fd(struct loop *l, int fd, int events, loop_ready_fn *fn, void *arg);

/* The same for a ZeroMQ socket (readable). `fn` reads until EAGAIN or its budget is used. */
struct loop_watch *loop_add_socket(struct loop *l, void *zmq_socket, loop_ready_fn *fn, void *arg);

/* First after `delay_ms`, then each `repeat_ms`; 0 is once (the watch is then removed). */
struct loop_watch *loop_add_timer(struct loop *l, uint64_t delay_ms, uint64_t repeat_ms,
                                  loop_timer_fn *fn, void *arg);

/* Blocks the signal for the process and delivers it here. Call before any thread is started. */
MUST_USE int loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg,
                             struct error *err);

void loop_set_events(struct loop_watch *w, int events);

/* NULL is fine. */
void loop_remove(struct loop *l, struct loop_watch *w);

void loop_set_before_sleep(struct loop *l, loop_before_sleep_fn *fn, void *arg);

/*
 * A foreign set of descriptors that changes each turn (libcurl's multi handle). `prepare` adds its
 * descriptors with loop_source_fd() and may lower `*timeout_ms`; `dispatch` runs after the wait,
 * each turn.
 */
typedef void loop_prepare_fn(void *arg, struct loop *l, long *timeout_ms);
typedef void loop_dispatch_fn(void *arg);
void loop_set_source(struct loop *l, loop_prepare_fn *prepare, loop_dispatch_fn *dispatch,
                     void *arg);
void loop_source_fd(struct loop *l, int fd, int events);

/* The next wait does not block: there is work in memory that no descriptor announces. */
void loop_wake(struct loop *l);

/* Milliseconds of the monotonic clock, the same all through a turn. */
uint64_t loop_mono_ms(const struct loop *l);

/* Runs turns until loop_stop(). Returns 0, or ERR_SYS when waiting itself fails. */
MUST_USE int loop_run(struct loop *l, struct error *err);
void loop_stop(struct loop *l);

/* One turn that waits at most `max_wait_ms`, for tests. */
MUST_USE int loop_turn(struct loop *l, long max_wait_ms, struct error *err);

#endif
