#include <criterion/criterion.h>

#include "common/compiler.h"
#include "common/number.h"

TestSuite(number, .timeout = 10);

#define NOT_READ UINT64_C(0xdeadbeef)

static const struct {
    const char *text;
    uint64_t min;
    uint64_t max;
    bool fine;
    uint64_t want;
} numbers[] = {
    {"0", 0, UINT64_MAX, true, 0},
    {"7", 0, UINT64_MAX, true, 7},
    {"007", 0, UINT64_MAX, true, 7},
    {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", 0, UINT64_MAX, false, 0},
    {"99999999999999999999999", 0, UINT64_MAX, false, 0},
    {"10", 10, 20, true, 10},
    {"20", 10, 20, true, 20},
    {"9", 10, 20, false, 0},
    {"21", 10, 20, false, 0},
    {"", 0, UINT64_MAX, false, 0},
    {"-1", 0, UINT64_MAX, false, 0},
    {"+1", 0, UINT64_MAX, false, 0},
    {" 1", 0, UINT64_MAX, false, 0},
    {"1 ", 0, UINT64_MAX, false, 0},
    {"1.0", 0, UINT64_MAX, false, 0},
    {"1e3", 0, UINT64_MAX, false, 0},
    {"0x1", 0, UINT64_MAX, false, 0},
    {"\xd9\xa1", 0, UINT64_MAX, false, 0},
};

Test(number, whole_text_in_range_or_nothing)
{
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uint64_t got = NOT_READ;
        bool fine = number_read(span_of_str(numbers[i].text), numbers[i].min, numbers[i].max, &got);

        cr_assert(fine == numbers[i].fine, "\"%s\"", numbers[i].text);
        cr_assert(got == (fine ? numbers[i].want : NOT_READ), "\"%s\"", numbers[i].text);
    }
}

Test(number, what_stands_behind_the_span_is_not_read)
{
    uint64_t got;

    cr_assert(number_read(span_of("123", 2), 0, 99, &got) && got == 12);
    cr_assert(!number_read(SPAN_NULL, 0, 99, &got));
}

struct unit_row {
    const char *text;
    bool fine;
    uint64_t want;
};

static const struct unit_row durations[] = {
    {"0", true, 0},
    {"0s", true, 0},
    {"250ms", true, 250},
    {"30s", true, 30000},
    {"5m", true, 300000},
    {"1h", true, 3600000},
    {"2d", true, 172800000},
    {"213503982334d", true, UINT64_C(213503982334) * 86400000},
    {"213503982335d", false, 0},
    {"", false, 0},
    {"s", false, 0},
    {"30", false, 0},
    {"00", false, 0},
    {"-1s", false, 0},
    {"1.5s", false, 0},
    {"30 s", false, 0},
    {"30S", false, 0},
    {"30sec", false, 0},
    {"1h30m", false, 0},
    {"1w", false, 0},
};

static const struct unit_row sizes[] = {
    {"0", true, 0},
    {"512", true, 512},
    {"64KiB", true, 65536},
    {"20MiB", true, 20971520},
    {"1GiB", true, 1073741824},
    {"17179869183GiB", true, UINT64_C(17179869183) << 30},
    {"17179869184GiB", false, 0},
    {"", false, 0},
    {"MiB", false, 0},
    {"20MB", false, 0},
    {"20mib", false, 0},
    {"20 MiB", false, 0},
    {"20MiB ", false, 0},
    {"1.5GiB", false, 0},
};

static void check_rows(const struct unit_row *rows, size_t n,
                       bool (*read_fn)(struct span text, uint64_t *out))
{
    for (size_t i = 0; i < n; i++) {
        uint64_t got = NOT_READ;
        bool fine = read_fn(span_of_str(rows[i].text), &got);

        cr_assert(fine == rows[i].fine, "\"%s\"", rows[i].text);
        cr_assert(got == (fine ? rows[i].want : NOT_READ), "\"%s\"", rows[i].text);
    }
}

Test(number, a_duration_has_one_unit)
{
    check_rows(durations, ARRAY_LEN(durations), duration_read);
}

Test(number, a_size_counts_in_powers_of_1024)
{
    check_rows(sizes, ARRAY_LEN(sizes), size_read);
}
