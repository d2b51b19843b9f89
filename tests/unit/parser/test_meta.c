#include <criterion/criterion.h>

#include "parse_text.h"
#include "parser/meta_parts.h"

#define RULES TEST_SOURCE_DIR "/parser/rules/en"

static struct arena *arena;
static struct lexicon *lexicon;
static struct statement out;
static struct msg_work job;

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

TestSuite(meta, .init = set_up, .fini = tear_down, .timeout = 60);

static void read_file(const char *file)
{
    struct text text;
    struct article article = parse_text(file, arena, &text);

    out = (struct statement){0};
    meta_find_with(lexicon, &article, &text, &job, arena, &out);
}

static void read_page(struct article *article)
{
    struct text text;
    struct error err;

    out = (struct statement){0};
    cr_assert_eq(text_build(article, arena, &text, &err), 0);
    meta_find_with(lexicon, article, &text, &job, arena, &out);
}

static void says(struct span have, const char *want)
{
    cr_expect_str_eq(text_of(arena, have), want ? want : "(null)");
}

static const char *issuers(void)
{
    struct buf b;
    const char *joined;

    buf_init(&b, 1024);
    for (size_t i = 0; i < out.issuers.n; i++) {
        if (out.issuers.items[i].role == ROLE_ISSUER || out.issuers.items[i].role == ROLE_CO_ISSUER)
            buf_printf(&b, "%s%.*s", b.n ? " " : "", SPAN_ARG(out.issuers.items[i].slug));
    }
    joined = text_of(arena, buf_span(&b));
    buf_fini(&b);
    return joined;
}

/* A joint release of observers, with a dateline, quotations and contacts. */
static const char release[] =
    "Croatia's early parliamentary elections open but costly, international observers say\n"
    "\n"
    "ZAGREB, 6 March 2034 \xE2\x80\x93 Sunday's early parliamentary elections in Croatia gave "
    "voters a clear choice, "
    "while money played too large a part in the campaign, observers said today.\n"
    "\n"
    "The mission was a joint undertaking of the OSCE Office for Democratic Institutions and Human "
    "Rights (ODIHR) and the OSCE "
    "Parliamentary Assembly (OSCE PA).\n"
    "\n"
    "\"The count was open to all,\" said Ida Montelius-Brun, Special Co-ordinator and leader of "
    "the OSCE "
    "short-term observers. \"That is no small thing.\"\n"
    "\n"
    "\"Money decided who was heard,\" said Ambassador Teodor R. Whitlock, Head of the ODIHR "
    "election observation "
    "mission.\n"
    "\n"
    "For further information, please contact:\n"
    "Solveig Anders, ODIHR, +48 600 000 000\n";

Test(meta, joint_release_is_read)
{
    read_file(release);

    says(out.language, "en");
    says(out.title,
         "Croatia's early parliamentary elections open but costly, international observers say");
    cr_expect_eq(out.genre, GENRE_PRESS_RELEASE);
    cr_expect_str_eq(issuers(), "odihr oscepa");
    says(out.dateline_place, "ZAGREB");
    says(out.date_published.value, "2034-03-06");
    cr_expect_eq(out.date_published.basis, BASIS_TEXT);
    says(out.date_published.exact, "6 March 2034");
    says(out.date_delivered.value, NULL);
    cr_assert_eq(out.countries.n, 1);
    says(out.countries.items[0], "HR");
}

Test(meta, day_of_the_week_counts_from_the_publication)
{
    read_file(release);

    cr_assert_eq(out.elections.n, 1);
    says(out.elections.items[0].type, "parliamentary");
    cr_expect_eq(out.elections.items[0].early, TRUTH_YES);
    says(out.elections.items[0].date, "2034-03-05");
    cr_expect_eq(out.elections.items[0].date_basis, BASIS_RELATIVE);
    says(out.elections.items[0].id, "HR-2034-03-05-parliamentary-x-rx");
}

