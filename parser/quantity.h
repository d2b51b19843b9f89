/*
 * Numbers that a sentence reports (codebook section 9): "29 per cent of the candidates", "nearly
 * 10,000 polling stations", "one in eight", "seven candidates".
 *
 * Never: dates, years, times of day, phone and document numbers, numbers that count lines, ages,
 * and vague spans ("over a decade").
 */
#ifndef POLLWATCH_PARSER_QUANTITY_H
#define POLLWATCH_PARSER_QUANTITY_H

#include "common/arena.h"
#include "proto/record.h"

typedef LIST_OF(struct quantity) quantity_list;

/*
 * Appends to `out` what stands in `sentence`, a range of `text`, in order. Spans point into `text`
 * or are literals; evidence is in offsets of `text`, over number and noun.
 */
void quantity_find(struct span text, struct range sentence, struct arena *arena,
                   quantity_list *out);

/*
 * "339 observers, including 290 experts and 49 parliamentarians": whether parts that a sentence
 * names behind a total add up to it. TRUTH_UNKNOWN where there is no such claim (codebook section
 * 9).
 */
enum truth quantity_sum_agrees(struct span text, const quantity_list *quantities);

#endif
