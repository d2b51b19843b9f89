#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>

#include "parser/quantity.h"

static struct arena *arena;
static quantity_list found;

static void set_up(void)
{
    arena = arena_new();
    found = (quantity_list){0};
}

static void tear_down(void)
{
    arena_free(arena);
}

TestSuite(quantity, .init = set_up, .fini = tear_down, .timeout = 30);

static void find(const char *sentence)
{
    struct span s = span_of_str(sentence);

    quantity_find(s, (struct range){0, (uint32_t)s.n}, arena, &found);
}

struct quantity_case {
    const char *sentence;
    const char *want; /* value unit approx; parted by commas */
};

static const struct quantity_case cases[] = {
    {"Women made up 29 per cent of the candidates.", "29 percent exact"},
    {"Turnout was 49.2%.", "49.2 percent exact"},
    {"Almost 12 million voters were registered at nearly 10,000 polling stations.",
     "12000000 count nearly,10000 count nearly"},
    {"There were seven candidates.", "7 count exact"},
    {"It comprised 339 observers from 40 countries.", "339 count exact,40 count exact"},
    {"Candidates, one of whom was a woman, spoke.", "1 count exact"},
    {"It fielded fifty-eight (58) observers.", "58 count exact"},
    {"One in eight ballots was invalid.", "12.5 percent exact"},
    {"Fewer than one in ten stations had an observer.", "10 percent at_most"},
    {"Nine out of 10 stayed at home.", "90 percent exact"},
    {"More than three quarters of voters stayed at home.", "75 percent more_than"},
    {"Half of the staff were women.", "50 percent exact"},
    {"No fewer than 23 people died.", "23 count at_least"},
    {"Some 52,000 staff were trained in twelve days.", "52000 count about,12 duration exact"},
    {"Coupons were worth 300 to 500 pounds.", "300 currency exact"},
    {"The deposit was \xE2\x82\xAC"
     "200.",
     "200 currency exact"},
    {"Teams went to one hundred and twenty towns.", "120 count exact"},
    /* shares */
    {"Roughly three booths in ten had no curtain.", "30 percent about"},
    {"Eight clerks out of ten were new.", "80 percent exact"},
    {"One kiosk in a hundred failed.", "1 percent exact"},
    {"Four out of nine towns took part.", "4 count exact,9 count exact"},
    {"Two monitors in three villages were late.", "2 count exact,3 count exact"},
    {"Every fifth seal was broken.", "20 percent exact"},
    {"Nine tenths of the lists were posted.", "90 percent exact"},
    {"The bill needs a two-thirds vote.", ""},
    /* times and ordinals */
    {"The queue took half an hour.", "30 duration exact"},
    {"It spoke for two hours and forty minutes.", "160 duration exact"},
    {"The 12-day campaign followed three full weeks of silence.",
     "12 duration exact,3 duration exact"},
    {"Forms arrived within a week.", "1 duration exact"},
    {"We say so for the third time.", "3 ordinal exact"},
    {"These are its fifth early parliamentary elections.", "5 ordinal exact"},
    {"In its second reading it passed.", ""},
    /* money */
    {"It cost K40 million.", "40000000 currency exact"},
    {"Fees rose to ZMW 5,000.", "5000 currency exact"},
    {"A fine of 900 Swiss francs was paid.", "900 currency exact"},
    /* two numbers */
    {"Seats went from 20 to 24.", "20 count exact,24 count exact"},
    {"Waits ranged from 2 to 9 minutes.", "2 duration exact"},
    {"Between three and six pages were torn.", "3 count exact"},
    {"Two and a half million people live there.", "2500000 count exact"},
    {"Some 12 400 cards were printed.", "12400 count about"},
    /* one */
    {"Four lists ran, one of them from abroad.", "4 count exact,1 count exact"},
    {"Only one booth was open.", "1 count exact"},
    {"Every one of them agreed.", ""},
    /* what is none */
    {"Doors closed at ten, on the stroke of ten.", ""},
    {"They sat at 12.40 and between 8.05 and 8.50.", ""},
    {"Ring 030 555 0199 or 212-555-0188.", ""},
    {"Paragraphs 3, 4 and 9 and Sections 2 to 6 are vague.", ""},
    {"2.4 Access to booths", ""},
    {"The van driver, 41, was hurt.", ""},
    {"It was so five or ten years ago.", ""},
    {"They walked forty kilometres in minus ten degrees.", ""},
    {"A few dozen people came over two decades.", ""},
    {"The thirty-first page and the one-in-four clause are lost.", ""},
    {"The vote was held on 19 March 2023 and on April 7, 2024.", ""},
    {"In 2019 the law was changed.", ""},
    {"Polls opened at 06:30 and closed at 8 p.m. as planned.", ""},
    {"Article 25 and Resolution 1244/1999 apply.", ""},
    {"At polling station No. 17 nothing happened.", ""},
    {"Call +48 609 522 266 for more.", ""},
    {"12. The Mission left.", ""},
    {"A 24-year-old man was held.", ""},
    {"It was different ten years ago.", ""},
    {"One could see it. No one denied it.", ""},
    {"The first round was held.", ""},
    {"", ""},
};

