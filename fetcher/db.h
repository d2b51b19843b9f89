/*
 * SQLite as the fetcher uses it: one connection, prepared statements kept, one transaction a turn.
 *
 *     struct db_query q = db_query(db, "UPDATE tasks SET state = 'done' WHERE id = ?");
 *     db_bind_u64(&q, id);
 *     rc = db_run(&q, &changed, err);
 *
 * The text of a statement is a literal: its address is what finds the prepared statement again.
 * Values are bound from left to right. A query keeps its first failure and reports it at
 * db_step() or db_run(). A statement that writes opens a transaction when none is open;
 * db_commit() makes everything since then durable.
 */
#ifndef POLLWATCH_FETCHER_DB_H
#define POLLWATCH_FETCHER_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"

struct db;
struct sqlite3_stmt;

enum db_mode { DB_CREATE, DB_WRITE, DB_READ };

struct db_query {
    struct db *db;
    struct sqlite3_stmt *stmt; /* NULL: could not be prepared */
    int bound;
    int failed; /* SQLite's code of the first failure, or 0 */
};

/*
 * Errors name the file. ERR_FORMAT: not a database, or a damaged one; ERR_SYS: can't be opened,
 * read or written; ERR_STATE: locked, or a mistake of ours.
 */
MUST_USE int db_open(const char *path, enum db_mode mode, struct db **out, struct error *err);

/* Rolls back what was not committed. NULL is fine. */
void db_close(struct db *db);

/* A script without parameters: schema and pragmas. */
MUST_USE int db_exec(struct db *db, const char *script, struct error *err);

struct db_query db_query(struct db *db, const char *sql);
void db_bind_u64(struct db_query *q, uint64_t value);    /* at most INT64_MAX */
void db_bind_text(struct db_query *q, struct span text); /* the null span binds NULL; copied */
/* For texts from outside: at most max_bytes, and only as far as it is valid UTF-8. */
void db_bind_cut(struct db_query *q, struct span text, size_t max_bytes);
void db_bind_null(struct db_query *q);

/* Returns 1 with a row, 0 at the end (the query is then over), or an error. */
MUST_USE int db_step(struct db_query *q, struct error *err);

/* Columns of the current row, good until the next step. */
uint64_t db_u64(const struct db_query *q, int column);
struct span db_text(const struct db_query *q, int column);

/* Ends a query early. Always call it when db_step() has returned 1 for the last time. */
void db_end(struct db_query *q);

/* Runs a statement that yields no rows. `changed` may be NULL. */
MUST_USE int db_run(struct db_query *q, uint64_t *changed, struct error *err);

uint64_t db_last_id(const struct db *db);
bool db_is_dirty(const struct db *db);
MUST_USE int db_commit(struct db *db, struct error *err);
const char *db_path(const struct db *db);

/* For those who know better what is wrong with the file: ERR_FORMAT "PATH: …". */
int db_damaged(const struct db *db, struct error *err, const char *what);

#endif
