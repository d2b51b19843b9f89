#include "fetcher/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "common/digest.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/timestamp.h"
#include "fetcher/backoff.h"
#include "fetcher/document.h"

/* A feed's entry that failed so often (over some 17 hours by the host's back-off) is given up. */
#define ENTRY_TRIES_MAX 10

struct visit {
    struct source *source;
    struct arena *arena;
    struct address address;
    const struct http_response *response;
    struct address_state state; /* of the answer */
    uint64_t answered_ms;
    visit_end_fn *fn;
    void *arg;
};

struct source *visit_source(const struct visit *v)
{
    return v->source;
}

const struct address *visit_address(const struct visit *v)
{
    return &v->address;
}

struct arena *visit_arena(const struct visit *v)
{
    return v->arena;
}

const struct http_response *visit_response(const struct visit *v)
{
    return v->response;
}

struct span visit_host(const struct visit *v)
{
    return v->address.host;
}

bool visit_is_unchanged(const struct visit *v)
{
    return !span_is_null(v->address.body_sha256) &&
           span_equal(v->address.body_sha256, v->state.body_sha256);
}

void visit_end(struct visit *v)
{
    v->fn(v->arg, v);
}

/* --- what the ledger remembers --- */

static uint64_t next_poll(const struct visit *v)
{
    if (v->address.role == ADDRESS_ENTRY)
        return LEDGER_NEVER;
    return v->answered_ms + v->source->config->every_ms;
}

/* A feed or a page was polled; an entry is part of its feed's poll. */
static int note_poll(struct visit *v, uint64_t next_ms, struct span error, struct error *err)
{
    if (v->address.role == ADDRESS_ENTRY)
        return 0;
    return source_polled(v->source, v->address.url, next_ms, error, err);
}

int visit_remember(struct visit *v, const char *outcome, struct error *err)
{
    int rc = ledger_fetched(v->source->fetcher->store, v->address.id, &v->state, outcome,
                            v->answered_ms, next_poll(v), err);

    return rc < 0 ? rc : note_poll(v, next_poll(v), SPAN_NULL, err);
}

int visit_reject(struct visit *v, const char *outcome, struct span detail, struct error *err)
{
    int rc = ledger_visited(v->source->fetcher->store, v->address.id, outcome, detail,
                            v->address.failures + 1, v->answered_ms, next_poll(v), err);

    return rc < 0 ? rc : note_poll(v, next_poll(v), detail, err);
}

static int host_is_well(struct visit *v, struct error *err)
{
    struct fetcher *f = v->source->fetcher;

    return ledger_host_ready(f->store, v->address.host, v->answered_ms + f->config->host_spacing_ms,
                             0, err);
}

/* --- documents --- */

static struct document document_of(const struct visit *v)
{
    const struct http_response *r = v->response;

    return (struct document){
        .source = v->source->config,
        .work =
            {
                .url = v->address.url,
                .final_url = span_equal(r->final_url, v->address.url) ? SPAN_NULL : r->final_url,
                .media_type = r->media_type,
                .charset = r->charset,
                .http_status = r->status,
                .etag = r->etag,
                .last_modified = r->last_modified,
                .feed_title = v->address.feed_title,
                .feed_published = v->address.feed_published,
            },
        .head = r->head.n > 0 ? r->head : SPAN_NULL,
        .body = r->head.n > 0 ? r->body : SPAN_NULL,
        .fetched_ms = v->answered_ms,
        .truncated = r->outcome == HTTP_TOO_LARGE,
    };
}

int visit_keep_document(struct visit *v, struct error *err)
{
    struct document d = document_of(v);
    bool unchanged = visit_is_unchanged(v);
    int rc = unchanged ? 0 : document_keep(v->source->fetcher, &d, err);

    return rc < 0 ? rc : visit_remember(v, unchanged ? "unchanged" : "document", err);
}

/* --- answers that are none --- */

static int bury(struct visit *v, const char *reason, struct span detail, struct error *err)
{
    struct document d = document_of(v);

    return document_bury(v->source->fetcher, &d, reason, detail, err);
}

/* Over the cap: a dead letter once for each version, not once for each poll. */
static int on_too_large(struct visit *v, struct error *err)
{
    int rc;

    if (v->address.role == ADDRESS_FEED)
        return visit_reject(v, "too_large", v->response->detail, err);
    rc = visit_is_unchanged(v) ? 0 : bury(v, "too_large", v->response->detail, err);
    return rc < 0 ? rc : visit_remember(v, "too_large", err);
}

static int on_permanent(struct visit *v, const char *reason, struct span detail, struct error *err)
{
    int rc = 0;

    if (v->address.role == ADDRESS_ENTRY)
        rc = bury(v, reason, detail, err);
    return rc < 0 ? rc : visit_reject(v, reason, detail, err);
}

static uint32_t jitter(void)
{
    uint32_t random = 0;

    /* without randomness at hand the wait is merely the shortest one */
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        return 0;
    return random;
}