Test(meta, quoted_people_are_speakers_and_contacts_are_not)
{
    read_file(release);

    cr_assert_eq(out.speakers.n, 2);
    says(out.speakers.items[0].name, "Ida Montelius-Brun");
    says(out.speakers.items[0].role_as_written,
         "Special Co-ordinator and leader of the OSCE short-term observers");
    says(out.speakers.items[0].body, "osce");
    says(out.speakers.items[1].name, "Teodor R. Whitlock");
    says(out.speakers.items[1].body, "odihr");
}

Test(meta, remarks_have_a_deliverer_a_forum_and_a_day_of_delivery)
{
    read_file("United States Mission to the OSCE\n\n"
              "On the Presidential Election in Mongolia\n\n"
              "As delivered by Ambassador Harriet P. Colquhoun\n"
              "to the Permanent Council, Vienna\n"
              "June 8, 2034\n\n"
              "Thank you, Madam Chair. The United States congratulates the people of Mongolia on "
              "the June 4 "
              "presidential election, which was calm.\n");

    says(out.title, "On the Presidential Election in Mongolia");
    cr_expect_eq(out.genre, GENRE_REMARKS);
    cr_expect_str_eq(issuers(), "us-mission-osce");
    cr_assert_eq(out.speakers.n, 1);
    says(out.speakers.items[0].name, "Harriet P. Colquhoun");
    says(out.date_delivered.value, "2034-06-08");
    says(out.date_published.value, NULL);
    says(out.dateline_place, "Vienna");
    cr_assert_not_null(out.forum);
    says(out.forum->name, "Permanent Council");
    says(out.elections.items[0].date, "2034-06-04");
    says(out.elections.items[0].chamber, "none");
}

Test(meta, prefix_and_brackets_stay_in_the_raw_title)
{
    read_file("PRESS RELEASE : Albania 2033 local elections \xE2\x80\x93 UK statement to the OSCE "
              "[May 2033]\n"
              "The press release issued by the Foreign Office on 31 May 2033.\n"
              "The United Kingdom welcomes the report issued by ODIHR on the local elections in "
              "Albania, which were "
              "held on 8 May.\n");

    says(out.title, "Albania 2033 local elections \xE2\x80\x93 UK statement to the OSCE");
    says(out.title_raw, "PRESS RELEASE : Albania 2033 local elections \xE2\x80\x93 UK statement to "
                        "the OSCE [May 2033]");
    cr_expect_eq(out.genre, GENRE_STATEMENT_TO_BODY);
    cr_expect_str_eq(issuers(), "gb-fcdo");
    says(out.date_published.value, "2033-05-31");
    says(out.countries.items[0], "AL");
    says(out.elections.items[0].date, "2033-05-08");
}

Test(meta, spokesperson_of_the_union_is_the_external_action_service)
{
    read_file("Albania: Statement by the Spokesperson on the local elections\n\n"
              "The EU takes note of the preliminary results of yesterday's elections in Albania, "
              "which were calm and "
              "well prepared by the commission.\n\n"
              "Odile Fontenay-Marsh\n"
              "Lead Spokesperson for Foreign Affairs and Security Policy\n"
              "+32 (0)460 00 00 00\n");

    cr_expect_eq(out.genre, GENRE_SPOKESPERSON_STATEMENT);
    cr_expect_str_eq(issuers(), "eu-eeas");
    cr_assert_eq(out.speakers.n, 1);
    says(out.speakers.items[0].name, "Odile Fontenay-Marsh");
    says(out.date_published.value, NULL);
    says(out.elections.items[0].date, NULL);
    says(out.elections.items[0].id, "AL-x-local-none-rx");
}

Test(meta, second_kind_of_election_is_held_along)
{
    read_file("EU EOM preliminary statement on the Presidential and Parliamentary Elections of 12 "
              "May 2034 in "
              "Tunisia\n\nTunis, 14 May 2034\n\n"
              "The presidential and parliamentary elections were well run by the authority in all "
              "of the districts.\n");

    cr_expect_eq(out.genre, GENRE_INTERIM);
    cr_expect_str_eq(issuers(), "eu-eom");
    says(out.elections.items[0].type, "presidential");
    cr_assert_eq(out.elections.items[0].concurrent.n, 1);
    says(out.elections.items[0].concurrent.items[0], "parliamentary");
    says(out.elections.items[0].date, "2034-05-12");
    says(out.dateline_place, "Tunis");
}

