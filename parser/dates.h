/*
 * Dates as statements write them: "20 March 2023", "April 7, 2016", "15.05.2029", "2030-10-29",
 * "19 March", "29th day of June, 2028", "15-17 March 2030", "March 2023".
 */
#ifndef POLLWATCH_PARSER_DATES_H
#define POLLWATCH_PARSER_DATES_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/span.h"
#include "proto/shape.h"

/* Parts that the words do not give are 0. */
struct date {
    int year;
    int month;
    int day;
};

struct date_hit {
    struct date date;  /* the last day, where it is a span of days */
    struct date first; /* the first of such a span; else as `date` */
    struct range at;   /* in the text that was searched */
    bool is_span;      /* "15-17 March" */
};

typedef LIST_OF(struct date_hit) date_hits;

/* All dates in `s`, in order. Offsets are into `s`. */
void dates_find(struct span s, struct arena *arena, date_hits *out);

bool date_is_full(struct date d);

/* Days since 1970-01-01; full dates only. */
long date_number(struct date d);
struct date date_of_number(long days);

/* 0 = Monday … 6 = Sunday. */
int date_weekday(struct date d);

/* "2023-03-20", "2023-03" or "2023"; null when there is no year. */
struct span date_write(struct date d, struct arena *arena);

/* Reads the date in front of RFC 3339 text or a bare ISO date. */
bool date_read_iso(struct span s, struct date *out);

/* Monday is 0; -1: not the name of a day. */
int weekday_of(struct span word);

/* 1 to 12, also "Dec" and "Sept."; 0: not the name of a month. */
int month_of(struct span word);

#endif
