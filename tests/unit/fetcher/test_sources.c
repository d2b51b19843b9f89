/* Sources from end to end: a folder, pages and feeds polled into a real store and archive. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "fetcher/ledger.h"
#include "fetcher/outbox.h"
#include "fetcher/poller.h"
#include "scratch.h"
#include "server.h"

#define MAX_BODY_BYTES 100000

static struct config_source sources[2];
static struct config_fetcher config;
static struct fetcher fetcher;
static struct poller *poller;
static struct arena *arena;
static struct error err;

static void before_sleep(void *arg)
{
    (void)arg;
    cr_assert_eq(poller_turn(poller, &err), 0, "%s", err.message);
    cr_assert_eq(fetcher_settle(&fetcher, &err), 0, "%s", err.message);
}

static void start(void)
{
    scratch_make();
    log_start("test", LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT);
    cr_assert_eq(mkdir(scratch_path("in"), 0755), 0);
    arena = arena_new();
    sources[0] = (struct config_source){
        .id = "folder", .kind = SOURCE_FOLDER, .path = strdup(scratch_path("in")), .every_ms = 100};
    config = (struct config_fetcher){.max_body_bytes = MAX_BODY_BYTES,
                                     .timeout_ms = 2000,
                                     .user_agent = "test/1",
                                     .sources = sources,
                                     .sources_n = 1};
    fetcher = (struct fetcher){.config = &config};
}

static void close_all(void)
{
    poller_close(poller);
    poller = NULL;
    store_close(fetcher.store);
    archive_close(fetcher.archive);
    loop_free(fetcher.loop);
    fetcher = (struct fetcher){.config = &config};
}

static void end(void)
{
    close_all();
    server_stop();
    arena_free(arena);
    free((char *)(uintptr_t)sources[0].path);
    scratch_remove();
}

TestSuite(folder, .init = start, .fini = end, .timeout = 120);

static void open_all(void)
{
    fetcher.loop = loop_new();
    cr_assert_eq(archive_open(scratch_path("archive"), 1 << 28, &fetcher.archive, &err), 0);
    cr_assert_eq(store_open(scratch_path("fetcher.sqlite"), &fetcher.store, &err), 0);
    cr_assert_eq(poller_open(&fetcher, TEST_BIN_DIR "/pollwatch-fetcher", &poller, &err), 0, "%s",
                 err.message);
    loop_set_before_sleep(fetcher.loop, before_sleep, NULL);
}

static void turn(void)
{
    cr_assert_eq(loop_turn(fetcher.loop, 100, &err), 0, "%s", err.message);
    cr_assert_not(fetcher.has_failed, "%s", fetcher.failure.message);
}

/* A fresh start, and turns until every source has been polled. */
static void poll_all(void)
{
    bool settled = false;

    close_all();
    open_all();
    while (!settled) {
        turn();
        cr_assert_eq(poller_all_settled(poller, &settled, &err), 0);
    }
}

static struct outbox_counts counts(void)
{
    struct outbox_counts c;

    cr_assert_eq(outbox_count(fetcher.store, &c, &err), 0);
    return c;
}

static struct task task_at(uint64_t id)
{
    struct task task;

    cr_assert_eq(outbox_get(fetcher.store, id, arena, &task, &err), 0, "%s", err.message);
    return task;
}

static void assert_body(uint64_t id, const char *want)
{
    struct task task = task_at(id);
    char *data = NULL;
    size_t n = 0;

    cr_assert_eq(archive_read(fetcher.archive, &task.body, &data, &n, &err), 0, "%s", err.message);
    cr_assert(span_equal_str(span_of(data, n), want));
    free(data);
}

static struct dead_letter dead_letter(void)
{
    struct dead_letter letter = {0};

    cr_assert_eq(outbox_next_dead(fetcher.store, 0, arena, &letter, &err), 1);
    return letter;
}

static struct source_state source_state(size_t i)
{
    source_state_list list = {0};

    cr_assert_eq(ledger_sources(fetcher.store, arena, &list, &err), 0);
    cr_assert_gt(list.n, i);
    return list.items[i];
}

Test(folder, documents_become_tasks_in_order_of_name)
{
    cr_assert_eq(mkdir(scratch_path("in/sub"), 0755), 0);
    scratch_write("in/b.html", SPAN_LIT("<p>b"));
    scratch_write("in/a.TXT", SPAN_LIT("a"));
    scratch_write("in/sub/c.xhtml", SPAN_LIT("c"));
    poll_all();

    cr_assert_eq(counts().pending, 3);
    cr_assert(span_ends(task_at(1).work.url, SPAN_LIT("/in/a.TXT")));
    cr_assert(span_starts(task_at(1).work.url, SPAN_LIT("file:///")));
    cr_assert(span_equal_str(task_at(1).work.media_type, "text/plain"));
    cr_assert(span_equal_str(task_at(2).work.media_type, "text/html"));
    cr_assert(span_ends(task_at(3).work.url, SPAN_LIT("/in/sub/c.xhtml")));
    cr_assert(span_equal_str(task_at(3).work.source, "folder"));
    assert_body(2, "<p>b");
}

