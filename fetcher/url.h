/* The little that the fetcher itself must know about addresses, on libcurl's URL parser. */
#ifndef POLLWATCH_FETCHER_URL_H
#define POLLWATCH_FETCHER_URL_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/span.h"

/* A DNS name has at most 253 characters, an IPv6 literal with a zone fits too. */
#define URL_HOST_BYTES 256

/* The host in lower case. ERR_FORMAT: not an http or https address; ERR_LIMIT: too long. */
MUST_USE int url_host(struct span url, char out[URL_HOST_BYTES], struct error *err);

/*
 * `reference` as seen from `base` (null: it must be absolute), without its fragment, in the arena.
 * The null span when that is no http or https address, or is too long.
 */
struct span url_resolve(struct arena *arena, struct span base, struct span reference);

/* "file://" and the absolute path, percent-encoded. */
struct span url_of_path(struct arena *arena, struct span path);

/* Loopback, private, link-local, unique local, shared, multicast, unspecified or reserved: nowhere
 * that a statement is published, and where a redirect must not lead us. */
bool address_is_private(const struct sockaddr *address);

#endif
