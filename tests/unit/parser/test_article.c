#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "common/buf.h"
#include "common/file.h"
#include "parser/article.h"

#define CASES      TEST_SOURCE_DIR "/tests/data/article"
#define FILE_BYTES ((size_t)1024 * 1024)

static struct arena *arena;
static struct article article;
static struct error err;

static void open_arena(void)
{
    arena = arena_new();
}

static void close_arena(void)
{
    arena_free(arena);
}

TestSuite(article, .init = open_arena, .fini = close_arena, .timeout = 120);

static int extract(struct span html, const char *url)
{
    struct decoded page;
    int rc = decode(html, SPAN_LIT("text/html"), SPAN_NULL, arena, &page, &err);

    if (rc < 0)
        return rc;
    return article_from_html(&page, span_of_str(url), arena, &article, &err);
}

static int extract_str(const char *html)
{
    return extract(span_of_str(html), "https://www.example.org/news/1");
}

static void expect_block(size_t i, enum block_kind kind, unsigned gap, const char *text)
{
    const struct block *b;

    cr_assert_lt(i, article.blocks.n, "no block %zu", i);
    b = &article.blocks.items[i];
    cr_expect_eq(b->kind, kind, "block %zu: kind %d", i, b->kind);
    cr_expect_eq(b->gap, gap, "block %zu: gap %u", i, b->gap);
    cr_expect(span_equal_str(b->text, text), "block %zu: \"%.*s\"", i, SPAN_ARG(b->text));
}

static void expect_span(struct span have, const char *want, const char *what)
{
    cr_expect(span_equal(have, span_of_str(want)) && span_is_null(have) == (want == NULL),
              "%s is \"%.*s\"", what, SPAN_ARG(have));
}

static struct span repeat(const char *before, const char *unit, size_t n, const char *after)
{
    size_t length = strlen(unit);
    size_t head = strlen(before);
    char *out = arena_alloc(arena, head + n * length + strlen(after) + 1);

    memcpy(out, before, head);
    for (size_t i = 0; i < n; i++)
        memcpy(out + head + i * length, unit, length);
    memcpy(out + head + n * length, after, strlen(after));
    return span_of(out, head + n * length + strlen(after));
}

/* ---- golden pages: a folder each, the page in in.html, its address and what we want in want ----
 */

static void dump_field(struct buf *out, const char *name, struct span value)
{
    buf_printf(out, "%s: %.*s\n", name, SPAN_ARG(value));
}

static void dump_block(struct buf *out, const struct block *b)
{
    static const char *const kinds[] = {[BLOCK_PARAGRAPH] = "paragraph",
                                        [BLOCK_HEADING] = "heading",
                                        [BLOCK_LIST_ITEM] = "item",
                                        [BLOCK_QUOTE] = "quote",
                                        [BLOCK_TABLE_ROW] = "row"};

    buf_printf(out, "%u %s", b->gap, kinds[b->kind]);
    if (b->level)
        buf_printf(out, " %u", b->level);
    buf_printf(out, "| %.*s\n", SPAN_ARG(b->text));
}

static void dump(struct buf *out, struct span url)
{
    dump_field(out, "url", url);
    dump_field(out, "title", article.title);
    dump_field(out, "title_raw", article.title_raw);
    dump_field(out, "byline", article.byline);
    dump_field(out, "site_name", article.site_name);
    dump_field(out, "description", article.description);
    dump_field(out, "language", article.language);
    dump_field(out, "canonical_url", article.canonical_url);
    dump_field(out, "published", article.published);
    dump_field(out, "modified", article.modified);
    for (size_t i = 0; i < article.translations.n; i++)
        dump_field(out, "translation", article.translations.items[i]);
    for (size_t i = 0; i < article.blocks.n; i++)
        dump_block(out, &article.blocks.items[i]);
    for (size_t i = 0; i < article.links.n; i++)
        buf_printf(out, "link| %.*s | %.*s\n", SPAN_ARG(article.links.items[i].text),
                   SPAN_ARG(article.links.items[i].href));
}

