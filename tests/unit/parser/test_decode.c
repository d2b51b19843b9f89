#include <stdlib.h>

#include <criterion/criterion.h>

#include "common/utf8.h"
#include "parser/decode.h"
#include "proto/limits.h"

static struct arena *arena;
static struct error err;

static void open_arena(void)
{
    decode_prepare();
    arena = arena_new();
}

static void close_arena(void)
{
    arena_free(arena);
}

TestSuite(decode, .init = open_arena, .fini = close_arena, .timeout = 60);

/* Russian for "observers", and "elections", as each charset has it. */
#define UTF8_WORDS "Наблюдатели следили за выборами и подсчётом голосов в день голосования."
#define CP1251_WORDS                                                                               \
    "\xCD\xE0\xE1\xEB\xFE\xE4\xE0\xF2\xE5\xEB\xE8 \xF1\xEB\xE5\xE4\xE8\xEB\xE8 \xE7\xE0 "          \
    "\xE2\xFB\xE1\xEE\xF0\xE0\xEC\xE8 \xE8 \xEF\xEE\xE4\xF1\xF7\xB8\xF2\xEE\xEC "                  \
    "\xE3\xEE\xEB\xEE\xF1\xEE\xE2 \xE2 \xE4\xE5\xED\xFC "                                          \
    "\xE3\xEE\xEB\xEE\xF1\xEE\xE2\xE0\xED\xE8\xFF."

struct row {
    const char *why;
    struct span in;
    const char *media_type;
    const char *label;
    const char *text;
    const char *charset;
    bool guessed;
    bool damaged;
};

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct row rows[] = {
    {"plain ASCII", BYTES("Vote."), "text/plain", NULL, "Vote.", "utf-8", false, false},
    {"UTF-8 as labelled", BYTES("Zürich"), "text/plain", "UTF-8", "Zürich", "utf-8", false, false},
    {"UTF-8 without a label", BYTES("Zürich"), NULL, NULL, "Zürich", "utf-8", false, false},
    {"UTF-8 mark", BYTES("\xEF\xBB\xBFVote"), NULL, "windows-1251", "Vote", "utf-8", false, false},
    {"latin1 means 1252",
     BYTES("\x93"
           "fair\x94 \x80"),
     NULL, "ISO-8859-1", "“fair” €", "windows-1252", false, false},
    {"meta names the charset", BYTES("<html><meta charset='windows-1251'>\xC4\xE0"), "text/html",
     NULL, "<html><meta charset='windows-1251'>Да", "windows-1251", false, false},
    {"http-equiv names it",
     BYTES("<html><meta http-equiv=\"Content-Type\" content=\"text/html; charset=cp1251\">\xC4"),
     NULL, NULL, "<html><meta http-equiv=\"Content-Type\" content=\"text/html; charset=cp1251\">Д",
     "windows-1251", false, false},
    {"the XML declaration names it",
     BYTES("<?xml version=\"1.0\" encoding=\"koi8-r\"?><html>\xE4\xC1</html>"), "text/html", NULL,
     "<?xml version=\"1.0\" encoding=\"koi8-r\"?><html>Да</html>", "koi8-r", false, false},
    {"the header beats meta", BYTES("<html><meta charset=koi8-r>\xC4\xE0"), "text/html",
     "windows-1251", "<html><meta charset=koi8-r>Да", "windows-1251", false, false},
    {"1251 labelled utf-8", BYTES(CP1251_WORDS), "text/plain", "utf-8", UTF8_WORDS, "windows-1251",
     true, false},
    {"1251 without a label", BYTES(CP1251_WORDS), "text/plain", NULL, UTF8_WORDS, "windows-1251",
     true, false},
    {"UTF-8 labelled latin1", BYTES("Zürich “wählt”"), NULL, "iso-8859-1", "Zürich “wählt”",
     "utf-8", true, false},
    {"an unknown label", BYTES("Zürich"), NULL, "x-no-such", "Zürich", "utf-8", false, false},
    {"UTF-7 is refused", BYTES("a +ADw-b"), NULL, "utf-7", "a +ADw-b", "utf-8", false, false},
    {"UTF-16LE with a mark",
     BYTES("\xFF\xFE"
           "V\0o\0t\0e\0\x14\x20"),
     NULL, NULL, "Vote—", "utf-16le", false, false},
    {"UTF-16BE with a mark",
     BYTES("\xFE\xFF"
           "\0V\0o\0t\0e\x20\x14"),
     NULL, NULL, "Vote—", "utf-16be", false, false},
    {"UTF-16 without a mark", BYTES("V\0o\0t\0e\0!\0"), "text/plain", NULL, "Vote!", "utf-16le",
     false, false},
    {"UTF-16 whose label has no order", BYTES("\0V\0o\0t\0e"), NULL, "utf-16", "Vote", "utf-16be",
     false, false},
    {"half a unit of UTF-16", BYTES("\xFF\xFEV\0o\0t"), NULL, NULL, "Vo\uFFFD", "utf-16le", false,
     true},
    {"a lone surrogate", BYTES("\xFF\xFEV\0\x00\xD8o\0"), NULL, NULL, "V\uFFFDo", "utf-16le", false,
     true},
    {"a label of UTF-16 on ASCII", BYTES("Vote"), NULL, "utf-16le", "Vote", "utf-8", true, false},
    {"GBK", BYTES("\xCD\xB6\xC6\xB1"), "text/plain", "gb2312", "投票", "gbk", false, false},
    {"Shift JIS", BYTES("\x93\x8A\x95\x5B"), "text/plain", "Shift_JIS", "投票", "shift_jis", false,
     false},
    {"NUL", BYTES("a\0b"), "text/plain", "utf-8",
     "a\uFFFD"
     "b",
     "utf-8", false, true},
    {"line ends", BYTES("a\r\nb\rc\n\r\n"), NULL, NULL, "a\nb\nc\n\n", "utf-8", false, false},
    {"U+FFFD came in", BYTES("a\uFFFD"), NULL, NULL, "a\uFFFD", "utf-8", false, true},
    /* the classes of invalid UTF-8, beside enough that is valid to stay UTF-8 */
    {"lone continuation",
     BYTES("üü\x80"
           "a"),
     NULL, "utf-8", "üü\uFFFDa", "utf-8", false, true},
    {"overlong", BYTES("üüü\xC0\xAF"), NULL, "utf-8", "üüü\uFFFD\uFFFD", "utf-8", false, true},
    {"overlong of three", BYTES("üüüü\xE0\x80\xAF"), NULL, "utf-8", "üüüü\uFFFD\uFFFD\uFFFD",
     "utf-8", false, true},
    {"surrogate", BYTES("üüüü\xED\xA0\x80"), NULL, "utf-8", "üüüü\uFFFD\uFFFD\uFFFD", "utf-8",
     false, true},
    {"beyond U+10FFFF", BYTES("üüüüü\xF4\x90\x80\x80"), NULL, "utf-8",
     "üüüüü\uFFFD\uFFFD\uFFFD\uFFFD", "utf-8", false, true},
    {"cut short", BYTES("üü\xE2\x82"), NULL, "utf-8", "üü\uFFFD", "utf-8", false, true},
    {"never a byte of UTF-8",
     BYTES("üü\xFF"
           "a"),
     NULL, "utf-8", "üü\uFFFDa", "utf-8", false, true},
};

