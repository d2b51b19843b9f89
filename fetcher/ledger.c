#include "fetcher/ledger.h"

#include "common/timestamp.h"
#include "fetcher/url.h"

#define DETAIL_MAX_BYTES 512

static const char *const role_names[] = {
    [ADDRESS_FEED] = "feed",
    [ADDRESS_PAGE] = "page",
    [ADDRESS_ENTRY] = "entry",
};

int ledger_add_source(struct store *s, struct span id, struct span kind, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "INSERT INTO sources (id, kind, epoch) VALUES (?, ?, ?)"
                              " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind,"
                              " epoch = excluded.epoch");

    db_bind_text(&q, id);
    db_bind_text(&q, kind);
    db_bind_u64(&q, store_epoch(s));
    return db_run(&q, NULL, err);
}

static int add_host(struct store *s, struct span host, struct error *err)
{
    struct db_query q = db_query(store_db(s), "INSERT OR IGNORE INTO hosts (host) VALUES (?)");

    db_bind_text(&q, host);
    return db_run(&q, NULL, err);
}

int ledger_add_address(struct store *s, struct span url, struct span source, enum address_role role,
                       uint64_t now_ms, uint64_t every_ms, struct error *err)
{
    char host[URL_HOST_BYTES];
    struct db_query q;
    int rc = url_host(url, host, err);

    if (rc < 0)
        return rc;
    rc = add_host(s, span_of_str(host), err);
    if (rc < 0)
        return rc;
    /* a shorter interval in the new configuration takes effect at once */
    q = db_query(store_db(s),
                 "INSERT INTO addresses (url, source, host, role, epoch, next_ms)"
                 " VALUES (?, ?, ?, ?, ?, ?)"
                 " ON CONFLICT (url) DO UPDATE SET source = excluded.source, role = excluded.role,"
                 " epoch = excluded.epoch, next_ms = min(coalesce(next_ms, excluded.next_ms), ?)");
    db_bind_text(&q, url);
    db_bind_text(&q, source);
    db_bind_text(&q, span_of_str(host));
    db_bind_text(&q, span_of_str(role_names[role]));
    db_bind_u64(&q, store_epoch(s));
    db_bind_u64(&q, now_ms);
    db_bind_u64(&q, now_ms + every_ms);
    return db_run(&q, NULL, err);
}

/* Entries of a source that comes back into the configuration are due again. */
static int revive(struct store *s, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE addresses SET next_ms = 0, outcome = 'new'"
                              " WHERE outcome = 'retired' AND role = 'entry' AND source IN"
                              " (SELECT id FROM sources WHERE epoch = ?)");

    db_bind_u64(&q, store_epoch(s));
    return db_run(&q, NULL, err);
}

int ledger_retire_others(struct store *s, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE addresses SET next_ms = NULL, outcome = 'retired'"
                              " WHERE next_ms IS NOT NULL AND"
                              " CASE role WHEN 'entry' THEN source NOT IN"
                              " (SELECT id FROM sources WHERE epoch = ?1)"
                              " ELSE epoch < ?1 END");
    int rc;

    db_bind_u64(&q, store_epoch(s));
    rc = db_run(&q, NULL, err);
    return rc < 0 ? rc : revive(s, err);
}

int ledger_add_entry(struct store *s, struct span url, struct span source, struct span title,
                     struct span published, uint64_t now_ms, bool *is_new, struct error *err)
{
    char host[URL_HOST_BYTES];
    uint64_t changed = 0;
    struct db_query q;
    int rc = url_host(url, host, err);

    if (rc < 0)
        return rc;
    rc = add_host(s, span_of_str(host), err);
    if (rc < 0)
        return rc;
    q = db_query(store_db(s), "INSERT OR IGNORE INTO addresses"
                              " (url, source, host, role, epoch, next_ms, feed_title,"
                              " feed_published) VALUES (?, ?, ?, 'entry', ?, ?, ?, ?)");
    db_bind_text(&q, url);
    db_bind_text(&q, source);
    db_bind_text(&q, span_of_str(host));
    db_bind_u64(&q, store_epoch(s));
    db_bind_u64(&q, now_ms);
    db_bind_text(&q, title);
    db_bind_text(&q, published);
    rc = db_run(&q, &changed, err);
    *is_new = rc == 0 && changed == 1;
    return rc;
}

