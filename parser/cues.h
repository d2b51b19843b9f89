/*
 * Stage 5: thousands of literal phrases found in one pass (Vectorscan).
 *
 * Patterns are lower-case phrases with single spaces. The text is folded first, byte for byte
 * (ASCII case, white space to a space, typographic quotes and dashes to plain ones with their
 * offsets kept), and word bounds are checked when a hit comes in. `*` at the end of a pattern's
 * last word allows any ending ("observ*").
 */
#ifndef POLLWATCH_PARSER_CUES_H
#define POLLWATCH_PARSER_CUES_H

#include "common/arena.h"
#include "common/error.h"
#include "proto/shape.h"

struct cues; /* a compiled set, read-only, shared by all documents of a process */

struct cue_pattern {
    struct span phrase;
    uint32_t id; /* the caller's; several patterns may share one */
};

struct cue_hit {
    uint32_t id;
    struct range at; /* in the original text */
};

typedef LIST_OF(struct cue_hit) cue_hits;

/* Compiles; ERR_CONFIG names the phrase that can't be. `patterns` need not outlive the call. */
MUST_USE int cues_compile(const struct cue_pattern *patterns, size_t n, struct cues **out,
                          struct error *err);
void cues_free(struct cues *c);

/* All hits, ordered by start, then longest first; overlaps are kept, exact repeats are not. */
void cues_find(const struct cues *c, struct span text, struct arena *arena, cue_hits *out);

#endif
