/*
 * Whose words and whose deeds a clause tells. What it speaks of and how it judges is for others to
 * test (test_code.c, test_hard_cases.c): here any finding of a sentence will do.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "common/arena.h"
#include "parse_text.h"
#include "parser/code.h"

#define RULES TEST_SOURCE_DIR "/parser/rules"

static struct arena *arena;
static struct rules *rules;
static struct text text;
static struct coded_statement coded;

static void setup(void)
{
    struct error err = {0};

    arena = arena_new();
    cr_assert_eq(rules_load(RULES, &rules, &err), 0, "%s", err.message);
    coded.statement.statement_id = SPAN_LIT("st_0000000000000001");
    coded.statement.version_id = SPAN_LIT("ve_0000000000000001");
    coded.statement.language = SPAN_LIT("en");
    *LIST_ADD(arena, &coded.statement.countries) = SPAN_LIT("MN");
}

static void teardown(void)
{
    rules_free(rules);
    arena_free(arena);
}

TestSuite(attribution, .init = setup, .fini = teardown, .timeout = 60);

static void issued_by(const char *slug, enum genre genre)
{
    coded.statement.genre = genre;
    *LIST_ADD(arena, &coded.statement.issuers) =
        (struct issuer){.slug = span_of_str(slug), .role = ROLE_ISSUER};
}

static void speaker_is(const char *name, const char *role, const char *body)
{
    *LIST_ADD(arena, &coded.statement.speakers) = (struct speaker){
        .name = span_of_str(name), .role_as_written = span_of_str(role), .body = span_of_str(body)};
}

static void code_under(const char *title, const char *body)
{
    parse_text(arena_printf(arena, "%s\n\n%s\n", title, body).p, arena, &text);
    coded.statement.text = text.text;
    code_findings(rules, &text, arena, &coded);
    cr_assert_gt(coded.findings.n, 0);
}

static void code(const char *body)
{
    code_under("Statement on the elections", body);
}

static const struct finding *first(void)
{
    return &coded.findings.items[0];
}

static const struct finding *last(void)
{
    return &coded.findings.items[coded.findings.n - 1];
}

#define expect_text(literal, span) cr_expect_str_eq(text_of(arena, (span)), (literal))

/* ---- sources ---- */

Test(attribution, verb_at_the_end_is_about_all_clauses)
{
    issued_by("eu-eeas", GENRE_STATEMENT);
    code("Voting was calm and orderly in all regions of the country, but the vote count was not "
         "transparent, ODIHR concluded.");
    expect_text("odihr", first()->attribution.holder);
    expect_text("odihr", last()->attribution.holder);
}

Test(attribution, verb_at_the_start_is_about_what_follows)
{
    issued_by("eu-eeas", GENRE_STATEMENT);
    code("ODIHR noted that voting was calm and orderly in all regions, but the vote count was not "
         "transparent.");
    expect_text("odihr", last()->attribution.holder);
}

Test(attribution, semicolon_ends_what_is_passed_on)
{
    issued_by("eu-eeas", GENRE_STATEMENT);
    code("ODIHR noted that voting was calm and orderly in all regions; the vote count was not "
         "transparent at all.");
    expect_text("odihr", first()->attribution.holder);
    expect_text("eu", last()->attribution.holder);
}

Test(attribution, institution_speaks_for_its_state)
{
    issued_by("odihr", GENRE_INTERIM);
    code("The Ministry of Internal Affairs told the mission that vote buying was not widespread.");
    expect_text("mn", first()->attribution.holder);
    cr_expect_eq(first()->attribution.mode, VOICE_INDIRECT);
}

Test(attribution, institution_that_only_acts_holds_nothing)
{
    issued_by("odihr", GENRE_INTERIM);
    code("The election commission announced the preliminary results in a timely and transparent "
         "manner.");
    expect_text("odihr", first()->attribution.holder);
}

Test(attribution, voters_of_a_country_are_not_the_country)
{
    issued_by("odihr", GENRE_INTERIM);
    code("Mongolia’s voters found the ballot confusing, and the vote count was not transparent.");
    expect_text("odihr", last()->attribution.holder);
}

Test(attribution, own_word_is_told_from_outside_only_behind_it)
{
    issued_by("odihr", GENRE_PRESS_RELEASE);
    code("ODIHR noted that the vote count was not transparent.");
    cr_expect_eq(last()->attribution.mode, VOICE_OWN);
}

Test(attribution, observers_who_close_a_sentence_tell_it)
{
    issued_by("odihr", GENRE_PRESS_RELEASE);
    code("The vote count was not transparent and many of the candidates were denied access to "
         "the media, international observers said in a statement today.");
    cr_expect_eq(first()->attribution.mode, VOICE_INDIRECT);
    expect_text("odihr", first()->attribution.holder);
}

/* ---- speakers ---- */

Test(attribution, statement_read_out_is_spoken_by_its_reader)
{
    issued_by("sadc", GENRE_INTERIM);
    speaker_is("Ada Mole", "Head of Mission", "sadc");
    code_under("Preliminary Statement by Hon. Ada Mole, Head of Mission",
               "The vote count was not transparent.");
    expect_text("Ada Mole", last()->attribution.speaker);
    cr_expect_eq(last()->attribution.mode, VOICE_OWN);
}

Test(attribution, what_follows_an_announcement_is_quoted)
{
    issued_by("gb-fcdo", GENRE_STATEMENT);
    speaker_is("Ada Mole", "Minister", "gb-fcdo");
    code("The Minister, Ada Mole, said:\n\nThe vote count was not transparent.\n\nThe media were "
         "not free to report on the campaign.");
    expect_text("Ada Mole", last()->attribution.speaker);
    cr_expect_eq(last()->attribution.mode, VOICE_DIRECT_QUOTE);
}

Test(attribution, coordinator_speaks_for_the_whole)
{
    issued_by("oscepa", GENRE_PRESS_RELEASE);
    speaker_is("Ada Mole", "Special Co-ordinator", "oscepa");
    code("“The vote count was not transparent,” said Special Co-ordinator Ada Mole.");
    expect_text("osce", first()->attribution.holder);
}

Test(attribution, bystander_who_is_quoted_is_no_speaker)
{
    issued_by("odihr", GENRE_PRESS_RELEASE);
    speaker_is("Ada Mole", "Head of Mission", "odihr");
    code("“The vote count was not transparent,” several parties said.");
    expect_text("(null)", first()->attribution.speaker);
    expect_text("parties", first()->attribution.holder);
}

/* ---- deeds ---- */

Test(attribution, who_orders_others_is_the_actor)
{
    issued_by("odihr", GENRE_INTERIM);
    code("Public-sector employees were put under pressure, as heads of schools had instructed them "
         "to attend rallies.");
    cr_expect(!span_is_null(first()->actor) || !span_is_null(last()->actor));
}

Test(attribution, who_takes_no_action_is_no_actor)
{
    issued_by("odihr", GENRE_INTERIM);
    code("The vote count was not transparent.");
    cr_expect(span_is_null(first()->actor));
}

/* ---- the shape of sentences ---- */

Test(attribution, stray_full_stop_parts_clauses_like_a_comma)
{
    issued_by("odihr", GENRE_INTERIM);
    code("Voting was calm and orderly in all regions. although the vote count was not "
         "transparent.");
    cr_assert_geq(coded.findings.n, 2);
    cr_expect_eq(first()->weight, WEIGHT_MAIN);
    cr_expect_eq(last()->weight, WEIGHT_CONCEDED);
}
