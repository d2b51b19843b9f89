#include "fetcher/outbox.h"

/* Reasons are single words; details go into logs and tables that people read. */
#define REASON_MAX_BYTES 64
#define DETAIL_MAX_BYTES 512

/* A task whose tries are hours apart is a dead letter in all but name. */
#define RETRY_MAX_MS ((uint64_t)60 * 60 * 1000)

static void bind_work(struct db_query *q, const struct msg_work *w)
{
    db_bind_text(q, w->url);
    db_bind_text(q, w->final_url);
    db_bind_text(q, w->source);
    db_bind_text(q, w->issuer);
    db_bind_text(q, w->media_type);
    db_bind_text(q, w->charset);
    db_bind_u64(q, w->http_status);
    db_bind_text(q, w->etag);
    db_bind_text(q, w->last_modified);
    db_bind_text(q, w->fetched_at);
    db_bind_text(q, w->raw_sha256);
    db_bind_text(q, w->feed_title);
    db_bind_text(q, w->feed_published);
}

static void bind_body(struct db_query *q, const struct task *task)
{
    if (task->body.file[0]) {
        db_bind_text(q, span_of_str(task->body.file));
        db_bind_u64(q, task->body.offset);
        db_bind_u64(q, task->body.length);
    } else {
        db_bind_null(q);
        db_bind_null(q);
        db_bind_null(q);
    }
    db_bind_u64(q, task->body_bytes);
}