Test(meta, earlier_elections_are_not_the_ones_it_is_about)
{
    read_file("ODIHR report on the vote in Montenegro\n\nPODGORICA, 3 July 2034 \xE2\x80\x93 "
              "Unlike the 2030 presidential election, the 2 July parliamentary elections in "
              "Montenegro were calm, "
              "and much of what was asked after the previous local elections was done, ODIHR said "
              "today.\n");

    says(out.elections.items[0].type, "parliamentary");
    says(out.elections.items[0].date, "2034-07-02");
}

/* ---- place and genre ---- */

Test(meta, hall_names_the_place_by_its_capital)
{
    read_file("Remarks on the vote in Slovakia\n\nDelivered at the Bratislava Congress Hall, "
              "20 March 2034\n\nThe presidential election was calm in all of the districts, and "
              "the count was open.\n");

    says(out.dateline_place, "Bratislava");
}

Test(meta, secretariat_in_brackets_is_no_part_of_the_place)
{
    read_file("Statement on the vote in Barbados\n\nPress Releases | 23 January 2034\n\n"
              "(CARICOM Secretariat, Turkeyen, Greater Georgetown, Guyana) On the invitation of "
              "the authorities a team of five observed the general election in Barbados.\n");

    says(out.dateline_place, "Turkeyen, Greater Georgetown, Guyana");
}

Test(meta, summary_alone_in_a_line_opens_a_report)
{
    read_file("Slovakia, presidential election, 29 March 2034\n\nExecutive Summary\n\n"
              "The presidential election was calm in all of the districts, and the count was "
              "open.\n");

    cr_expect_eq(out.genre, GENRE_REPORT);
}

/* ---- issuers ---- */

Test(meta, partners_who_join_in_are_issuers)
{
    read_file("Joint statement by the G7 ambassadors in Bratislava\n\nBratislava, 20 March 2034\n\n"
              "The ambassadors of Canada and Japan, together with the Delegation of the European "
              "Union, welcome the calm of the presidential election in Slovakia.\n");

    cr_expect_str_eq(issuers(), "g7 eu");
}

Test(meta, observers_from_two_bodies_are_issued_by_both)
{
    read_file(
        "Slovakia's vote was calm, OSCE observers say\n\n"
        "BRATISLAVA, 20 March 2034 \xE2\x80\x93 The presidential election in Slovakia was calm, "
        "observers from the OSCE Office for Democratic Institutions and Human Rights and the "
        "OSCE Parliamentary Assembly said.\n");

    cr_expect_str_eq(issuers(), "odihr oscepa");
}

Test(meta, chief_observer_tells_the_unions_mission)
{
    read_file("A calm vote, an unequal campaign\n\nBratislava, 20 March 2034\n\n"
              "\"The presidential election was calm in all of the districts\", said Chief Observer "
              "Ines Halvard at the presentation.\n");

    cr_expect_str_eq(issuers(), "eu-eom");
}

/* ---- speakers ---- */

static const char *speakers(void)
{
    struct buf b;
    const char *joined;

    buf_init(&b, 1024);
    for (size_t i = 0; i < out.speakers.n; i++)
        buf_printf(&b, "%s%.*s", b.n ? ", " : "", SPAN_ARG(out.speakers.items[i].name));
    joined = text_of(arena, buf_span(&b));
    buf_fini(&b);
    return joined;
}

Test(meta, parts_of_institutions_are_no_people)
{
    read_file("Carter Center finds the vote in Slovakia well run\n\nBratislava, 20 March 2034\n\n"
              "The Committee to Protect Journalists and the Civil Partnership Platform were told "
              "that observers in Novi Brod, Gora and Lipno Regions said \"all is well\".\n");

    cr_expect_str_eq(speakers(), "");
}

Test(meta, whoever_opens_the_text_with_an_office_speaks)
{
    read_file("Statement on the election in Slovakia\n\nBratislava, 20 March 2034\n\n"
              "The Secretary General of the Council of Europe, Ines Halvard, welcomes the calm of "
              "the presidential election in Slovakia.\n");

    cr_expect_str_eq(speakers(), "Ines Halvard");
}

