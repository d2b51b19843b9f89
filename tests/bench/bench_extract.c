/*
 * What it costs to code a text, on one core: from canonical text to findings (text, metadata,
 * findings: all stages but decode and article finding), beside one pass of the rules' phrases over
 * the same text, which is what any such coding costs at least, and beside libxml2 building the DOM
 * of the same page, which is what a reader of pages does anyway.
 *
 * The three are measured in turn in each run, by the CPU time of the process, so that what else
 * the machine does hits all of them alike; a figure is the median of the runs. Rates depend on the
 * machine, the two ratios hardly. tests/bench/extract builds and runs it.
 */
#include <dirent.h>
#include <getopt.h>
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>

#include "common/file.h"
#include "common/mem.h"
#include "common/number.h"
#include "page.h"
#include "parser/article.h"
#include "parser/code.h"
#include "parser/code/rulebook.h"
#include "parser/decode.h"
#include "parser/identity.h"
#include "parser/meta.h"
#include "proto/limits.h"

#define RULES   BENCH_SOURCE_DIR "/parser/rules"
#define SAMPLES BENCH_SOURCE_DIR "/deploy/samples"

#define RUNS     11
#define RUNS_MAX 1000
#define LOOPS    5 /* over all pages, so that a run lasts longer than a clock's grain */

static const char usage[] =
    "Usage: bench-extract [--runs N] [PAGE.html]...\n"
    "Measures on the samples, on them in pages as large as real ones, and on the pages named.\n";

/* ---- pages ---- */

struct page {
    struct span html;
    struct article article;
    struct text text;
};

typedef LIST_OF(struct page) page_list;

static void fail(const char *name, const struct error *err)
{
    fprintf(stderr, "bench-extract: %s: %s\n", name, err->message);
    exit(EX_DATAERR);
}

static struct span read_whole(const char *path, struct arena *arena)
{
    struct error err = {0};
    struct buf content;
    struct span copy;

    buf_init(&content, LIMIT_BODY_BYTES);
    if (file_read(path, &content, &err) < 0)
        fail(path, &err);
    copy = arena_copy(arena, buf_span(&content));
    buf_fini(&content);
    return copy;
}

static int article_find(struct span bytes, bool is_html, struct arena *arena, struct article *out,
                        struct error *err)
{
    struct span media_type = is_html ? SPAN_LIT("text/html") : SPAN_LIT("text/plain");
    struct decoded decoded = {0};
    int rc = decode(bytes, media_type, SPAN_NULL, arena, &decoded, err);

    if (rc < 0)
        return rc;
    return is_html ? article_from_html(&decoded, SPAN_NULL, arena, out, err)
                   : article_from_plain(&decoded, arena, out, err);
}

/* Reads a document up to its text; false when there is none in it. */
static bool page_read(struct span bytes, bool is_html, struct arena *arena, struct page *out)
{
    struct error err = {0};

    *out = (struct page){.html = bytes};
    return article_find(bytes, is_html, arena, &out->article, &err) == 0 &&
           text_build(&out->article, arena, &out->text, &err) == 0;
}

static struct page page_around(const struct page *sample, size_t page_bytes, struct arena *arena)
{
    struct span title = SPAN_LIT("Statement on the elections");
    struct error err = {.message = "no text in the page made of it"};
    struct page page;
    struct buf html;

    if (!span_is_null(sample->article.title))
        title = sample->article.title;
    buf_init(&html, LIMIT_BODY_BYTES);
    page_wrap(title, sample->text.text, page_bytes, &html);
    if (!page_read(arena_copy(arena, buf_span(&html)), true, arena, &page))
        fail("sample", &err);
    buf_fini(&html);
    return page;
}

static bool is_html_name(const char *name)
{
    return span_ends(span_of_str(name), SPAN_LIT(".html"));
}

static int is_document(const struct dirent *entry)
{
    return is_html_name(entry->d_name) || span_ends(span_of_str(entry->d_name), SPAN_LIT(".txt"));
}

