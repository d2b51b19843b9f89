#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "parser/dates.h"

struct date_case {
    const char *text;
    int year;
    int month;
    int day;
};

static const struct date_case cases[] = {
    {"on 20 March 2023 in", 2023, 3, 20},
    {"April 7, 2016", 2016, 4, 7},
    {"15.05.2029 | Team", 2029, 5, 15},
    {"25/08/2028", 2028, 8, 25},
    {"2030-10-29", 2030, 10, 29},
    {"1st November, 2030", 2030, 11, 1},
    {"Dec. 27, 2028", 2028, 12, 27},
    {"20. Mar. 2033.", 2033, 3, 20},
    {"29th day of June, 2028", 2028, 6, 29},
    {"the 19 March vote", 0, 3, 19},
    {"November 7 vote", 0, 11, 7},
    {"in March 2023", 2023, 3, 0},
    {"20\xC2\xA0March\xC2\xA0"
     "2023",
     2023, 3, 20},
    {"15\xE2\x80\x93"
     "17 March 2030",
     2030, 3, 17},
    {"from June 6 to 8, 2031 in", 2031, 6, 8},
    {"on 4, 5 and 6 June", 0, 6, 6},
    {"between June 6 and 8", 0, 6, 8},
    {"they may 7 times", 0, 0, 0},
    {"In March they", 0, 0, 0},
    {"1.2.3", 0, 0, 0},
    {"99/99/2020", 0, 0, 0},
};

ParameterizedTestParameters(dates, date_is_read)
{
    static size_t rows[sizeof cases / sizeof cases[0]];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        rows[i] = i;
    return cr_make_param_array(size_t, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(size_t *row, dates, date_is_read)
{
    const struct date_case *c = &cases[*row];
    struct arena *arena = arena_new();
    date_hits hits = {0};
    struct date d = {0};

    dates_find(span_of_str(c->text), arena, &hits);
    if (hits.n > 0)
        d = hits.items[0].date;

    cr_expect_eq(d.year, c->year, "%s: year %d", c->text, d.year);
    cr_expect_eq(d.month, c->month, "%s: month %d", c->text, d.month);
    cr_expect_eq(d.day, c->day, "%s: day %d", c->text, d.day);
    arena_free(arena);
}

Test(dates, list_of_days_is_one_span)
{
    static const char *const texts[] = {"on 4, 5 and 6 June", "June 4, 5 and 6", "June 4 to 6"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct arena *arena = arena_new();
        struct span s = span_of_str(texts[i]);
        date_hits hits = {0};

        dates_find(s, arena, &hits);
        cr_expect_eq(hits.n, 1, "%s: %zu hits", texts[i], hits.n);
        cr_expect(hits.n == 1 && hits.items[0].is_span, "%s", texts[i]);
        cr_expect(hits.n == 1 && hits.items[0].at.end == s.n, "%s", texts[i]);
        arena_free(arena);
    }
}

Test(dates, calendar_goes_there_and_back)
{
    cr_assert_eq(date_number((struct date){1970, 1, 1}), 0);
    cr_assert_eq(date_weekday((struct date){2023, 3, 19}), 6, "a Sunday");
    for (long n = 0; n < 60000; n++)
        cr_assert_eq(date_number(date_of_number(n)), n);
}

Test(dates, iso_date_is_read_from_a_timestamp)
{
    struct date d;

    cr_assert(date_read_iso(SPAN_LIT("2023-03-20T10:00:00Z"), &d));
    cr_assert_eq(d.day, 20);
    cr_assert_not(date_read_iso(SPAN_LIT("2023-13-20"), &d));
    cr_assert_not(date_read_iso(SPAN_LIT("20 March 2023"), &d));
    cr_assert_not(date_read_iso(SPAN_NULL, &d));
}