Test(folder, hidden_and_other_files_are_no_documents)
{
    cr_assert_eq(mkdir(scratch_path("in/.git"), 0755), 0);
    scratch_write("in/.git/x.txt", SPAN_LIT("x"));
    scratch_write("in/.hidden.txt", SPAN_LIT("x"));
    scratch_write("in/feed.rss", SPAN_LIT("<rss/>"));
    scratch_write("in/feed.xml", SPAN_LIT("<rss/>"));
    scratch_write("in/README", SPAN_LIT("x"));
    poll_all();

    cr_assert_eq(counts().pending + counts().dead, 0);
}

Test(folder, unchanged_file_makes_no_work_after_a_restart)
{
    scratch_write("in/a.txt", SPAN_LIT("a"));
    poll_all();
    poll_all();

    cr_assert_eq(counts().pending, 1);
}

Test(folder, touched_file_with_the_same_bytes_makes_no_work)
{
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    scratch_write("in/a.txt", SPAN_LIT("a"));
    poll_all();
    cr_assert_eq(utimensat(AT_FDCWD, scratch_path("in/a.txt"), times, 0), 0);
    poll_all();

    cr_assert_eq(counts().pending, 1);
}

Test(folder, changed_file_is_a_new_task)
{
    scratch_write("in/a.txt", SPAN_LIT("first"));
    poll_all();
    scratch_write("in/a.txt", SPAN_LIT("second"));
    poll_all();

    cr_assert_eq(counts().pending, 2);
    assert_body(1, "first");
    assert_body(2, "second");
}

Test(folder, file_that_comes_while_running_is_seen)
{
    poll_all();
    scratch_write("in/late.txt", SPAN_LIT("late"));
    while (counts().pending == 0)
        turn();

    assert_body(1, "late");
}

Test(folder, file_that_cannot_be_read_is_one_dead_letter_and_the_rest_goes_on)
{
    cr_assert_eq(symlink("/nowhere/at/all", scratch_path("in/a.txt")), 0);
    scratch_write("in/b.txt", SPAN_LIT("b"));
    poll_all();
    poll_all();

    cr_assert_eq(counts().dead, 1, "once a version, not once a poll");
    cr_assert_eq(counts().pending, 1);
    cr_assert(span_equal_str(dead_letter().reason, "unreadable"));
    cr_assert(span_equal_str(dead_letter().detail, "No such file or directory"));
    cr_assert(span_ends(dead_letter().url, SPAN_LIT("/in/a.txt")));
}

Test(folder, directory_and_fifo_called_like_documents_are_dead_letters)
{
    cr_assert_eq(mkdir(scratch_path("in/a.txt"), 0755), 0);
    cr_assert_eq(mkfifo(scratch_path("in/b.txt"), 0644), 0);
    poll_all();

    cr_assert_eq(counts().dead, 2);
    cr_assert(span_equal_str(dead_letter().detail, "Is a directory"));
}

Test(folder, file_over_the_cap_is_one_dead_letter)
{
    int fd = open(scratch_path("in/huge.html"), O_WRONLY | O_CREAT, 0644);

    cr_assert_eq(ftruncate(fd, (off_t)50 * 1024 * 1024), 0);
    close(fd);
    poll_all();
    poll_all();

    cr_assert_eq(counts().dead, 1);
    cr_assert(span_equal_str(dead_letter().reason, "too_large"));
    cr_assert_neq(span_find(dead_letter().detail, SPAN_LIT("52428800"), 0), SIZE_MAX);
}

Test(folder, fifty_megabytes_pass_under_a_higher_cap)
{
    int fd = open(scratch_path("in/huge.html"), O_WRONLY | O_CREAT, 0644);

    cr_assert_eq(ftruncate(fd, (off_t)50 * 1024 * 1024), 0);
    close(fd);
    config.max_body_bytes = (uint64_t)64 * 1024 * 1024;
    poll_all();

    cr_assert_eq(counts().pending, 1);
    cr_assert_eq(task_at(1).body_bytes, (uint64_t)50 * 1024 * 1024);
}