/* The sample pages as they are, and all samples in pages of 40 to 100 KB. */
static void samples_read(struct arena *arena, page_list *as_are, page_list *wrapped)
{
    struct error err = {.message = "not there"};
    struct dirent **entries;
    int n = scandir(SAMPLES, &entries, is_document, alphasort);

    if (n <= 0)
        fail(SAMPLES, &err);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        struct span bytes = read_whole(arena_printf(arena, SAMPLES "/%s", name).p, arena);
        struct page page;

        if (!page_read(bytes, is_html_name(name), arena, &page))
            fail(name, &err);
        if (is_html_name(name))
            *LIST_ADD(arena, as_are) = page;
        *LIST_ADD(arena, wrapped) = page_around(&page, (size_t)(40 + i % 5 * 15) * 1000, arena);
        free(entries[i]);
    }
    free(entries);
}

static void named_read(char *const *paths, struct arena *arena, page_list *out)
{
    for (; *paths; paths++) {
        struct page page;

        if (page_read(read_whole(*paths, arena), true, arena, &page))
            *LIST_ADD(arena, out) = page;
        else
            fprintf(stderr, "bench-extract: %s: no text, left out\n", *paths);
    }
}

/* ---- what is measured ---- */

enum part { PART_TEXT, PART_META, PART_CODE, PART_CUES, PART_DOM, PART_COUNT };

/* Seconds of one run. */
struct run {
    double part[PART_COUNT];
};

static double cpu_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Adds what has passed since `*since`, which becomes now. */
static void lap(double *since, double *total)
{
    double now = cpu_now();

    *total += now - *since;
    *since = now;
}

static void extract(const struct rules *rules, const struct page *page, struct arena *arena,
                    struct run *run)
{
    struct msg_work job = {.url = SPAN_LIT("https://example.org/a"), .source = SPAN_LIT("bench")};
    struct coded_statement coded = {0};
    struct error err = {0};
    struct text text = {0};
    double since = cpu_now();

    if (text_build(&page->article, arena, &text, &err) < 0)
        fail("text", &err);
    lap(&since, &run->part[PART_TEXT]);
    coded.statement.text = text.text;
    coded.statement.url = job.url;
    coded.statement.canonical_url = job.url;
    identity_of_statement(&text, arena, &coded.statement);
    meta_find(rules, &page->article, &text, &job, arena, &coded.statement);
    lap(&since, &run->part[PART_META]);
    code_findings(rules, &text, arena, &coded);
    arena_reset(arena);
    lap(&since, &run->part[PART_CODE]);
}

static void pass_once(const struct cues *cues, const struct page *page, struct arena *arena,
                      struct run *run)
{
    double since = cpu_now();
    cue_hits hits = {0};

    cues_find(cues, page->text.text, arena, &hits);
    arena_reset(arena);
    lap(&since, &run->part[PART_CUES]);
}

static void build_dom(const struct page *page, struct run *run)
{
    double since = cpu_now();
    htmlDocPtr dom = htmlReadMemory(page->html.p, (int)page->html.n, NULL, NULL,
                                    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                        HTML_PARSE_NONET);

    xmlFreeDoc(dom);
    lap(&since, &run->part[PART_DOM]);
}

static struct run measure(const struct rules *rules, const page_list *pages, struct arena *arena)
{
    const struct cues *cues = rules_for(rules, SPAN_LIT("en"))->book->cues;
    struct run run = {0};

    for (size_t i = 0; i < LOOPS * pages->n; i++) {
        const struct page *page = &pages->items[i % pages->n];

        extract(rules, page, arena, &run);
        pass_once(cues, page, arena, &run);
        build_dom(page, &run);
    }
    return run;
}

/* ---- figures ---- */

