/*
 * Tables:
 *
 *     committed       (statement_id, version_id, rules_sha256) -> first_seq, records: the dedupe
 * key place           seq of a statement -> segment and offset: where a replay starts to read
 *     latest          statement_id -> the version that holds now
 *     latest_finding  its findings' ids: what a next version may retract
 *     work            work_id -> the first statement with that text
 *     counts          one row: last seq, statements, findings
 *
 * All of it follows from the segments alone, in their order.
 */
#include "sink/index.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/timestamp.h"

/* Another number is another layout: the file is then moved aside and built anew. */
#define LAYOUT  "1"
#define BUSY_MS 5000

static const char open_sql[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=NORMAL;"
                               "PRAGMA temp_store=MEMORY;";

static const char create_sql[] =
    "CREATE TABLE IF NOT EXISTS committed("
    " statement_id TEXT NOT NULL, version_id TEXT NOT NULL, rules_sha256 TEXT NOT NULL,"
    " first_seq INTEGER NOT NULL, records INTEGER NOT NULL,"
    " PRIMARY KEY(statement_id, version_id, rules_sha256)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS place("
    " seq INTEGER PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS latest("
    " statement_id TEXT PRIMARY KEY, version_id TEXT NOT NULL, fetched_at TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS latest_finding("
    " statement_id TEXT NOT NULL, finding_id TEXT NOT NULL,"
    " PRIMARY KEY(statement_id, finding_id)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS work("
    " work_id TEXT PRIMARY KEY, statement_id TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS counts("
    " id INTEGER PRIMARY KEY CHECK(id = 1), last_seq INTEGER NOT NULL,"
    " statements INTEGER NOT NULL, findings INTEGER NOT NULL);"
    "INSERT OR IGNORE INTO counts VALUES(1, 0, 0, 0);"
    "PRAGMA user_version=" LAYOUT ";";

enum sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_FIND_COMMIT,
    SQL_FIND_LATEST,
    SQL_FIND_LATEST_FINDINGS,
    SQL_FIND_WORK,
    SQL_FIND_PLACE,
    SQL_ADD_COMMIT,
    SQL_ADD_PLACE,
    SQL_SET_LATEST,
    SQL_DROP_LATEST_FINDINGS,
    SQL_ADD_LATEST_FINDING,
    SQL_ADD_WORK,
    SQL_GET_COUNTS,
    SQL_SET_COUNTS,
    SQL_N
};

static const char *const sql_texts[SQL_N] = {
    [SQL_BEGIN] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_FIND_COMMIT] = ("SELECT first_seq, records FROM committed"
                         " WHERE statement_id=?1 AND version_id=?2 AND rules_sha256=?3"),
    [SQL_FIND_LATEST] = "SELECT version_id, fetched_at FROM latest WHERE statement_id=?1",
    [SQL_FIND_LATEST_FINDINGS] =
        "SELECT finding_id FROM latest_finding WHERE statement_id=?1 ORDER BY finding_id",
    [SQL_FIND_WORK] = "SELECT statement_id FROM work WHERE work_id=?1",
    [SQL_FIND_PLACE] = "SELECT segment, offset FROM place WHERE seq<=?1 ORDER BY seq DESC LIMIT 1",
    [SQL_ADD_COMMIT] = "INSERT OR IGNORE INTO committed VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_ADD_PLACE] = "INSERT OR REPLACE INTO place VALUES(?1, ?2, ?3)",
    [SQL_SET_LATEST] = "INSERT OR REPLACE INTO latest VALUES(?1, ?2, ?3)",
    [SQL_DROP_LATEST_FINDINGS] = "DELETE FROM latest_finding WHERE statement_id=?1",
    [SQL_ADD_LATEST_FINDING] = "INSERT OR IGNORE INTO latest_finding VALUES(?1, ?2)",
    [SQL_ADD_WORK] = "INSERT OR IGNORE INTO work VALUES(?1, ?2)",
    [SQL_GET_COUNTS] = "SELECT last_seq, statements, findings FROM counts",
    [SQL_SET_COUNTS] = "UPDATE counts SET last_seq=?1, statements=?2, findings=?3",
};

struct index {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *stmts[SQL_N];
    struct index_counts counts;
};

static int failed(const struct index *ix, struct error *err)
{
    return error_set(err, ERR_SYS, "index %s: %s", ix->path, sqlite3_errmsg(ix->db));
}

