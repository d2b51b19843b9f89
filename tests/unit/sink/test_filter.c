#include <criterion/criterion.h>

#include "sample.h"
#include "sink/filter.h"

static struct arena *arena;
static struct coded_statement c;
static struct error err;

static void setup(void)
{
    arena = arena_new();
    sample_make(&(struct sample){1, 1, 1, 1, 1, NULL, NULL}, arena, &c);
    c.findings.items[0].election_id = SPAN_LIT("KZ-2023-03-19-parliamentary-lower-r1");
    c.findings.items[0].attribution.issuer = SPAN_LIT("osce-odihr");
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(filter, .init = setup, .fini = teardown);

static const struct row {
    const char *text;
    bool finding;
    bool statement;
} rows[] = {
    {"country=KZ", true, true},
    {"country=kz", true, true},
    {"country=MN", false, false},
    {"issuer=osce-odihr", true, true},
    {"issuer=osce*", true, true},
    {"issuer=eeas", false, false},
    {"polarity=positive", true, false},
    {"polarity=negative", false, false},
    {"topic=*", true, false},
    {"type=assessment", true, false},
    {"type=assess", false, false},
    {"country=KZ, polarity=positive", true, false},
    {"country=KZ,polarity=negative", false, false},
};

Test(filter, every_condition_must_hold)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unpacked finding = {.finding = &c.findings.items[0]};
        struct unpacked statement = {.statement = &c.statement};
        struct filter f;

        cr_assert_eq(filter_read(span_of_str(rows[i].text), &f, &err), 0, "%s", err.message);
        cr_assert_eq(filter_matches(&f, &finding, &c.statement), rows[i].finding, "%s",
                     rows[i].text);
        cr_assert_eq(filter_matches(&f, &statement, &c.statement), rows[i].statement, "%s",
                     rows[i].text);
    }
}

Test(filter, a_finding_without_its_statement_is_judged_by_itself)
{
    struct unpacked finding = {.finding = &c.findings.items[0]};
    struct filter f;

    cr_assert_eq(filter_read(SPAN_LIT("country=KZ,issuer=osce-odihr"), &f, &err), 0);
    cr_assert(filter_matches(&f, &finding, NULL));
    cr_assert_eq(filter_read(SPAN_LIT("country=MN"), &f, &err), 0);
    cr_assert(!filter_matches(&f, &finding, NULL));
}

Test(filter, nonsense_is_refused_by_name)
{
    static const char *const bad[] = {
        "", "country", "country=", "colour=red", "=KZ", "country=KZ,", "country=KZ,country=MN"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct filter f;

        cr_assert_eq(filter_read(span_of_str(bad[i]), &f, &err), ERR_CONFIG, "\"%s\"", bad[i]);
    }
}
