#include <criterion/criterion.h>

#include "parse_text.h"
#include "parser/identity.h"

static struct arena *arena;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_free(arena);
}

TestSuite(identity, .init = set_up, .fini = tear_down, .timeout = 30);

static struct statement identify(const char *file, const char *url)
{
    struct statement s = {.canonical_url = span_of_str(url)};
    struct text text;

    parse_text(file, arena, &text);
    identity_of_statement(&text, arena, &s);
    return s;
}

#define BODY                                                                                       \
    "The elections in Freedonia were competently administered, and the count was open to all.\n"

Test(identity, ids_have_their_prefix_and_sixteen_digits)
{
    struct statement s = identify("A vote in Freedonia\n\n" BODY, "https://example.org/a");

    cr_assert_eq(s.statement_id.n, 19);
    cr_assert(span_starts(s.statement_id, SPAN_LIT("st_")));
    cr_assert(span_starts(s.version_id, SPAN_LIT("ve_")));
    cr_assert(span_starts(s.work_id, SPAN_LIT("wk_")));
}

Test(identity, statement_keeps_its_id_when_it_is_edited)
{
    struct statement a = identify("A vote\n\n" BODY, "https://example.org/a");
    struct statement b =
        identify("A vote\n\n" BODY "More was added later.\n", "https://example.org/a");

    cr_assert(span_equal(a.statement_id, b.statement_id));
    cr_assert_not(span_equal(a.version_id, b.version_id));
    cr_assert_not(span_equal(a.work_id, b.work_id));
}

Test(identity, work_keeps_its_id_under_another_title_and_address)
{
    struct statement a = identify("A vote in Freedonia\n\n" BODY, "https://example.org/a");
    struct statement b =
        identify("PRESS RELEASE : Freedonia votes\n\n" BODY, "https://example.net/b");

    cr_assert(span_equal(a.work_id, b.work_id));
    cr_assert_not(span_equal(a.statement_id, b.statement_id));
    cr_assert_not(span_equal(a.version_id, b.version_id));
}

Test(identity, fold_keeps_letters_and_digits_in_one_case)
{
    struct span folded = identity_fold(SPAN_LIT("\xEF\xAC\x81ne, STRASSE & Stra\xC3\x9F"
                                                "e: 12\xC2\xBD"),
                                       arena);

    cr_assert_str_eq(text_of(arena, folded), "finestrassestrasse1212");
}

Test(identity, fold_of_nothing_is_nothing)
{
    cr_assert_eq(identity_fold(SPAN_LIT(""), arena).n, 0);
    cr_assert_eq(identity_fold(SPAN_LIT(" ,.- "), arena).n, 0);
}

static struct finding example(void)
{
    struct finding f = {
        .statement_id = SPAN_LIT("st_0123456789abcdef"),
        .topic = TOPIC_EDAY_COUNT,
        .type = TYPE_ASSESSMENT,
        .attribution.holder = SPAN_LIT("odihr"),
        .evidence.exact = SPAN_LIT("the count was open"),
    };

    return f;
}

Test(identity, finding_keeps_its_id_when_only_signs_change)
{
    struct finding a = example();
    struct finding b = example();

    b.evidence.exact = SPAN_LIT("The count  was open.");
    b.evidence.start = 40;
    b.polarity = POLARITY_POSITIVE;

    cr_assert(span_equal(identity_of_finding(&a, 0, arena), identity_of_finding(&b, 0, arena)));
}

Test(identity, finding_of_another_topic_holder_or_place_has_another_id)
{
    struct finding f = example();
    struct span id = identity_of_finding(&f, 0, arena);

    cr_assert_not(span_equal(identity_of_finding(&f, 1, arena), id));
    f.topic = TOPIC_EDAY_VOTING;
    cr_assert_not(span_equal(identity_of_finding(&f, 0, arena), id));
    f = example();
    f.attribution.holder = SPAN_LIT("oscepa");
    cr_assert_not(span_equal(identity_of_finding(&f, 0, arena), id));
}