static enum address_role role_of(struct span name)
{
    if (span_equal_str(name, role_names[ADDRESS_FEED]))
        return ADDRESS_FEED;
    return span_equal_str(name, role_names[ADDRESS_PAGE]) ? ADDRESS_PAGE : ADDRESS_ENTRY;
}

static void read_address(const struct db_query *q, struct arena *arena, struct address *out)
{
    *out = (struct address){
        .id = db_u64(q, 0),
        .url = arena_copy(arena, db_text(q, 1)),
        .source = arena_copy(arena, db_text(q, 2)),
        .host = arena_copy(arena, db_text(q, 3)),
        .role = role_of(db_text(q, 4)),
        .etag = arena_copy(arena, db_text(q, 5)),
        .last_modified = arena_copy(arena, db_text(q, 6)),
        .body_sha256 = arena_copy(arena, db_text(q, 7)),
        .feed_title = arena_copy(arena, db_text(q, 8)),
        .feed_published = arena_copy(arena, db_text(q, 9)),
        .failures = (uint32_t)db_u64(q, 10),
        .host_failures = (uint32_t)db_u64(q, 11),
    };
}

int ledger_due(struct store *s, uint64_t now_ms, struct arena *arena, struct address *out,
               size_t max, size_t *n, struct error *err)
{
    struct db_query q = db_query(
        store_db(s),
        "SELECT a.id, a.url, a.source, a.host, a.role, a.etag, a.last_modified, a.body_sha256,"
        " a.feed_title, a.feed_published, a.failures, h.failures"
        " FROM hosts h JOIN addresses a ON a.id ="
        " (SELECT id FROM addresses WHERE host = h.host AND next_ms <= ?1"
        "  ORDER BY next_ms LIMIT 1)"
        " WHERE h.ready_ms <= ?1 ORDER BY a.next_ms LIMIT ?2");
    int rc;

    *n = 0;
    db_bind_u64(&q, now_ms);
    db_bind_u64(&q, max);
    while ((rc = db_step(&q, err)) == 1)
        read_address(&q, arena, &out[(*n)++]);
    return rc;
}

static void bind_next(struct db_query *q, uint64_t next_ms)
{
    if (next_ms == LEDGER_NEVER)
        db_bind_null(q);
    else
        db_bind_u64(q, next_ms);
}

int ledger_fetched(struct store *s, uint64_t id, const struct address_state *state,
                   const char *outcome, uint64_t now_ms, uint64_t next_ms, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE addresses SET etag = ?, last_modified = ?, body_sha256 = ?,"
                              " outcome = ?, detail = NULL, failures = 0, last_ms = ?, next_ms = ?"
                              " WHERE id = ?");

    db_bind_text(&q, state->etag);
    db_bind_text(&q, state->last_modified);
    db_bind_text(&q, state->body_sha256);
    db_bind_text(&q, span_of_str(outcome));
    db_bind_u64(&q, now_ms);
    bind_next(&q, next_ms);
    db_bind_u64(&q, id);
    return db_run(&q, NULL, err);
}

int ledger_visited(struct store *s, uint64_t id, const char *outcome, struct span detail,
                   uint32_t failures, uint64_t now_ms, uint64_t next_ms, struct error *err)
{
    struct db_query q = db_query(store_db(s), "UPDATE addresses SET outcome = ?, detail = ?,"
                                              " failures = ?, last_ms = ?, next_ms = ?"
                                              " WHERE id = ?");

    db_bind_text(&q, span_of_str(outcome));
    db_bind_cut(&q, detail, DETAIL_MAX_BYTES);
    db_bind_u64(&q, failures);
    db_bind_u64(&q, now_ms);
    bind_next(&q, next_ms);
    db_bind_u64(&q, id);
    return db_run(&q, NULL, err);
}

