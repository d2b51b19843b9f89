#include "parser/rules.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/file.h"
#include "parser/code/rulebook.h"

#define SHIPPED TEST_SOURCE_DIR "/parser/rules"

static struct arena *arena;
static char dir[64];
static struct error err;

/* A copy of the shipped rules to break. */
static void setup(void)
{
    char command[256];

    arena = arena_new();
    memcpy(dir, "/tmp/test_rules_XXXXXX", sizeof "/tmp/test_rules_XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    snprintf(command, sizeof command, "cp -r %s/. %s", SHIPPED, dir);
    cr_assert_eq(system(command), 0);
}

static void teardown(void)
{
    char command[256];

    snprintf(command, sizeof command, "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
    arena_free(arena);
}

TestSuite(rules, .init = setup, .fini = teardown);

static void put(const char *file, const char *content)
{
    const char *path = arena_printf(arena, "%s/%s", dir, file).p;

    cr_assert_eq(file_write_atomic(path, content, strlen(content), &err), 0, "%s", err.message);
}

static struct rules *load(void)
{
    struct rules *r = NULL;

    cr_assert_eq(rules_load(dir, &r, &err), 0, "%s", err.message);
    return r;
}

static const char *digest(void)
{
    struct rules *r = load();
    const char *copy = arena_copy(arena, rules_sha256(r)).p;

    rules_free(r);
    return copy;
}

static const char *refusal(void)
{
    struct rules *r = NULL;

    cr_assert_eq(rules_load(dir, &r, &err), ERR_CONFIG, "%s", err.message);
    return err.message;
}

Test(rules, shipped_rules_load)
{
    struct rules *r = load();

    cr_assert_gt(rules_version(r).n, 0);
    cr_assert_eq(rules_sha256(r).n, 64);
    rules_free(r);
}

Test(rules, digest_is_the_same_for_the_same_bytes)
{
    cr_assert_str_eq(digest(), digest());
}

Test(rules, digest_changes_with_one_byte)
{
    const char *before = digest();

    put("version.yaml", "version: \"another\"\n");
    cr_assert_str_neq(digest(), before);
}

Test(rules, digest_covers_files_that_coding_does_not_read)
{
    const char *before = digest();

    put("en/zzz.yaml", "later: true\n");
    cr_assert_str_neq(digest(), before);
}

Test(rules, language_is_found_by_its_primary_subtag)
{
    struct rules *r = load();

    cr_assert_eq(rules_for(r, SPAN_LIT("en-GB")), rules_for(r, SPAN_LIT("en")));
    rules_free(r);
}

Test(rules, unknown_language_falls_back_to_english)
{
    struct rules *r = load();

    cr_assert_eq(rules_for(r, SPAN_LIT("kk")), rules_for(r, SPAN_LIT("en")));
    cr_assert_eq(rules_for(r, SPAN_NULL), rules_for(r, SPAN_LIT("en")));
    rules_free(r);
}

Test(rules, unknown_group_is_refused_with_file_and_line)
{
    put("en/clauses.yaml", "contrast:\n  adverse: [\", but\"]\nfoo: [bar]\n");
    cr_assert(strstr(refusal(), "clauses.yaml:3:"));
    cr_assert(strstr(refusal(), "foo"));
}

Test(rules, unknown_topic_is_refused)
{
    put("en/topics.yaml", "eday.weather:\n  heads: [rain]\n");
    cr_assert(strstr(refusal(), "topics.yaml:1:"));
    cr_assert(strstr(refusal(), "eday.weather"));
}

Test(rules, unknown_value_is_refused)
{
    put("en/uncoded.yaml", "reason:\n  boredom: [again]\n");
    cr_assert(strstr(refusal(), "boredom"));
}

Test(rules, phrase_twice_in_a_group_is_refused)
{
    put("en/clauses.yaml", "contrast:\n  adverse: [\", but\", \", but\"]\n");
    cr_assert(strstr(refusal(), "twice"));
}

Test(rules, phrase_that_cannot_be_found_is_refused)
{
    put("en/clauses.yaml", "contrast:\n  adverse: [\"b*ut\"]\n");
    cr_assert(strstr(refusal(), "b*ut"));
}

Test(rules, empty_group_is_refused)
{
    put("en/clauses.yaml", "contrast:\n  adverse: []\n");
    cr_assert(strstr(refusal(), "clauses.yaml:2:"));
}

Test(rules, version_is_required)
{
    put("version.yaml", "edition: 1\n");
    cr_assert(strstr(refusal(), "version"));
}

Test(rules, missing_folder_is_an_error_of_the_system)
{
    struct rules *r = NULL;

    cr_assert_eq(rules_load("/nonexistent", &r, &err), ERR_SYS);
}

Test(rules, added_cue_needs_no_code)
{
    struct rulebook *book = NULL;
    struct rulebook *longer = NULL;

    cr_assert_eq(rulebook_load(arena_printf(arena, "%s/en", dir).p, &book, &err), 0);
    put("en/clauses.yaml", "contrast:\n  adverse: [\", but\", \", alas\"]\n");
    cr_assert_eq(rulebook_load(arena_printf(arena, "%s/en", dir).p, &longer, &err), 0);
    cr_assert_neq(book->rules.n, longer->rules.n);
    rulebook_free(book);
    rulebook_free(longer);
}
