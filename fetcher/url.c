#include "fetcher/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "common/mem.h"
#include "proto/limits.h"

static bool is_web(CURLU *u)
{
    char *scheme = NULL;
    bool yes = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
               (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

    curl_free(scheme);
    return yes;
}

/* Sets one more URL on top of what `u` holds: relative ones are resolved. */
static bool set_url(CURLU *u, struct span url)
{
    char *text;
    bool ok;

    if (url.n > LIMIT_URL_BYTES || memchr(url.p, '\0', url.n))
        return false;
    text = xspandup(url);
    ok = curl_url_set(u, CURLUPART_URL, text, CURLU_URLENCODE) == CURLUE_OK;
    free(text);
    return ok;
}

int url_host(struct span url, char out[URL_HOST_BYTES], struct error *err)
{
    CURLU *u = curl_url();
    char *host = NULL;
    int rc = 0;

    if (!u)
        abort();
    if (url.n == 0 || !set_url(u, url) || !is_web(u) ||
        curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        rc = error_set(err, ERR_FORMAT, "not an http or https address: %.*s", SPAN_ARG(url));
        goto out;
    }
    if (strlen(host) >= URL_HOST_BYTES) {
        rc = error_set(err, ERR_LIMIT, "the host's name is over %d bytes", URL_HOST_BYTES - 1);
        goto out;
    }
    for (size_t i = 0; i <= strlen(host); i++)
        out[i] = (char)tolower((unsigned char)host[i]);
out:
    curl_free(host);
    curl_url_cleanup(u);
    return rc;
}

struct span url_resolve(struct arena *arena, struct span base, struct span reference)
{
    CURLU *u = curl_url();
    char *text = NULL;
    struct span out = SPAN_NULL;

    if (!u)
        abort();
    if (!span_is_null(base) && base.n > 0 && !set_url(u, base))
        goto out;
    if (span_is_null(reference) || !set_url(u, reference) || !is_web(u))
        goto out;
    if (curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_URL, &text, 0) != CURLUE_OK)
        goto out;
    if (strlen(text) <= LIMIT_URL_BYTES)
        out = arena_copy(arena, span_of_str(text));
out:
    curl_free(text);
    curl_url_cleanup(u);
    return out;
}

struct span url_of_path(struct arena *arena, struct span path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, 7 + 3 * path.n);
    size_t n = 7;

    memcpy(out, "file://", 7);
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];

        if (c != '\0' && strchr(plain, c)) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '%';
        out[n++] = hex[c >> 4];
        out[n++] = hex[c & 15];
    }
    return span_of(out, n);
}

struct block {
    uint32_t network;
    uint32_t bits;
};

/* IANA's registry of special-purpose addresses (RFC 6890 and later), as far as routers might honour
 * it. */
static const struct block private_v4[] = {
    {0x00000000, 8},  /* this network; 0.0.0.0 reaches loopback on Linux */
    {0x0a000000, 8},  /* private */
    {0x64400000, 10}, /* shared, carrier-grade NAT */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local; cloud metadata */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xe0000000, 4},  /* multicast */
    {0xf0000000, 4},  /* reserved, broadcast */
};

static bool v4_is_private(uint32_t address)
{
    for (size_t i = 0; i < ARRAY_LEN(private_v4); i++) {
        uint32_t mask = UINT32_MAX << (32 - private_v4[i].bits);

        if ((address & mask) == private_v4[i].network)
            return true;
    }
    return false;
}

static uint32_t v4_inside(const struct in6_addr *a, size_t offset)
{
    return (uint32_t)a->s6_addr[offset] << 24 | (uint32_t)a->s6_addr[offset + 1] << 16 |
           (uint32_t)a->s6_addr[offset + 2] << 8 | (uint32_t)a->s6_addr[offset + 3];
}

static bool v6_is_private(const struct in6_addr *a)
{
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};

    if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a))
        return v4_is_private(v4_inside(a, 12)); /* "::" and "::1" are 0.0.0.0/8 */
    if (memcmp(a->s6_addr, nat64, sizeof nat64) == 0)
        return v4_is_private(v4_inside(a, 12));
    if (a->s6_addr[0] == 0x20 && a->s6_addr[1] == 0x02) /* 6to4 */
        return v4_is_private(v4_inside(a, 2));
    return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
           IN6_IS_ADDR_SITELOCAL(a) || IN6_IS_ADDR_MULTICAST(a) ||
           (a->s6_addr[0] & 0xfe) == 0xfc; /* unique local */
}

bool address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return v4_is_private(
            ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return v6_is_private(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return true; /* nothing else is on the internet */
}
