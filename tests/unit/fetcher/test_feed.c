/* The golden cases are folders of tests/data/feed: `in`, and `want` as print_result() writes it. */
#include "fetcher/feed.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "proto/shape_table.h"
#include "scratch.h"

#define URL "https://body.example/feeds/feed.xml"

static struct arena *arena;
static struct error err;

static void start(void)
{
    arena = arena_new();
    feed_start();
}

static void end(void)
{
    arena_free(arena);
}

TestSuite(feed, .init = start, .fini = end, .timeout = 60);

static const struct field entry_fields[] = {
    F(feed_entry, url, TEXT),
    F(feed_entry, title, TEXT),
    F(feed_entry, published, TEXT),
    F(feed_entry, id, TEXT),
};
static const struct shape entry_shape = SHAPE(feed_entry, entry_fields);

static void print_result(int rc, const struct feed *feed, struct buf *out)
{
    if (rc < 0) {
        buf_printf(out, "error %s\n", err.message);
        return;
    }
    for (size_t i = 0; i < feed->entries.n; i++) {
        shape_json(&entry_shape, &feed->entries.items[i], out);
        buf_add_char(out, '\n');
    }
    buf_printf(out, "skipped %u\n", feed->skipped);
}

static char *read_part(const char *name, const char *part, size_t *n)
{
    char path[512];

    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/data/feed/%s/%s", name, part);
    return scratch_read(path, n);
}

static void check_case(const char *name)
{
    size_t in_n;
    size_t want_n;
    char *in = read_part(name, "in", &in_n);
    char *want = read_part(name, "want", &want_n);
    struct feed feed;
    struct buf got;
    int rc = feed_read(span_of(in, in_n), SPAN_LIT(URL), arena, &feed, &err);

    buf_init(&got, 1 << 20);
    print_result(rc, &feed, &got);
    cr_assert(rc == 0 || rc == ERR_FORMAT);
    cr_expect(span_equal(buf_span(&got), span_of(want, want_n)), "%s:\n%.*s", name,
              SPAN_ARG(buf_span(&got)));
    buf_fini(&got);
    free(in);
    free(want);
}

Test(feed, golden_cases)
{
    DIR *dir = opendir(TEST_SOURCE_DIR "/tests/data/feed");
    struct dirent *entry;
    int cases = 0;

    cr_assert_not_null(dir);
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        check_case(entry->d_name);
        cases++;
    }
    closedir(dir);
    cr_assert_geq(cases, 12);
}

static int read_text(const char *text, size_t n, struct feed *out)
{
    return feed_read(span_of(text, n), SPAN_LIT(URL), arena, out, &err);
}

Test(feed, error_has_the_line)
{
    struct feed feed;
    const char text[] = "<rss>\n<channel>\n</rss>";

    cr_assert_eq(read_text(text, sizeof text - 1, &feed), ERR_FORMAT);
    cr_assert_eq(err.pos, 3);
}

Test(feed, empty_document_is_no_feed)
{
    struct feed feed;

    cr_assert_eq(read_text("", 0, &feed), ERR_FORMAT);
}

Test(feed, cut_anywhere_is_an_error_and_never_a_crash)
{
    size_t n;
    char *in = read_part("atom", "in", &n);

    while (n > 0 && in[n - 1] != '>')
        n--;
    for (size_t cut = 0; cut < n; cut++) {
        struct feed feed;
        char *part = malloc(cut + 1); /* its own block, so that reading on is noticed */

        memcpy(part, in, cut);
        cr_assert_eq(read_text(part, cut, &feed), ERR_FORMAT, "cut at %zu", cut);
        free(part);
    }
    free(in);
}

static void add_items(struct buf *out, int n, const char *title)
{
    buf_add_str(out, "<rss><channel>");
    for (int i = 0; i < n; i++)
        buf_printf(out, "<item><link>/%d</link><title>%s</title></item>", i, title);
    buf_add_str(out, "</channel></rss>");
}

Test(feed, entries_over_the_cap_are_skipped_and_counted)
{
    struct feed feed;
    struct buf text;

    buf_init(&text, 1 << 22);
    add_items(&text, FEED_ENTRIES_MAX + 3, "t");

    cr_assert_eq(read_text(text.data, text.n, &feed), 0);
    cr_assert_eq(feed.entries.n, FEED_ENTRIES_MAX);
    cr_assert_eq(feed.skipped, 3);
    buf_fini(&text);
}

Test(feed, long_title_is_cut_between_characters)
{
    struct feed feed;
    struct buf text;
    struct buf title;

    buf_init(&text, 1 << 20);
    buf_init(&title, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add_str(&title, "€");
    buf_add_char(&title, '\0');
    add_items(&text, 1, title.data);

    cr_assert_eq(read_text(text.data, text.n, &feed), 0);
    cr_assert_eq(feed.entries.items[0].title.n, FEED_TEXT_MAX_BYTES / 3 * 3);
    buf_fini(&text);
    buf_fini(&title);
}

Test(feed, deep_nesting_is_an_error)
{
    struct feed feed;
    struct buf text;

    buf_init(&text, 1 << 22);
    buf_add_str(&text, "<rss><channel><item><title>");
    for (int i = 0; i < 100000; i++)
        buf_add_str(&text, "<b>");

    cr_assert_eq(read_text(text.data, text.n, &feed), ERR_FORMAT);
    buf_fini(&text);
}
