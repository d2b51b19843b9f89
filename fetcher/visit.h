/*
 * One visit to one address: from the request to what the ledger remembers of it.
 *
 * Rules (RFC 9110 where it speaks): 304 and equal bytes are no work. 408, 425, 429, 5xx and
 * transport errors are the host's trouble: everything on it waits, from a minute doubling to a day,
 * or as long as Retry-After says. Other answers are the address's own: an entry becomes a dead
 * letter, a feed or a page is an error of its source and is polled again in its time.
 */
#ifndef POLLWATCH_FETCHER_VISIT_H
#define POLLWATCH_FETCHER_VISIT_H

#include "common/arena.h"
#include "fetcher/http.h"
#include "fetcher/source.h"

struct visit;

typedef void visit_end_fn(void *arg, struct visit *v);

/* Sends the request. `address` is copied. `fn` is called when all is settled; free the visit there.
 */
struct visit *visit_start(struct source *s, struct http *http, const struct address *address,
                          visit_end_fn *fn, void *arg);
void visit_free(struct visit *v);

struct span visit_host(const struct visit *v);

/* --- for drivers, inside or after `answered` --- */

struct source *visit_source(const struct visit *v);
const struct address *visit_address(const struct visit *v);
struct arena *visit_arena(const struct visit *v);

/* Good only inside `answered`. */
const struct http_response *visit_response(const struct visit *v);

/* The body is the same as last time, byte for byte. */
bool visit_is_unchanged(const struct visit *v);

/* The answer is a document: kept, unless it is unchanged. */
MUST_USE int visit_keep_document(struct visit *v, struct error *err);

/* Remembers validators and digest, and when to come again. */
MUST_USE int visit_remember(struct visit *v, const char *outcome, struct error *err);

/* The answer was no good; validators stay as they were, so that it is asked for whole again. */
MUST_USE int visit_reject(struct visit *v, const char *outcome, struct span detail,
                          struct error *err);

void visit_end(struct visit *v);

#endif
