/*
 * A feed's entries: RSS 0.9x, 1.0, 2.0 and Atom. Pure; from bytes to structs.
 *
 * The bytes are hostile: this runs in the caged child (feed_child.h). No entity but XML's five is
 * known, no DTD is loaded, nothing is fetched, libxml2's own limits stay on.
 */
#ifndef POLLWATCH_FETCHER_FEED_H
#define POLLWATCH_FETCHER_FEED_H

#include "common/arena.h"
#include "common/error.h"
#include "common/span.h"
#include "proto/shape.h"

/* Feeds list their newest ten to a few hundred entries; what is over is not looked at. */
#define FEED_ENTRIES_MAX 2000

#define FEED_TEXT_MAX_BYTES ((size_t)1024)

struct feed_entry {
    struct span url;       /* absolute, http or https, without fragment */
    struct span title;     /* white space folded; null: none */
    struct span published; /* RFC 3339, UTC; null: none, or not understood */
    struct span id;        /* as written; null: none */
};
typedef LIST_OF(struct feed_entry) feed_entry_list;

struct feed {
    feed_entry_list entries;
    uint32_t skipped; /* entries without a usable link, or over FEED_ENTRIES_MAX */
};

/* Once a process, before the first feed and before the cage is entered. */
void feed_start(void);

/*
 * `url` is where the feed came from: relative links start there (or at an xml:base). Returns 0, or
 * ERR_FORMAT with pos the line: not XML, or XML that is no feed. Texts are the arena's.
 */
MUST_USE int feed_read(struct span bytes, struct span url, struct arena *arena, struct feed *out,
                       struct error *err);

#endif