/* `dead`: why it never can be parsed; NULL: it is to be. */
static int insert(struct store *s, const struct task *task, const struct msg_fail *dead,
                  uint64_t now_ms, uint64_t *id, struct error *err)
{
    struct db_query q = db_query(
        store_db(s),
        "INSERT INTO tasks (state, reason, detail, added_ms, not_before, url, final_url, source,"
        " issuer, media_type, charset, http_status, etag, last_modified, fetched_at, raw_sha256,"
        " feed_title, feed_published, archive_file, archive_offset, archive_length, body_bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int rc;

    db_bind_text(&q, dead ? SPAN_LIT("dead") : SPAN_LIT("pending"));
    db_bind_cut(&q, dead ? dead->reason : SPAN_NULL, REASON_MAX_BYTES);
    db_bind_cut(&q, dead ? dead->detail : SPAN_NULL, DETAIL_MAX_BYTES);
    db_bind_u64(&q, now_ms);
    db_bind_u64(&q, now_ms); /* due at once, behind those that have waited longer */
    bind_work(&q, &task->work);
    bind_body(&q, task);
    rc = db_run(&q, NULL, err);
    if (rc == 0)
        *id = db_last_id(store_db(s));
    return rc;
}

int outbox_add(struct store *s, const struct task *task, uint64_t now_ms, uint64_t *id,
               struct error *err)
{
    return insert(s, task, NULL, now_ms, id, err);
}

int outbox_add_dead(struct store *s, const struct task *task, struct span reason,
                    struct span detail, uint64_t now_ms, uint64_t *id, struct error *err)
{
    return insert(s, task, &(struct msg_fail){.reason = reason, .detail = detail}, now_ms, id, err);
}

int outbox_peek(struct store *s, uint64_t now_ms, uint64_t *id, uint64_t *body_bytes,
                struct error *err)
{
    struct db_query q = db_query(store_db(s), "SELECT id, body_bytes FROM tasks"
                                              " WHERE state = 'pending' AND not_before <= ?"
                                              " ORDER BY not_before, id LIMIT 1");
    int rc;

    db_bind_u64(&q, now_ms);
    rc = db_step(&q, err);
    if (rc == 1) {
        *id = db_u64(&q, 0);
        *body_bytes = db_u64(&q, 1);
        db_end(&q);
    }
    return rc;
}

int outbox_lease(struct store *s, uint64_t id, struct span holder, uint64_t until_ms,
                 struct lease *out, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE tasks SET state = 'leased', attempt = attempt + 1,"
                              " epoch = ?, holder = ?, lease_until = ?"
                              " WHERE id = ? AND state = 'pending' RETURNING attempt");
    int rc;

    db_bind_u64(&q, store_epoch(s));
    db_bind_text(&q, holder);
    db_bind_u64(&q, until_ms);
    db_bind_u64(&q, id);
    rc = db_step(&q, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return error_set(err, ERR_STATE, "task %llu is not pending", (unsigned long long)id);
    *out =
        (struct lease){.task_id = id, .attempt = (uint32_t)db_u64(&q, 0), .epoch = store_epoch(s)};
    db_end(&q);
    return 0;
}

static void read_ref(const struct db_query *q, int column, struct archive_ref *out)
{
    struct span file = db_text(q, column);

    *out = (struct archive_ref){.offset = db_u64(q, column + 1), .length = db_u64(q, column + 2)};
    if (file.n < sizeof out->file && file.n > 0)
        memcpy(out->file, file.p, file.n);
}

static void read_task(const struct db_query *q, uint64_t id, struct arena *arena, struct task *out)
{
    struct msg_work *w = &out->work;

    w->lease =
        (struct lease){.task_id = id, .attempt = (uint32_t)db_u64(q, 0), .epoch = db_u64(q, 1)};
    w->url = arena_copy(arena, db_text(q, 2));
    w->final_url = arena_copy(arena, db_text(q, 3));
    w->source = arena_copy(arena, db_text(q, 4));
    w->issuer = arena_copy(arena, db_text(q, 5));
    w->media_type = arena_copy(arena, db_text(q, 6));
    w->charset = arena_copy(arena, db_text(q, 7));
    w->http_status = (uint32_t)db_u64(q, 8);
    w->etag = arena_copy(arena, db_text(q, 9));
    w->last_modified = arena_copy(arena, db_text(q, 10));
    w->fetched_at = arena_copy(arena, db_text(q, 11));
    w->raw_sha256 = arena_copy(arena, db_text(q, 12));
    w->feed_title = arena_copy(arena, db_text(q, 13));
    w->feed_published = arena_copy(arena, db_text(q, 14));
    read_ref(q, 15, &out->body);
    out->body_bytes = db_u64(q, 18);
}

int outbox_get(struct store *s, uint64_t id, struct arena *arena, struct task *out,
               struct error *err)
{
    struct db_query q = db_query(
        store_db(s),
        "SELECT attempt, epoch, url, final_url, source, issuer, media_type, charset, http_status,"
        " etag, last_modified, fetched_at, raw_sha256, feed_title, feed_published, archive_file,"
        " archive_offset, archive_length, body_bytes FROM tasks WHERE id = ?");
    int rc;

    *out = (struct task){0};
    db_bind_u64(&q, id);
    rc = db_step(&q, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return error_set(err, ERR_NOT_FOUND, "no task %llu", (unsigned long long)id);
    read_task(&q, id, arena, out);
    db_end(&q);
    return 0;
}

static int stale(const struct lease *l, struct error *err)
{
    return error_set(err, ERR_STATE, "the lease of task %llu, attempt %u, epoch %llu has ended",
                     (unsigned long long)l->task_id, l->attempt, (unsigned long long)l->epoch);
}

static void bind_lease(struct db_query *q, const struct lease *l)
{
    db_bind_u64(q, l->task_id);
    db_bind_u64(q, l->attempt);
    db_bind_u64(q, l->epoch);
}

#define WHERE_LEASE " WHERE id = ? AND attempt = ? AND epoch = ? AND state = 'leased'"

/* Binds the lease and runs an update that must hit exactly that one row. */
static int run_leased(struct db_query *q, const struct lease *lease, struct error *err)
{
    uint64_t changed = 0;
    int rc;

    bind_lease(q, lease);
    rc = db_run(q, &changed, err);
    if (rc < 0)
        return rc;
    return changed == 1 ? 0 : stale(lease, err);
}

int outbox_renew(struct store *s, const struct lease *lease, struct span holder, uint64_t until_ms,
                 struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE tasks SET lease_until = ?, holder = ?" WHERE_LEASE);

    db_bind_u64(&q, until_ms);
    db_bind_text(&q, holder);
    return run_leased(&q, lease, err);
}

int outbox_done(struct store *s, const struct msg_done *done, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE tasks SET state = 'done', first_seq = ?, records = ?,"
                              " holder = NULL, lease_until = NULL" WHERE_LEASE);

    db_bind_u64(&q, done->first_seq);
    db_bind_u64(&q, done->records);
    return run_leased(&q, &done->lease, err);
}

static int failures_of(struct store *s, const struct lease *lease, uint64_t *out, struct error *err)
{
    struct db_query q = db_query(store_db(s), "SELECT failures FROM tasks" WHERE_LEASE);
    int rc;

    bind_lease(&q, lease);
    rc = db_step(&q, err);
    if (rc == 0)
        return stale(lease, err);
    if (rc < 0)
        return rc;
    *out = db_u64(&q, 0);
    db_end(&q);
    return 0;
}

static uint64_t backoff_ms(uint64_t retry_ms, uint64_t failures)
{
    uint64_t wait = retry_ms;

    for (uint64_t i = 1; i < failures && wait < RETRY_MAX_MS; i++)
        wait *= 2;
    return wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS;
}

int outbox_fail(struct store *s, const struct msg_fail *fail, const struct outbox_policy *policy,
                uint64_t now_ms, enum outbox_fate *fate, struct error *err)
{
    struct db_query q;
    uint64_t failures = 0;
    int rc = failures_of(s, &fail->lease, &failures, err);

    if (rc < 0)
        return rc;
    failures++;
    *fate = fail->permanent || failures >= policy->max_attempts ? OUTBOX_DEAD : OUTBOX_RETRY;
    q = db_query(store_db(s),
                 "UPDATE tasks SET state = ?, failures = ?, not_before = ?, reason = ?,"
                 " detail = ?, holder = NULL, lease_until = NULL" WHERE_LEASE);
    db_bind_text(&q, *fate == OUTBOX_DEAD ? SPAN_LIT("dead") : SPAN_LIT("pending"));
    db_bind_u64(&q, failures);
    db_bind_u64(&q, now_ms + backoff_ms(policy->retry_ms, failures));
    db_bind_cut(&q, fail->reason, REASON_MAX_BYTES);
    db_bind_cut(&q, fail->detail, DETAIL_MAX_BYTES);
    return run_leased(&q, &fail->lease, err);
}

int outbox_release(struct store *s, const struct lease *lease, struct error *err)
{
    struct db_query q = db_query(store_db(s), "UPDATE tasks SET state = 'pending', holder = NULL,"
                                              " lease_until = NULL" WHERE_LEASE);

    return run_leased(&q, lease, err);
}

int outbox_release_all(struct store *s, struct span holder, uint64_t *n, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE tasks SET state = 'pending', holder = NULL,"
                              " lease_until = NULL WHERE state = 'leased' AND holder = ?");

    db_bind_text(&q, holder);
    return db_run(&q, n, err);
}

