/*
 * Between the files that find speakers: meta_people.c reads a person in a few words, meta_quoted.c
 * those whose words are quoted or told, meta_speakers.c those who deliver or sign a text.
 */
#ifndef POLLWATCH_PARSER_META_PEOPLE_H
#define POLLWATCH_PARSER_META_PEOPLE_H

#include "parser/meta_parts.h"

/* Around a speech verb a person and her office take no more than this. */
#define PERSON_BYTES 260

struct person {
    struct span name;
    struct span role;
};

/* The name in `s`, and the office behind it or, where nothing is, in front of it. */
bool person_read(const struct meta *m, struct span s, bool needs_office, struct person *out);

/* "Ms Oosterveld": the first or last word of `s`, introduced elsewhere with the whole name. */
bool person_read_surname(const struct meta *m, struct span s, bool at_end, struct person *out);

/* "led by the former Foreign Minister of Costa Rica, Marcela Arana Quesada" */
bool person_read_leader(const struct meta *m, struct person *out);

/* Whether `s` names an office that speaks for a body. */
bool person_has_office(const struct meta *m, struct span s);

/* Once only: a second time adds nothing. */
void person_add(struct meta *m, struct person person);

/* meta_quoted.c: who speaks in a line of the body. */
void speakers_quoted(struct meta *m, const struct meta_line *line);

#endif
