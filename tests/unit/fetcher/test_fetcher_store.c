#include "fetcher/store.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "fetcher/ledger.h"
#include "scratch.h"

static struct store *store;
static struct error err;

static void end(void)
{
    store_close(store);
    scratch_remove();
}

TestSuite(store, .init = scratch_make, .fini = end, .timeout = 60);

static const char *path(void)
{
    return scratch_path("fetcher.sqlite");
}

static void open_it(void)
{
    store_close(store);
    store = NULL;
    cr_assert_eq(store_open(path(), &store, &err), 0, "%s", err.message);
}

static void assert_refused(int code, int status)
{
    cr_assert_eq(store_open(path(), &store, &err), code, "%s", err.message);
    cr_assert_eq(error_exit_status(&err), status);
    cr_assert_not_null(strstr(err.message, path()), "names the file: %s", err.message);
}

Test(store, epoch_grows_with_each_start)
{
    open_it();
    cr_assert_eq(store_epoch(store), 1);
    open_it();
    cr_assert_eq(store_epoch(store), 2);
}

Test(store, looking_does_not_change_the_epoch)
{
    open_it();
    store_close(store);
    store = NULL;
    cr_assert_eq(store_open_read(path(), &store, &err), 0, "%s", err.message);
    open_it();

    cr_assert_eq(store_epoch(store), 2);
}

Test(store, emptied_file_is_refused)
{
    scratch_write("fetcher.sqlite", SPAN_LIT(""));

    assert_refused(ERR_FORMAT, EX_DATAERR);
}

Test(store, file_that_is_no_database_is_refused)
{
    char junk[8192];

    memset(junk, 'j', sizeof junk);
    scratch_write("fetcher.sqlite", span_of(junk, sizeof junk));

    assert_refused(ERR_FORMAT, EX_DATAERR);
}

Test(store, overwritten_database_is_refused)
{
    size_t n;
    char *bytes;

    open_it();
    store_close(store);
    store = NULL;
    bytes = scratch_read(path(), &n);
    memset(bytes + 100, 0xff, n - 100);
    scratch_write("fetcher.sqlite", span_of(bytes, n));
    free(bytes);

    assert_refused(ERR_FORMAT, EX_DATAERR);
}

Test(store, database_of_another_program_is_refused)
{
    struct db *db = NULL;

    cr_assert_eq(db_open(path(), DB_CREATE, &db, &err), 0);
    cr_assert_eq(db_exec(db, "CREATE TABLE t (x)", &err), 0);
    db_close(db);

    assert_refused(ERR_FORMAT, EX_DATAERR);
}

Test(store, schema_of_another_version_is_refused)
{
    open_it();
    cr_assert_eq(db_exec(store_db(store), "PRAGMA user_version = 99", &err), 0);
    store_close(store);
    store = NULL;

    cr_assert_eq(store_open(path(), &store, &err), ERR_VERSION);
}

Test(store, missing_directory_is_an_error_with_its_cause)
{
    cr_assert_eq(store_open("/nowhere/at/all/fetcher.sqlite", &store, &err), ERR_SYS);
    cr_assert_not_null(strstr(err.message, "/nowhere/at/all/fetcher.sqlite"));
}

Test(store, looking_at_a_missing_file_is_an_error)
{
    cr_assert_eq(store_open_read(path(), &store, &err), ERR_SYS);
}

Test(store, half_made_file_of_a_crash_is_made_anew)
{
    scratch_write("fetcher.sqlite.new", SPAN_LIT("half"));

    open_it();
}

/* --- the ledger --- */

#define NOW   ((uint64_t)1800000000000)
#define EVERY ((uint64_t)60000)

static struct arena *arena;

static void start_ledger(void)
{
    scratch_make();
    arena = arena_new();
    open_it();
    cr_assert_eq(ledger_add_source(store, SPAN_LIT("s"), SPAN_LIT("rss"), &err), 0);
}

static void end_ledger(void)
{
    arena_free(arena);
    end();
}

TestSuite(ledger, .init = start_ledger, .fini = end_ledger, .timeout = 60);

static void add(const char *url, enum address_role role)
{
    cr_assert_eq(ledger_add_address(store, span_of_str(url), SPAN_LIT("s"), role, NOW, EVERY, &err),
                 0, "%s", err.message);
}

static bool add_entry(const char *url)
{
    bool is_new = false;

    cr_assert_eq(ledger_add_entry(store, span_of_str(url), SPAN_LIT("s"), SPAN_LIT("T"), SPAN_NULL,
                                  NOW, &is_new, &err),
                 0);
    return is_new;
}

static size_t due(uint64_t now, struct address *out)
{
    size_t n;

    cr_assert_eq(ledger_due(store, now, arena, out, 8, &n, &err), 0, "%s", err.message);
    return n;
}

Test(ledger, one_address_a_host_is_due)
{
    struct address out[8];

    add("http://a.example/1", ADDRESS_PAGE);
    add("http://a.example/2", ADDRESS_PAGE);
    add("http://b.example/1", ADDRESS_FEED);

    cr_assert_eq(due(NOW, out), 2);
    cr_assert_eq(due(NOW - 1, out), 0);
}

Test(ledger, host_that_is_not_ready_keeps_only_itself_waiting)
{
    struct address out[8];

    add("http://a.example/1", ADDRESS_PAGE);
    add("http://b.example/1", ADDRESS_FEED);
    cr_assert_eq(ledger_host_ready(store, SPAN_LIT("a.example"), NOW + 5000, 2, &err), 0);

    cr_assert_eq(due(NOW, out), 1);
    cr_assert(span_equal_str(out[0].host, "b.example"));
    cr_assert_eq(out[0].role, ADDRESS_FEED);
    cr_assert_eq(due(NOW + 5000, out), 2);
}