/* Fails the one lease that `q` finds, and leaves it in `fail`. */
static int fail_found(struct store *s, struct db_query *q, struct msg_fail *fail,
                      const struct outbox_policy *policy, uint64_t now_ms, enum outbox_fate *fate,
                      struct error *err)
{
    int rc = db_step(q, err);

    if (rc <= 0)
        return rc;
    fail->lease = (struct lease){
        .task_id = db_u64(q, 0), .attempt = (uint32_t)db_u64(q, 1), .epoch = db_u64(q, 2)};
    db_end(q);
    rc = outbox_fail(s, fail, policy, now_ms, fate, err);
    return rc < 0 ? rc : 1;
}

int outbox_fail_lost(struct store *s, struct span holder, const struct outbox_policy *policy,
                     uint64_t now_ms, struct lease *lease, enum outbox_fate *fate,
                     struct error *err)
{
    struct msg_fail fail = {.reason = SPAN_LIT("worker_lost"),
                            .detail = SPAN_LIT("the worker went silent while it held the task")};
    struct db_query q = db_query(store_db(s), "SELECT id, attempt, epoch FROM tasks"
                                              " WHERE state = 'leased' AND holder = ? LIMIT 1");
    int rc;

    db_bind_text(&q, holder);
    rc = fail_found(s, &q, &fail, policy, now_ms, fate, err);
    *lease = fail.lease;
    return rc;
}

int outbox_fail_expired(struct store *s, const struct outbox_policy *policy, uint64_t now_ms,
                        struct lease *lease, enum outbox_fate *fate, struct error *err)
{
    struct msg_fail fail = {.reason = SPAN_LIT("lease_expired"),
                            .detail = SPAN_LIT("no answer and no renewal within the lease")};
    struct db_query q = db_query(store_db(s), "SELECT id, attempt, epoch FROM tasks"
                                              " WHERE state = 'leased' AND lease_until < ?"
                                              " ORDER BY lease_until LIMIT 1");
    int rc;

    db_bind_u64(&q, now_ms);
    rc = fail_found(s, &q, &fail, policy, now_ms, fate, err);
    *lease = fail.lease;
    return rc;
}

int outbox_held(struct store *s, struct span holder, uint64_t *n, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "SELECT count(*) FROM tasks WHERE state = 'leased' AND holder = ?");
    int rc;

    db_bind_text(&q, holder);
    rc = db_step(&q, err);
    if (rc < 0)
        return rc;
    *n = rc == 1 ? db_u64(&q, 0) : 0;
    db_end(&q);
    return 0;
}

int outbox_count(struct store *s, struct outbox_counts *out, struct error *err)
{
    struct db_query q = db_query(store_db(s), "SELECT state, n FROM counts");
    int rc;

    *out = (struct outbox_counts){0};
    while ((rc = db_step(&q, err)) == 1) {
        struct span state = db_text(&q, 0);
        uint64_t n = db_u64(&q, 1);

        if (span_equal_str(state, "pending"))
            out->pending = n;
        else if (span_equal_str(state, "leased"))
            out->leased = n;
        else if (span_equal_str(state, "done"))
            out->done = n;
        else
            out->dead = n;
    }
    return rc;
}

int outbox_next_dead(struct store *s, uint64_t after, struct arena *arena, struct dead_letter *out,
                     struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "SELECT id, url, source, reason, detail, attempt FROM tasks"
                              " WHERE state = 'dead' AND id > ? ORDER BY id LIMIT 1");
    int rc;

    db_bind_u64(&q, after);
    rc = db_step(&q, err);
    if (rc != 1)
        return rc;
    *out = (struct dead_letter){
        .id = db_u64(&q, 0),
        .url = arena_copy(arena, db_text(&q, 1)),
        .source = arena_copy(arena, db_text(&q, 2)),
        .reason = arena_copy(arena, db_text(&q, 3)),
        .detail = arena_copy(arena, db_text(&q, 4)),
        .attempts = (uint32_t)db_u64(&q, 5),
    };
    db_end(&q);
    return 1;
}
