#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "parse_text.h"
#include "parser/text.h"

static struct arena *arena;
static struct text text;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_free(arena);
}

TestSuite(text, .init = set_up, .fini = tear_down, .timeout = 30);

static const char *sentence(size_t i)
{
    cr_assert_lt(i, text.sentences.n, "only %zu sentences", text.sentences.n);
    return text_of(arena, span_slice(text.text, text.sentences.items[i].at));
}

static const char *quote(size_t i)
{
    cr_assert_lt(i, text.quotes.n, "only %zu quotes", text.quotes.n);
    return text_of(arena, span_slice(text.text, text.quotes.items[i].at));
}

static enum section_kind section_of(const char *words)
{
    for (size_t i = 0; i < text.sentences.n; i++) {
        struct span s = span_slice(text.text, text.sentences.items[i].at);

        if (span_find(s, span_of_str(words), 0) != SIZE_MAX)
            return text.sentences.items[i].section;
    }
    cr_assert(false, "no sentence with \"%s\"", words);
    return SECTION_NONE;
}

/* ---- the text itself ---- */

Test(text, plain_file_is_kept_line_by_line)
{
    static const char file[] = "\n\nA title\n\n\nFirst line\nsecond line";

    parse_text(file, arena, &text);

    cr_assert_str_eq(text_of(arena, text.text), file);
}

Test(text, page_is_title_and_blocks_with_an_empty_line_between)
{
    struct block blocks[] = {
        {.kind = BLOCK_PARAGRAPH, .gap = 2, .text = SPAN_LIT("One.")},
        {.kind = BLOCK_PARAGRAPH, .gap = 1, .text = SPAN_LIT("Broken.")},
        {.kind = BLOCK_PARAGRAPH, .gap = 5, .text = SPAN_LIT("Two.")},
    };
    struct article article = {.title = SPAN_LIT("Title"), .blocks = {blocks, 3, 3}};
    struct error err;

    cr_assert_eq(text_build(&article, arena, &text, &err), 0);

    cr_assert_str_eq(text_of(arena, text.text), "Title\n\nOne.\nBroken.\n\nTwo.");
    cr_assert_str_eq(text_of(arena, span_slice(text.text, text.title)), "Title");
}

Test(text, more_than_the_cap_is_refused)
{
    size_t n = 1024 * 1024;
    struct block blocks[9];
    struct article article = {.blocks = {blocks, 9, 9}};
    char *p = arena_alloc(arena, n);
    struct error err;

    memset(p, 'x', n);
    for (size_t i = 0; i < 9; i++)
        blocks[i] = (struct block){.gap = 2, .text = span_of(p, n)};

    cr_assert_eq(text_build(&article, arena, &text, &err), ERR_LIMIT);
}

Test(text, every_letter_is_in_exactly_one_sentence)
{
    uint32_t at = 0;

    parse_text("Title of it\n\n1. One. Two? (Three.) Four, e.g. this\n- five\n\nSix", arena, &text);

    for (size_t i = 0; i < text.sentences.n; i++) {
        struct range r = text.sentences.items[i].at;

        cr_assert_geq(r.start, at);
        for (; at < r.start; at++)
            cr_assert(text.text.p[at] == ' ' || text.text.p[at] == '\n');
        at = r.end;
    }
    cr_assert_eq(at, text.text.n);
}

/* ---- sentences ---- */

struct split_case {
    const char *line;
    const char *sentences; /* parted by bars */
};

static const struct split_case split_cases[] = {
    {"It was calm. It was orderly.", "It was calm.|It was orderly."},
    {"Mr. Brown and Dr. Grey met Amb. White. They spoke.",
     "Mr. Brown and Dr. Grey met Amb. White.|They spoke."},
    {"Ambassador Daniel B. Baer spoke. He left.", "Ambassador Daniel B. Baer spoke.|He left."},
    {"The U.S. Mission and H.E. the President agreed. Then they parted.",
     "The U.S. Mission and H.E. the President agreed.|Then they parted."},
    {"It was inclusive. although not always.", "It was inclusive. although not always."},
    {"Polls opened at 8 a.m. in most places. Queues formed.",
     "Polls opened at 8 a.m. in most places.|Queues formed."},
    {"It had 49.2 per cent. The rest had less.", "It had 49.2 per cent.|The rest had less."},
    {"\xE2\x80\x9CIt was calm.\xE2\x80\x9D He was sure. \"Very.\" Yes.",
     "\xE2\x80\x9CIt was calm.\xE2\x80\x9D|He was sure.|\"Very.\"|Yes."},
    {"12. The count was slow. It was open.", "12. The count was slow.|It was open."},
    {"(iv) The count was slow. It was open.", "(iv) The count was slow.|It was open."},
    {"See Art. 5 and No. 17 on page 3. It holds.", "See Art. 5 and No. 17 on page 3.|It holds."},
    {"It hampered the process.However, voting went on.",
     "It hampered the process.|However, voting went on."},
    {"See www.example.org/Page.Html for more.", "See www.example.org/Page.Html for more."},
    {"Really?! Yes... And no.", "Really?!|Yes...|And no."},
};