static void bind_text(sqlite3_stmt *st, int at, struct span text)
{
    /* null is a value of its own in SQL and equals nothing; here unknown is one key like another */
    sqlite3_bind_text64(st, at, text.p ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

static void bind_u64(sqlite3_stmt *st, int at, uint64_t n)
{
    sqlite3_bind_int64(st, at, (sqlite3_int64)n);
}

static uint64_t column_u64(sqlite3_stmt *st, int at)
{
    return (uint64_t)sqlite3_column_int64(st, at);
}

static struct span column_text(sqlite3_stmt *st, int at, struct arena *arena)
{
    const void *text = sqlite3_column_text(st, at);

    return arena_copy(arena, span_of(text, (size_t)sqlite3_column_bytes(st, at)));
}

/* Runs what is bound; the row, if there is one, stands until the statement is reset. */
static int step(struct index *ix, enum sql which, struct error *err)
{
    int rc = sqlite3_step(ix->stmts[which]);

    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        return rc;
    failed(ix, err);
    sqlite3_reset(ix->stmts[which]);
    return err->code;
}

/* Runs a statement that gives no rows. */
static int run(struct index *ix, enum sql which, struct error *err)
{
    int rc = step(ix, which, err);

    if (rc < 0)
        return rc;
    sqlite3_reset(ix->stmts[which]);
    return 0;
}

/* Returns 0 with a row to read, or ERR_NOT_FOUND. The caller resets after reading. */
static int find(struct index *ix, enum sql which, struct error *err)
{
    int rc = step(ix, which, err);

    if (rc < 0 || rc == SQLITE_ROW)
        return rc < 0 ? rc : 0;
    sqlite3_reset(ix->stmts[which]);
    return error_set(err, ERR_NOT_FOUND, "not in the index");
}

/* True when SQLite says that all is well with the file. */
static bool is_sound(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    bool sound = false;

    if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        sound = span_equal_str(
            span_of(sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0)), "ok");
    sqlite3_finalize(st);
    return sound;
}

/* 0 for a file that has just been made. */
static int layout_of(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    int layout = -1;

    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        layout = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return layout;
}

static bool is_usable(sqlite3 *db)
{
    int layout;

    if (!is_sound(db))
        return false;
    layout = layout_of(db);
    return layout == 0 || layout == LAYOUT[0] - '0';
}

static int load_counts(struct index *ix, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_GET_COUNTS];
    int rc = find(ix, SQL_GET_COUNTS, err);

    if (rc < 0)
        return rc;
    ix->counts = (struct index_counts){
        .last_seq = column_u64(st, 0),
        .statements = column_u64(st, 1),
        .findings = column_u64(st, 2),
    };
    sqlite3_reset(st);
    return 0;
}

static int prepare(struct index *ix, struct error *err)
{
    for (int i = 0; i < SQL_N; i++) {
        if (sqlite3_prepare_v3(ix->db, sql_texts[i], -1, SQLITE_PREPARE_PERSISTENT, &ix->stmts[i],
                               NULL) != SQLITE_OK)
            return failed(ix, err);
    }
    return load_counts(ix, err);
}