static void expect_row(const struct row *row)
{
    struct decoded out;
    int rc =
        decode(row->in, span_of_str(row->media_type), span_of_str(row->label), arena, &out, &err);

    cr_assert_eq(rc, 0, "%s: %s", row->why, err.message);
    cr_expect(span_equal_str(out.text, row->text), "%s: text is \"%.*s\"", row->why,
              SPAN_ARG(out.text));
    cr_expect(span_equal_str(out.charset, row->charset), "%s: charset is %.*s", row->why,
              SPAN_ARG(out.charset));
    cr_expect_eq(out.charset_guessed, row->guessed, "%s: guessed", row->why);
    cr_expect_eq(out.damaged, row->damaged, "%s: damaged", row->why);
}

Test(decode, text_and_charset_are_found)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_row(&rows[i]);
}

static const struct {
    const char *in;
    const char *media_type;
    enum document_kind kind;
} kinds[] = {
    {"<p>Vote", "text/html; charset=utf-8", DOCUMENT_HTML},
    {"Vote", "TEXT/HTML", DOCUMENT_HTML},
    {"<html>", "application/xhtml+xml", DOCUMENT_HTML},
    {"Vote", "text/plain", DOCUMENT_TEXT},
    {"<p>Vote", "text/plain", DOCUMENT_TEXT},
    {"\n<!DOCTYPE html><p>Vote", "text/plain", DOCUMENT_HTML},
    {"<!-- x --> <!doctype HTML>", "application/octet-stream", DOCUMENT_HTML},
    {"<div>Vote</div>", NULL, DOCUMENT_HTML},
    {"Vote <b>now</b>", NULL, DOCUMENT_TEXT},
    {"<?xml version='1.0'?>\n<html>", "text/xml", DOCUMENT_HTML},
};

