#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/span.h"

TestSuite(span, .timeout = 10);
TestSuite(arena, .timeout = 10);
TestSuite(buf, .timeout = 10);
TestSuite(error, .timeout = 10);

/* --- span --- */

static const struct {
    const char *text;
    const char *want;
} trims[] = {
    {"", ""},          {"  ", ""},           {"a", "a"},
    {" a b\t", "a b"}, {"\r\n\v\fx\n", "x"}, {"a\xc2\xa0", "a\xc2\xa0"},
};

Test(span, trim_takes_ascii_white_space_off_both_ends)
{
    for (size_t i = 0; i < ARRAY_LEN(trims); i++)
        cr_assert(span_equal_str(span_trim(span_of_str(trims[i].text)), trims[i].want), "row %zu",
                  i);
}

static const struct {
    const char *text;
    const char *needle;
    size_t from;
    size_t want;
    size_t want_nocase;
} finds[] = {
    {"abcabc", "c", 0, 2, 2},
    {"abcabc", "c", 3, 5, 5},
    {"abcabc", "C", 0, SIZE_MAX, 2},
    {"abc", "abcd", 0, SIZE_MAX, SIZE_MAX},
    {"abc", "", 3, 3, 3},
    {"abc", "", 4, SIZE_MAX, SIZE_MAX},
    {"abc", "c", 3, SIZE_MAX, SIZE_MAX},
    {"", "", 0, 0, 0},
    {"", "a", 0, SIZE_MAX, SIZE_MAX},
    {"aab", "AB", 0, SIZE_MAX, 1},
};

Test(span, find_gives_the_first_place_at_or_after_from)
{
    for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
        struct span text = span_of_str(finds[i].text);
        struct span needle = span_of_str(finds[i].needle);

        cr_assert(span_find(text, needle, finds[i].from) == finds[i].want, "row %zu", i);
        cr_assert(span_find_nocase(text, needle, finds[i].from) == finds[i].want_nocase, "row %zu",
                  i);
    }
}

Test(span, null_is_not_empty_but_equals_it_in_bytes)
{
    cr_assert(span_is_null(span_of_str(NULL)));
    cr_assert(!span_is_null(span_of_str("")));
    cr_assert(span_equal(SPAN_NULL, SPAN_LIT("")));
    cr_assert(!span_equal(SPAN_LIT("a"), SPAN_LIT("b")));
}

Test(span, parts_stay_inside)
{
    struct span s = SPAN_LIT("abc");

    cr_assert(span_equal_str(span_from(s, 1), "bc"));
    cr_assert(span_equal_str(span_from(s, 3), ""));
    cr_assert(span_equal_str(span_from(s, 99), ""));
    cr_assert(span_equal_str(span_slice(s, (struct range){1, 2}), "b"));
    cr_assert(span_starts(s, SPAN_LIT("ab")) && !span_starts(s, SPAN_LIT("abcd")));
    cr_assert(span_ends(s, SPAN_LIT("bc")) && !span_ends(s, SPAN_LIT("ab")));
    cr_assert(span_starts(s, SPAN_LIT("")) && span_ends(SPAN_NULL, SPAN_NULL));
    cr_assert(span_equal_nocase(s, SPAN_LIT("aBC")));
}

/* --- arena --- */

Test(arena, memory_is_zeroed_aligned_and_stays_where_it_is)
{
    struct arena *a = arena_new();
    unsigned char *p[500];

    for (size_t i = 0; i < ARRAY_LEN(p); i++) {
        p[i] = arena_alloc(a, i * 7);
        cr_assert((uintptr_t)p[i] % _Alignof(max_align_t) == 0);
        for (size_t k = 0; k < i * 7; k++)
            cr_assert(p[i][k] == 0);
        memset(p[i], (int)(i & 0xff), i * 7);
    }

    for (size_t i = 0; i < ARRAY_LEN(p); i++) {
        for (size_t k = 0; k < i * 7; k++)
            cr_assert(p[i][k] == (i & 0xff), "block %zu was overwritten", i);
    }
    arena_free(a);
}

Test(arena, something_larger_than_any_block_fits)
{
    struct arena *a = arena_new();
    size_t n = 5 * 1024 * 1024;
    char *p = arena_alloc(a, n);

    p[0] = p[n - 1] = 1;
    cr_assert(((char *)arena_alloc(a, 1))[0] == 0);

    arena_free(a);
}

Test(arena, memory_after_a_reset_is_zeroed_again)
{
    struct arena *a = arena_new();

    memset(arena_alloc(a, 1000), 0xff, 1000);
    memset(arena_alloc(a, 100000), 0xff, 100000);
    arena_reset(a);

    for (size_t i = 0; i < 1000; i++)
        cr_assert(((char *)arena_alloc(a, 1))[0] == 0);
    arena_free(a);
}

Test(arena, a_grown_array_keeps_its_items)
{
    struct arena *a = arena_new();
    size_t cap = 0;
    uint32_t *items = NULL;

    for (size_t i = 0; i < 1000; i++) {
        items = arena_grow(a, items, &cap, i + 1, sizeof *items);
        cr_assert(cap > i && items[i] == 0);
        items[i] = (uint32_t)i;
    }

    for (size_t i = 0; i < 1000; i++)
        cr_assert(items[i] == i);
    arena_free(a);
}

