/*
 * Loading has refused what is not well formed (rulebook.c, lexicon_load.c). What is left are rules
 * that read well and do nothing, or two things at once:
 *
 *     contradiction  one phrase with two values in a class, or both good and bad
 *     unmatchable    a phrase that is not found even in itself
 *     redundant      a phrase that another of the same class, value and weight finds as well
 *
 * All three are asked of the compiled set itself: each phrase is searched like a text of its own.
 * So the fold, the word bounds and the stars are those that documents meet, not a second opinion.
 * One phrase for two topics is no contradiction: a word may be the sign of both (code/view.c).
 *
 * A phrase is tested when it occurs in a text whose coding somebody has checked. The table of
 * coverage tells where the rules are only believed.
 */
#include "parser/check_rules.h"

#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/file.h"
#include "common/mem.h"
#include "common/utf8.h"
#include "parser/code/rulebook.h"
#include "parser/rules.h"
#include "parser/rules_dir.h"
#include "proto/limits.h"

#define TESTS_MAX 16

/* In the source tree: annotated statements, and cases with the findings that they want. */
#define STATEMENTS "tests/data/statements/text"
#define CASES      "tests/data/code"

static const char usage[] =
    "Usage: pollwatch check-rules [OPTION]...\n"
    "Loads the coding rules, names phrases that contradict each other, can't be met or add\n"
    "nothing, and counts which of them occur in texts that serve as tests.\n"
    "\n"
    "  --rules DIR      coding rules (default: those installed with the program)\n"
    "  --language LANG  folder in it (default: en)\n"
    "  --tests DIR      texts: *.txt, and files named \"in\", at any depth; may be given again\n"
    "                   (default: " STATEMENTS " and " CASES ")\n"
    "  --unseen         also lists the phrases that are in none of the texts\n"
    "  --help           this text\n"
    "\n"
    "The exit status is 65 (EX_DATAERR) when a phrase contradicts another or can't be met, and 78\n"
    "(EX_CONFIG) when the rules can't be loaded.\n";

struct check {
    const char *rules_dir; /* as given; NULL: the installed ones */
    const char *language;
    char *tests[TESTS_MAX + 1]; /* ends with NULL, as fts wants it */
    size_t tests_n;
    bool lists_unseen;

    char dir[PATH_MAX];
    const struct rulebook *book;
    struct arena *arena; /* of one search */
    bool *seen;          /* by rule */
    size_t texts;
    size_t contradictions;
    size_t unmatchable;
    size_t redundant;
};

/* ---- rules ---- */

/* "polarity.trend.better" of "polarity.trend.better: improved" */
static struct span group_of(const struct cue_rule *rule)
{
    return span_of(rule->id.p, span_find(rule->id, SPAN_LIT(": "), 0));
}

/* "stance" of "stance.speech.relay: noted": the file without .yaml. */
static struct span file_of(const struct cue_rule *rule)
{
    return span_of(rule->id.p, span_find(rule->id, SPAN_LIT("."), 0));
}

/* "DIR/en/stance.yaml:12: WHAT: "noted" (stance.speech.relay)" */
static void print_rule(const struct check *c, const struct cue_rule *rule, const char *what)
{
    printf("%s/%s/%.*s.yaml:%u: %s: \"%.*s\" (%.*s)", c->dir, c->language, SPAN_ARG(file_of(rule)),
           rule->line, what, SPAN_ARG(rule->phrase), SPAN_ARG(group_of(rule)));
}

static bool is_starred(const struct cue_rule *rule)
{
    return span_ends(rule->phrase, SPAN_LIT("*"));
}

/* The shortest text that the phrase is meant to be found in. */
static struct span sample_of(const struct cue_rule *rule)
{
    return span_of(rule->phrase.p, rule->phrase.n - is_starred(rule));
}

static void search(const struct check *c, struct span text, cue_hits *out)
{
    *out = (cue_hits){0};
    cues_find(c->book->cues, text, c->arena, out);
}

static bool is_whole(const struct cue_hit *hit, struct span text)
{
    return hit->at.start == 0 && hit->at.end == text.n;
}

/* Whether rule `at` is among what was found in `text`, and takes all of it. */
static bool has_whole(const cue_hits *hits, size_t at, struct span text)
{
    for (size_t i = 0; i < hits->n; i++) {
        if (hits->items[i].id == at && is_whole(&hits->items[i], text))
            return true;
    }
    return false;
}

/* ---- what is wrong with two phrases ---- */

static bool is_contrary(const struct cue_rule *a, const struct cue_rule *b)
{
    if (a->class == b->class)
        return a->class != CUE_TOPIC && a->value != b->value;
    return (a->class == CUE_GOOD && b->class == CUE_BAD) ||
           (a->class == CUE_BAD && b->class == CUE_GOOD);
}

static bool does_the_same(const struct cue_rule *a, const struct cue_rule *b)
{
    return a->class == b->class && a->value == b->value && a->weight == b->weight;
}