ParameterizedTestParameters(text, line_is_split_into_sentences)
{
    static size_t rows[sizeof split_cases / sizeof split_cases[0]];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        rows[i] = i;
    return cr_make_param_array(size_t, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(size_t *row, text, line_is_split_into_sentences)
{
    const struct split_case *c = &split_cases[*row];
    struct buf joined;

    parse_text(c->line, arena, &text);

    buf_init(&joined, 4096);
    for (size_t i = 0; i < text.sentences.n; i++) {
        if (i > 0)
            buf_add_char(&joined, '|');
        buf_add_str(&joined, sentence(i));
    }
    buf_add_char(&joined, '\0');
    cr_assert_str_eq(joined.data, c->sentences);
    buf_fini(&joined);
}

Test(text, sentence_never_crosses_a_line_end)
{
    parse_text("Some words\nand more of them", arena, &text);

    cr_assert_eq(text.sentences.n, 2);
    cr_assert_neq(text.sentences.items[0].paragraph, text.sentences.items[1].paragraph);
}

/* ---- sections ---- */

static const char release[] =
    "Mission of Ruritania to the Council\n"
    "\n"
    "Early elections in Freedonia\n"
    "\n"
    "Strelsau, 4 May 2031\n"
    "\n"
    "I. INTRODUCTION\n"
    "\n"
    "The early parliamentary elections in Freedonia were, by and large, competently administered "
    "and calm.\n"
    "\n"
    "\xE2\x80\xA2 The commission worked in the open and met each of the deadlines in the law.\n"
    "\n"
    "For further information, please contact:\n"
    "Rudolf Rassendyll, +41 00 000 00 00, press@example.org\n"
    "\n"
    "Share this page: Print\n";

Test(text, lines_of_a_release_fall_into_their_sections)
{
    parse_text(release, arena, &text);

    cr_assert_eq(section_of("Mission of Ruritania"), SECTION_DATELINE);
    cr_assert_eq(section_of("Early elections in"), SECTION_HEADLINE);
    cr_assert_eq(section_of("Strelsau"), SECTION_DATELINE);
    cr_assert_eq(section_of("INTRODUCTION"), SECTION_BODY);
    cr_assert_eq(section_of("competently"), SECTION_BODY);
    cr_assert_eq(section_of("For further"), SECTION_CONTACT);
    cr_assert_eq(section_of("Rassendyll"), SECTION_CONTACT);
    cr_assert_eq(section_of("Share this"), SECTION_BOILERPLATE);
}

Test(text, headings_and_list_items_are_marked)
{
    parse_text(release, arena, &text);

    for (size_t i = 0; i < text.sentences.n; i++) {
        const struct sentence *s = &text.sentences.items[i];
        struct span words = span_slice(text.text, s->at);

        if (s->section != SECTION_BODY)
            continue;
        cr_expect_eq(s->is_heading, span_find(words, SPAN_LIT("INTRODUCTION"), 0) != SIZE_MAX);
        cr_expect_eq(s->is_list_item, span_find(words, SPAN_LIT("deadlines"), 0) != SIZE_MAX);
    }
}

Test(text, sections_cover_the_lines_in_order)
{
    uint32_t last = 0;

    parse_text(release, arena, &text);

    for (size_t i = 0; i < text.sections.n; i++) {
        cr_assert_geq(text.sections.items[i].start, last);
        cr_assert_gt(text.sections.items[i].end, text.sections.items[i].start);
        last = text.sections.items[i].end;
    }
    cr_assert_eq(text.sections.items[0].start, 0);
}

Test(text, headings_in_front_of_paragraphs_are_headings)
{
    parse_text(
        "Findings on the vote in Freedonia\n\n"
        "Legal framework. The law was changed a week before the vote, and without debate.\n\n"
        "Money in politics. Parties have to report what they spend only after the vote is over.\n\n"
        "It was calm. That much is not in dispute among all those who followed the vote.",
        arena, &text);

    cr_assert(text.sentences.items[1].is_heading);
    cr_assert(text.sentences.items[3].is_heading);
    cr_assert_not(text.sentences.items[5].is_heading, "\"%s\" is a sentence", sentence(5));
}

/* ---- quotations ---- */

Test(text, interrupted_quotation_is_one)
{
    parse_text("\"It was calm,\" said Rudolf Rassendyll. \"But it was not free.\"", arena, &text);

    cr_assert_eq(text.quotes.n, 2);
    cr_assert_str_eq(quote(0), "It was calm,");
    cr_assert_str_eq(quote(1), "But it was not free.");
    cr_assert_eq(text.quotes.items[0].group, text.quotes.items[1].group);
}

Test(text, quotation_left_open_goes_on_in_the_next_paragraph)
{
    parse_text("\xE2\x80\x9CWe saw a calm vote in every town.\n\n"
               "\xE2\x80\x9CWe did not see a fair one,\xE2\x80\x9D he said.\n\n"
               "\xE2\x80\x9C"
               "Another voice altogether,\xE2\x80\x9D she said.",
               arena, &text);

    cr_assert_eq(text.quotes.n, 3);
    cr_assert_eq(text.quotes.items[0].group, text.quotes.items[1].group);
    cr_assert_neq(text.quotes.items[1].group, text.quotes.items[2].group);
}

Test(text, few_words_without_a_speaker_are_a_scare_quote)
{
    parse_text("The \"gold standard\" of observation was applied in all of the regions.\n\n"
               "\"Never again,\" said the Minister.",
               arena, &text);

    cr_assert(text.quotes.items[0].is_scare);
    cr_assert_not(text.quotes.items[1].is_scare);
}

Test(text, apostrophes_are_no_quotation_marks)
{
    parse_text("The voters' will and the parties' funds were the candidates' concern.", arena,
               &text);

    cr_assert_eq(text.quotes.n, 0);
}

Test(text, single_marks_quote_where_there_are_no_double_ones)
{
    parse_text("'I congratulate the people of Freedonia on their vote,' said the Minister.", arena,
               &text);

    cr_assert_eq(text.quotes.n, 1);
    cr_assert_str_eq(quote(0), "I congratulate the people of Freedonia on their vote,");
}