Test(arena, copies_are_terminated_and_null_stays_null)
{
    struct arena *a = arena_new();
    struct span copy = arena_copy(a, span_of("abcdef", 3));
    struct span text = arena_printf(a, "%s-%d", "x", 42);

    cr_assert(copy.n == 3 && strcmp(copy.p, "abc") == 0);
    cr_assert(text.n == 4 && strcmp(text.p, "x-42") == 0);
    cr_assert(span_is_null(arena_copy(a, SPAN_NULL)));
    cr_assert(!span_is_null(arena_copy(a, SPAN_LIT(""))));

    arena_free(a);
    arena_free(NULL);
}

Test(arena, a_product_that_overflows_aborts, .signal = SIGABRT)
{
    arena_calloc(arena_new(), SIZE_MAX / 2, 4);
}

/* --- buf --- */

Test(buf, it_takes_exactly_its_cap)
{
    struct buf b;

    buf_init(&b, 5);
    buf_add_str(&b, "abc");
    buf_add_char(&b, 'd');
    buf_add_span(&b, SPAN_LIT("e"));
    cr_assert(!b.failed && span_equal_str(buf_span(&b), "abcde"));

    buf_add_char(&b, 'f');
    cr_assert(b.failed && span_equal_str(buf_span(&b), "abcde"));

    buf_clear(&b);
    buf_add_str(&b, "x");
    cr_assert(!b.failed && span_equal_str(buf_span(&b), "x"));
    buf_fini(&b);
}

Test(buf, after_a_failure_nothing_is_added)
{
    struct buf b;

    buf_init(&b, 4);
    buf_add_str(&b, "too long");
    buf_add_char(&b, 'a');
    buf_printf(&b, "%d", 1);

    cr_assert(b.failed && b.n == 0);
    buf_fini(&b);
}

Test(buf, printf_writes_all_of_it)
{
    struct buf b;

    buf_init(&b, 10000);
    buf_printf(&b, "%s", "");
    buf_printf(&b, "%d:%0500d", 7, 1);

    cr_assert(!b.failed && b.n == 502);
    cr_assert(span_starts(buf_span(&b), SPAN_LIT("7:000")));
    buf_fini(&b);
}

Test(buf, drop_moves_the_rest_to_the_front)
{
    struct buf b;

    buf_init(&b, 100);
    buf_add_str(&b, "abcdef");
    buf_drop(&b, 2);
    cr_assert(span_equal_str(buf_span(&b), "cdef"));
    buf_drop(&b, 99);
    cr_assert(b.n == 0);
    buf_fini(&b);
}

Test(buf, take_hands_the_bytes_over)
{
    struct buf b;
    size_t n;
    char *data;

    buf_init(&b, 100);
    buf_add_str(&b, "abc");
    data = buf_take(&b, &n);

    cr_assert(n == 3 && memcmp(data, "abc", 3) == 0);
    cr_assert(b.n == 0 && b.data == NULL && b.cap_bytes == 100);
    free(data);
    buf_fini(&b);
}

/* --- error --- */

static int fail_with(struct error *err, int sys)
{
    errno = sys;
    return error_sys(err, "open %s", "file");
}

Test(error, what_set_it_is_all_there)
{
    struct error err;

    cr_assert(error_set(&err, ERR_LIMIT, "over %d", 7) == ERR_LIMIT);
    cr_assert(err.code == ERR_LIMIT && err.sys == 0 && err.pos == ERROR_NO_POSITION);
    cr_assert(strcmp(err.message, "over 7") == 0);
    cr_assert(error_at(&err, ERR_FORMAT, 12, "bad") == ERR_FORMAT);
    cr_assert(err.pos == 12);
    cr_assert(fail_with(&err, ENOENT) == ERR_SYS);
    cr_assert(err.sys == ENOENT);
    cr_assert(strcmp(err.message, "open file: No such file or directory") == 0);
}

Test(error, a_long_message_is_cut)
{
    struct error err;

    cr_assert(error_set(&err, ERR_LIMIT, "%01000d", 7) == ERR_LIMIT);
    cr_assert(strlen(err.message) == ERROR_MESSAGE_BYTES - 1);
}

static const struct {
    int code;
    int sys;
    int want;
} exits[] = {
    {ERR_OK, 0, EX_OK},
    {ERR_CONFIG, 0, EX_CONFIG},
    {ERR_FORMAT, 0, EX_DATAERR},
    {ERR_LIMIT, 0, EX_DATAERR},
    {ERR_NET, 0, EX_UNAVAILABLE},
    {ERR_VERSION, 0, EX_PROTOCOL},
    {ERR_NOT_FOUND, 0, EX_NOINPUT},
    {ERR_SYS, EACCES, EX_NOPERM},
    {ERR_SYS, EROFS, EX_NOPERM},
    {ERR_SYS, ENOENT, EX_NOINPUT},
    {ERR_SYS, ENOSPC, EX_IOERR},
    {ERR_SYS, EMFILE, EX_OSERR},
};

Test(error, each_code_has_its_exit_status)
{
    for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
        struct error err = {.code = exits[i].code, .sys = exits[i].sys};

        cr_assert(error_exit_status(&err) == exits[i].want, "row %zu", i);
    }
}