static void print_pair(const struct check *c, const struct cue_rule *rule, const char *what,
                       const struct cue_rule *other)
{
    print_rule(c, rule, what);
    printf("; %.*s.yaml:%u has \"%.*s\" (%.*s)\n", SPAN_ARG(file_of(other)), other->line,
           SPAN_ARG(other->phrase), SPAN_ARG(group_of(other)));
}

/* One phrase written twice, not a wider one that finds the narrower. */
static bool is_one_phrase(const struct check *c, size_t at, const struct cue_rule *other)
{
    struct span sample = sample_of(other);
    cue_hits hits;

    if (is_starred(&c->book->rules.items[at]) != is_starred(other))
        return false;
    search(c, sample, &hits);
    return has_whole(&hits, at, sample);
}

/* The phrase of `other` finds all of that of `at`. */
static void pair_check(struct check *c, size_t at, size_t other)
{
    const struct cue_rule *a = &c->book->rules.items[at];
    const struct cue_rule *b = &c->book->rules.items[other];
    bool is_same = is_one_phrase(c, at, b);

    if (is_same && other > at)
        return; /* once is enough */
    if (is_same && is_contrary(a, b)) {
        print_pair(c, a, "contradiction", b);
        c->contradictions++;
    } else if (does_the_same(a, b)) {
        print_pair(c, a, "redundant", b);
        c->redundant++;
    }
}

static void rule_check(struct check *c, size_t at)
{
    const struct cue_rule *rule = &c->book->rules.items[at];
    struct span sample = sample_of(rule);
    cue_hits hits;

    arena_reset(c->arena);
    search(c, sample, &hits);
    if (!has_whole(&hits, at, sample)) {
        print_rule(c, rule, "unmatchable");
        putchar('\n');
        c->unmatchable++;
    }
    for (size_t i = 0; i < hits.n; i++) {
        if (hits.items[i].id != at && is_whole(&hits.items[i], sample))
            pair_check(c, at, hits.items[i].id);
    }
}

/* ---- texts ---- */

static int text_read(struct check *c, const char *path, struct error *err)
{
    cue_hits hits;
    struct buf text;
    int rc;

    buf_init(&text, LIMIT_BODY_BYTES);
    rc = file_read(path, &text, err);
    if (rc == 0 && !utf8_is_valid(buf_span(&text)))
        rc = error_set(err, ERR_FORMAT, "%s: not UTF-8", path);
    if (rc == 0) {
        arena_reset(c->arena);
        search(c, buf_span(&text), &hits);
        for (size_t i = 0; i < hits.n; i++)
            c->seen[hits.items[i].id] = true;
        c->texts++;
    }
    buf_fini(&text);
    return rc;
}

static bool is_text(const FTSENT *entry)
{
    struct span name = span_of(entry->fts_name, entry->fts_namelen);

    return entry->fts_info == FTS_F &&
           (span_ends(name, SPAN_LIT(".txt")) || span_equal_str(name, "in"));
}

static int entry_read(struct check *c, const FTSENT *entry, struct error *err)
{
    switch (entry->fts_info) {
    case FTS_ERR:
    case FTS_DNR:
    case FTS_NS:
        errno = entry->fts_errno;
        return error_sys(err, "read %s", entry->fts_path);
    default:
        return is_text(entry) ? text_read(c, entry->fts_path, err) : 0;
    }
}

static int texts_read(struct check *c, struct error *err)
{
    FTS *tree = fts_open(c->tests, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    int rc = 0;

    if (!tree)
        return error_sys(err, "read %s", c->tests[0]);
    while (rc == 0 && (entry = fts_read(tree)) != NULL)
        rc = entry_read(c, entry, err);
    fts_close(tree);
    if (rc == 0 && c->texts == 0)
        rc = error_set(err, ERR_NOT_FOUND, "%s: no texts", c->tests[0]);
    return rc;
}

/* ---- coverage ---- */

struct row {
    struct span group;
    size_t phrases;
    size_t seen;
};

typedef LIST_OF(struct row) rows;

static struct row *row_of(struct arena *arena, rows *table, struct span group)
{
    struct row *row;

    for (size_t i = 0; i < table->n; i++) {
        if (span_equal(table->items[i].group, group))
            return &table->items[i];
    }
    row = LIST_ADD(arena, table);
    row->group = group;
    return row;
}

static void print_row(struct span group, size_t phrases, size_t seen)
{
    printf("%-36.*s %7zu %6zu %6.2f\n", SPAN_ARG(group), phrases, seen,
           phrases > 0 ? (double)seen / (double)phrases : 0);
}

static void print_coverage(const struct check *c)
{
    rows table = {0};
    struct row total = {.group = SPAN_LIT("all")};

    arena_reset(c->arena);
    for (size_t i = 0; i < c->book->rules.n; i++) {
        struct row *row = row_of(c->arena, &table, group_of(&c->book->rules.items[i]));

        row->phrases++;
        row->seen += c->seen[i];
        total.phrases++;
        total.seen += c->seen[i];
    }
    printf("%-36s %7s %6s %6s\n", "group", "phrases", "seen", "share");
    for (size_t i = 0; i < table.n; i++)
        print_row(table.items[i].group, table.items[i].phrases, table.items[i].seen);
    print_row(total.group, total.phrases, total.seen);
}

static void print_unseen(const struct check *c)
{
    for (size_t i = 0; i < c->book->rules.n; i++) {
        const struct cue_rule *rule = &c->book->rules.items[i];

        if (c->seen[i])
            continue;
        print_rule(c, rule, "unseen");
        putchar('\n');
    }
}

/* ---- the whole ---- */

/* Takes the working directory off the front. */
static void shorten(char path[PATH_MAX])
{
    char here[PATH_MAX];
    size_t n;

    if (!getcwd(here, sizeof here))
        return; /* the long name is as good */
    n = strlen(here);
    if (strncmp(path, here, n) == 0 && path[n] == '/')
        memmove(path, path + n + 1, strlen(path + n + 1) + 1);
}

/* Finds the rules, by a name that a person can open: the default leads through `bin/..`. */
static int dir_find(struct check *c, struct error *err)
{
    char found[PATH_MAX];
    int rc = rules_dir_find(c->rules_dir, found, err);

    if (rc < 0)
        return rc;
    if (!realpath(found, c->dir))
        return error_sys(err, "rules directory %s", found);
    shorten(c->dir);
    return 0;
}

static int check_all(struct check *c, struct error *err)
{
    int rc = texts_read(c, err);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < c->book->rules.n; i++)
        rule_check(c, i);
    if (c->lists_unseen)
        print_unseen(c);
    print_coverage(c);
    printf("\ntexts: %zu, contradictions: %zu, unmatchable: %zu, redundant: %zu\n", c->texts,
           c->contradictions, c->unmatchable, c->redundant);
    return 0;
}