/* ERR_FORMAT: it is there, but no index of ours. */
static int open_db(struct index *ix, struct error *err)
{
    if (sqlite3_open_v2(ix->path, &ix->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        return failed(ix, err);
    sqlite3_busy_timeout(ix->db, BUSY_MS);
    if (!is_usable(ix->db))
        return error_set(err, ERR_FORMAT, "index %s is damaged or of another layout", ix->path);
    if (sqlite3_exec(ix->db, open_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(ix->db, create_sql, NULL, NULL, NULL) != SQLITE_OK)
        return failed(ix, err);
    return prepare(ix, err);
}

static void close_db(struct index *ix)
{
    for (int i = 0; i < SQL_N; i++) {
        sqlite3_finalize(ix->stmts[i]);
        ix->stmts[i] = NULL;
    }
    sqlite3_close(ix->db);
    ix->db = NULL;
}

static int move_aside(const char *path, struct error *err)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        char *from;
        char *to;
        int rc;

        if (asprintf(&from, "%s%s", path, suffixes[i]) < 0 ||
            asprintf(&to, "%s.bad-%" PRIu64 "%s", path, wall_ms(), suffixes[i]) < 0)
            abort();
        rc = rename(from, to);
        if (rc < 0 && i == 0)
            rc = error_sys(err, "move %s aside", from);
        else
            rc = 0;
        free(from);
        free(to);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int index_open(const char *path, bool *moved, struct index **out, struct error *err)
{
    struct index *ix = xcalloc(1, sizeof *ix);
    int rc;

    *moved = false;
    ix->path = xstrdup(path);
    rc = open_db(ix, err);
    if (rc == ERR_FORMAT) {
        close_db(ix);
        rc = move_aside(path, err);
        if (rc == 0)
            rc = open_db(ix, err);
        *moved = true;
    }
    if (rc < 0) {
        index_close(ix);
        return rc;
    }
    *out = ix;
    return 0;
}

void index_close(struct index *ix)
{
    if (!ix)
        return;
    close_db(ix);
    free(ix->path);
    free(ix);
}

struct index_counts index_counts(const struct index *ix)
{
    return ix->counts;
}

int index_begin(struct index *ix, struct error *err)
{
    return run(ix, SQL_BEGIN, err);
}

int index_commit(struct index *ix, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_SET_COUNTS];
    int rc;

    bind_u64(st, 1, ix->counts.last_seq);
    bind_u64(st, 2, ix->counts.statements);
    bind_u64(st, 3, ix->counts.findings);
    rc = run(ix, SQL_SET_COUNTS, err);
    return rc < 0 ? rc : run(ix, SQL_COMMIT, err);
}

int index_find_commit(struct index *ix, struct span statement_id, struct span version_id,
                      struct span rules_sha256, struct index_commit *out, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_FIND_COMMIT];
    int rc;

    bind_text(st, 1, statement_id);
    bind_text(st, 2, version_id);
    bind_text(st, 3, rules_sha256);
    rc = find(ix, SQL_FIND_COMMIT, err);
    if (rc < 0)
        return rc;
    *out = (struct index_commit){column_u64(st, 0), (uint32_t)column_u64(st, 1)};
    sqlite3_reset(st);
    return 0;
}

static int read_latest_findings(struct index *ix, struct span statement_id, struct arena *arena,
                                text_list *out, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_FIND_LATEST_FINDINGS];
    int rc;

    bind_text(st, 1, statement_id);
    while ((rc = step(ix, SQL_FIND_LATEST_FINDINGS, err)) == SQLITE_ROW)
        *LIST_ADD(arena, out) = column_text(st, 0, arena);
    if (rc < 0)
        return rc;
    sqlite3_reset(st);
    return 0;
}

int index_find_latest(struct index *ix, struct span statement_id, struct arena *arena,
                      struct index_version *out, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_FIND_LATEST];
    int rc;

    bind_text(st, 1, statement_id);
    rc = find(ix, SQL_FIND_LATEST, err);
    if (rc < 0)
        return rc;
    *out = (struct index_version){.version_id = column_text(st, 0, arena),
                                  .fetched_at = column_text(st, 1, arena)};
    sqlite3_reset(st);
    return read_latest_findings(ix, statement_id, arena, &out->findings, err);
}

int index_find_work(struct index *ix, struct span work_id, struct arena *arena, struct span *out,
                    struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_FIND_WORK];
    int rc;

    bind_text(st, 1, work_id);
    rc = find(ix, SQL_FIND_WORK, err);
    if (rc < 0)
        return rc;
    *out = column_text(st, 0, arena);
    sqlite3_reset(st);
    return 0;
}

int index_find_place(struct index *ix, uint64_t seq, struct index_place *out, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_FIND_PLACE];
    int rc;

    bind_u64(st, 1, seq);
    rc = find(ix, SQL_FIND_PLACE, err);
    if (rc < 0)
        return rc;
    *out = (struct index_place){column_u64(st, 0), column_u64(st, 1)};
    sqlite3_reset(st);
    return 0;
}

static int add_commit(struct index *ix, const struct statement *s, uint32_t records,
                      struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_ADD_COMMIT];

    bind_text(st, 1, s->statement_id);
    bind_text(st, 2, s->version_id);
    bind_text(st, 3, s->provenance.rules_sha256);
    bind_u64(st, 4, s->seq);
    bind_u64(st, 5, records);
    return run(ix, SQL_ADD_COMMIT, err);
}

static int add_place(struct index *ix, uint64_t seq, struct index_place place, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_ADD_PLACE];

    bind_u64(st, 1, seq);
    bind_u64(st, 2, place.segment);
    bind_u64(st, 3, place.offset);
    return run(ix, SQL_ADD_PLACE, err);
}

