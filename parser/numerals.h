/* Numbers in words and digits: "10,000", "12 million", "fifty-eight", "one hundred and two". */
#ifndef POLLWATCH_PARSER_NUMERALS_H
#define POLLWATCH_PARSER_NUMERALS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/span.h"

struct numeral {
    double value;
    size_t bytes;    /* how long it is */
    bool is_spelled; /* in words */
    bool is_plain;   /* digits and nothing else: may be a year or the number of something */
};

/* The numeral that starts at `at`, which is the start of a word; false: none. */
bool numeral_read(struct span s, size_t at, struct numeral *out);

/* "half", "a third", "nine-tenths", "three quarters": percent. At the start of a word. */
bool fraction_read(struct span s, size_t at, struct numeral *out);

/* "second" to "twentieth", in words. At the start of a word. */
bool ordinal_read(struct span s, size_t at, struct numeral *out);

#endif
