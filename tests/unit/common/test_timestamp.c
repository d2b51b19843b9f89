#include <criterion/criterion.h>

#include <stdlib.h>
#include <time.h>

#include "common/compiler.h"
#include "common/timestamp.h"

TestSuite(timestamp, .timeout = 20);

#define NOT_READ UINT64_C(0xdeadbeef)

static const struct {
    const char *text;
    uint64_t want; /* UINT64_MAX: is refused */
} reads[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-25T10:00:09Z", UINT64_C(1795600809000)},
    {"2026-11-25t10:00:09z", UINT64_C(1795600809000)},
    {"2026-11-25 10:00:09Z", UINT64_C(1795600809000)},
    {"2026-11-25T10:00:09.5Z", UINT64_C(1795600809500)},
    {"2026-11-25T10:00:09.123456789Z", UINT64_C(1795600809123)},
    {"2026-11-25T12:30:09+02:30", UINT64_C(1795600809000)},
    {"2026-11-25T05:00:09-05:00", UINT64_C(1795600809000)},
    {"2026-11-25T10:00:09+00:00", UINT64_C(1795600809000)},
    {"2000-02-29T23:59:59Z", UINT64_C(951868799000)},
    {"2016-12-31T23:59:60Z", UINT64_C(1483228800000)},
    {"9999-12-31T23:59:59Z", UINT64_C(253402300799000)},
    {"1970-01-01T01:00:00+01:00", 0},
    {"1970-01-01T00:59:59+01:00", UINT64_MAX},
    {"1969-12-31T23:59:59Z", UINT64_MAX},
    {"2026-11-25T10:00:09", UINT64_MAX},
    {"2026-11-25", UINT64_MAX},
    {"2026-11-25T10:00Z", UINT64_MAX},
    {"2026-11-25T10:00:09.Z", UINT64_MAX},
    {"2026-11-25T10:00:09Zx", UINT64_MAX},
    {" 2026-11-25T10:00:09Z", UINT64_MAX},
    {"2026-11-25X10:00:09Z", UINT64_MAX},
    {"2026-11-25T10:00:09+0200", UINT64_MAX},
    {"2026-11-25T10:00:09+02", UINT64_MAX},
    {"2026-11-25T10:00:09+24:00", UINT64_MAX},
    {"2026-00-25T10:00:09Z", UINT64_MAX},
    {"2026-13-25T10:00:09Z", UINT64_MAX},
    {"2026-11-00T10:00:09Z", UINT64_MAX},
    {"2026-11-31T10:00:09Z", UINT64_MAX},
    {"2026-02-29T10:00:09Z", UINT64_MAX},
    {"2100-02-29T10:00:09Z", UINT64_MAX},
    {"2026-11-25T24:00:00Z", UINT64_MAX},
    {"2026-11-25T10:60:00Z", UINT64_MAX},
    {"2026-11-25T10:00:61Z", UINT64_MAX},
    {"26-11-25T10:00:09Z", UINT64_MAX},
    {"-026-11-25T10:00:09Z", UINT64_MAX},
    {"", UINT64_MAX},
};

Test(timestamp, rfc_3339_is_read_and_nothing_else)
{
    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        uint64_t got = NOT_READ;
        bool fine = timestamp_read(span_of_str(reads[i].text), &got);

        cr_assert(fine == (reads[i].want != UINT64_MAX), "\"%s\"", reads[i].text);
        cr_assert(got == (fine ? reads[i].want : NOT_READ), "\"%s\"", reads[i].text);
    }
}

Test(timestamp, a_nul_in_the_text_is_refused)
{
    uint64_t got;

    cr_assert(!timestamp_read(SPAN_LIT("2026-11-25\0"
                                       "10:00:09Z"),
                              &got));
    cr_assert(!timestamp_read(SPAN_LIT("2026-11-25T10:00:09Z\0"), &got));
    cr_assert(!timestamp_read(SPAN_NULL, &got));
}

/* libc knows the calendar too; each day of 430 years must agree with it, there and back. */
Test(timestamp, every_day_agrees_with_libc)
{
    for (uint64_t day = 0; day < UINT64_C(430) * 365; day++) {
        uint64_t ms = day * 86400000 + (day * 7919 % 86400) * 1000;
        time_t seconds = (time_t)(ms / 1000);
        char got[TIMESTAMP_BYTES];
        char want[TIMESTAMP_BYTES];
        struct tm tm;
        uint64_t back;

        timestamp_write(ms, got);
        cr_assert(gmtime_r(&seconds, &tm));
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);

        cr_assert(strcmp(got, want) == 0, "got %s, want %s", got, want);
        cr_assert(timestamp_read(span_of_str(got), &back) && back == ms);
    }
}

Test(timestamp, no_time_overflows_the_text)
{
    char got[TIMESTAMP_BYTES];

    timestamp_write(UINT64_MAX, got);

    cr_assert(strcmp(got, "584556019-04-03T14:25:51Z") == 0, "%s", got);
}

Test(timestamp, the_clocks_run_and_differ)
{
    uint64_t before = mono_ms();

    cr_assert(mono_ms() >= before);
    cr_assert(wall_ms() > UINT64_C(1700000000000));
}
