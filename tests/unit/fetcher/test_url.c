#include "fetcher/url.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>

#include "fetcher/backoff.h"
#include "proto/limits.h"

static struct arena *arena;

static void start(void)
{
    arena = arena_new();
}

static void end(void)
{
    arena_free(arena);
}

TestSuite(url, .init = start, .fini = end);

static bool is_private(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return address_is_private((struct sockaddr *)&v4);
    cr_assert_eq(inet_pton(AF_INET6, text, &v6.sin6_addr), 1, "%s", text);
    return address_is_private((struct sockaddr *)&v6);
}

static const char *const privates[] = {
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fdff::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "192.0.0.1",
};

static const char *const publics[] = {
    "1.1.1.1",        "9.255.255.255",    "11.0.0.0",        "100.63.255.255", "100.128.0.0",
    "126.0.0.1",      "128.0.0.1",        "172.15.255.255",  "172.32.0.0",     "192.167.1.1",
    "192.169.0.1",    "198.17.0.1",       "223.255.255.255", "2001:67c::1",    "2a00::1",
    "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::",
};

Test(url, addresses_where_no_statement_is_published_are_private)
{
    for (size_t i = 0; i < ARRAY_LEN(privates); i++)
        cr_assert(is_private(privates[i]), "%s", privates[i]);
}

Test(url, addresses_of_the_internet_are_not)
{
    for (size_t i = 0; i < ARRAY_LEN(publics); i++)
        cr_assert_not(is_private(publics[i]), "%s", publics[i]);
}

Test(url, address_of_another_family_is_private)
{
    cr_assert(address_is_private(&(struct sockaddr){.sa_family = AF_UNIX}));
}

static const struct {
    const char *base;
    const char *reference;
    const char *want; /* NULL: none */
} resolutions[] = {
    {"https://a.example/x/y?z", "b.html", "https://a.example/x/b.html"},
    {"https://a.example/x/y", "/b", "https://a.example/b"},
    {"https://a.example/x/y", "../b", "https://a.example/b"},
    {"https://a.example/x", "//c.example/d", "https://c.example/d"},
    {"https://a.example/x", "http://c.example/d#part", "http://c.example/d"},
    {"https://a.example/x", "?q=1", "https://a.example/x?q=1"},
    {"https://a.example/x", "a b", "https://a.example/a%20b"},
    {NULL, "https://a.example/x", "https://a.example/x"},
    {NULL, "x.html", NULL},
    {"https://a.example/x", "javascript:alert(1)", NULL},
    {"https://a.example/x", "file:///etc/passwd", NULL},
    {"https://a.example/x", "mailto:a@b.example", NULL},
};

Test(url, references_resolve_to_web_addresses_only)
{
    for (size_t i = 0; i < ARRAY_LEN(resolutions); i++) {
        struct span got = url_resolve(arena, span_of_str(resolutions[i].base),
                                      span_of_str(resolutions[i].reference));

        if (resolutions[i].want)
            cr_assert(span_equal_str(got, resolutions[i].want), "%s: %.*s",
                      resolutions[i].reference, SPAN_ARG(got));
        else
            cr_assert(span_is_null(got), "%s: %.*s", resolutions[i].reference, SPAN_ARG(got));
    }
}

Test(url, too_long_a_reference_is_none)
{
    char *path = arena_alloc(arena, LIMIT_URL_BYTES + 1);

    memset(path, 'a', LIMIT_URL_BYTES + 1);

    cr_assert(span_is_null(
        url_resolve(arena, SPAN_LIT("http://a.example/"), span_of(path, LIMIT_URL_BYTES + 1))));
    cr_assert(span_is_null(
        url_resolve(arena, SPAN_LIT("http://a.example/"), span_of(path, LIMIT_URL_BYTES))));
}

Test(url, reference_with_a_nul_is_none)
{
    cr_assert(span_is_null(url_resolve(arena, SPAN_LIT("http://a.example/"), SPAN_LIT("a\0b"))));
}

Test(url, host_is_in_lower_case_and_without_port)
{
    char host[URL_HOST_BYTES];
    struct error err;

    cr_assert_eq(url_host(SPAN_LIT("HTTP://User@WWW.Example:8080/X"), host, &err), 0);
    cr_assert_str_eq(host, "www.example");
}

Test(url, path_becomes_a_file_address)
{
    cr_assert(span_equal_str(url_of_path(arena, SPAN_LIT("/srv/ä b%\n.txt")),
                             "file:///srv/%C3%A4%20b%25%0A.txt"));
}

Test(backoff, doubles_from_a_minute_to_a_day)
{
    cr_assert_eq(backoff_ms(1, 0, 0), 60000);
    cr_assert_eq(backoff_ms(2, 0, 0), 120000);
    cr_assert_eq(backoff_ms(5, 0, 0), 960000);
    cr_assert_eq(backoff_ms(12, 0, 0), BACKOFF_MAX_MS);
    cr_assert_eq(backoff_ms(UINT32_MAX, 0, 0), BACKOFF_MAX_MS);
}

Test(backoff, honours_what_the_host_asks_for_up_to_a_day)
{
    cr_assert_eq(backoff_ms(1, 3600000, 0), 3600000);
    cr_assert_eq(backoff_ms(1, 7000, 0), 60000);
    cr_assert_eq(backoff_ms(1, UINT64_MAX / 2, 0), BACKOFF_MAX_MS);
}

Test(backoff, jitter_adds_up_to_a_quarter_and_never_takes_away)
{
    for (uint32_t jitter = 0; jitter < 5000; jitter += 7) {
        uint64_t wait = backoff_ms(3, 0, jitter);

        cr_assert_geq(wait, 240000);
        cr_assert_leq(wait, 300000);
    }
}