static void read_file(const char *folder, const char *name, struct buf *out)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s/%s", CASES, folder, name);
    buf_init(out, FILE_BYTES);
    cr_assert_eq(file_read(path, out, &err), 0, "%s", err.message);
}

/* The first line of want is "url: …". */
static struct span wanted_url(struct span want)
{
    struct span line = span_from(want, strlen("url: "));
    size_t end = span_find(line, SPAN_LIT("\n"), 0);

    return span_of(line.p, end == SIZE_MAX ? line.n : end);
}

static void expect_case(const char *folder)
{
    struct buf html;
    struct buf want;
    struct buf have;
    struct decoded page;
    struct span url;

    read_file(folder, "in.html", &html);
    read_file(folder, "want", &want);
    url = wanted_url(buf_span(&want));
    cr_assert_eq(decode(buf_span(&html), SPAN_LIT("text/html"), SPAN_NULL, arena, &page, &err), 0);
    cr_assert_eq(article_from_html(&page, url, arena, &article, &err), 0, "%s: %s", folder,
                 err.message);
    buf_init(&have, FILE_BYTES);
    dump(&have, url);
    cr_expect(span_equal(buf_span(&have), buf_span(&want)), "%s gives:\n%.*s", folder,
              SPAN_ARG(buf_span(&have)));
    buf_fini(&have);
    buf_fini(&want);
    buf_fini(&html);
}

Test(article, official_pages_give_their_text)
{
    DIR *dir = opendir(CASES);
    size_t n = 0;

    cr_assert_not_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        expect_case(entry->d_name);
        n++;
    }
    closedir(dir);
    cr_expect_geq(n, 6);
}

/* ---- blocks ---- */

#define PROSE                                                                                      \
    "<p>Observers followed the count in most districts, and found it calm and orderly.</p>"

Test(article, line_breaks_part_lines_and_paragraphs)
{
    cr_assert_eq(extract_str("<body><p>One<br>Two<br><br>Three</p><p>Four</p>" PROSE), 0);

    expect_block(0, BLOCK_PARAGRAPH, 0, "One");
    expect_block(1, BLOCK_PARAGRAPH, 1, "Two");
    expect_block(2, BLOCK_PARAGRAPH, 2, "Three");
    expect_block(3, BLOCK_PARAGRAPH, 2, "Four");
}

Test(article, white_space_is_folded_and_text_is_nfc)
{
    cr_assert_eq(extract_str("<p>\n A&nbsp;&nbsp;calm\t<b>day</b>,\n<i> Zu&#x308;rich&shy;er</i> "
                             "said.\n</p>" PROSE),
                 0);

    expect_block(0, BLOCK_PARAGRAPH, 0, "A calm day, Züricher said.");
}

Test(article, kinds_and_levels_are_kept)
{
    cr_assert_eq(
        extract_str("<div>" PROSE "<h3>Media</h3><ul><li>first<ul><li>inner</ul>"
                    "<li><p>second</p></ul><blockquote><p>Said so.</p></blockquote></div>"),
        0);

    expect_block(1, BLOCK_HEADING, 2, "Media");
    cr_expect_eq(article.blocks.items[1].level, 3);
    expect_block(2, BLOCK_LIST_ITEM, 2, "first");
    expect_block(3, BLOCK_LIST_ITEM, 1, "inner");
    cr_expect_eq(article.blocks.items[3].level, 2);
    expect_block(4, BLOCK_LIST_ITEM, 1, "second");
    cr_expect_eq(article.blocks.items[4].level, 1);
    expect_block(5, BLOCK_QUOTE, 2, "Said so.");
}

