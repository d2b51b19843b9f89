#include <criterion/criterion.h>

#include "parser/article.h"

static struct arena *arena;
static struct article article;
static struct error err;

static void open_arena(void)
{
    arena = arena_new();
}

static void close_arena(void)
{
    arena_free(arena);
}

TestSuite(plain, .init = open_arena, .fini = close_arena, .timeout = 60);
TestSuite(nfc, .init = open_arena, .fini = close_arena, .timeout = 60);

static int plain(struct span text)
{
    struct decoded page = {.kind = DOCUMENT_TEXT, .text = text};

    return article_from_plain(&page, arena, &article, &err);
}

static void expect_block(size_t i, unsigned gap, const char *text)
{
    const struct block *b = &article.blocks.items[i];

    cr_expect_eq(b->gap, gap, "block %zu: gap %u", i, b->gap);
    cr_expect(span_equal_str(b->text, text), "block %zu: \"%.*s\"", i, SPAN_ARG(b->text));
}

Test(plain, each_line_is_a_block_after_its_line_ends)
{
    cr_assert_eq(plain(SPAN_LIT("\nHeadline\nWARSAW, 3 May\n\n\nBody.\n")), 0);

    cr_assert_eq(article.blocks.n, 3);
    expect_block(0, 1, "Headline");
    expect_block(1, 1, "WARSAW, 3 May");
    expect_block(2, 3, "Body.");
    cr_expect(article.title_is_block);
    cr_expect(span_is_null(article.title));
}

Test(plain, white_space_around_a_line_is_left_out)
{
    cr_assert_eq(plain(SPAN_LIT("  \xC2\xA0 One  two\t\xC2\xA0\n \t \nThree")), 0);

    cr_assert_eq(article.blocks.n, 2);
    expect_block(0, 0, "One  two");
    expect_block(1, 2, "Three");
}

Test(plain, text_becomes_nfc)
{
    cr_assert_eq(plain(SPAN_LIT("Genf\nZu\xCC\x88rich")), 0);

    expect_block(1, 1, "Zürich");
}

Test(plain, lines_that_were_wrapped_are_put_together)
{
    cr_assert_eq(plain(SPAN_LIT("As delivered by the Ambassador\n"
                                "to the Permanent Council\n"
                                "\n"
                                "The voting was orderly in most of the polling stations, and the\n"
                                "  count was completed – in full view of observers – before long.\n"
                                "Women were among the candidates.\n"
                                "Thank you.\n")),
                 0);

    cr_assert_eq(article.blocks.n, 5);
    expect_block(1, 1, "to the Permanent Council");
    expect_block(2, 2,
                 "The voting was orderly in most of the polling stations, and the count was "
                 "completed – in full view of observers – before long.");
    expect_block(3, 1, "Women were among the candidates.");
    expect_block(4, 1, "Thank you.");
}

Test(plain, lines_of_a_text_without_a_width_stay_apart)
{
    cr_assert_eq(
        plain(SPAN_LIT(
            "The election administration prepared this election with care and in an open manner\n"
            "Observers were welcome everywhere\n"
            "One line is longer than anybody would have wrapped a text to, and so all of the "
            "breaks "
            "that this text has are meant.\n")),
        0);

    cr_expect_eq(article.blocks.n, 3);
}

Test(plain, a_text_of_nothing_is_refused)
{
    cr_expect_eq(plain(SPAN_LIT("")), ERR_FORMAT);
    cr_expect_eq(plain(SPAN_LIT("\n \t\n\xC2\xA0\n")), ERR_FORMAT);
}

Test(plain, lines_are_capped)
{
    static char lines[800000];

    memset(lines, 'a', sizeof lines);
    for (size_t i = 1; i < sizeof lines; i += 2)
        lines[i] = '\n';

    cr_expect_eq(plain(span_of(lines, 399999)), 0);
    cr_expect_eq(plain(span_of(lines, sizeof lines)), ERR_LIMIT);
}

Test(nfc, normal_text_is_lent_not_copied)
{
    struct span text = SPAN_LIT("Zürich – “Кишинёв” 投票");

    cr_expect_eq(text_nfc(text, arena).p, text.p);
}

Test(nfc, compositions_and_singletons_are_normalised)
{
    /* ANGSTROM SIGN; Hangul jamo; a mark on nothing stays */
    cr_expect(span_equal_str(text_nfc(SPAN_LIT("\u212B"), arena), "Å"));
    cr_expect(span_equal_str(text_nfc(SPAN_LIT("\u1112\u1161\u11AB"), arena), "한"));
    cr_expect(span_equal_str(text_nfc(SPAN_LIT("\u0301x"), arena), "\u0301x"));
    /* U+FB2C grows threefold */
    cr_expect(span_equal_str(text_nfc(SPAN_LIT("\uFB2C"), arena), "\u05E9\u05BC\u05C1"));
}