static int on_transient(struct visit *v, const char *reason, struct span detail, struct error *err)
{
    struct store *store = v->source->fetcher->store;
    uint32_t host_failures = v->address.host_failures + 1;
    uint32_t failures = v->address.failures + 1;
    uint64_t wait = backoff_ms(host_failures, v->response->retry_after_ms, jitter());
    int rc = ledger_host_ready(store, v->address.host, v->answered_ms + wait, host_failures, err);

    if (rc < 0)
        return rc;
    log_warn("host.backoff", KV_SPAN("host", v->address.host), KV_SPAN("url", v->address.url),
             KV_STR("reason", reason), KV_SPAN("detail", detail), KV_U64("wait_s", wait / 1000));
    if (v->address.role == ADDRESS_ENTRY && failures >= ENTRY_TRIES_MAX)
        return on_permanent(v, "unreachable", detail, err);
    rc = ledger_visited(store, v->address.id, reason, detail, failures, v->answered_ms,
                        v->answered_ms + wait, err);
    return rc < 0 ? rc : note_poll(v, v->answered_ms + wait, detail, err);
}

static bool is_transient_status(uint32_t status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

static int on_status(struct visit *v, struct error *err)
{
    char detail[64];
    int n = snprintf(detail, sizeof detail, "the server answered %u", v->response->status);

    if (is_transient_status(v->response->status))
        return on_transient(v, "http_status", span_of(detail, (size_t)n), err);
    return on_permanent(v, "http_status", span_of(detail, (size_t)n), err);
}

static int on_not_modified(struct visit *v, struct error *err)
{
    int rc = ledger_visited(v->source->fetcher->store, v->address.id, "unchanged", SPAN_NULL, 0,
                            v->answered_ms, next_poll(v), err);

    return rc < 0 ? rc : note_poll(v, next_poll(v), SPAN_NULL, err);
}

/* Decides what the response means; `*ended` is false when the driver goes on by itself. */
static int judge(struct visit *v, bool *ended, struct error *err)
{
    const struct http_response *r = v->response;
    int rc;

    switch (r->outcome) {
    case HTTP_TIMEOUT:
    case HTTP_FAILED:
        return on_transient(v, http_outcome_name(r->outcome), r->detail, err);
    case HTTP_REFUSED:
        rc = host_is_well(v, err);
        return rc < 0 ? rc : on_permanent(v, "refused", r->detail, err);
    case HTTP_TOO_LARGE:
        rc = host_is_well(v, err);
        return rc < 0 ? rc : on_too_large(v, err);
    case HTTP_ANSWERED:
        break;
    }
    if (is_transient_status(r->status))
        return on_status(v, err);
    rc = host_is_well(v, err);
    if (rc < 0)
        return rc;
    if (r->status == 304)
        return on_not_modified(v, err);
    if (r->status < 200 || r->status > 299)
        return on_status(v, err);
    *ended = false;
    return v->source->driver->answered(v, err);
}

static void remember_answer(struct visit *v)
{
    char hex[SHA256_HEX_BYTES + 1];
    struct sha256 sum = sha256_of(v->response->body);

    sha256_hex(&sum, hex);
    v->state = (struct address_state){
        .etag = arena_copy(v->arena, v->response->etag),
        .last_modified = arena_copy(v->arena, v->response->last_modified),
        .body_sha256 = arena_copy(v->arena, span_of_str(hex)),
    };
    v->answered_ms = wall_ms();
}

static void on_response(void *arg, const struct http_response *response)
{
    struct visit *v = arg;
    struct fetcher *f = v->source->fetcher;
    bool ended = true;
    struct error err;

    v->response = response;
    remember_answer(v);
    log_debug("http.done", KV_SPAN("url", v->address.url), KV_U64("status", response->status),
              KV_STR("outcome", http_outcome_name(response->outcome)),
              KV_U64("bytes", response->body.n));
    if (judge(v, &ended, &err) < 0)
        fetcher_fail(f, &err);
    if (ended)
        visit_end(v); /* v may be gone */
}

struct visit *visit_start(struct source *s, struct http *http, const struct address *address,
                          visit_end_fn *fn, void *arg)
{
    struct visit *v = xcalloc(1, sizeof *v);
    struct arena *a = arena_new();

    *v = (struct visit){.source = s, .arena = a, .address = *address, .fn = fn, .arg = arg};
    v->address.url = arena_copy(a, address->url);
    v->address.source = arena_copy(a, address->source);
    v->address.host = arena_copy(a, address->host);
    v->address.etag = arena_copy(a, address->etag);
    v->address.last_modified = arena_copy(a, address->last_modified);
    v->address.body_sha256 = arena_copy(a, address->body_sha256);
    v->address.feed_title = arena_copy(a, address->feed_title);
    v->address.feed_published = arena_copy(a, address->feed_published);
    http_get(http,
             &(struct http_request){.url = v->address.url,
                                    .etag = v->address.etag,
                                    .last_modified = v->address.last_modified,
                                    .allow_private = s->config->allow_private},
             on_response, v);
    return v;
}

void visit_free(struct visit *v)
{
    if (!v)
        return;
    arena_free(v->arena);
    free(v);
}