Test(article, data_tables_give_rows_and_layout_tables_text)
{
    cr_assert_eq(extract_str("<div>" PROSE "<table><caption>Turnout</caption><tr><th>North<th>South"
                             "<tr><td><p>61</p><td></table>" PROSE "</div>"),
                 0);
    expect_block(1, BLOCK_TABLE_ROW, 2, "Turnout");
    expect_block(2, BLOCK_TABLE_ROW, 1, "North\tSouth");
    expect_block(3, BLOCK_TABLE_ROW, 1, "61\t");

    cr_assert_eq(extract_str("<table><tr><td><a href=/>Home</a></td><td><div>" PROSE PROSE
                             "</div></td></tr></table>"),
                 0);
    cr_assert_eq(article.blocks.n, 2);
    cr_expect_eq(article.blocks.items[0].kind, BLOCK_PARAGRAPH);
}

Test(article, links_are_absolute_and_of_the_web)
{
    cr_assert_eq(extract_str("<p>See the <a href='../report?x=1#top'>full report</a>, write to <a "
                             "href='mailto:a@example.org'>us</a>, or not: <a href='#n'>1</a> <a "
                             "href='javascript:x()'>no</a> <a href='//osce.example'>them</a>, as "
                             "observers said in a long and careful sentence.</p>" PROSE),
                 0);

    cr_assert_eq(article.links.n, 2);
    expect_span(article.links.items[0].text, "full report", "text");
    expect_span(article.links.items[0].href, "https://www.example.org/report?x=1", "href");
    expect_span(article.links.items[1].href, "https://osce.example/", "href");
}

Test(article, relative_links_follow_the_base_element)
{
    cr_assert_eq(
        extract_str("<base href='/docs/'><p>Observers said so in a <a href='r.pdf'>report</a> "
                    "of many pages.</p>" PROSE),
        0);

    cr_assert_eq(article.links.n, 1);
    expect_span(article.links.items[0].href, "https://www.example.org/docs/r.pdf", "href");
}

Test(article, links_inside_the_page_and_addresses_of_people_are_text)
{
    cr_assert_eq(extract_str("<div>" PROSE "<h2><a href='#m' id=m>The media</a></h2>" PROSE
                             "<p><a name=x>For more, ask:</a></p>"
                             "<p><a href='mailto:a@example.org'>a@example.org</a></p></div>"),
                 0);

    cr_assert_eq(article.blocks.n, 5);
    expect_block(1, BLOCK_HEADING, 2, "The media");
    expect_block(4, BLOCK_PARAGRAPH, 2, "a@example.org");
}

Test(article, note_marks_go_and_quotation_marks_come)
{
    cr_assert_eq(
        extract_str("<div><p>The count was calm.<sup><a href='#n1'>1</a></sup> <q>Fair</q>, "
                    "they said of it, and left for home before it was light.</p></div>" PROSE),
        0);

    expect_block(0, BLOCK_PARAGRAPH, 0,
                 "The count was calm. “Fair”, they said of it, and left for home before it was "
                 "light.");
}

#define FOOTER                                                                                     \
    "<div class=legal><p>The secretariat, its staff, its consultants, its contractors, and all "   \
    "of "                                                                                          \
    "its partners take no responsibility, express, implied or otherwise, for what is linked, "     \
    "quoted, copied, framed, cached, or in any other way made available, here or elsewhere.</p>"   \
    "</div>"

Test(article, a_short_text_under_the_headline_beats_a_long_footer)
{
    cr_assert_eq(
        extract_str("<title>Calm vote | OSCE</title><div><div><div><h1>Calm vote</h1>"
                    "<p>The vote was calm, observers said on Monday. Turnout, at 61 per cent, was "
                    "higher than in the last election.</p></div></div></div>" FOOTER),
        0);

    cr_assert_eq(article.blocks.n, 1);
    cr_expect(span_starts(article.blocks.items[0].text, SPAN_LIT("The vote was calm")));
}

