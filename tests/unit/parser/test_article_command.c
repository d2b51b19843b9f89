#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "common/file.h"
#include "parser/article_command.h"

static char dir[] = "/tmp/pollwatch-article-XXXXXX";
static char page[64];
static char broken[64];
static char output[64];
static struct error err;

static void write_file(char *path, size_t size, const char *name, const char *text)
{
    snprintf(path, size, "%s/%s", dir, name);
    cr_assert_eq(file_write_atomic(path, text, strlen(text), &err), 0, "%s", err.message);
}

static void make_files(void)
{
    cr_assert_not_null(mkdtemp(dir));
    write_file(
        page, sizeof page, "page.html",
        "<html lang=en><title>Calm vote</title><meta name=date content=2023-03-20>"
        "<h1>Calm vote</h1><p>Observers said: \"calm\".<br>All day long, in all places.</p>");
    write_file(broken, sizeof broken, "broken.html", "%PDF-1.4");
    write_file(output, sizeof output, "output", "");
}

static void remove_files(void)
{
    unlink(page);
    unlink(broken);
    unlink(output);
    rmdir(dir);
}

TestSuite(article_command, .init = make_files, .fini = remove_files, .timeout = 60);

/* Runs with standard output in a file, whose text comes back in `out`. */
static int run(int argc, char **argv, struct buf *out)
{
    int status;

    cr_assert_not_null(freopen(output, "w", stdout));
    status = article_command(argc, argv);
    fflush(stdout);
    buf_init(out, 1024 * 1024);
    cr_assert_eq(file_read(output, out, &err), 0, "%s", err.message);
    return status;
}

Test(article_command, prints_one_line_of_json_a_page)
{
    char *argv[] = {"article", page, page, NULL};
    struct buf out;
    char want[512];
    int n = snprintf(want, sizeof want,
                     "{\"file\":\"%s\",\"title\":\"Calm vote\",\"byline\":null,"
                     "\"date\":\"2023-03-20\",\"language\":\"en\",\"text\":\"Observers said: "
                     "\\\"calm\\\".\\nAll day long, in all places.\"}\n",
                     page);

    cr_expect_eq(run(3, argv, &out), EX_OK);

    cr_assert_eq(out.n, 2 * (size_t)n, "%.*s", (int)out.n, out.data);
    cr_expect_eq(memcmp(out.data, want, (size_t)n), 0, "%.*s", (int)out.n, out.data);
    buf_fini(&out);
}

Test(article_command, a_bad_file_does_not_stop_the_others)
{
    char *argv[] = {"article", broken, "/nonexistent", page, NULL};
    struct buf out;

    cr_expect_eq(run(4, argv, &out), EX_DATAERR);

    cr_expect(span_starts(buf_span(&out), SPAN_LIT("{\"file\":")));
    buf_fini(&out);
}

Test(article_command, wrong_usage_says_so)
{
    char *none[] = {"article", NULL};
    char *unknown[] = {"article", "--frobnicate", NULL};
    char *help[] = {"article", "--help", NULL};
    struct buf out;

    cr_expect_eq(run(1, none, &out), EX_USAGE);
    buf_fini(&out);
    cr_expect_eq(run(2, unknown, &out), EX_USAGE);
    buf_fini(&out);
    cr_expect_eq(run(2, help, &out), EX_OK);
    cr_expect_gt(out.n, 0);
    buf_fini(&out);
}
