/*
 * The calendar is worked out here and not by gmtime() and timegm(): those may open the system's
 * time zone file, and a caged child, which writes times too, is killed for opening anything.
 *
 * Days are counted in the proleptic Gregorian calendar, in years that begin on 1 March, so that the
 * leap day is the last of its year: 400 years are 146,097 days, and month lengths from March on
 * follow (153 * m + 2) / 5.
 */
#include "common/timestamp.h"

#include <stdio.h>
#include <time.h>

#include "common/number.h"

#define MS_A_SECOND         UINT64_C(1000)
#define SECONDS_A_DAY       INT64_C(86400)
#define DAYS_IN_400_YEARS   INT64_C(146097)
#define DAYS_BEFORE_1970    INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */
#define YEAR_OF_FIRST_WALL  1970
#define YEAR_OF_RFC3339_MAX 9999

struct civil {
    int64_t year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec t = {0};

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * MS_A_SECOND + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t mono_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

uint64_t wall_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

static struct civil civil_of_day(int64_t day)
{
    int64_t since = day + DAYS_BEFORE_1970;
    int64_t era = since / DAYS_IN_400_YEARS;
    int64_t of_era = since % DAYS_IN_400_YEARS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    struct civil c = {
        .year = year + era * 400 + (from_march >= 10),
        .month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9),
        .day = (unsigned)(of_year - (153 * from_march + 2) / 5 + 1),
    };

    return c;
}

static int64_t day_of_civil(struct civil c)
{
    int64_t year = c.year - (c.month <= 2);
    int64_t era = year / 400;
    int64_t of_era = year % 400;
    int64_t from_march = (int64_t)c.month + (c.month > 2 ? -3 : 9);
    int64_t of_year = (153 * from_march + 2) / 5 + (int64_t)c.day - 1;

    return era * DAYS_IN_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           DAYS_BEFORE_1970;
}

void timestamp_write(uint64_t wall, char out[TIMESTAMP_BYTES])
{
    int64_t seconds = (int64_t)(wall / MS_A_SECOND);
    struct civil c = civil_of_day(seconds / SECONDS_A_DAY);
    unsigned of_day = (unsigned)(seconds % SECONDS_A_DAY);

    snprintf(out, TIMESTAMP_BYTES, "%04lld-%02u-%02uT%02u:%02u:%02uZ", (long long)c.year, c.month,
             c.day, of_day / 3600, of_day / 60 % 60, of_day % 60);
}

/* Takes exactly `digits` digits from the front of `s`. */
static bool take_digits(struct span *s, size_t digits, unsigned min, unsigned max, unsigned *out)
{
    uint64_t value;

    if (s->n < digits || !number_read(span_of(s->p, digits), min, max, &value))
        return false;
    *s = span_from(*s, digits);
    *out = (unsigned)value;
    return true;
}

static bool take_one_of(struct span *s, const char *chars, char *out)
{
    if (s->n == 0 || s->p[0] == '\0' || !strchr(chars, s->p[0]))
        return false;
    *out = s->p[0];
    *s = span_from(*s, 1);
    return true;
}

static bool take_date(struct span *s, struct civil *c)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year;
    bool leap;
    char dash;

    if (!take_digits(s, 4, YEAR_OF_FIRST_WALL, YEAR_OF_RFC3339_MAX, &year) ||
        !take_one_of(s, "-", &dash) || !take_digits(s, 2, 1, 12, &c->month) ||
        !take_one_of(s, "-", &dash) || !take_digits(s, 2, 1, 31, &c->day))
        return false;
    c->year = year;
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return c->day <= days[c->month - 1] + (unsigned)(leap && c->month == 2);
}

/* A leap second (60) counts as the first of the next minute. */
static bool take_clock(struct span *s, unsigned *of_day)
{
    unsigned hour;
    unsigned minute;
    unsigned second;
    char colon;

    if (!take_digits(s, 2, 0, 23, &hour) || !take_one_of(s, ":", &colon) ||
        !take_digits(s, 2, 0, 59, &minute) || !take_one_of(s, ":", &colon) ||
        !take_digits(s, 2, 0, 60, &second))
        return false;
    *of_day = hour * 3600 + minute * 60 + second;
    return true;
}

/* Any number of digits after a point; what is finer than a millisecond is dropped. */
static bool take_fraction(struct span *s, unsigned *ms)
{
    unsigned weight = 100;
    size_t digits = 0;
    char point;

    *ms = 0;
    if (!take_one_of(s, ".", &point))
        return true;
    for (; digits < s->n && s->p[digits] >= '0' && s->p[digits] <= '9'; digits++) {
        *ms += weight * (unsigned)(s->p[digits] - '0');
        weight /= 10;
    }
    *s = span_from(*s, digits);
    return digits > 0;
}

static bool take_offset(struct span *s, int64_t *seconds)
{
    unsigned hours;
    unsigned minutes;
    char sign;

    if (!take_one_of(s, "Zz+-", &sign))
        return false;
    *seconds = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!take_digits(s, 2, 0, 23, &hours) || !take_one_of(s, ":", &(char){0}) ||
        !take_digits(s, 2, 0, 59, &minutes))
        return false;
    *seconds = (int64_t)(hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

bool timestamp_read(struct span text, uint64_t *wall)
{
    struct civil c;
    unsigned of_day;
    unsigned ms;
    int64_t offset;
    int64_t seconds;
    char separator;

    if (!take_date(&text, &c) || !take_one_of(&text, "Tt ", &separator) ||
        !take_clock(&text, &of_day) || !take_fraction(&text, &ms) || !take_offset(&text, &offset) ||
        text.n != 0)
        return false;
    seconds = day_of_civil(c) * SECONDS_A_DAY + of_day - offset;
    if (seconds < 0)
        return false;
    *wall = (uint64_t)seconds * MS_A_SECOND + ms;
    return true;
}