Test(article, furniture_names_on_the_text_itself_are_not_believed)
{
    cr_assert_eq(extract_str("<div class='content sidebar'>" PROSE PROSE "</div>"), 0);
    cr_expect_eq(article.blocks.n, 2);

    cr_assert_eq(extract_str("<div class='has-sidebar no-comments'>" PROSE PROSE "</div><div>"
                             "<p>Short.</p></div>"),
                 0);
    cr_expect_eq(article.blocks.n, 2);

    cr_assert_eq(extract_str("<div class='info'><p>The vote was calm, observers said.</p></div>"),
                 0);
    cr_expect_eq(article.blocks.n, 1);
}

Test(article, comments_do_not_outweigh_the_text)
{
    struct span html =
        repeat("<div id=text>" PROSE "</div><div class=comments>", PROSE, 50, "</div>");

    cr_assert_eq(extract(html, NULL), 0);
    cr_expect_eq(article.blocks.n, 1);
}

/* ---- metadata ---- */

static const struct {
    const char *head;
    const char *published;
} dates[] = {
    {"<meta property='article:published_time' content='2023-03-20T10:00:00+0100'>",
     "2023-03-20T10:00:00+01:00"},
    {"<meta property='article:published_time' content='2023-03-20T10:00Z'>",
     "2023-03-20T10:00:00Z"},
    {"<meta name='dcterms.issued' content='2023-03-20'>", "2023-03-20"},
    {"<meta name='DC.date' content='20230320'>", "2023-03-20"},
    {"<meta itemprop='datePublished' content='2023-03-20 10:00:00'>", "2023-03-20"},
    {"<script type='application/ld+json'>{\"datePublished\" : "
     "\"2023-03-20T10:00:00.000Z\"}</script>",
     "2023-03-20T10:00:00Z"},
    {"<script type='application/ld+json'>{\"datePublished\": {\"x\": 1}}</script>", NULL},
    {"<meta name='date' content='20 March 2023'>", NULL},
    {"<meta name='date' content='2023-13-20'>", NULL},
    {"<meta name='date' content='2023-03-20T25:00:00Z'>", "2023-03-20"},
    {"<meta name='date' content='0001-01-01T00:00:00Z'>", NULL},
    {"<time datetime='2023-03-20'>20 March</time>", "2023-03-20"},
    {"", NULL},
};

Test(article, declared_dates_are_normalised)
{
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        struct span html = arena_printf(arena, "%s" PROSE, dates[i].head);

        cr_assert_eq(extract(html, NULL), 0);
        expect_span(article.published, dates[i].published, dates[i].head);
    }
}

static const struct {
    const char *html;
    const char *title;
} titles[] = {
    {"<title>Calm vote | OSCE</title><h1>OSCE</h1><h1>Calm vote</h1>", "Calm vote"},
    {"<title>Calm vote | OSCE</title>", "Calm vote"},
    {"<title>Calm vote - a report on the north</title>", "Calm vote - a report on the north"},
    {"<meta property='og:title' content='Calm &amp; fair'><title>x</title>", "Calm & fair"},
    {"<script type='application/ld+json'>{\"headline\": \"Calm \\u2013 \\\"fair\\\" "
     "\\ud83d\\ude00\"}"
     "</script>",
     "Calm – \"fair\" 😀"},
    {"<title>News</title><h1>Calm vote</h1>", "Calm vote"},
    {"", NULL},
};

Test(article, title_is_the_main_heading_without_the_site)
{
    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        struct span html = arena_printf(arena, "%s" PROSE, titles[i].html);

        cr_assert_eq(extract(html, NULL), 0);
        expect_span(article.title, titles[i].title, titles[i].html);
    }
}

Test(article, title_is_not_repeated_in_the_text)
{
    cr_assert_eq(
        extract_str("<title>Calm vote</title><main><p>News</p><h1>Calm vote</h1>" PROSE "</main>"),
        0);

    cr_assert_eq(article.blocks.n, 1);
}

