/*
 * The outbox: every document that is still to be parsed, and the lease under which it is out.
 *
 *              add                    lease
 *   document ──────▶ pending ──────────────────▶ leased ── done ──▶ done
 *                      ▲  ▲                      │ │ │
 *                      │  └──── release ─────────┘ │ └─ fail: permanent, or the last try ─▶ dead
 *                      └─────── fail, expire: not before now + back-off ──┘
 *
 * A lease is (task id, attempt, epoch). The attempt grows with each lease of the task and the epoch
 * with each start of the fetcher; both are kept with the task, so leases outlive the fetcher. What
 * a parser says about a task counts only when all three match: a late answer of a worker that had
 * been given up is ERR_STATE and changes nothing.
 *
 * Nothing is held in memory: leasing looks at one index entry, however long the backlog is.
 * All times are milliseconds of the wall clock.
 */
#ifndef POLLWATCH_FETCHER_OUTBOX_H
#define POLLWATCH_FETCHER_OUTBOX_H

#include <stdint.h>

#include "common/arena.h"
#include "fetcher/archive.h"
#include "fetcher/store.h"
#include "proto/message.h"

struct task {
    struct msg_work work; /* as the parser will get it; work.lease.task_id is the id */
    struct archive_ref body;
    uint64_t body_bytes;
};

/* When to give up, and how long to wait before. */
struct outbox_policy {
    uint32_t max_attempts;
    uint64_t retry_ms; /* after the first failure; doubles */
};

/* What became of a task that failed. */
enum outbox_fate { OUTBOX_RETRY, OUTBOX_DEAD };

struct outbox_counts {
    uint64_t pending;
    uint64_t leased;
    uint64_t done;
    uint64_t dead;
};

/* The work's lease and parsed_at are not looked at. */
MUST_USE int outbox_add(struct store *s, const struct task *task, uint64_t now_ms, uint64_t *id,
                        struct error *err);

/* A document that never can be parsed (unreadable, too large): dead from the start. */
MUST_USE int outbox_add_dead(struct store *s, const struct task *task, struct span reason,
                             struct span detail, uint64_t now_ms, uint64_t *id, struct error *err);

/* The task that is next; returns 1 when there is one, 0 when not. */
MUST_USE int outbox_peek(struct store *s, uint64_t now_ms, uint64_t *id, uint64_t *body_bytes,
                         struct error *err);

/* ERR_STATE: not pending any more. `holder` is the worker's instance. */
MUST_USE int outbox_lease(struct store *s, uint64_t id, struct span holder, uint64_t until_ms,
                          struct lease *out, struct error *err);

/* The task with its lease; texts are the arena's. ERR_NOT_FOUND. */
MUST_USE int outbox_get(struct store *s, uint64_t id, struct arena *arena, struct task *out,
                        struct error *err);

/* The four answers; each is ERR_STATE for a lease that does not hold any more. */
MUST_USE int outbox_renew(struct store *s, const struct lease *lease, struct span holder,
                          uint64_t until_ms, struct error *err);
MUST_USE int outbox_done(struct store *s, const struct msg_done *done, struct error *err);
MUST_USE int outbox_fail(struct store *s, const struct msg_fail *fail,
                         const struct outbox_policy *policy, uint64_t now_ms,
                         enum outbox_fate *fate, struct error *err);

/* The worker never saw it: pending again, and nothing is counted against the task. */
MUST_USE int outbox_release(struct store *s, const struct lease *lease, struct error *err);

/* The same for all that a worker holds; it is leaving in peace. */
MUST_USE int outbox_release_all(struct store *s, struct span holder, uint64_t *n,
                                struct error *err);

/*
 * The next lease that `holder` lost by dying, or that ran out before now_ms, fails with
 * "worker_lost" or "lease_expired". Returns 1 with the lease and its fate, 0 when there is none.
 */
MUST_USE int outbox_fail_lost(struct store *s, struct span holder,
                              const struct outbox_policy *policy, uint64_t now_ms,
                              struct lease *lease, enum outbox_fate *fate, struct error *err);
MUST_USE int outbox_fail_expired(struct store *s, const struct outbox_policy *policy,
                                 uint64_t now_ms, struct lease *lease, enum outbox_fate *fate,
                                 struct error *err);

MUST_USE int outbox_held(struct store *s, struct span holder, uint64_t *n, struct error *err);
MUST_USE int outbox_count(struct store *s, struct outbox_counts *out, struct error *err);

/* One dead letter. */
struct dead_letter {
    uint64_t id;
    struct span url;
    struct span source;
    struct span reason;
    struct span detail;
    uint32_t attempts;
};

/* Dead letters in order, from the first id above `after`. Returns 1, 0 at the end. */
MUST_USE int outbox_next_dead(struct store *s, uint64_t after, struct arena *arena,
                              struct dead_letter *out, struct error *err);

#endif