Test(ledger, validators_come_back_byte_for_byte)
{
    struct address_state state = {SPAN_LIT("W/\"a b\""), SPAN_LIT("yesterday-ish"),
                                  SPAN_LIT("00ff")};
    struct address out[8];

    add("http://a.example/1", ADDRESS_PAGE);
    cr_assert_eq(due(NOW, out), 1);
    cr_assert_eq(ledger_fetched(store, out[0].id, &state, "document", NOW, NOW + 1, &err), 0);
    cr_assert_eq(ledger_visited(store, out[0].id, "timeout", SPAN_LIT("x"), 1, NOW, NOW + 2, &err),
                 0);

    cr_assert_eq(due(NOW + 2, out), 1);
    cr_assert(span_equal_str(out[0].etag, "W/\"a b\""));
    cr_assert(span_equal_str(out[0].last_modified, "yesterday-ish"));
    cr_assert(span_equal_str(out[0].body_sha256, "00ff"));
    cr_assert_eq(out[0].failures, 1);
}

Test(ledger, entry_is_new_once)
{
    struct address out[8];

    cr_assert(add_entry("http://a.example/e"));
    cr_assert_not(add_entry("http://a.example/e"));

    cr_assert_eq(due(NOW, out), 1);
    cr_assert(span_equal_str(out[0].feed_title, "T"));
    cr_assert_eq(ledger_fetched(store, out[0].id, &(struct address_state){0}, "document", NOW,
                                LEDGER_NEVER, &err),
                 0);
    cr_assert_eq(due(NOW * 2, out), 0);
    cr_assert_not(add_entry("http://a.example/e"));
}

Test(ledger, address_that_left_the_configuration_is_not_visited)
{
    struct address out[8];

    add("http://a.example/old", ADDRESS_PAGE);
    add("http://b.example/kept", ADDRESS_PAGE);
    cr_assert_eq(store_commit(store, &err), 0);
    open_it();
    cr_assert_eq(ledger_add_source(store, SPAN_LIT("s"), SPAN_LIT("rss"), &err), 0);
    add("http://b.example/kept", ADDRESS_PAGE);
    cr_assert_eq(ledger_retire_others(store, &err), 0);

    cr_assert_eq(due(NOW, out), 1);
    cr_assert(span_equal_str(out[0].url, "http://b.example/kept"));
}

Test(ledger, entries_wait_while_their_source_is_not_configured)
{
    struct address out[8];

    add_entry("http://a.example/e");
    cr_assert_eq(store_commit(store, &err), 0);
    open_it();
    cr_assert_eq(ledger_retire_others(store, &err), 0);
    cr_assert_eq(due(NOW, out), 0);
    cr_assert_eq(store_commit(store, &err), 0);
    open_it();
    cr_assert_eq(ledger_add_source(store, SPAN_LIT("s"), SPAN_LIT("rss"), &err), 0);
    cr_assert_eq(ledger_retire_others(store, &err), 0);

    cr_assert_eq(due(NOW, out), 1);
}

Test(ledger, restart_does_not_make_a_page_due_again)
{
    struct address out[8];

    add("http://a.example/1", ADDRESS_PAGE);
    due(NOW, out);
    cr_assert_eq(ledger_fetched(store, out[0].id, &(struct address_state){0}, "document", NOW,
                                NOW + 30000, &err),
                 0);
    cr_assert_eq(store_commit(store, &err), 0);
    open_it();
    cr_assert_eq(ledger_add_source(store, SPAN_LIT("s"), SPAN_LIT("rss"), &err), 0);
    add("http://a.example/1", ADDRESS_PAGE);

    cr_assert_eq(due(NOW + 29999, out), 0);
    cr_assert_eq(due(NOW + 30000, out), 1);
}

Test(ledger, source_is_settled_when_each_address_was_tried_or_its_host_is_down)
{
    struct address out[8];
    bool settled = true;

    add("http://a.example/1", ADDRESS_FEED);
    add_entry("http://down.example/e");
    cr_assert_eq(ledger_settled(store, SPAN_LIT("s"), &settled, &err), 0);
    cr_assert_not(settled);
    cr_assert_eq(ledger_host_ready(store, SPAN_LIT("down.example"), NOW + 60000, 1, &err), 0);
    cr_assert_eq(ledger_settled(store, SPAN_LIT("s"), &settled, &err), 0);
    cr_assert_not(settled);
    due(NOW, out);
    cr_assert_eq(ledger_visited(store, out[0].id, "http_status", SPAN_NULL, 1, NOW, NOW + 1, &err),
                 0);
    cr_assert_eq(ledger_settled(store, SPAN_LIT("s"), &settled, &err), 0);

    cr_assert(settled);
}

static const char *const no_addresses[] = {"",   "ftp://a.example/", "file:///etc/passwd",
                                           "/x", "http://",          "javascript:alert(1)"};

Test(ledger, what_is_no_web_address_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(no_addresses); i++)
        cr_assert_eq(ledger_add_address(store, span_of_str(no_addresses[i]), SPAN_LIT("s"),
                                        ADDRESS_PAGE, NOW, EVERY, &err),
                     ERR_FORMAT, "%s", no_addresses[i]);
}