Test(folder, vanished_directory_is_an_error_of_the_source_until_it_is_back)
{
    cr_assert_eq(rename(scratch_path("in"), scratch_path("away")), 0);
    poll_all();
    cr_assert_neq(span_find(source_state(0).error, SPAN_LIT("No such file"), 0), SIZE_MAX);
    cr_assert_eq(rename(scratch_path("away"), scratch_path("in")), 0);
    scratch_write("in/a.txt", SPAN_LIT("a"));
    while (counts().pending == 0)
        turn();
    while (!span_is_null(source_state(0).error))
        turn();
}

Test(folder, too_deep_a_directory_is_an_error_and_the_rest_is_seen)
{
    char path[128] = "in";

    for (int i = 0; i < 12; i++) {
        strcat(path, "/d");
        cr_assert_eq(mkdir(scratch_path(path), 0755), 0);
    }
    scratch_write("in/z.txt", SPAN_LIT("z"));
    poll_all();

    cr_assert_eq(counts().pending, 1);
    cr_assert_neq(span_find(source_state(0).error, SPAN_LIT("deeper than 8"), 0), SIZE_MAX);
}

Test(folder, two_thousand_files_are_all_seen)
{
    for (int i = 0; i < 2000; i++) {
        char name[32];

        snprintf(name, sizeof name, "in/%04d.txt", i);
        scratch_write(name, span_of(name, strlen(name)));
    }
    poll_all();

    cr_assert_eq(counts().pending, 2000);
    cr_assert_eq(source_state(0).seen, 2000);
}

/* --- pages --- */

static const char *urls[2];

static void start_page(const char *path)
{
    urls[0] = arena_printf(arena, "http://127.0.0.1:%u%s", server_start("127.0.0.1"), path).p;
    sources[0] = (struct config_source){.id = "page",
                                        .kind = SOURCE_PAGE,
                                        .path = sources[0].path,
                                        .urls = urls,
                                        .issuer = "somebody",
                                        .every_ms = 100,
                                        .allow_private = true};
}

/* Until the source has been polled once more. */
static void poll_again(void)
{
    struct db *db = store_db(fetcher.store);
    uint64_t before = 0;
    uint64_t now = 0;

    do {
        struct db_query q = db_query(db, "SELECT last_ms FROM addresses WHERE id = 1");

        cr_assert_eq(db_step(&q, &err), 1);
        now = db_u64(&q, 0);
        db_end(&q);
        if (before == 0)
            before = now;
        turn();
    } while (now == before);
}

TestSuite(page, .init = start, .fini = end, .timeout = 120);

Test(page, document_comes_with_all_that_was_served)
{
    struct task task;

    start_page("/moved");
    poll_all();
    task = task_at(1);

    cr_assert(span_equal_str(task.work.url, urls[0]));
    cr_assert(span_ends(task.work.final_url, SPAN_LIT("/page")));
    cr_assert(span_equal_str(task.work.issuer, "somebody"));
    cr_assert(span_equal_str(task.work.media_type, "text/html"));
    cr_assert(span_equal_str(task.work.etag, "\"v1\""));
    cr_assert_eq(task.work.http_status, 200);
    assert_body(1, "<p>hello</p>");
}

Test(page, unchanged_page_makes_no_work)
{
    start_page("/page"); /* answers 304 */
    poll_all();
    poll_again();
    poll_again();

    cr_assert_eq(counts().pending, 1);
}

Test(page, same_bytes_without_validators_make_no_work)
{
    scratch_write("in/served", SPAN_LIT("same"));
    start_page("/file/in/served");
    poll_all();
    poll_again();
    cr_assert_eq(counts().pending, 1);
    scratch_write("in/served", SPAN_LIT("other"));
    while (counts().pending == 1)
        turn();

    assert_body(2, "other");
}

Test(page, too_large_a_page_is_one_dead_letter_with_what_came_of_it)
{
    start_page("/big");
    poll_all();
    poll_again();

    cr_assert_eq(counts().dead, 1);
    cr_assert(span_equal_str(dead_letter().reason, "too_large"));
    cr_assert_eq(task_at(1).body_bytes, MAX_BODY_BYTES);
}

Test(page, missing_page_is_an_error_of_its_source)
{
    start_page("/none");
    poll_all();

    cr_assert_eq(counts().dead + counts().pending, 0);
    cr_assert(span_equal_str(source_state(0).error, "the server answered 404"));
}

Test(page, busy_host_is_left_alone_for_a_minute)
{
    struct address due[4];
    size_t n;
    uint64_t now;

    start_page("/busy");
    poll_all();
    cr_assert(span_equal_str(source_state(0).error, "the server answered 503"));
    now = wall_ms();

    cr_assert_eq(ledger_due(fetcher.store, now + 50000, arena, due, 4, &n, &err), 0);
    cr_assert_eq(n, 0);
    cr_assert_eq(ledger_due(fetcher.store, now + 80000, arena, due, 4, &n, &err), 0);
    cr_assert_eq(n, 1);
}

