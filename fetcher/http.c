/*
 * One easy handle a transfer, one multi handle for all, driven by the loop: before each wait
 * curl_multi_fdset() and curl_multi_timeout() say what to wait for, after it curl_multi_perform()
 * does the work. (The socket interface costs 1.6 times as much at our numbers.)
 *
 * Where a connection goes is judged at the socket, when the name has been resolved: what a name
 * resolved to a moment ago proves nothing (DNS rebinding). A kept connection that a request which
 * may use private addresses has opened is judged again before each request that goes over it.
 *
 * Proxies of the environment are not used: behind one, the peer's address can't be judged.
 */
#include "fetcher/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/utf8.h"
#include "fetcher/url.h"

#define REDIRECTS_MAX 5L

/* A real response has a few kilobytes of header fields. */
#define HEAD_MAX_BYTES ((size_t)256 * 1024)

/* A validator longer than this is not kept: it would cost more than it saves. */
#define VALIDATOR_MAX_BYTES 1024

#define CONNECT_MAX_MS 15000

/* Connections kept open between requests; polls of one host are minutes apart, few survive. */
#define CONNECTIONS_KEPT 32L

struct transfer {
    struct http *http;
    CURL *easy;
    struct curl_slist *fields;
    char *url;
    struct buf head;
    struct buf body;
    bool allow_private;
    bool is_over_cap;
    bool is_refused;
    char refused[INET6_ADDRSTRLEN];
    char detail[CURL_ERROR_SIZE];
    http_done_fn *fn;
    void *arg;
    struct transfer *next;
};

struct http {
    CURLM *multi;
    struct loop *loop;
    char *user_agent;
    uint64_t timeout_ms;
    uint64_t max_body_bytes;
    struct transfer *running;
    size_t running_n;
};

static void transfer_free(struct transfer *t)
{
    if (t->easy)
        curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->fields);
    buf_fini(&t->head);
    buf_fini(&t->body);
    free(t->url);
    free(t);
}

static void unlink_transfer(struct http *h, struct transfer *t)
{
    struct transfer **at = &h->running;

    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    h->running_n--;
    curl_multi_remove_handle(h->multi, t->easy);
}

/* --- what libcurl calls --- */

static size_t on_head(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct span line = span_of(data, size * n);

    if (span_starts(line, SPAN_LIT("HTTP/")))
        buf_clear(&t->head); /* a redirect or an interim response came before */
    buf_add_span(&t->head, line);
    return t->head.failed ? 0 : line.n;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t bytes = size * n;
    size_t room = t->body.cap_bytes - t->body.n;

    if (bytes > room) {
        t->is_over_cap = true;
        buf_add(&t->body, data, room);
        return 0;
    }
    buf_add(&t->body, data, bytes);
    return bytes;
}

static void note_refusal(struct transfer *t, const struct sockaddr *address)
{
    const void *in =
        address->sa_family == AF_INET6
            ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
            : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;

    t->is_refused = true;
    if (!inet_ntop(address->sa_family == AF_INET6 ? AF_INET6 : AF_INET, in, t->refused,
                   sizeof t->refused))
        t->refused[0] = '\0';
}

static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = arg;

    (void)purpose;
    if (!t->allow_private && address_is_private(&address->addr)) {
        note_refusal(t, &address->addr);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_before_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct transfer *t = arg;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const struct sockaddr *address = NULL;

    (void)local;
    (void)peer_port;
    (void)local_port;
    if (t->allow_private)
        return CURL_PREREQFUNC_OK;
    if (inet_pton(AF_INET, peer, &v4.sin_addr) == 1)
        address = (const struct sockaddr *)&v4;
    else if (inet_pton(AF_INET6, peer, &v6.sin6_addr) == 1)
        address = (const struct sockaddr *)&v6;
    if (address && !address_is_private(address))
        return CURL_PREREQFUNC_OK;
    t->is_refused = true;
    snprintf(t->refused, sizeof t->refused, "%s", peer);
    return CURL_PREREQFUNC_ABORT;
}

/* --- starting --- */

static void add_field(struct transfer *t, const char *name, struct span value)
{
    struct curl_slist *more;
    char *field = NULL;

    if (span_is_null(value))
        return;
    if (asprintf(&field, "%s: %.*s", name, SPAN_ARG(value)) < 0)
        abort();
    more = curl_slist_append(t->fields, field);
    if (!more)
        abort();
    t->fields = more;
    free(field);
}

/* All of these succeed unless memory is out or this libcurl was built without them, which a
 * build on 7.85 or later with HTTP excludes. */
#define SET(t, option, value)                                                                      \
    do {                                                                                           \
        if (curl_easy_setopt((t)->easy, option, value) != CURLE_OK)                                \
            abort();                                                                               \
    } while (0)