Test(decode, kind_comes_from_the_type_and_the_bytes)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct decoded out;
        int rc = decode(span_of_str(kinds[i].in), span_of_str(kinds[i].media_type), SPAN_NULL,
                        arena, &out, &err);

        cr_assert_eq(rc, 0, "row %zu: %s", i, err.message);
        cr_expect_eq(out.kind, kinds[i].kind, "row %zu", i);
        cr_expect(span_equal_str(out.media_type,
                                 kinds[i].kind == DOCUMENT_HTML ? "text/html" : "text/plain"));
    }
}

static const struct {
    const char *why;
    struct span in;
    const char *media_type;
    int code;
} refused[] = {
    {"empty", BYTES(""), "text/html", ERR_FORMAT},
    {"only a mark", BYTES("\xEF\xBB\xBF"), NULL, ERR_FORMAT},
    {"a PDF served as a page", BYTES("%PDF-1.7\n"), "text/html", ERR_UNSUPPORTED},
    {"a PDF by its label", BYTES("?"), "application/pdf", ERR_UNSUPPORTED},
    {"an office file", BYTES("PK\x03\x04rest"), NULL, ERR_UNSUPPORTED},
    {"a picture", BYTES("\x89PNG\r\n\x1A\n"), "text/plain", ERR_UNSUPPORTED},
    {"JSON by its label", BYTES("{}"), "application/json", ERR_UNSUPPORTED},
    {"JSON by its looks", BYTES(" [{\"a\": 1}]"), NULL, ERR_UNSUPPORTED},
    {"a feed", BYTES("<?xml version='1.0'?><rss/>"), "text/xml", ERR_UNSUPPORTED},
    {"a feed by its looks", BYTES("<?xml version='1.0'?><rss/>"), NULL, ERR_UNSUPPORTED},
    {"control characters", BYTES("\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2\3"), "text/plain", ERR_FORMAT},
};

Test(decode, what_is_no_text_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct decoded out;
        int rc =
            decode(refused[i].in, span_of_str(refused[i].media_type), SPAN_NULL, arena, &out, &err);

        cr_expect_eq(rc, refused[i].code, "%s: %d", refused[i].why, rc);
    }
}

static int decode_filled(size_t n, char fill, const char *label)
{
    char *bytes = malloc(n);
    struct decoded out;
    int rc;

    cr_assert_not_null(bytes);
    memset(bytes, fill, n);
    rc = decode(span_of(bytes, n), SPAN_LIT("text/plain"), span_of_str(label), arena, &out, &err);
    free(bytes);
    return rc;
}

Test(decode, size_is_capped)
{
    cr_expect_eq(decode_filled(LIMIT_TEXT_BYTES, 'a', NULL), 0);
    cr_expect_eq(decode_filled(LIMIT_TEXT_BYTES + 1, 'a', NULL), ERR_LIMIT);
    cr_expect_eq(decode_filled(LIMIT_BODY_BYTES + 1, 'a', NULL), ERR_LIMIT);
    /* two bytes of UTF-8 each */
    cr_expect_eq(decode_filled(LIMIT_TEXT_BYTES / 2 + 1, '\xE0', "windows-1251"), ERR_LIMIT);
}

/* Every string of three bytes from the corners of UTF-8's table. */
Test(decode, any_bytes_become_valid_utf8)
{
    static const unsigned char corners[] = {0x00, 0x0D, 0x41, 0x7F, 0x80, 0x8F, 0x90,
                                            0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0,
                                            0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFE, 0xFF};
    size_t n = ARRAY_LEN(corners);

    for (size_t i = 0; i < n * n * n; i++) {
        unsigned char in[] = {corners[i % n], corners[i / n % n], corners[i / n / n]};
        struct decoded out;

        if (decode(span_of(in, 3), SPAN_LIT("text/plain"), SPAN_LIT("utf-8"), arena, &out, &err) <
            0)
            continue;
        cr_assert(utf8_is_valid(out.text), "%02x %02x %02x", in[0], in[1], in[2]);
        cr_assert_null(memchr(out.text.p, '\0', out.text.n));
        cr_assert_null(memchr(out.text.p, '\r', out.text.n));
    }
}
