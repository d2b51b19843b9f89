#include <criterion/criterion.h>

#include "sample.h"
#include "sink/csv.h"

static struct arena *arena;
static struct buf out;
static struct coded_statement c;

static void setup(void)
{
    arena = arena_new();
    buf_init(&out, 1 << 20);
    sample_make(&(struct sample){1, 1, 1, 1, 1, NULL, NULL}, arena, &c);
}

static void teardown(void)
{
    buf_fini(&out);
    arena_free(arena);
}

TestSuite(csv, .init = setup, .fini = teardown);

static bool has(const char *text)
{
    return span_find(buf_span(&out), span_of_str(text), 0) != SIZE_MAX;
}

static size_t commas(void)
{
    size_t n = 0;

    for (size_t i = 0; i < out.n; i++)
        n += out.data[i] == ',';
    return n;
}

Test(csv, a_row_has_as_many_cells_as_the_header)
{
    size_t header;

    c.statement.title = SPAN_LIT("plain");
    csv_header(&out);
    header = commas();
    buf_clear(&out);
    csv_row(&c.statement, &c.findings.items[0], &out);
    cr_assert_eq(commas(), header);
    buf_clear(&out);
    csv_row(NULL, &c.findings.items[0], &out);

    cr_assert_eq(commas(), header);
    cr_assert(span_ends(buf_span(&out), SPAN_LIT("\r\n")));
}

Test(csv, quotes_commas_and_line_ends_are_quoted)
{
    c.findings.items[0].evidence.exact = SPAN_LIT("one\ntwo");
    csv_row(&c.statement, &c.findings.items[0], &out);

    cr_assert(has(",\"Observers, and \"\"others\"\"\","));
    cr_assert(has(",\"one\ntwo\","));
}

Test(csv, nothing_becomes_a_formula)
{
    static const char *const cells[][2] = {
        {"=1+1", ",'=1+1,"},
        {"+1", ",'+1,"},
        {"-1", ",'-1,"},
        {"@SUM(A1)", ",'@SUM(A1),"},
        {"=HYPERLINK(\"x\",1)", ",\"'=HYPERLINK(\"\"x\"\",1)\","},
        {"a=1", ",a=1,"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        buf_clear(&out);
        c.findings.items[0].evidence.exact = span_of_str(cells[i][0]);
        csv_row(&c.statement, &c.findings.items[0], &out);
        cr_assert(has(cells[i][1]), "%s", cells[i][0]);
    }
}
