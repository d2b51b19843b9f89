#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "parser/lexicon.h"

#define RULES TEST_SOURCE_DIR "/parser/rules/en"

static struct arena *arena;
static struct lexicon *lexicon;
static mentions found;
static char dir[] = "/tmp/pollwatch-lexicon-XXXXXX";

static void set_up(void)
{
    struct error err;

    arena = arena_new();
    cr_assert(lexicon_load(RULES, &lexicon, &err) == 0, "%s", err.message);
}

static void tear_down(void)
{
    lexicon_free(lexicon);
    arena_free(arena);
}

TestSuite(lexicon, .init = set_up, .fini = tear_down, .timeout = 60);

static const struct mention *find(const char *text, enum mention_kind kind)
{
    lexicon_find(lexicon, span_of_str(text), arena, &found);
    for (size_t i = 0; i < found.n; i++) {
        if (found.items[i].kind == kind)
            return &found.items[i];
    }
    return NULL;
}

static size_t count(const char *text, enum mention_kind kind)
{
    size_t n = 0;

    lexicon_find(lexicon, span_of_str(text), arena, &found);
    for (size_t i = 0; i < found.n; i++)
        n += found.items[i].kind == kind;
    return n;
}

Test(lexicon, longest_name_hides_those_inside_it)
{
    const struct mention *m = find("the United States Mission to the OSCE spoke", MENTION_BODY);

    cr_assert_not_null(m);
    cr_assert(span_equal_str(m->body->slug, "us-mission-osce"));
    cr_assert_eq(found.n, 1);
}

Test(lexicon, acronym_is_met_in_capitals_only)
{
    cr_assert_not_null(find("The US voted.", MENTION_COUNTRY));
    cr_assert_null(find("They told us so.", MENTION_COUNTRY));
}

Test(lexicon, name_is_met_with_a_capital_only)
{
    cr_assert_not_null(find("the vote in Chad", MENTION_COUNTRY));
    cr_assert_null(find("a hanging chad", MENTION_COUNTRY));
    cr_assert_not_null(find("THE VOTE IN ALBANIA", MENTION_COUNTRY));
}

Test(lexicon, country_is_found_by_name_adjective_and_capital)
{
    const struct mention *m = find("the Albanian elections", MENTION_COUNTRY);

    cr_assert(span_equal_str(m->country->code, "AL"));
    cr_assert_eq(m->form, FORM_ADJECTIVE);
    m = find("TIRANA, 12 May", MENTION_COUNTRY);
    cr_assert(span_equal_str(m->country->code, "AL"));
    cr_assert_eq(m->form, FORM_CAPITAL);
    cr_assert(span_equal_str(m->country->slug, "al"));
}

Test(lexicon, country_inside_another_one_is_not_met)
{
    cr_assert(span_equal_str(find("in Guinea-Bissau", MENTION_COUNTRY)->country->code, "GW"));
    cr_assert(span_equal_str(find("in Equatorial Guinea", MENTION_COUNTRY)->country->code, "GQ"));
    cr_assert(
        span_equal_str(find("in the Republic of the Congo", MENTION_COUNTRY)->country->code, "CG"));
    cr_assert_eq(count("Latin American observers", MENTION_COUNTRY), 0);
}

Test(lexicon, typographic_apostrophes_are_as_good_as_plain_ones)
{
    cr_assert_not_null(find("in C\xC3\xB4te d\xE2\x80\x99Ivoire", MENTION_COUNTRY));
}

Test(lexicon, body_knows_its_parent_and_its_holder)
{
    const struct body *eeas = lexicon_body(lexicon, SPAN_LIT("eu-eeas"));
    const struct body *eu = lexicon_body(lexicon, SPAN_LIT("eu"));
    const struct body *fcdo = lexicon_body(lexicon, SPAN_LIT("gb-fcdo"));

    cr_assert(body_is_within(eeas, eu));
    cr_assert_not(body_is_within(eu, eeas));
    cr_assert(span_equal_str(eeas->holder, "eu"));
    cr_assert(span_equal_str(fcdo->holder, "gb"));
    cr_assert(span_equal_str(fcdo->country, "GB"));
}

