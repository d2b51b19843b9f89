/*
 * The documents that a worker holds, from WORK until DONE or FAIL has left.
 *
 *     QUEUED ──▶ PARSING ──▶ RESULT ──▶ CLOSING ──▶ (gone)
 *        │          │  the child   ▲ COMMITTED ▲
 *        │          └──────────────┼───────────┘ FAIL
 *
 * QUEUED waits for a child, PARSING is in one, RESULT is (being) sent to its sink and waits for
 * COMMITTED, CLOSING has an answer that its fetcher has not taken yet. The lease is renewed in
 * all of them.
 */
#ifndef POLLWATCH_PARSER_TASK_H
#define POLLWATCH_PARSER_TASK_H

#include "common/span.h"
#include "proto/message.h"

enum task_state { TASK_QUEUED, TASK_PARSING, TASK_RESULT, TASK_CLOSING };

struct task {
    struct task *next;
    enum task_state state;
    size_t fetcher; /* number of the upstream that it came from */
    size_t sink;    /* number of the downstream that its statement belongs to */
    struct lease lease;
    size_t body_bytes; /* credit to give back */
    char *url;         /* for log lines */

    struct span frames[3]; /* QUEUED: the WORK message; RESULT: the RESULT message; owned */
    size_t frames_n;
    uint64_t sent_mono_ms; /* RESULT: when it was sent last; 0: not yet */

    bool failed; /* CLOSING: send FAIL, else DONE */
    char *reason;
    char *detail;
    bool permanent;
    uint64_t first_seq;
    uint32_t records;
};

/* All tasks of a worker, oldest first. */
struct tasks {
    struct task *head;
    size_t n;
};

/* Copies the frames and what it needs of the head. */
struct task *tasks_add(struct tasks *t, size_t fetcher, const struct msg_work *work,
                       const struct span *frames, size_t n);

/* Takes it out and frees it. */
void tasks_remove(struct tasks *t, struct task *task);
void tasks_clear(struct tasks *t);

/* NULL when there is none. */
struct task *tasks_first(const struct tasks *t, enum task_state state);
struct task *tasks_find(const struct tasks *t, size_t fetcher, const struct lease *lease);

/* The only place that changes a state. */
void task_set_state(struct task *task, enum task_state state);

/* Replaces what it carries by copies of these frames; n == 0 drops them. */
void task_set_frames(struct task *task, const struct span *frames, size_t n);

/* What its fetcher shall be told: it goes to CLOSING. */
void task_close_done(struct task *task, uint64_t first_seq, uint32_t records);
void task_close_failed(struct task *task, struct span reason, struct span detail, bool permanent);

bool lease_equal(const struct lease *a, const struct lease *b);

#endif