static int check_run(struct check *c, struct error *err)
{
    struct span wanted = span_of_str(c->language);
    const struct language_rules *language;
    struct rules *rules = NULL;
    int rc = dir_find(c, err);

    if (rc == 0)
        rc = rules_load(c->dir, &rules, err);
    if (rc < 0)
        return rc;
    language = rules_for(rules, wanted);
    if (!span_equal(language->language, wanted)) {
        rc = error_set(err, ERR_NOT_FOUND, "%s: no rules for the language %s", c->dir, c->language);
    } else {
        c->book = language->book;
        c->seen = xcalloc(c->book->rules.n + 1, sizeof *c->seen);
        c->arena = arena_new();
        rc = check_all(c, err);
    }
    arena_free(c->arena);
    free(c->seen);
    rules_free(rules);
    return rc;
}

/* ---- options ---- */

static bool tests_add(struct check *c, char *dir)
{
    if (c->tests_n == TESTS_MAX) {
        fprintf(stderr, "pollwatch check-rules: over %d folders of tests\n", TESTS_MAX);
        return false;
    }
    c->tests[c->tests_n++] = dir;
    return true;
}

static void tests_add_here(struct check *c)
{
    static char here[][sizeof STATEMENTS] = {STATEMENTS, CASES};

    for (size_t i = 0; i < ARRAY_LEN(here); i++) {
        if (access(here[i], R_OK) == 0)
            tests_add(c, here[i]);
    }
}

static int check_usage(struct check *c, const char *stray)
{
    if (stray) {
        fprintf(stderr, "pollwatch check-rules: unexpected argument \"%s\"; --help tells more\n",
                stray);
        return EX_USAGE;
    }
    if (c->tests_n == 0)
        tests_add_here(c);
    if (c->tests_n == 0) {
        fputs("pollwatch check-rules: no tests/data here; --tests DIR says where texts are\n",
              stderr);
        return EX_USAGE;
    }
    return EX_OK;
}

/* Returns EX_OK to go on, or the exit status with `*done` set. */
static int read_options(struct check *c, int argc, char **argv, bool *done)
{
    static const struct option options[] = {
        {"rules", required_argument, NULL, 'r'}, {"language", required_argument, NULL, 'l'},
        {"tests", required_argument, NULL, 't'}, {"unseen", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
    };
    int status;
    int option;

    *done = true;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case 'r':
            c->rules_dir = optarg;
            break;
        case 'l':
            c->language = optarg;
            break;
        case 't':
            if (tests_add(c, optarg))
                break;
            return EX_USAGE;
        case 'n':
            c->lists_unseen = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            return EX_USAGE;
        }
    }
    status = check_usage(c, argv[optind]);
    *done = status != EX_OK;
    return status;
}

int check_rules_command(int argc, char **argv)
{
    struct check c = {.language = "en"};
    struct error err;
    bool done;
    int status = read_options(&c, argc, argv, &done);

    if (done)
        return status;
    if (check_run(&c, &err) < 0) {
        fprintf(stderr, "pollwatch check-rules: %s\n", err.message);
        status = error_exit_status(&err);
    } else if (c.contradictions + c.unmatchable > 0) {
        status = EX_DATAERR;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("pollwatch check-rules: standard output");
        status = EX_IOERR;
    }
    return status;
}
