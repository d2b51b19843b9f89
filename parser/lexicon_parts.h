/* The inside of the lexicon, for the file that reads it and the one that looks things up. */
#ifndef POLLWATCH_PARSER_LEXICON_PARTS_H
#define POLLWATCH_PARSER_LEXICON_PARTS_H

#include "parser/cues.h"
#include "parser/lexicon.h"

/* The case in which the words must stand in a text. */
enum lexicon_case {
    CASE_ANY,   /* written without capitals in the file */
    CASE_FIRST, /* a name: the first letter is a capital */
    CASE_EXACT  /* an acronym: no small letters */
};

struct lexicon_entry {
    struct mention mention; /* `at` is empty */
    struct span phrase;
    enum lexicon_case letters;
    bool is_ignored; /* hides what is inside it, and is nothing itself */
};

struct lexicon {
    struct arena *arena; /* of everything but the cues */
    struct cues *cues;
    LIST_OF(struct lexicon_entry) entries;
    LIST_OF(struct body *) bodies;
    LIST_OF(struct country *) countries;
};

enum lexicon_case lexicon_case_of(struct span phrase);

#endif