Test(meta, signature_on_behalf_of_a_mission_is_a_speakers)
{
    read_file("Preliminary statement on the election in Slovakia\n\nBratislava, 20 March 2034\n\n"
              "The presidential election in Slovakia was well run in all of the districts, and "
              "the count was open.\n\n"
              "Done in Bratislava, this 20th day of March 2034. For the Mission, H.E. Mme Ines "
              "Halvard\n");

    cr_expect_str_eq(speakers(), "Ines Halvard");
}

Test(meta, who_leads_a_mission_is_no_speaker)
{
    read_file("Statement on the election in Slovakia\n\nBratislava, 20 March 2034\n\n"
              "The delegation of the OSCE Parliamentary Assembly, headed by Ines Halvard, said it "
              "was pleased with the presidential election in Slovakia.\n");

    cr_expect_str_eq(speakers(), "");
}

/* ---- elections ---- */

static void is_election(size_t i, const char *type, const char *date, const char *round)
{
    cr_assert_gt(out.elections.n, i);
    says(out.elections.items[i].type, type);
    says(out.elections.items[i].date, date);
    says(out.elections.items[i].round, round);
}

Test(meta, two_days_far_apart_are_two_rounds)
{
    read_file("Statement on the presidential election in Slovakia\n\nBratislava, 3 April 2034\n\n"
              "The presidential election held in Slovakia on 15 and 29 March was won by nobody for "
              "a while, and then by somebody.\n");

    cr_expect_eq(out.elections.n, 2);
    is_election(0, "presidential", "2034-03-15", "1");
    is_election(1, "presidential", "2034-03-29", "2");
}

Test(meta, vote_that_was_put_off_has_no_date)
{
    read_file("Statement on the referendum in Slovakia\n\nBratislava, 3 April 2034\n\n"
              "The referendum scheduled for 29 April has been postponed by the government, and no "
              "other day was named for it.\n");

    is_election(0, "referendum", NULL, NULL);
}

Test(meta, day_on_which_people_voted_is_the_elections)
{
    read_file("Statement on the local elections in Slovakia\n\nBratislava, 20 November 2034\n\n"
              "The lists of the local elections closed on time, and the parties had equal time in "
              "all of the media.\n\nOn 18 November polling went well in all of the towns.\n");

    is_election(0, "local", "2034-11-18", NULL);
}

Test(meta, day_of_the_same_month_is_read)
{
    read_file("Statement on the presidential election in Slovakia\n\nBratislava, 20 March 2034\n\n"
              "The court confirmed on 18 March the results of the presidential election held in "
              "Slovakia on the 5th of the same month.\n");

    is_election(0, "presidential", "2034-03-05", NULL);
}

Test(meta, most_namings_make_the_type)
{
    read_file("Slovakia's vote\n\nBratislava, 20 March 2034\n\n"
              "Unlike local elections, the presidential election drew crowds to all of the towns. "
              "The presidential election had five candidates.\n");

    is_election(0, "presidential", NULL, NULL);
}

Test(meta, by_election_is_one_whatever_it_fills)
{
    read_file("Statement on mayoral by-elections in Slovakia\n\nBratislava, 20 March 2034\n\n"
              "Mayoral by-elections were held in three towns, and all of them were calm.\n");

    is_election(0, "by_election", NULL, NULL);
}

Test(meta, general_elections_of_a_parliament_are_parliamentary)
{
    read_file("Statement on the general election in Malta\n\nValletta, 20 March 2034\n\n"
              "The general election was well run by the commission in all of the districts.\n");

    is_election(0, "parliamentary", NULL, NULL);
}

Test(meta, regular_elections_are_not_early)
{
    read_file("Statement on elections in Malta\n\nValletta, 20 March 2034\n\n"
              "The fifth regular parliamentary elections were well run in all of the districts.\n");

    cr_assert_eq(out.elections.n, 1);
    cr_expect_eq(out.elections.items[0].early, TRUTH_NO);
}

Test(meta, configured_issuer_is_believed)
{
    job = (struct msg_work){.issuer = SPAN_LIT("gb-fcdo")};

    read_file(release);

    cr_assert_str_eq(issuers(), "gb-fcdo");
    says(out.issuers.items[0].country, "GB");
}

