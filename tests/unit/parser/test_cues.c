#include "parser/cues.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct arena *arena;
static struct cues *cues;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    cues_free(cues);
    arena_free(arena);
}

TestSuite(cues, .init = setup, .fini = teardown);

/* Compiles the phrases, each with its number as id. */
static void compile(const char *const *phrases, size_t n)
{
    struct cue_pattern patterns[16];
    struct error err = {0};

    for (size_t i = 0; i < n; i++)
        patterns[i] = (struct cue_pattern){span_of_str(phrases[i]), (uint32_t)i};
    cr_assert_eq(cues_compile(patterns, n, &cues, &err), 0, "%s", err.message);
}

#define COMPILE(...)                                                                               \
    compile((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* The hits in `text` as "id[words] id[words]". */
static const char *found(const char *text)
{
    static char shown[1024];
    cue_hits hits = {0};
    size_t n = 0;

    shown[0] = '\0';
    cues_find(cues, span_of_str(text), arena, &hits);
    for (size_t i = 0; i < hits.n; i++) {
        struct span words = span_slice(span_of_str(text), hits.items[i].at);

        n += (size_t)snprintf(shown + n, sizeof shown - n, "%s%u[%.*s]", i ? " " : "",
                              hits.items[i].id, SPAN_ARG(words));
    }
    return shown;
}

static const char *refusal(const char *phrase)
{
    static struct error err;
    struct cue_pattern pattern = {span_of_str(phrase), 7};

    cr_assert_eq(cues_compile(&pattern, 1, &cues, &err), ERR_CONFIG);
    return err.message;
}

Test(cues, phrase_is_found_where_it_stands)
{
    COMPILE("vote count");
    cr_assert_str_eq(found("The vote count was slow."), "0[vote count]");
}

Test(cues, case_does_not_matter_in_text_or_phrase)
{
    COMPILE("Vote COUNT");
    cr_assert_str_eq(found("VOTE Count"), "0[VOTE Count]");
}

Test(cues, part_of_a_word_is_no_hit)
{
    COMPILE("count");
    cr_assert_str_eq(found("country recount counts count-centre 2count"), "0[count]");
}

Test(cues, letters_beyond_ascii_are_word_letters)
{
    COMPILE("lis");
    cr_assert_str_eq(found("Mäjılıs ılis lisé lis"), "0[lis]");
}

Test(cues, signs_beyond_ascii_bound_a_word)
{
    COMPILE("count");
    cr_assert_str_eq(found("•count… №count"), "0[count] 0[count]");
}

Test(cues, star_takes_the_rest_of_the_word)
{
    COMPILE("observ*");
    cr_assert_str_eq(found("observe, observers’ unobserved"), "0[observe] 0[observers]");
}

Test(cues, white_space_of_any_kind_is_one_space)
{
    COMPILE("vote count");
    cr_assert_str_eq(found("vote\u00a0count"), "0[vote\u00a0count]");
    cr_assert_str_eq(found("vote \t count"), "0[vote \t count]");
    cr_assert_str_eq(found("vote\ncount"), "0[vote\ncount]");
}

Test(cues, phrase_does_not_cross_a_paragraph)
{
    COMPILE("vote count");
    cr_assert_str_eq(found("vote\n\ncount, vote \n \n count"), "");
}

Test(cues, typographic_signs_are_their_plain_forms)
{
    COMPILE("women's", "long-term", "\"gold standard\"");
    cr_assert_str_eq(found("women’s long–term “gold standard”"),
                     "0[women’s] 1[long–term] 2[“gold standard”]");
    cr_assert_str_eq(found("women's long-term"), "0[women's] 1[long-term]");
}

Test(cues, phrase_may_be_typographic_too)
{
    COMPILE("women’s");
    cr_assert_str_eq(found("women's"), "0[women's]");
}

Test(cues, overlaps_come_by_start_then_longest_first)
{
    COMPILE("vote", "vote count", "count", "vote*");
    cr_assert_str_eq(found("vote count"), "1[vote count] 0[vote] 3[vote] 2[count]");
}

Test(cues, same_id_at_one_place_comes_once)
{
    struct cue_pattern patterns[] = {{SPAN_LIT("voter"), 5}, {SPAN_LIT("vote*"), 5}};
    struct error err = {0};

    cr_assert_eq(cues_compile(patterns, 2, &cues, &err), 0);
    cr_assert_str_eq(found("voter"), "5[voter]");
}

Test(cues, hits_at_both_ends_of_the_text_are_found)
{
    COMPILE("count");
    cr_assert_str_eq(found("count x count"), "0[count] 0[count]");
}

Test(cues, empty_set_and_empty_text_find_nothing)
{
    struct error err = {0};

    cr_assert_eq(cues_compile(NULL, 0, &cues, &err), 0);
    cr_assert_str_eq(found("count"), "");
    cues_free(cues);
    COMPILE("count");
    cr_assert_str_eq(found(""), "");
}

Test(cues, phrase_that_cannot_be_is_named)
{
    cr_assert(strstr(refusal(""), "must have"));
    cr_assert(strstr(refusal("*"), "star"));
    cr_assert(strstr(refusal("ob*serve"), "\"ob*serve\""));
    cr_assert(strstr(refusal(" count"), "white space"));
}