int ledger_host_ready(struct store *s, struct span host, uint64_t ready_ms, uint32_t failures,
                      struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "UPDATE hosts SET ready_ms = ?, failures = ? WHERE host = ?");

    db_bind_u64(&q, ready_ms);
    db_bind_u64(&q, failures);
    db_bind_text(&q, host);
    return db_run(&q, NULL, err);
}

int ledger_polled(struct store *s, struct span source, uint64_t now_ms, uint64_t next_ms,
                  struct span error, struct error *err)
{
    struct db_query q = db_query(
        store_db(s), "UPDATE sources SET last_ms = ?, next_ms = ?, error = ? WHERE id = ?");

    db_bind_u64(&q, now_ms);
    db_bind_u64(&q, next_ms);
    db_bind_cut(&q, error, DETAIL_MAX_BYTES);
    db_bind_text(&q, source);
    return db_run(&q, NULL, err);
}

int ledger_seen(struct store *s, struct span source, struct error *err)
{
    struct db_query q = db_query(store_db(s), "UPDATE sources SET seen = seen + 1 WHERE id = ?");

    db_bind_text(&q, source);
    return db_run(&q, NULL, err);
}

int ledger_settled(struct store *s, struct span source, bool *settled, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "SELECT 1 FROM addresses a JOIN hosts h ON h.host = a.host"
                              " WHERE a.source = ? AND a.last_ms IS NULL"
                              " AND a.next_ms IS NOT NULL AND h.failures = 0 LIMIT 1");
    int rc;

    db_bind_text(&q, source);
    rc = db_step(&q, err);
    if (rc < 0)
        return rc;
    *settled = rc == 0;
    db_end(&q);
    return 0;
}

static struct span time_text(struct arena *arena, uint64_t wall)
{
    char text[TIMESTAMP_BYTES];

    if (wall == 0)
        return SPAN_NULL;
    timestamp_write(wall, text);
    return arena_copy(arena, span_of_str(text));
}

int ledger_sources(struct store *s, struct arena *arena, source_state_list *out, struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "SELECT id, kind, last_ms, next_ms, seen, error FROM sources"
                              " WHERE epoch = ? ORDER BY id");
    int rc;

    db_bind_u64(&q, store_epoch(s));
    while ((rc = db_step(&q, err)) == 1) {
        struct source_state *state = LIST_ADD(arena, out);

        *state = (struct source_state){
            .id = arena_copy(arena, db_text(&q, 0)),
            .kind = arena_copy(arena, db_text(&q, 1)),
            .last_poll = time_text(arena, db_u64(&q, 2)),
            .next_poll = time_text(arena, db_u64(&q, 3)),
            .seen = db_u64(&q, 4),
            .error = arena_copy(arena, db_text(&q, 5)),
        };
    }
    return rc;
}

int ledger_get_file(struct store *s, struct span url, struct arena *arena, struct file_state *out,
                    struct error *err)
{
    struct db_query q =
        db_query(store_db(s), "SELECT size, mtime_ns, body_sha256 FROM files WHERE url = ?");
    int rc;

    db_bind_text(&q, url);
    rc = db_step(&q, err);
    if (rc != 1)
        return rc;
    *out = (struct file_state){.size = db_u64(&q, 0),
                               .mtime_ns = db_u64(&q, 1),
                               .body_sha256 = arena_copy(arena, db_text(&q, 2))};
    db_end(&q);
    return 1;
}

int ledger_put_file(struct store *s, struct span url, struct span source,
                    const struct file_state *state, const char *outcome, struct error *err)
{
    struct db_query q = db_query(
        store_db(s), "INSERT INTO files (url, source, size, mtime_ns, body_sha256, outcome)"
                     " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET"
                     " source = excluded.source, size = excluded.size,"
                     " mtime_ns = excluded.mtime_ns, body_sha256 = excluded.body_sha256,"
                     " outcome = excluded.outcome");

    db_bind_text(&q, url);
    db_bind_text(&q, source);
    db_bind_u64(&q, state->size);
    db_bind_u64(&q, state->mtime_ns);
    db_bind_text(&q, state->body_sha256);
    db_bind_text(&q, span_of_str(outcome));
    return db_run(&q, NULL, err);
}