ParameterizedTestParameters(quantity, sentence_has_its_quantities)
{
    static size_t rows[sizeof cases / sizeof cases[0]];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        rows[i] = i;
    return cr_make_param_array(size_t, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(size_t *row, quantity, sentence_has_its_quantities)
{
    char have[512] = "";
    size_t n = 0;

    find(cases[*row].sentence);

    for (size_t i = 0; i < found.n; i++)
        n += (size_t)snprintf(have + n, sizeof have - n, "%s%.10g %s %s", i ? "," : "",
                              found.items[i].value, unit_names[found.items[i].unit],
                              approx_names[found.items[i].approx]);
    cr_assert_str_eq(have, cases[*row].want, "in \"%s\": %s", cases[*row].sentence, have);
}

Test(quantity, range_has_both_ends)
{
    find("Coupons were worth 300 to 500 pounds.");

    cr_assert_eq(found.items[0].value, 300);
    cr_assert_eq(found.items[0].value_max, 500);
}

Test(quantity, range_between_two_numbers_has_both_ends)
{
    find("It drew between 300 and 400 people.");

    cr_assert_eq(found.n, 1);
    cr_assert_eq(found.items[0].value, 300);
    cr_assert_eq(found.items[0].value_max, 400);
}

Test(quantity, single_value_has_no_upper_end)
{
    find("There were seven candidates.");

    cr_assert(isnan(found.items[0].value_max));
}

Test(quantity, evidence_is_number_and_noun_in_the_text)
{
    static const char text[] = "Before. At least 23 polling stations stayed shut. After.";
    struct span s = span_of_str(text);

    quantity_find(s, (struct range){8, 49}, arena, &found);

    cr_assert_eq(found.n, 1);
    cr_assert(span_equal_str(
        span_slice(s, (struct range){found.items[0].evidence.start, found.items[0].evidence.end}),
        "At least 23 polling stations stayed shut"));
}

Test(quantity, share_names_what_it_is_of)
{
    find("Women made up 29 per cent of the candidates in it.");

    cr_assert(span_equal_str(found.items[0].of, "candidates"));
}

Test(quantity, parts_are_added_up)
{
    static const char good[] = "It had 339 observers, including 290 experts and 49 members.";
    static const char bad[] = "It had 339 observers, including 290 experts and 50 members.";

    find(good);
    cr_assert_eq(quantity_sum_agrees(span_of_str(good), &found), TRUTH_YES);
    found.n = 0;
    find(bad);
    cr_assert_eq(quantity_sum_agrees(span_of_str(bad), &found), TRUTH_NO);
    found.n = 0;
    find("It had 339 observers.");
    cr_assert_eq(quantity_sum_agrees(SPAN_LIT("It had 339 observers."), &found), TRUTH_UNKNOWN);
}
