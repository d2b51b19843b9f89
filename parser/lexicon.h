/*
 * Who and what a text can name: bodies, countries, kinds of election, offices of people, genres.
 *
 * All of it is data (parser/rules/<language>/bodies.yaml, countries.yaml, elections.yaml,
 * offices.yaml, genres.yaml, systems.yaml), compiled into one set of cues at start and found in one
 * pass over a text. A name with a capital is only met with a capital, an acronym only in its own
 * case ("US" is not "us"). Where one name holds another of any kind but a genre ("US Mission to the
 * OSCE" holds two), only the longest is reported.
 */
#ifndef POLLWATCH_PARSER_LEXICON_H
#define POLLWATCH_PARSER_LEXICON_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/span.h"
#include "proto/record.h"

/* What a body is, where that decides how it is read. */
enum body_kind {
    BODY_OTHER,
    BODY_IGO,        /* an organisation of states, or an organ of one */
    BODY_STATE,      /* a government, ministry, embassy or mission of one state */
    BODY_NGO,        /* civil society, also networks of it */
    BODY_COLLECTIVE, /* no body but a way to speak of several: observers, parties, media, … */
    BODY_PUBLISHER   /* republishes what others issued; never an issuer */
};

/* An organisation, by the slug that records use (codebook section 11.13). */
struct body {
    struct span slug;
    struct span name; /* the full name */
    enum body_kind kind;
    const struct body *parent; /* whose organ it is: oscepa -> osce; NULL: none */
    struct span holder; /* slug that holds its judgements: gb-fcdo -> gb; often the slug itself */
    struct span
        country; /* ISO 3166-1 alpha-2 of a state's body, or of an NGO at home there; or null */
    struct span valid_from;  /* year it came to be under this name, or null */
    struct span valid_until; /* last year, or null */
};

struct country {
    struct span code; /* ISO 3166-1 alpha-2, upper case; XK for Kosovo */
    struct span slug; /* the same in lower case: the country as an actor */
    struct span name;
    struct span usual_election; /* type of what is "the elections" there, or null */
};

/* "snap parliamentary elections", "runoff", "Majilis": what the words settle; the rest is null. */
struct election_kind {
    struct span type;    /* presidential, parliamentary, local, regional, general, referendum,
                            supranational, by_election; null: says nothing about it */
    struct span level;   /* national, regional, local, supranational */
    struct span chamber; /* lower, upper, unicameral, both, none */
    struct span country; /* of a chamber with a name of its own, or null */
    struct span round;   /* "1", "2" */
    enum truth early;
    bool is_vote; /* names an election ("elections"), not only a trait of one ("early") */
    bool is_act;  /* says that it took place: "went to the polls"; is_vote too */
};

/* "Ambassador", "Head of Mission", "spokesperson". */
struct office {
    struct span name;
    bool is_title;  /* stands before a name: "Ambassador Daniel B. Baer" */
    bool is_speech; /* who holds it speaks for the body that is named with it */
};

/* How the words stand for the thing. */
enum mention_form {
    FORM_NAME,
    FORM_ACRONYM,
    FORM_ADJECTIVE, /* a demonym: "Kazakh" */
    FORM_CAPITAL    /* its capital city */
};

enum mention_kind {
    MENTION_BODY,
    MENTION_COUNTRY,
    MENTION_ELECTION,
    MENTION_OFFICE,
    MENTION_GENRE
};

/* One pointer is set, after `kind`; a genre is a value. */
struct mention {
    enum mention_kind kind;
    enum mention_form form;
    struct range at;
    const struct body *body;
    const struct country *country;
    const struct election_kind *election;
    const struct office *office;
    enum genre genre;
};

typedef LIST_OF(struct mention) mentions;

struct lexicon; /* read-only once loaded, shared by all documents */

/*
 * `dir` holds the files of one language. ERR_CONFIG: "FILE:LINE: cause" (an unknown key, a slug
 * twice, a parent that is nowhere, a name that can't be a cue); ERR_SYS when a file can't be read.
 */
MUST_USE int lexicon_load(const char *dir, struct lexicon **out, struct error *err);

/* NULL is fine. */
void lexicon_free(struct lexicon *l);

/* All mentions in order of the text. Those of bodies and countries don't overlap. */
void lexicon_find(const struct lexicon *l, struct span text, struct arena *arena, mentions *out);

/* NULL: not known. */
const struct body *lexicon_body(const struct lexicon *l, struct span slug);
const struct country *lexicon_country(const struct lexicon *l, struct span code);

/* Whether `b` is `ancestor` or an organ of it: oscepa is within osce. */
bool body_is_within(const struct body *b, const struct body *ancestor);

/* The mentions inside `at`, as a slice of `all` (ordered by start): items from `*first`, returns
 * how many. */
size_t mentions_within(const mentions *all, struct range at, size_t *first);

#endif