static double extract_seconds(const struct run *r)
{
    return r->part[PART_TEXT] + r->part[PART_META] + r->part[PART_CODE];
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

typedef double figure_fn(const struct run *r);

static double text_seconds(const struct run *r)
{
    return r->part[PART_TEXT];
}

static double meta_seconds(const struct run *r)
{
    return r->part[PART_META];
}

static double code_seconds(const struct run *r)
{
    return r->part[PART_CODE];
}

static double cues_seconds(const struct run *r)
{
    return r->part[PART_CUES];
}

static double dom_seconds(const struct run *r)
{
    return r->part[PART_DOM];
}

static double of_cues(const struct run *r)
{
    return extract_seconds(r) / r->part[PART_CUES];
}

static double of_dom(const struct run *r)
{
    return extract_seconds(r) / r->part[PART_DOM];
}

static double median_of(const struct run *runs, size_t n, figure_fn *figure)
{
    double values[RUNS_MAX];

    for (size_t i = 0; i < n; i++)
        values[i] = figure(&runs[i]);
    return median(values, n);
}

static void print_rate(const char *name, double bytes, double seconds)
{
    printf("  %-28s %8.2f MB/s\n", name, bytes / seconds / 1e6);
}

static void report(const char *name, const page_list *pages, const struct run *runs, size_t n)
{
    double html_bytes = 0;
    double text_bytes = 0;

    for (size_t i = 0; i < pages->n; i++) {
        html_bytes += (double)pages->items[i].html.n;
        text_bytes += (double)pages->items[i].text.text.n;
    }
    printf("%s: %zu pages of %.1f KB, with %.1f KB of text\n", name, pages->n,
           html_bytes / (double)pages->n / 1e3, text_bytes / (double)pages->n / 1e3);
    html_bytes *= LOOPS;
    text_bytes *= LOOPS;
    print_rate("text to sentences", text_bytes, median_of(runs, n, text_seconds));
    print_rate("metadata", text_bytes, median_of(runs, n, meta_seconds));
    print_rate("findings", text_bytes, median_of(runs, n, code_seconds));
    print_rate("together, of text", text_bytes, median_of(runs, n, extract_seconds));
    print_rate("one pass of the phrases", text_bytes, median_of(runs, n, cues_seconds));
    print_rate("libxml2's DOM, of page", html_bytes, median_of(runs, n, dom_seconds));
    printf("  together : one pass          %8.2f\n", median_of(runs, n, of_cues));
    printf("  together : DOM               %8.2f\n", median_of(runs, n, of_dom));
}

static double peak_mb(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_maxrss / 1024;
}

static void bench(const char *name, const struct rules *rules, const page_list *pages,
                  size_t runs_n, struct arena *arena)
{
    struct run *runs;

    if (pages->n == 0)
        return;
    runs = xcalloc(runs_n, sizeof *runs);
    for (size_t i = 0; i < runs_n; i++)
        runs[i] = measure(rules, pages, arena);
    report(name, pages, runs, runs_n);
    free(runs);
}

/* Before anything else runs: a peak never falls. */
static void report_memory(const struct rules *rules, const page_list *pages, struct arena *arena)
{
    double before = peak_mb();
    struct run run = {0};

    for (size_t i = 0; i < pages->n; i++)
        extract(rules, &pages->items[i], arena, &run);
    printf("peak memory: %.1f MB with rules and pages, %.1f MB more for coding them\n", before,
           peak_mb() - before);
}

static size_t runs_wanted(int argc, char **argv)
{
    static const struct option options[] = {{"runs", required_argument, NULL, 'r'}, {0}};
    uint64_t runs = RUNS;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c != 'r' || !number_read(span_of_str(optarg), 1, RUNS_MAX, &runs)) {
            fputs(usage, stderr);
            exit(EX_USAGE);
        }
    }
    return runs;
}

int main(int argc, char **argv)
{
    size_t runs = runs_wanted(argc, argv);
    struct arena *corpus = arena_new();
    struct arena *arena = arena_new();
    struct rules *rules = NULL;
    struct error err = {0};
    page_list samples = {0};
    page_list wrapped = {0};
    page_list named = {0};

    if (rules_load(RULES, &rules, &err) < 0)
        fail(RULES, &err);
    samples_read(corpus, &samples, &wrapped);
    named_read(argv + optind, corpus, &named);
    report_memory(rules, &wrapped, arena);
    bench("samples", rules, &samples, runs, arena);
    bench("samples in pages as large as real ones", rules, &wrapped, runs, arena);
    bench("pages named", rules, &named, runs, arena);
    rules_free(rules);
    arena_free(arena);
    arena_free(corpus);
    return 0;
}
