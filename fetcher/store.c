/*
 * fetcher.sqlite: its schema, how it comes into being and how it is opened.
 *
 *   sources    a row for each source that ever was configured; what its last poll said
 *   hosts      politeness: when the next request may go out, failures in a row
 *   addresses  the frontier: every address known, with validators exactly as served and the time
 *              of its next fetch (next_ms NULL: never again); `epoch` is the last start whose
 *              configuration asked for it
 *   files      what was seen in watched folders: (size, mtime_ns) then SHA-256
 *   tasks      the outbox: pending -> leased -> done | pending again | dead
 *   counts     tasks a state, kept by triggers, so that asking costs nothing at any size
 *   meta       epoch
 *
 * A new file is made under another name and renamed, so an existing file of no bytes always means
 * that somebody lost something, and is refused. Times are milliseconds since 1970.
 */
#include "fetcher/store.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/mem.h"

#define SCHEMA_VERSION 1

/* "pwft", so that file(1) and we know whose database it is. */
#define APPLICATION_ID 0x70776674

struct store {
    struct db *db;
    uint64_t epoch;
};

static const char schema[] =
    "PRAGMA application_id = 1886873204;"
    "PRAGMA user_version = 1;"
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('epoch', 0);"
    "CREATE TABLE sources ("
    "  id TEXT PRIMARY KEY, kind TEXT NOT NULL, epoch INTEGER NOT NULL, last_ms INTEGER,"
    "  next_ms INTEGER, seen INTEGER NOT NULL DEFAULT 0, error TEXT) STRICT, WITHOUT ROWID;"
    "CREATE TABLE hosts ("
    "  host TEXT PRIMARY KEY, ready_ms INTEGER NOT NULL DEFAULT 0,"
    "  failures INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE TABLE addresses ("
    "  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE,"
    "  source TEXT NOT NULL REFERENCES sources (id), host TEXT NOT NULL REFERENCES hosts (host),"
    "  role TEXT NOT NULL CHECK (role IN ('feed', 'page', 'entry')), epoch INTEGER NOT NULL,"
    "  etag TEXT, last_modified TEXT, body_sha256 TEXT,"
    "  feed_title TEXT, feed_published TEXT,"
    "  outcome TEXT NOT NULL DEFAULT 'new', detail TEXT,"
    "  last_ms INTEGER, next_ms INTEGER, failures INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX addresses_due ON addresses (host, next_ms) WHERE next_ms IS NOT NULL;"
    "CREATE INDEX addresses_untried ON addresses (source) WHERE last_ms IS NULL;"
    "CREATE TABLE files ("
    "  url TEXT PRIMARY KEY, source TEXT NOT NULL REFERENCES sources (id),"
    "  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, body_sha256 TEXT,"
    "  outcome TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE tasks ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  state TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'done', 'dead')),"
    "  url TEXT NOT NULL, final_url TEXT, source TEXT NOT NULL REFERENCES sources (id),"
    "  issuer TEXT, media_type TEXT, charset TEXT, http_status INTEGER NOT NULL DEFAULT 0,"
    "  etag TEXT, last_modified TEXT, fetched_at TEXT, raw_sha256 TEXT,"
    "  feed_title TEXT, feed_published TEXT,"
    "  archive_file TEXT, archive_offset INTEGER, archive_length INTEGER,"
    "  body_bytes INTEGER NOT NULL DEFAULT 0, added_ms INTEGER NOT NULL,"
    "  attempt INTEGER NOT NULL DEFAULT 0, epoch INTEGER NOT NULL DEFAULT 0, holder TEXT,"
    "  lease_until INTEGER, not_before INTEGER NOT NULL DEFAULT 0,"
    "  failures INTEGER NOT NULL DEFAULT 0, reason TEXT, detail TEXT,"
    "  first_seq INTEGER, records INTEGER) STRICT;"
    "CREATE INDEX tasks_pending ON tasks (not_before, id) WHERE state = 'pending';"
    "CREATE INDEX tasks_leased ON tasks (lease_until) WHERE state = 'leased';"
    "CREATE INDEX tasks_held ON tasks (holder) WHERE state = 'leased';"
    "CREATE INDEX tasks_dead ON tasks (id) WHERE state = 'dead';"
    "CREATE TABLE counts (state TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO counts VALUES ('pending', 0), ('leased', 0), ('done', 0), ('dead', 0);"
    "CREATE TRIGGER tasks_added AFTER INSERT ON tasks BEGIN"
    "  UPDATE counts SET n = n + 1 WHERE state = new.state; END;"
    "CREATE TRIGGER tasks_moved AFTER UPDATE OF state ON tasks WHEN old.state <> new.state BEGIN"
    "  UPDATE counts SET n = n - 1 WHERE state = old.state;"
    "  UPDATE counts SET n = n + 1 WHERE state = new.state; END;"
    "CREATE TRIGGER tasks_removed AFTER DELETE ON tasks BEGIN"
    "  UPDATE counts SET n = n - 1 WHERE state = old.state; END;";