Test(article, canonical_address_must_be_of_the_same_host)
{
    static const char html[] = "<link rel=canonical href='https://example.org/x'>" PROSE;
    struct span page = span_of_str(html);

    cr_assert_eq(extract(page, "https://www.example.org/y"), 0);
    expect_span(article.canonical_url, "https://example.org/x", "canonical_url");
    cr_assert_eq(extract(page, "https://evil.example/y"), 0);
    expect_span(article.canonical_url, NULL, "canonical_url");
    cr_assert_eq(extract(page, NULL), 0);
    expect_span(article.canonical_url, NULL, "canonical_url");
}

/* ---- bad input ---- */

static const struct {
    const char *html;
    int code;
} hopeless[] = {
    {" \n\t ", ERR_FORMAT},
    {"<html>", ERR_FORMAT},
    {"<script>var text = 'Observers said that it was calm.';</script>", ERR_FORMAT},
    {"<frameset><frame src=x></frameset>", ERR_FORMAT},
    {"<p>&nbsp;</p>", ERR_FORMAT},
    {"<!-- <p>Hidden</p>", ERR_FORMAT},
};

Test(article, a_page_without_text_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(hopeless); i++) {
        int rc = extract_str(hopeless[i].html);

        cr_expect_eq(rc, hopeless[i].code, "%s: %d", hopeless[i].html, rc);
    }
}

/* Each took some parser quadratic time or memory, or its stack; the suite's timeout is the judge.
 */
static const struct {
    const char *before;
    const char *unit;
    size_t n;
    bool has_text; /* that survives */
} bombs[] = {
    {"", "<div>", 100000, false},
    {PROSE PROSE PROSE PROSE PROSE, "<div>", 100000, true},
    {"", "<font color=red>x", 18000, false},
    {"", "<section>", 100000, false},
    {"", "<b><p>", 50000, false},
    {"<table>", "x<tr>", 200000, true},
    {"", "<table><tr><td>", 20000, false},
    {"", "<svg>", 100000, false},
    {"<p title='", "a", 4000000, false},
    {"<p ", "id=1 ", 200000, false},
    {"<!--", "-", 4000000, false},
    {"", "<", 2000000, true},
    {"", "<a href=/x>word ", 50000, true},
    {"<h1>", "<div><h1>word ", 20000, false},
    {"", "<ul><li>words", 20000, false},
    {"", "<script type=application/ld+json>{}</script>", 20000, true},
    {"", "<div>Related<div>x</div></div>", 30000, true},
    {"", "<h2>Read more</h2>", 50000, true},
    {"<div class='", "share ", 500000, false},
};

Test(article, bombs_are_defused)
{
    for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
        int rc = extract(repeat(bombs[i].before, bombs[i].unit, bombs[i].n, PROSE), NULL);

        if (bombs[i].has_text)
            cr_expect_eq(rc, 0, "%s: %s", bombs[i].unit, err.message);
        else
            cr_expect(rc == 0 || rc == ERR_LIMIT || rc == ERR_FORMAT, "%s: %d", bombs[i].unit, rc);
        arena_reset(arena);
    }
}

Test(article, what_stood_before_a_cut_is_kept_and_said)
{
    struct span html = repeat(PROSE PROSE PROSE PROSE PROSE, "<div>", 50000, "");

    cr_assert_eq(extract(html, NULL), 0);
    cr_expect(article.cut);
    cr_expect_eq(article.blocks.n, 5);
    cr_assert_eq(extract_str(PROSE), 0);
    cr_expect(!article.cut);
}

/* A page cut anywhere, as a broken download leaves it. */
Test(article, every_prefix_of_a_page_is_safe)
{
    struct buf html;

    read_file("govuk", "in.html", &html);
    for (size_t n = 0; n <= html.n; n += 7) {
        extract(span_of(html.data, n), "https://www.gov.uk/x");
        arena_reset(arena);
    }
    buf_fini(&html);
}
