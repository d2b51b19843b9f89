#include <criterion/criterion.h>

#include "proto/limits.h"
#include "proto/mp.h"

#include "common/buf.h"

/* Bytes in the row itself: a pointer would be dead in the child process. */
struct row {
    size_t n;
    unsigned char bytes[24];
};

static const struct row whole[] = {
    {1, {0xc0}},
    {1, {0x00}},
    {1, {0xff}},
    {1, {0x80}},
    {1, {0x90}},
    {1, {0xa0}},
    {2, {0xa1, 'x'}},
    {3, {0x81, 0xa0, 0x01}},
    {3, {0x92, 0xc2, 0xc3}},
    {2, {0xc4, 0x00}},
    {4, {0xc7, 0x01, 0x05, 0xaa}},
    {9, {0xcf, 1, 2, 3, 4, 5, 6, 7, 8}},
    {9, {0xcb, 0, 0, 0, 0, 0, 0, 0, 0}},
    {18, {0xd8, 0}},
    {5, {0xdd, 0, 0, 0, 0}},
    {5, {0xdf, 0, 0, 0, 0}},
    {6, {0xdc, 0, 2, 0x91, 0x01, 0x02}},
};

static const struct row refused[] = {
    {0, {0}},
    {1, {0xc1}},
    {1, {0xa1}},
    {2, {0x81, 0xa0}},
    {2, {0x92, 0x01}},
    {5, {0xdd, 0xff, 0xff, 0xff, 0xff}}, /* an array of four billion items, in five bytes */
    {5, {0xdf, 0xff, 0xff, 0xff, 0xff}},
    {5, {0xdb, 0xff, 0xff, 0xff, 0xff}},
    {5, {0xc6, 0xff, 0xff, 0xff, 0xff}},
    {6, {0xc9, 0xff, 0xff, 0xff, 0xff, 0x01}},
    {2, {0xcd, 0x01}},
    {4, {0xcf, 1, 2, 3}},
    {3, {0x92, 0x01, 0xc1}},
};

Test(mp, whole_values_are_measured)
{
    for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
        struct span in = span_of(whole[i].bytes, whole[i].n);
        struct error err;
        size_t used = 0;

        if (whole[i].bytes[0] == 0xdc)
            in.n = 6;
        cr_assert_eq(mp_scan(in, &used, &err), 0, "row %zu", i);
        cr_assert_eq(used, in.n, "row %zu: %zu bytes", i, used);
    }
}

Test(mp, only_the_first_value_is_measured)
{
    struct error err;
    size_t used = 0;

    cr_assert_eq(mp_scan(SPAN_LIT("\x01\x02\x03"), &used, &err), 0);

    cr_assert_eq(used, 1);
}

Test(mp, what_is_cut_short_or_lies_about_its_length_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct error err;
        size_t used = 0;
        int rc = mp_scan(span_of(refused[i].bytes, refused[i].n), &used, &err);

        cr_assert(rc == ERR_FORMAT || rc == ERR_LIMIT, "row %zu: %d", i, rc);
    }
}

Test(mp, every_cut_of_a_nested_value_is_refused)
{
    static const char value[] = "\x82\xa1k\x92\x01\xa2xy\xa1l\x81\xa1m\xcf\0\0\0\0\0\0\0\1";
    size_t n = sizeof value - 1;
    struct error err;
    size_t used;

    cr_assert_eq(mp_scan(span_of(value, n), &used, &err), 0);
    for (size_t cut = 0; cut < n; cut++)
        cr_assert_eq(mp_scan(span_of(value, cut), &used, &err), ERR_FORMAT, "cut at %zu", cut);
}

Test(mp, nesting_ends_at_the_limit)
{
    char deep[LIMIT_DEPTH + 2];
    struct error err;
    size_t used;

    memset(deep, '\x91', sizeof deep);
    deep[LIMIT_DEPTH] = 1;

    cr_assert_eq(mp_scan(span_of(deep, LIMIT_DEPTH + 1), &used, &err), 0);
    deep[LIMIT_DEPTH] = '\x91';
    deep[LIMIT_DEPTH + 1] = 1;
    cr_assert_eq(mp_scan(span_of(deep, LIMIT_DEPTH + 2), &used, &err), ERR_LIMIT);
}

Test(mp, more_values_than_the_limit_are_refused)
{
    struct buf b;
    struct error err;
    size_t used;

    buf_init(&b, LIMIT_VALUES + 16);
    buf_add(&b, "\xdd\x00\x20\x00\x01", 5); /* LIMIT_VALUES + 1 items */
    for (size_t i = 0; i <= LIMIT_VALUES; i++)
        buf_add_char(&b, 0);

    cr_assert_eq(mp_scan(buf_span(&b), &used, &err), ERR_LIMIT);
    buf_fini(&b);
}