static int read_number(struct db *db, const char *sql, uint64_t *out, struct error *err)
{
    struct db_query q = db_query(db, sql);
    int rc = db_step(&q, err);

    if (rc == 0)
        return db_damaged(db, err, "a row that must be there is missing");
    if (rc < 0)
        return rc;
    *out = db_u64(&q, 0);
    db_end(&q);
    return 0;
}

static int check_identity(struct db *db, struct error *err)
{
    uint64_t application = 0;
    uint64_t version = 0;
    int rc = read_number(db, "PRAGMA application_id", &application, err);

    if (rc < 0)
        return rc;
    if (application != APPLICATION_ID)
        return db_damaged(db, err, "is a database, but not pollwatch-fetcher's");
    rc = read_number(db, "PRAGMA user_version", &version, err);
    if (rc < 0)
        return rc;
    if (version != SCHEMA_VERSION)
        return error_set(err, ERR_VERSION, "%s: schema version %llu, this program knows %d",
                         db_path(db), (unsigned long long)version, SCHEMA_VERSION);
    return 0;
}

/* Makes the whole file under a temporary name; a crash leaves nothing under the real one. */
static int create(const char *path, struct error *err)
{
    char *temporary = NULL;
    char *directory = xstrdup(path);
    struct db *db = NULL;
    int rc;

    if (asprintf(&temporary, "%s.new", path) < 0)
        abort();
    if (unlink(temporary) < 0 && errno != ENOENT) {
        rc = error_sys(err, "remove %s", temporary);
        goto out;
    }
    rc = db_open(temporary, DB_CREATE, &db, err);
    if (rc < 0)
        goto out;
    rc = db_exec(db, schema, err);
    if (rc < 0)
        goto out;
    db_close(db);
    db = NULL;
    if (rename(temporary, path) < 0) {
        rc = error_sys(err, "rename %s to %s", temporary, path);
        goto out;
    }
    rc = dir_sync(dirname(directory), err);
out:
    db_close(db);
    free(directory);
    free(temporary);
    return rc;
}

static int check_present(const char *path, bool may_create, struct error *err)
{
    struct stat st;

    if (stat(path, &st) < 0) {
        if (errno == ENOENT && may_create)
            return create(path, err);
        return error_sys(err, "open %s", path);
    }
    if (st.st_size == 0)
        return error_set(err, ERR_FORMAT,
                         "%s: is empty, its contents are lost; restore it from a copy, or remove "
                         "it to start anew",
                         path);
    return 0;
}

static int open_mode(const char *path, enum db_mode mode, struct store **out, struct error *err)
{
    struct store *s = xcalloc(1, sizeof *s);
    int rc = check_present(path, mode == DB_WRITE, err);

    if (rc < 0)
        goto out;
    rc = db_open(path, mode, &s->db, err);
    if (rc < 0)
        goto out;
    rc = check_identity(s->db, err);
    if (rc < 0)
        goto out;
    *out = s;
    s = NULL;
out:
    store_close(s);
    return rc;
}

static int next_epoch(struct store *s, struct error *err)
{
    struct db_query q = db_query(s->db, "UPDATE meta SET value = value + 1 WHERE key = 'epoch'");
    int rc = db_run(&q, NULL, err);

    if (rc < 0)
        return rc;
    rc = read_number(s->db, "SELECT value FROM meta WHERE key = 'epoch'", &s->epoch, err);
    return rc < 0 ? rc : db_commit(s->db, err);
}

int store_open(const char *path, struct store **out, struct error *err)
{
    struct store *s = NULL;
    int rc = open_mode(path, DB_WRITE, &s, err);

    if (rc < 0)
        return rc;
    rc = db_exec(s->db,
                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
                 err);
    if (rc < 0)
        goto out;
    rc = next_epoch(s, err);
    if (rc < 0)
        goto out;
    *out = s;
    s = NULL;
out:
    store_close(s);
    return rc;
}

int store_open_read(const char *path, struct store **out, struct error *err)
{
    return open_mode(path, DB_READ, out, err);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    db_close(s->db);
    free(s);
}

uint64_t store_epoch(const struct store *s)
{
    return s->epoch;
}

bool store_is_dirty(const struct store *s)
{
    return db_is_dirty(s->db);
}

int store_commit(struct store *s, struct error *err)
{
    return db_commit(s->db, err);
}

struct db *store_db(struct store *s)
{
    return s->db;
}