Test(page, private_address_is_refused_unless_the_source_allows_it)
{
    start_page("/page");
    sources[0].allow_private = false;
    poll_all();

    cr_assert_eq(counts().pending, 0);
    cr_assert_neq(span_find(source_state(0).error, SPAN_LIT("private address 127.0.0.1"), 0),
                  SIZE_MAX);
}

Test(page, address_that_is_none_is_an_error_of_the_configuration)
{
    urls[0] = "ftp://body.example/x";
    sources[0] = (struct config_source){
        .id = "bad", .kind = SOURCE_PAGE, .path = sources[0].path, .urls = urls, .line = 7};
    fetcher.loop = loop_new();
    cr_assert_eq(archive_open(scratch_path("archive"), 1 << 28, &fetcher.archive, &err), 0);
    cr_assert_eq(store_open(scratch_path("fetcher.sqlite"), &fetcher.store, &err), 0);

    cr_assert_eq(poller_open(&fetcher, "/proc/self/exe", &poller, &err), ERR_CONFIG);
    cr_assert_not_null(strstr(err.message, "bad (line 7)"));
}

/* --- feeds; the caged child is the real one --- */

static void start_feed(void)
{
    start_page("/file/in/feed");
    sources[0].id = "feed";
    sources[0].kind = SOURCE_RSS;
}

static void write_feed(int entries)
{
    struct buf text;

    buf_init(&text, 1 << 16);
    buf_add_str(&text, "<rss><channel>");
    for (int i = 0; i < entries; i++)
        buf_printf(&text,
                   "<item><title>Entry %d</title><link>/file/in/e%d</link>"
                   "<pubDate>Tue, 24 Nov 2026 09:00:00 GMT</pubDate></item>",
                   i, i);
    buf_add_str(&text, "</channel></rss>");
    scratch_write("in/feed", buf_span(&text));
    buf_fini(&text);
}

TestSuite(feed_source, .init = start, .fini = end, .timeout = 120);

Test(feed_source, each_entry_is_fetched_once_and_knows_what_the_feed_said)
{
    write_feed(3);
    scratch_write("in/e0", SPAN_LIT("zero"));
    scratch_write("in/e1", SPAN_LIT("one"));
    scratch_write("in/e2", SPAN_LIT("two"));
    start_feed();
    poll_all();
    poll_again();
    poll_all();

    cr_assert_eq(counts().pending, 3);
    cr_assert(span_equal_str(task_at(1).work.feed_title, "Entry 0"));
    cr_assert(span_equal_str(task_at(1).work.feed_published, "2026-11-24T09:00:00Z"));
    cr_assert(span_equal_str(task_at(1).work.source, "feed"));
    assert_body(3, "two");
}

Test(feed_source, only_new_entries_are_fetched_when_the_feed_has_changed)
{
    write_feed(1);
    scratch_write("in/e0", SPAN_LIT("zero"));
    scratch_write("in/e1", SPAN_LIT("one"));
    start_feed();
    poll_all();
    cr_assert_eq(counts().pending, 1);
    write_feed(2);
    while (counts().pending < 2)
        turn();

    assert_body(2, "one");
}

Test(feed_source, entry_that_is_gone_is_a_dead_letter)
{
    write_feed(1);
    start_feed();
    poll_all();

    cr_assert_eq(counts().dead, 1);
    cr_assert(span_equal_str(dead_letter().reason, "http_status"));
    cr_assert(span_is_null(source_state(0).error), "the feed itself is well");
}

Test(feed_source, what_is_no_feed_is_an_error_of_the_source_until_it_is_one)
{
    scratch_write("in/feed", SPAN_LIT("<rss>\n<channel>\n"));
    scratch_write("in/e0", SPAN_LIT("zero"));
    start_feed();
    poll_all();
    cr_assert(span_starts(source_state(0).error, SPAN_LIT("line 3: not XML: ")), "%.*s",
              SPAN_ARG(source_state(0).error));
    write_feed(1);
    while (counts().pending == 0)
        turn();

    cr_assert(span_is_null(source_state(0).error));
}

Test(feed_source, entries_survive_a_crash_between_feed_and_pages)
{
    write_feed(2);
    scratch_write("in/e0", SPAN_LIT("zero"));
    scratch_write("in/e1", SPAN_LIT("one"));
    config.host_spacing_ms = 1000;
    start_feed();
    open_all();
    while (counts().pending == 0)
        turn();
    cr_assert_eq(counts().pending, 1);
    sources[0].every_ms = 3600000; /* the feed is not read again */
    config.host_spacing_ms = 0;
    poll_all();

    cr_assert_eq(counts().pending, 2);
}
