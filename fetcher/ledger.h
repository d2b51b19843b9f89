/*
 * What the fetcher knows of the world outside: sources, hosts, addresses and watched files.
 *
 * Addresses are the frontier. Each is known for one of three roles: a `feed` or a `page` that the
 * configuration names is fetched again and again; an `entry` of a feed is fetched until it succeeds
 * or is given up. A new entry is written in the same transaction as the validators of its feed, so
 * that a feed that says "not modified" after a crash hides nothing. One query finds what is due,
 * host by host: a busy or failing host keeps nobody else waiting, and nothing is queued in memory.
 */
#ifndef POLLWATCH_FETCHER_LEDGER_H
#define POLLWATCH_FETCHER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "fetcher/store.h"
#include "proto/shape.h"

enum address_role { ADDRESS_FEED, ADDRESS_PAGE, ADDRESS_ENTRY };

/* An address that is due. */
struct address {
    uint64_t id;
    struct span url;
    struct span source;
    struct span host;
    enum address_role role;
    struct span etag;
    struct span last_modified;
    struct span body_sha256; /* hex, of what came last; null: nothing yet */
    struct span feed_title;
    struct span feed_published;
    uint32_t failures;      /* in a row, of this address */
    uint32_t host_failures; /* in a row, of its host */
};

/* What a fetch that brought a body left behind. Validators byte for byte as served. */
struct address_state {
    struct span etag;
    struct span last_modified;
    struct span body_sha256;
};

/* next_ms of an address that is not fetched again. */
#define LEDGER_NEVER UINT64_MAX

/* --- the configuration, at each start: add all sources and their addresses, then retire the rest
 * --- */

MUST_USE int ledger_add_source(struct store *s, struct span id, struct span kind,
                               struct error *err);

/* ERR_FORMAT: not an http(s) address. Keeps what is known of it, and when it is due. */
MUST_USE int ledger_add_address(struct store *s, struct span url, struct span source,
                                enum address_role role, uint64_t now_ms, uint64_t every_ms,
                                struct error *err);
MUST_USE int ledger_retire_others(struct store *s, struct error *err);

/* --- the frontier --- */

/* `*is_new` says whether it had not been known. Due at once. */
MUST_USE int ledger_add_entry(struct store *s, struct span url, struct span source,
                              struct span title, struct span published, uint64_t now_ms,
                              bool *is_new, struct error *err);

/* At most one address a host, hosts that are ready only, longest due first. Texts are the arena's.
 */
MUST_USE int ledger_due(struct store *s, uint64_t now_ms, struct arena *arena, struct address *out,
                        size_t max, size_t *n, struct error *err);

/* It brought a body; failures start anew. `outcome` is a word: new, unchanged, feed, … */
MUST_USE int ledger_fetched(struct store *s, uint64_t id, const struct address_state *state,
                            const char *outcome, uint64_t now_ms, uint64_t next_ms,
                            struct error *err);

/* It brought none (not modified, or a failure): validators stay. */
MUST_USE int ledger_visited(struct store *s, uint64_t id, const char *outcome, struct span detail,
                            uint32_t failures, uint64_t now_ms, uint64_t next_ms,
                            struct error *err);

MUST_USE int ledger_host_ready(struct store *s, struct span host, uint64_t ready_ms,
                               uint32_t failures, struct error *err);

/* --- sources --- */

/* `error` null: it went well. */
MUST_USE int ledger_polled(struct store *s, struct span source, uint64_t now_ms, uint64_t next_ms,
                           struct span error, struct error *err);
MUST_USE int ledger_seen(struct store *s, struct span source, struct error *err);

/* Whether each of its addresses has been tried, but for those whose host is failing. */
MUST_USE int ledger_settled(struct store *s, struct span source, bool *settled, struct error *err);

/* As `status` shows it. Times are RFC 3339, or null. */
struct source_state {
    struct span id;
    struct span kind;
    struct span last_poll;
    struct span next_poll;
    uint64_t seen;
    struct span error;
};
typedef LIST_OF(struct source_state) source_state_list;

/* The configured ones, in order of id. */
MUST_USE int ledger_sources(struct store *s, struct arena *arena, source_state_list *out,
                            struct error *err);

/* --- watched files --- */

struct file_state {
    uint64_t size;
    uint64_t mtime_ns;
    struct span body_sha256; /* null: could not be read */
};

/* Returns 1 when the file is known, 0 when not. The digest is the arena's. */
MUST_USE int ledger_get_file(struct store *s, struct span url, struct arena *arena,
                             struct file_state *out, struct error *err);
MUST_USE int ledger_put_file(struct store *s, struct span url, struct span source,
                             const struct file_state *state, const char *outcome,
                             struct error *err);

#endif
