#include "parser/check_rules.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/file.h"

#define SHIPPED TEST_SOURCE_DIR "/parser/rules"

static struct arena *arena;
static char dir[64];
static struct buf output;
static struct error err;

static const char *in_dir(const char *name)
{
    return arena_printf(arena, "%s/%s", dir, name).p;
}

static void put(const char *name, const char *content)
{
    cr_assert_eq(file_write_atomic(in_dir(name), content, strlen(content), &err), 0, "%s",
                 err.message);
}

/* A copy of the shipped rules to break, and a text. */
static void setup(void)
{
    char command[256];

    arena = arena_new();
    buf_init(&output, 4 * 1024 * 1024);
    memcpy(dir, "/tmp/test_check_rules_XXXXXX", sizeof "/tmp/test_check_rules_XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    snprintf(command, sizeof command, "cp -r %s/. %s/rules && mkdir -p %s/texts/deep", SHIPPED, dir,
             dir);
    cr_assert_eq(system(command), 0);
    put("texts/one.txt", "Turnout was dwindling when\nthe  polls closed.\n");
}

static void teardown(void)
{
    char command[256];

    snprintf(command, sizeof command, "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
    buf_fini(&output);
    arena_free(arena);
}

TestSuite(check_rules, .init = setup, .fini = teardown, .timeout = 60);

/* Runs with standard output in a file, which comes back in `output`; ends with NULL. */
static int run(char **argv)
{
    int argc = 0;
    int status;

    while (argv[argc])
        argc++;
    cr_assert_not_null(freopen(in_dir("output"), "w", stdout));
    status = check_rules_command(argc, argv);
    fflush(stdout);
    buf_clear(&output);
    cr_assert_eq(file_read(in_dir("output"), &output, &err), 0, "%s", err.message);
    return status;
}

static int check(char *option)
{
    char *argv[] = {
        "check-rules", "--rules", (char *)in_dir("rules"), "--tests", (char *)in_dir("texts"),
        option,        NULL};

    return run(argv);
}

static bool says(const char *words)
{
    return span_find(buf_span(&output), span_of_str(words), 0) != SIZE_MAX;
}

#define cr_assert_says(words)                                                                      \
    cr_assert(says(words), "%s: not in \"%.*s\"", (words), SPAN_ARG(buf_span(&output)))

Test(check_rules, shipped_rules_do_not_contradict_themselves)
{
    cr_assert_eq(check(NULL), EX_OK, "%.*s", SPAN_ARG(buf_span(&output)));
    cr_assert_says("texts: 1, contradictions: 0, unmatchable: 0,");
}

Test(check_rules, phrase_with_two_values_is_named_with_both_places)
{
    put("rules/en/polarity.yaml", "trend:\n"
                                  "  better: [on the mend]\n"
                                  "  worse:\n"
                                  "    - adrift\n"
                                  "    - On the  mend\n");

    cr_assert_eq(chdir(dir), 0); /* names are short from here */
    cr_assert_eq(check(NULL), EX_DATAERR);
    cr_assert_says("rules/en/polarity.yaml:5: contradiction: \"On the  mend\" "
                   "(polarity.trend.worse); polarity.yaml:2 has \"on the mend\" "
                   "(polarity.trend.better)\n");
    cr_assert_says("contradictions: 1, unmatchable: 0");
}

Test(check_rules, phrase_both_good_and_bad_is_a_contradiction)
{
    put("rules/en/polarity.yaml", "good: [quaint]\nbad: [quaint]\n");

    cr_assert_eq(check(NULL), EX_DATAERR);
    cr_assert_says("contradictions: 1");
}

Test(check_rules, word_of_two_topics_is_none)
{
    put("rules/en/topics.yaml", "eday.count: {heads: [recount*]}\n"
                                "eday.results: {heads: [recount*]}\n");

    cr_assert_eq(check(NULL), EX_OK);
    cr_assert_says("contradictions: 0");
}

Test(check_rules, wider_phrase_of_the_same_work_makes_one_redundant)
{
    put("rules/en/polarity.yaml", "good: [sparkling, sparkl*, dull, gleam*]\n"
                                  "bad: [dull*, sparkling wine, gleaming]\n");

    cr_assert_eq(check(NULL), EX_OK);
    cr_assert_says("polarity.yaml:1: redundant: \"sparkling\" (polarity.good); polarity.yaml:1 has "
                   "\"sparkl*\" (polarity.good)\n");
    cr_assert_says("contradictions: 0, unmatchable: 0");
    cr_assert_not(says("redundant: \"sparkl*\""));
    cr_assert_not(says("redundant: \"dull"));
    cr_assert_not(says("redundant: \"gleam"));
}

Test(check_rules, coverage_counts_the_phrases_that_occur_in_texts)
{
    put("rules/en/polarity.yaml", "bad: [dwindling, when the polls, shabby, well*]\n");
    put("texts/deep/in", "It went WELLINGLY.\n");
    put("texts/deep/want", "shabby\n");

    cr_assert_eq(check("--unseen"), EX_OK);
    cr_assert_says("polarity.bad                               4      3   0.75\n");
    cr_assert_says("polarity.yaml:1: unseen: \"shabby\" (polarity.bad)\n");
    cr_assert_not(says("unseen: \"dwindling\""));
    cr_assert_says("texts: 2,");
}

Test(check_rules, unseen_phrases_are_listed_on_request_only)
{
    put("rules/en/polarity.yaml", "bad: [shabby]\n");

    cr_assert_eq(check(NULL), EX_OK);
    cr_assert_not(says("unseen:"));
}

Test(check_rules, rules_that_do_not_load_are_a_configuration_error)
{
    put("rules/en/polarity.yaml", "gut: [shabby]\n");

    cr_assert_eq(check(NULL), EX_CONFIG);
    cr_assert_eq(output.n, 0);
}

Test(check_rules, tests_without_a_text_are_an_error)
{
    char *argv[] = {"check-rules",           "--rules", (char *)in_dir("rules"), "--tests",
                    (char *)in_dir("rules"), NULL};

    cr_assert_neq(run(argv), EX_OK);
}

Test(check_rules, text_that_is_not_utf8_is_an_error)
{
    put("texts/broken.txt", "caf\xE9\n");

    cr_assert_eq(check(NULL), EX_DATAERR);
}

Test(check_rules, usage_is_checked)
{
    char *nowhere[] = {"check-rules", "--rules", (char *)in_dir("rules"), NULL};
    char *stray[] = {"check-rules", "rules", NULL};
    char *language[] = {"check-rules",
                        "--rules",
                        (char *)in_dir("rules"),
                        "--tests",
                        (char *)in_dir("texts"),
                        "--language",
                        "xx",
                        NULL};

    cr_assert_eq(chdir(dir), 0);
    cr_assert_eq(run(nowhere), EX_USAGE);
    optind = 0;
    cr_assert_eq(run(stray), EX_USAGE);
    optind = 0;
    cr_assert_neq(run(language), EX_OK);
}