static void set_limits(struct transfer *t, const struct http *h)
{
    uint64_t connect_ms = h->timeout_ms < CONNECT_MAX_MS ? h->timeout_ms : CONNECT_MAX_MS;

    SET(t, CURLOPT_NOSIGNAL, 1L);
    SET(t, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(t, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(t, CURLOPT_FOLLOWLOCATION, 1L);
    SET(t, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    SET(t, CURLOPT_TIMEOUT_MS, (long)h->timeout_ms);
    SET(t, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    SET(t, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(t, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(t, CURLOPT_PROXY, "");
    SET(t, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(t, CURLOPT_OPENSOCKETDATA, t);
    SET(t, CURLOPT_PREREQFUNCTION, on_before_request);
    SET(t, CURLOPT_PREREQDATA, t);
}

static void set_request(struct transfer *t, const struct http *h, const struct http_request *r)
{
    SET(t, CURLOPT_URL, t->url);
    SET(t, CURLOPT_USERAGENT, h->user_agent);
    SET(t, CURLOPT_ACCEPT_ENCODING, ""); /* all that this libcurl can decode */
    SET(t, CURLOPT_HEADERFUNCTION, on_head);
    SET(t, CURLOPT_HEADERDATA, t);
    SET(t, CURLOPT_WRITEFUNCTION, on_body);
    SET(t, CURLOPT_WRITEDATA, t);
    SET(t, CURLOPT_ERRORBUFFER, t->detail);
    SET(t, CURLOPT_PRIVATE, t);
    add_field(t, "If-None-Match", r->etag);
    add_field(t, "If-Modified-Since", r->last_modified);
    SET(t, CURLOPT_HTTPHEADER, t->fields);
}

void http_get(struct http *h, const struct http_request *request, http_done_fn *fn, void *arg)
{
    struct transfer *t = xcalloc(1, sizeof *t);

    *t = (struct transfer){.http = h,
                           .easy = curl_easy_init(),
                           .url = xspandup(request->url),
                           .allow_private = request->allow_private,
                           .fn = fn,
                           .arg = arg};
    if (!t->easy)
        abort();
    buf_init(&t->head, HEAD_MAX_BYTES);
    buf_init(&t->body, h->max_body_bytes);
    set_limits(t, h);
    set_request(t, h, request);
    if (curl_multi_add_handle(h->multi, t->easy) != CURLM_OK)
        abort(); /* only for a handle that was added already, or without memory */
    t->next = h->running;
    h->running = t;
    h->running_n++;
    loop_wake(h->loop);
}

/* --- ending --- */

static enum http_outcome outcome_of(const struct transfer *t, CURLcode code)
{
    if (t->is_over_cap)
        return HTTP_TOO_LARGE;
    if (t->is_refused)
        return HTTP_REFUSED;
    switch ((int)code) {
    case CURLE_OK:
        return HTTP_ANSWERED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
        return HTTP_REFUSED;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMEOUT;
    default:
        return HTTP_FAILED;
    }
}

static void explain(struct transfer *t, enum http_outcome outcome, CURLcode code)
{
    if (outcome == HTTP_TOO_LARGE)
        snprintf(t->detail, sizeof t->detail, "the body is over %zu bytes", t->body.cap_bytes);
    else if (t->is_refused)
        snprintf(t->detail, sizeof t->detail, "refused to connect to the private address %s",
                 t->refused);
    else if (t->detail[0] == '\0')
        snprintf(t->detail, sizeof t->detail, "%s", curl_easy_strerror(code));
}

static struct span field_of(const struct transfer *t, const char *name)
{
    struct curl_header *field = NULL;
    struct span value;

    if (curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &field) != CURLHE_OK)
        return SPAN_NULL;
    value = span_of_str(field->value);
    /* what is not text could not travel in a message, nor be echoed */
    return value.n > 0 && value.n <= VALIDATOR_MAX_BYTES && utf8_is_valid(value) ? value
                                                                                 : SPAN_NULL;
}

/* "text/html; charset=utf-8" taken apart; parts stay null when they are not there. */
static void read_content_type(struct span value, struct http_response *r)
{
    const struct span key = SPAN_LIT("charset=");
    size_t semicolon;
    size_t at;

    if (span_is_null(value))
        return;
    semicolon = span_find(value, SPAN_LIT(";"), 0);
    at = span_find_nocase(value, key, 0);
    r->media_type = value;
    if (semicolon != SIZE_MAX)
        r->media_type.n = semicolon;
    r->media_type = span_trim(r->media_type);
    if (r->media_type.n == 0)
        r->media_type = SPAN_NULL;
    if (at == SIZE_MAX || semicolon == SIZE_MAX || at < semicolon)
        return;
    r->charset = span_from(value, at + key.n);
    semicolon = span_find(r->charset, SPAN_LIT(";"), 0);
    if (semicolon != SIZE_MAX)
        r->charset.n = semicolon;
    r->charset = span_trim(r->charset);
    if (r->charset.n >= 2 && r->charset.p[0] == '"' && r->charset.p[r->charset.n - 1] == '"')
        r->charset = span_of(r->charset.p + 1, r->charset.n - 2);
    if (r->charset.n == 0)
        r->charset = SPAN_NULL;
}

static void read_response(const struct transfer *t, struct http_response *r)
{
    const char *final_url = NULL;
    curl_off_t retry_after_s = 0;
    long status = 0;

    if (curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        r->status = (uint32_t)status;
    if (curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &final_url) == CURLE_OK)
        r->final_url = span_of_str(final_url);
    if (!span_is_null(r->final_url) && !utf8_is_valid(r->final_url))
        r->final_url = SPAN_NULL; /* a redirect's, with bytes that are no text */
    if (curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
        retry_after_s > 0)
        r->retry_after_ms = (uint64_t)retry_after_s * 1000;
    r->head = buf_span(&t->head);
    r->body = buf_span(&t->body);
    r->etag = field_of(t, "ETag");
    r->last_modified = field_of(t, "Last-Modified");
    read_content_type(field_of(t, "Content-Type"), r);
}

static void finish(struct http *h, struct transfer *t, CURLcode code)
{
    struct http_response response = {.outcome = outcome_of(t, code)};

    if (response.outcome != HTTP_ANSWERED) {
        explain(t, response.outcome, code);
        response.detail = span_of_str(t->detail);
    }
    read_response(t, &response);
    unlink_transfer(h, t);
    t->fn(t->arg, &response);
    transfer_free(t);
}

/* --- the loop's foreign source --- */

static int add_descriptors(struct http *h, struct loop *loop)
{
    fd_set in;
    fd_set out;
    fd_set bad;
    int last = -1;

    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&bad);
    if (curl_multi_fdset(h->multi, &in, &out, &bad, &last) != CURLM_OK)
        abort();
    for (int fd = 0; fd <= last; fd++) {
        int events = (FD_ISSET(fd, &in) ? LOOP_READ : 0) | (FD_ISSET(fd, &out) ? LOOP_WRITE : 0);

        if (events)
            loop_source_fd(loop, fd, events);
    }
    return last;
}

/* What libcurl's manual tells to wait when it has no descriptor to show (resolving, for one). */
#define BLIND_WAIT_MS 100

static void prepare(void *arg, struct loop *loop, long *timeout_ms)
{
    struct http *h = arg;
    long wait_ms = -1;

    if (!h->running)
        return;
    if (curl_multi_timeout(h->multi, &wait_ms) != CURLM_OK)
        abort();
    if (add_descriptors(h, loop) < 0 && (wait_ms < 0 || wait_ms > BLIND_WAIT_MS))
        wait_ms = BLIND_WAIT_MS;
    if (wait_ms >= 0 && (*timeout_ms < 0 || wait_ms < *timeout_ms))
        *timeout_ms = wait_ms;
}

static void dispatch(void *arg)
{
    struct http *h = arg;
    CURLMsg *message;
    int left;

    if (!h->running)
        return;
    if (curl_multi_perform(h->multi, &left) != CURLM_OK)
        abort();
    while ((message = curl_multi_info_read(h->multi, &left))) {
        struct transfer *t = NULL;
        CURLcode code = message->data.result;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK)
            finish(h, t, code);
    }
}

struct http *http_new(struct loop *loop, const struct http_options *options)
{
    struct http *h = xcalloc(1, sizeof *h);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    h->multi = curl_multi_init();
    if (!h->multi ||
        curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT) != CURLM_OK)
        abort();
    h->loop = loop;
    h->timeout_ms = options->timeout_ms;
    h->max_body_bytes = options->max_body_bytes;
    if (options->contact
            ? asprintf(&h->user_agent, "%s (%s)", options->user_agent, options->contact) < 0
            : asprintf(&h->user_agent, "%s", options->user_agent) < 0)
        abort();
    loop_set_source(loop, prepare, dispatch, h);
    return h;
}

void http_free(struct http *h)
{
    if (!h)
        return;
    loop_set_source(h->loop, NULL, NULL, NULL);
    while (h->running) {
        struct transfer *t = h->running;

        unlink_transfer(h, t);
        transfer_free(t);
    }
    curl_multi_cleanup(h->multi);
    curl_global_cleanup();
    free(h->user_agent);
    free(h);
}

size_t http_running(const struct http *h)
{
    return h->running_n;
}

const char *http_outcome_name(enum http_outcome outcome)
{
    static const char *const names[] = {
        [HTTP_ANSWERED] = "answered", [HTTP_TOO_LARGE] = "too_large", [HTTP_REFUSED] = "refused",
        [HTTP_TIMEOUT] = "timeout",   [HTTP_FAILED] = "failed",
    };

    return names[outcome];
}
