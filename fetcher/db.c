/*
 * The thin layer between the fetcher's modules and SQLite.
 *
 * Prepared statements are kept in a small array, found by the address of their text; the fetcher
 * has about forty. Transactions open by themselves at the first write of a turn, so that whoever
 * writes need not know who else did: the service commits once, before it sleeps.
 */
#include "fetcher/db.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/utf8.h"

#define STATEMENTS_MAX 96

/* How long another process (`dlq`, a person with the sqlite3 shell) may hold the file. */
#define BUSY_MS 5000

struct cached {
    const char *sql;
    sqlite3_stmt *stmt;
};

struct db {
    sqlite3 *handle;
    char *path;
    struct cached cache[STATEMENTS_MAX];
    size_t cached;
};

static int as_errno(int code, int sys)
{
    if (sys != 0)
        return sys;
    if (code == SQLITE_FULL)
        return ENOSPC;
    return code == SQLITE_READONLY ? EROFS : EIO;
}

static int report(const struct db *db, int code, struct error *err)
{
    const char *what = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);

    switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return error_set(err, ERR_FORMAT, "%s: %s", db->path, what);
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        errno = as_errno(code & 0xff, db->handle ? sqlite3_system_errno(db->handle) : 0);
        return error_sys(err, "%s: %s", db->path, what);
    default:
        return error_set(err, ERR_STATE, "%s: %s", db->path, what);
    }
}

int db_open(const char *path, enum db_mode mode, struct db **out, struct error *err)
{
    static const int flags[] = {
        [DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [DB_WRITE] = SQLITE_OPEN_READWRITE,
        [DB_READ] = SQLITE_OPEN_READONLY,
    };
    struct db *db = xcalloc(1, sizeof *db);
    int code;
    int rc = 0;

    db->path = xstrdup(path);
    code = sqlite3_open_v2(path, &db->handle, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        rc = report(db, code, err);
        goto out;
    }
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    *out = db;
    db = NULL;
out:
    db_close(db);
    return rc;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->cached; i++)
        sqlite3_finalize(db->cache[i].stmt);
    sqlite3_close(db->handle);
    free(db->path);
    free(db);
}

int db_exec(struct db *db, const char *script, struct error *err)
{
    int code = sqlite3_exec(db->handle, script, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : report(db, code, err);
}

static sqlite3_stmt *prepared(struct db *db, const char *sql, int *code)
{
    struct cached *c;

    for (size_t i = 0; i < db->cached; i++) {
        if (db->cache[i].sql == sql)
            return db->cache[i].stmt;
    }
    if (db->cached == STATEMENTS_MAX) {
        *code = SQLITE_TOOBIG;
        return NULL;
    }
    c = &db->cache[db->cached];
    *code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &c->stmt, NULL);
    if (*code != SQLITE_OK)
        return NULL;
    c->sql = sql;
    db->cached++;
    return c->stmt;
}

static void keep(struct db_query *q, int code)
{
    if (q->failed == 0 && code != SQLITE_OK)
        q->failed = code;
}

struct db_query db_query(struct db *db, const char *sql)
{
    struct db_query q = {.db = db};
    int code = SQLITE_OK;

    q.stmt = prepared(db, sql, &code);
    keep(&q, code);
    if (q.stmt && !sqlite3_stmt_readonly(q.stmt) && sqlite3_get_autocommit(db->handle))
        keep(&q, sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    return q;
}

void db_bind_u64(struct db_query *q, uint64_t value)
{
    q->bound++;
    if (q->failed == 0)
        keep(q, sqlite3_bind_int64(q->stmt, q->bound, (sqlite3_int64)value));
}

void db_bind_text(struct db_query *q, struct span text)
{
    if (span_is_null(text)) {
        db_bind_null(q);
        return;
    }
    q->bound++;
    if (q->failed == 0)
        keep(q,
             sqlite3_bind_text64(q->stmt, q->bound, text.p, text.n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void db_bind_cut(struct db_query *q, struct span text, size_t max_bytes)
{
    if (text.n > max_bytes)
        text.n = max_bytes;
    text.n = utf8_valid_prefix(text);
    db_bind_text(q, text);
}

void db_bind_null(struct db_query *q)
{
    q->bound++;
    if (q->failed == 0)
        keep(q, sqlite3_bind_null(q->stmt, q->bound));
}

int db_step(struct db_query *q, struct error *err)
{
    int code = q->failed ? q->failed : sqlite3_step(q->stmt);
    int rc;

    if (code == SQLITE_ROW)
        return 1;
    /* before the reset, which would overwrite the connection's message */
    rc = code == SQLITE_DONE ? 0 : report(q->db, code, err);
    db_end(q);
    return rc;
}

uint64_t db_u64(const struct db_query *q, int column)
{
    return (uint64_t)sqlite3_column_int64(q->stmt, column);
}

struct span db_text(const struct db_query *q, int column)
{
    const unsigned char *p = sqlite3_column_text(q->stmt, column);

    return p ? span_of(p, (size_t)sqlite3_column_bytes(q->stmt, column)) : SPAN_NULL;
}

void db_end(struct db_query *q)
{
    if (!q->stmt)
        return;
    /* the return value repeats what db_step() reported */
    sqlite3_reset(q->stmt);
    sqlite3_clear_bindings(q->stmt);
}

int db_run(struct db_query *q, uint64_t *changed, struct error *err)
{
    int rc = db_step(q, err);

    if (rc > 0)
        db_end(q);
    if (rc >= 0 && changed)
        *changed = (uint64_t)sqlite3_changes64(q->db->handle);
    return rc < 0 ? rc : 0;
}

uint64_t db_last_id(const struct db *db)
{
    return (uint64_t)sqlite3_last_insert_rowid(db->handle);
}

bool db_is_dirty(const struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

int db_commit(struct db *db, struct error *err)
{
    return db_is_dirty(db) ? db_exec(db, "COMMIT", err) : 0;
}

const char *db_path(const struct db *db)
{
    return db->path;
}

int db_damaged(const struct db *db, struct error *err, const char *what)
{
    return error_set(err, ERR_FORMAT, "%s: %s", db->path, what);
}