Test(lexicon, each_country_has_a_foreign_ministry)
{
    const struct mention *m = find("the Ministry of Foreign Affairs of Norway said", MENTION_BODY);

    cr_assert_not_null(m);
    cr_assert(span_equal_str(m->body->slug, "no-mfa"));
    cr_assert(span_equal_str(m->body->holder, "no"));
}

Test(lexicon, every_country_of_iso_3166_is_there)
{
    static const char *const some[] = {"AD", "BT", "CI", "CW", "GB", "KP",
                                       "NO", "PS", "TL", "XK", "ZA"};

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        cr_expect_not_null(lexicon_country(lexicon, span_of_str(some[i])), "%s", some[i]);
}

Test(lexicon, election_words_say_what_they_settle)
{
    const struct mention *m = find("elections to the Mazhilis", MENTION_ELECTION);

    cr_assert(m->election->is_vote);
    cr_assert(span_is_null(m->election->type));
    cr_assert(span_equal_str(found.items[1].election->chamber, "lower"));
    cr_assert(span_equal_str(found.items[1].election->country, "KZ"));
}

Test(lexicon, mentions_are_cut_out_by_range)
{
    static const char text[] = "Albania and Kosovo and Croatia";
    size_t first;
    size_t n;

    lexicon_find(lexicon, span_of_str(text), arena, &found);
    n = mentions_within(&found, (struct range){5, 22}, &first);

    cr_assert_eq(n, 1);
    cr_assert(span_equal_str(found.items[first].country->code, "XK"));
}

Test(lexicon, usual_election_is_known_by_country)
{
    const struct country *together = lexicon_country(lexicon, SPAN_LIT("US"));
    const struct country *alone = lexicon_country(lexicon, SPAN_LIT("HU"));
    const struct country *mixed = lexicon_country(lexicon, SPAN_LIT("FR"));

    cr_expect(span_equal_str(together->usual_election, "general"));
    cr_expect(span_equal_str(alone->usual_election, "parliamentary"));
    cr_expect(span_is_null(mixed->usual_election));
}

/* ---- files that are wrong ---- */

static void write_rules(const char *bodies)
{
    const char *const files[][2] = {{"countries.yaml", ""}, {"elections.yaml", ""},
                                    {"offices.yaml", ""},   {"genres.yaml", ""},
                                    {"systems.yaml", ""},   {"bodies.yaml", bodies}};
    char path[128];
    FILE *f;

    cr_assert_not_null(mkdtemp(dir));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i][0]);
        f = fopen(path, "w");
        cr_assert_not_null(f);
        fputs(files[i][1], f);
        fclose(f);
    }
}

static void remove_rules(void)
{
    static const char *const names[] = {"countries.yaml", "elections.yaml", "offices.yaml",
                                        "genres.yaml",    "systems.yaml",   "bodies.yaml"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

static void refuses(const char *bodies, const char *place, const char *what)
{
    struct lexicon *l = NULL;
    struct error err = {0};
    int rc;

    write_rules(bodies);
    rc = lexicon_load(dir, &l, &err);
    remove_rules();

    cr_assert_eq(rc, ERR_CONFIG);
    cr_assert_not_null(strstr(err.message, place), "%s", err.message);
    cr_assert_not_null(strstr(err.message, what), "%s", err.message);
}

Test(lexicon, unknown_key_is_refused_with_its_line)
{
    refuses("bodies:\n  - slug: a\n    nmae: A Body\n", "bodies.yaml:3", "nmae");
}

Test(lexicon, slug_twice_is_refused)
{
    refuses("bodies:\n  - {slug: a, name: A Body}\n  - {slug: a, name: Another}\n", "bodies.yaml:3",
            "twice");
}

Test(lexicon, parent_that_is_nowhere_is_refused)
{
    refuses("bodies:\n  - {slug: a, name: A Body, parent: b}\n", "bodies.yaml:2", "parent");
}

Test(lexicon, missing_folder_is_an_error)
{
    struct lexicon *l = NULL;
    struct error err = {0};

    cr_assert_lt(lexicon_load("/nonexistent", &l, &err), 0);
    cr_assert_null(l);
}