static int add_work(struct index *ix, const struct statement *s, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_ADD_WORK];

    if (span_is_null(s->work_id))
        return 0;
    bind_text(st, 1, s->work_id);
    bind_text(st, 2, s->statement_id);
    return run(ix, SQL_ADD_WORK, err);
}

/* RFC 3339 in UTC, without fractions: order of text is order of time. */
bool index_is_older(struct span fetched_at, struct span than)
{
    size_t n = fetched_at.n < than.n ? fetched_at.n : than.n;

    return n > 0 && memcmp(fetched_at.p, than.p, n) < 0;
}

static int is_outdated(struct index *ix, const struct statement *s, struct error *err)
{
    sqlite3_stmt *st = ix->stmts[SQL_FIND_LATEST];
    bool older;
    int rc;

    bind_text(st, 1, s->statement_id);
    rc = find(ix, SQL_FIND_LATEST, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc < 0)
        return rc;
    older = index_is_older(s->provenance.fetched_at, span_of(sqlite3_column_text(st, 1),
                                                             (size_t)sqlite3_column_bytes(st, 1)));
    sqlite3_reset(st);
    return older;
}

static int set_latest(struct index *ix, const struct coded_statement *c, struct error *err)
{
    const struct statement *s = &c->statement;
    sqlite3_stmt *set = ix->stmts[SQL_SET_LATEST];
    sqlite3_stmt *add = ix->stmts[SQL_ADD_LATEST_FINDING];
    int rc;

    bind_text(set, 1, s->statement_id);
    bind_text(set, 2, s->version_id);
    bind_text(set, 3, s->provenance.fetched_at);
    rc = run(ix, SQL_SET_LATEST, err);
    if (rc < 0)
        return rc;
    bind_text(ix->stmts[SQL_DROP_LATEST_FINDINGS], 1, s->statement_id);
    rc = run(ix, SQL_DROP_LATEST_FINDINGS, err);
    for (size_t i = 0; rc == 0 && i < c->findings.n; i++) {
        bind_text(add, 1, s->statement_id);
        bind_text(add, 2, c->findings.items[i].finding_id);
        rc = run(ix, SQL_ADD_LATEST_FINDING, err);
    }
    return rc;
}

int index_add(struct index *ix, const struct coded_statement *c, struct index_place place,
              struct error *err)
{
    const struct statement *s = &c->statement;
    uint32_t records = (uint32_t)c->findings.n + 1;
    int rc = add_commit(ix, s, records, err);

    if (rc == 0)
        rc = add_place(ix, s->seq, place, err);
    if (rc == 0)
        rc = add_work(ix, s, err);
    if (rc == 0)
        rc = is_outdated(ix, s, err);
    if (rc == 0)
        rc = set_latest(ix, c, err);
    if (rc < 0)
        return rc;
    ix->counts.last_seq = s->seq + records - 1;
    ix->counts.statements++;
    ix->counts.findings += c->findings.n;
    return 0;
}

/* Adds one group as it was read; what does not unpack is told and passed over. */
static int add_group(struct index *ix, const struct group *g, uint64_t segment, struct arena *arena,
                     damage_fn *fn, void *arg, const char *path, struct error *err)
{
    struct index_place place = {segment, g->offset};
    struct coded_statement c;
    struct error cause;

    if (g->first_seq <= ix->counts.last_seq)
        return 0;
    arena_reset(arena);
    if (coded_statement_unpack(g->maps, arena, &c, &cause) < 0) {
        if (fn)
            fn(arg, path, g->offset, cause.message);
        return 0;
    }
    return index_add(ix, &c, place, err);
}

int index_catch_up(struct index *ix, const char *segment_file, uint64_t segment, damage_fn *fn,
                   void *arg, struct error *err)
{
    struct arena *arena = arena_new();
    struct group_reader *g = NULL;
    struct group group;
    int rc = group_reader_open(segment_file, fn, arg, &g, err);

    if (rc == 0)
        rc = index_begin(ix, err);
    while (rc >= 0 && (rc = group_read_next(g, &group, err)) > 0)
        rc = add_group(ix, &group, segment, arena, fn, arg, segment_file, err);
    if (rc == 0)
        rc = index_commit(ix, err);
    group_reader_close(g);
    arena_free(arena);
    return rc;
}
