/*
 * HTTP for the fetcher: conditional GETs through one libcurl multi handle on the service's loop.
 *
 * Only http and https, redirects included; TLS is verified; a connection to a private address is
 * refused unless the request allows it; bodies are counted as they are decoded. A failure is an
 * outcome, not an error: whoever asked decides what it means.
 */
#ifndef POLLWATCH_FETCHER_HTTP_H
#define POLLWATCH_FETCHER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/loop.h"
#include "common/span.h"

struct http;

struct http_options {
    const char *user_agent;
    const char *contact; /* appended in parentheses; NULL: none */
    uint64_t timeout_ms;
    uint64_t max_body_bytes;
};

struct http_request {
    struct span url;
    struct span etag;          /* echoed byte for byte; null: not sent */
    struct span last_modified; /* the same */
    bool allow_private;
};

enum http_outcome {
    HTTP_ANSWERED,  /* any status; the response is whole */
    HTTP_TOO_LARGE, /* over max_body_bytes; `body` is what came until then */
    HTTP_REFUSED,   /* by us: a private address, another scheme, too many redirects */
    HTTP_TIMEOUT,
    HTTP_FAILED /* name, connection, TLS or protocol */
};

/* Lent for the length of the call. */
struct http_response {
    enum http_outcome outcome;
    struct span detail; /* why not HTTP_ANSWERED, for people */
    uint32_t status;
    struct span final_url;
    struct span head; /* status line and header fields of the last response, as received */
    struct span body;
    struct span etag;
    struct span last_modified;
    struct span media_type; /* of Content-Type, without parameters */
    struct span charset;
    uint64_t retry_after_ms; /* 0: not said */
};

typedef void http_done_fn(void *arg, const struct http_response *response);

/* Becomes the loop's foreign source. */
struct http *http_new(struct loop *loop, const struct http_options *options);

/* Transfers at work are dropped without an answer. NULL is fine. */
void http_free(struct http *h);

/* `fn` is called once, never from inside this call. */
void http_get(struct http *h, const struct http_request *request, http_done_fn *fn, void *arg);

size_t http_running(const struct http *h);

/* The same, for one word in a log. */
const char *http_outcome_name(enum http_outcome outcome);

#endif
