#include <criterion/criterion.h>

#include "common/compiler.h"
#include "common/utf8.h"

TestSuite(utf8, .timeout = 60);

static const struct {
    const char *name;
    struct span text;
    size_t valid;
} prefixes[] = {
    {"empty", {"", 0}, 0},
    {"ascii", {"abc", 3}, 3},
    {"nul is a character", {"a\0b", 3}, 3},
    {"two bytes", {"\xc3\xa9", 2}, 2},
    {"three bytes", {"\xe2\x82\xac", 3}, 3},
    {"four bytes", {"\xf0\x9f\x97\xb3", 4}, 4},
    {"last code point", {"\xf4\x8f\xbf\xbf", 4}, 4},
    {"beyond the last", {"\xf4\x90\x80\x80", 4}, 0},
    {"five-byte form", {"\xf8\x88\x80\x80\x80", 5}, 0},
    {"overlong slash, two", {"\xc0\xaf", 2}, 0},
    {"overlong, c1", {"\xc1\xbf", 2}, 0},
    {"overlong, three", {"\xe0\x9f\xbf", 3}, 0},
    {"overlong, four", {"\xf0\x8f\xbf\xbf", 4}, 0},
    {"before the surrogates", {"\xed\x9f\xbf", 3}, 3},
    {"first surrogate", {"\xed\xa0\x80", 3}, 0},
    {"last surrogate", {"\xed\xbf\xbf", 3}, 0},
    {"after the surrogates", {"\xee\x80\x80", 3}, 3},
    {"lone continuation", {"ab\x80", 3}, 2},
    {"cut short, two", {"ab\xc3", 3}, 2},
    {"cut short, three", {"ab\xe2\x82", 4}, 2},
    {"cut short, four", {"ab\xf0\x9f\x97", 5}, 2},
    {"bad second", {"\xe2\x28\xac", 3}, 0},
    {"bad third", {"\xe2\x82\x28", 3}, 0},
    {"bad fourth", {"\xf0\x9f\x97\x28", 4}, 0},
    {"ff", {"a\xff", 2}, 1},
};

Test(utf8, only_well_formed_sequences_are_valid)
{
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        cr_assert(utf8_valid_prefix(prefixes[i].text) == prefixes[i].valid, "%s: %zu",
                  prefixes[i].name, utf8_valid_prefix(prefixes[i].text));
}

static bool is_character(uint32_t c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

Test(utf8, every_code_point_goes_there_and_back)
{
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char bytes[4];
        size_t n = utf8_put(c, bytes);
        size_t at = 0;

        cr_assert(utf8_is_valid(span_of(bytes, n)) == is_character(c), "U+%04X", c);
        if (!is_character(c))
            continue;
        cr_assert(utf8_next(span_of(bytes, n), &at) == c && at == n, "U+%04X", c);
        cr_assert(utf8_count(span_of(bytes, n)) == 1, "U+%04X", c);
    }
}

/* Of all sequences of one and two bytes, those of RFC 3629 and no others. */
Test(utf8, every_pair_of_bytes_is_judged_right)
{
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            char pair[] = {(char)a, (char)b};
            size_t want = a < 0x80                                       ? (b < 0x80 ? 2 : 1)
                          : a >= 0xc2 && a <= 0xdf && (b & 0xc0) == 0x80 ? 2
                                                                         : 0;

            cr_assert(utf8_valid_prefix(span_of(pair, 2)) == want, "%02x %02x", a, b);
        }
    }
}

Test(utf8, text_is_walked_and_counted_in_code_points)
{
    struct span text = SPAN_LIT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x97\xb3z");
    static const uint32_t want[] = {'a', 0xe9, 0x20ac, 0x1f5f3, 'z'};
    size_t at = 0;

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        cr_assert(utf8_next(text, &at) == want[i]);
    cr_assert(at == text.n && utf8_next(text, &at) == 0 && at == text.n);
    cr_assert(utf8_count(text) == ARRAY_LEN(want));
    cr_assert(utf8_count(SPAN_NULL) == 0);
}

Test(utf8, floor_goes_back_to_the_start_of_a_character)
{
    struct span text = SPAN_LIT("a\xe2\x82\xac"
                                "b");
    static const size_t want[] = {0, 1, 1, 1, 4, 5, 5};

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        cr_assert(utf8_floor(text, i) == want[i], "at %zu", i);
}