Test(meta, body_that_no_list_knows_introduces_itself)
{
    read_file("Voting in Croatia ran properly, observers say\n\n"
              "The Adriatic Network for Honest Voting (ANHV) followed the presidential election in "
              "Croatia in all of "
              "the counties, and found it to be well run.\n");

    cr_expect_str_eq(issuers(), "anhv");
    says(out.issuers.items[0].name_as_written, "The Adriatic Network for Honest Voting");
}

Test(meta, page_is_issued_by_the_body_behind_its_title)
{
    struct block blocks[] = {
        {.gap = 2,
         .text = SPAN_LIT("We thank ODIHR for its report on the elections in Mongolia, "
                          "which were well run in all of the districts.")}};
    struct article page = {.title = SPAN_LIT("On the Elections in Mongolia"),
                           .title_raw =
                               SPAN_LIT("On the Elections in Mongolia - U.S. Mission to the OSCE"),
                           .blocks = {blocks, 1, 1}};

    read_page(&page);

    cr_expect_str_eq(issuers(), "us-mission-osce");
    says(out.issuers.items[0].name_as_written, NULL);
}

Test(meta, declared_date_is_used_when_the_text_has_none)
{
    struct block blocks[] = {
        {.gap = 2,
         .text = SPAN_LIT("The vote in Albania was calm, and the commission worked "
                          "well in all of the districts of the country.")}};
    struct article page = {.title = SPAN_LIT("A vote in Albania"),
                           .published = SPAN_LIT("2034-05-01T10:00:00Z"),
                           .blocks = {blocks, 1, 1}};

    read_page(&page);

    says(out.date_published.value, "2034-05-01");
    cr_expect_eq(out.date_published.basis, BASIS_METADATA);
}

Test(meta, what_the_text_does_not_settle_stays_null)
{
    read_file("Some words on nothing in particular, in a language with no name at all");

    cr_expect_eq(out.issuers.n, 0);
    cr_expect_eq(out.speakers.n, 0);
    cr_expect_eq(out.countries.n, 0);
    cr_expect_eq(out.elections.n, 0);
    says(out.date_published.value, NULL);
    says(out.dateline_place, NULL);
    cr_expect_null(out.forum);
}

Test(meta, same_input_gives_the_same_record)
{
    struct buf a;
    struct buf b;

    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    read_file(release);
    shape_json(&statement_shape, &out, &a);
    read_file(release);
    shape_json(&statement_shape, &out, &b);

    cr_assert_eq(a.n, b.n);
    cr_assert_eq(memcmp(a.data, b.data, a.n), 0);
    buf_fini(&a);
    buf_fini(&b);
}

/* ---- names ---- */

static const char *name_in(const char *s, bool at_start)
{
    struct span words = span_of_str(s);

    return text_of(arena, span_slice(words, name_find(words, 0, at_start)));
}

Test(meta, names_are_found_by_their_shape)
{
    cr_expect_str_eq(name_in("Daniel B. Baer, Ambassador", true), "Daniel B. Baer");
    cr_expect_str_eq(name_in("H.E. Dr. Baraka Lusenge-Otieno said", true), "Baraka Lusenge-Otieno");
    cr_expect_str_eq(name_in("Carlos van der Meer.", true), "Carlos van der Meer");
    cr_expect_str_eq(name_in("the Head of Mission, Ms. Ana P\xC3\xA9rez, spoke", false),
                     "Ana P\xC3\xA9rez");
    cr_expect_str_eq(name_in("Nawras al-Majdoub told", true), "Nawras al-Majdoub");
    cr_expect_str_eq(name_in("Zs\xC3\xB3"
                             "fia Kert\xC3\xA9sz MEP said",
                             true),
                     "Zs\xC3\xB3"
                     "fia Kert\xC3\xA9sz");
    cr_expect_str_eq(name_in("the Election Commission said", false), "");
    cr_expect_str_eq(name_in("On Sunday 5 March the", false), "");
    cr_expect_str_eq(name_in("", true), "");
}
