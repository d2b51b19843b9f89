#include "fetcher/http.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/arena.h"
#include "scratch.h"
#include "server.h"

#define CAP_BYTES 1000000

static struct loop *loop;
static struct http *http;
static struct arena *arena;
static struct error err;
static uint16_t port;

/* A response that outlives its call. */
static struct http_response got;
static int answers;

static void start_at(const char *address)
{
    scratch_make();
    port = server_start(address);
    loop = loop_new();
    arena = arena_new();
    http = http_new(loop, &(struct http_options){.user_agent = "test-agent/1",
                                                 .contact = "https://us.example/bot",
                                                 .timeout_ms = 1500,
                                                 .max_body_bytes = CAP_BYTES});
}

static void start(void)
{
    start_at("127.0.0.1");
}

static void end(void)
{
    http_free(http);
    loop_free(loop);
    arena_free(arena);
    server_stop();
    scratch_remove();
}

TestSuite(http, .init = start, .fini = end, .timeout = 60);

static void on_done(void *arg, const struct http_response *r)
{
    (void)arg;
    answers++;
    got = *r;
    got.detail = arena_copy(arena, r->detail);
    got.final_url = arena_copy(arena, r->final_url);
    got.head = arena_copy(arena, r->head);
    got.body = arena_copy(arena, r->body);
    got.etag = arena_copy(arena, r->etag);
    got.last_modified = arena_copy(arena, r->last_modified);
    got.media_type = arena_copy(arena, r->media_type);
    got.charset = arena_copy(arena, r->charset);
}

static void wait_for(int n)
{
    while (answers < n)
        cr_assert_eq(loop_turn(loop, 1000, &err), 0, "%s", err.message);
}

static struct span url_at(const char *address, const char *path)
{
    return arena_printf(arena, "http://%s:%u%s", address, port, path);
}

static void get(struct http_request request)
{
    http_get(http, &request, on_done, NULL);
    wait_for(answers + 1);
}

static void get_path(const char *path)
{
    get((struct http_request){.url = url_at("127.0.0.1", path), .allow_private = true});
}

static bool has(struct span text, const char *part)
{
    return span_find(text, span_of_str(part), 0) != SIZE_MAX;
}

Test(http, page_comes_with_status_validators_and_head)
{
    get_path("/page");

    cr_assert_eq(got.outcome, HTTP_ANSWERED);
    cr_assert_eq(got.status, 200);
    cr_assert(span_equal_str(got.body, "<p>hello</p>"));
    cr_assert(span_equal_str(got.etag, "\"v1\""));
    cr_assert(span_equal_str(got.last_modified, "Tue, 24 Nov 2026 09:00:00 GMT"));
    cr_assert(span_equal_str(got.media_type, "text/html"));
    cr_assert(span_is_null(got.charset));
    cr_assert(span_starts(got.head, SPAN_LIT("HTTP/1.1 200 OK\r\n")));
    cr_assert(span_equal(got.final_url, url_at("127.0.0.1", "/page")));
}

Test(http, validators_are_echoed_byte_for_byte)
{
    get((struct http_request){.url = url_at("127.0.0.1", "/echo"),
                              .etag = SPAN_LIT("W/\"a  b\""),
                              .last_modified = SPAN_LIT("not even a date"),
                              .allow_private = true});

    cr_assert(has(got.body, "\r\nIf-None-Match: W/\"a  b\"\r\n"));
    cr_assert(has(got.body, "\r\nIf-Modified-Since: not even a date\r\n"));
}

Test(http, says_who_asks_and_what_it_can_decode)
{
    get_path("/echo");

    cr_assert(has(got.body, "\r\nUser-Agent: test-agent/1 (https://us.example/bot)\r\n"));
    cr_assert(has(got.body, "\r\nAccept-Encoding: "));
    cr_assert_not(has(got.body, "If-None-Match"));
}

Test(http, not_modified_is_an_answer_without_a_body)
{
    get((struct http_request){
        .url = url_at("127.0.0.1", "/page"), .etag = SPAN_LIT("\"v1\""), .allow_private = true});

    cr_assert_eq(got.outcome, HTTP_ANSWERED);
    cr_assert_eq(got.status, 304);
    cr_assert_eq(got.body.n, 0);
}

Test(http, compressed_body_is_decoded)
{
    get_path("/gzip");

    cr_assert_eq(got.outcome, HTTP_ANSWERED);
    cr_assert(span_equal_str(got.body, "unpacked"));
}

Test(http, content_type_is_taken_apart)
{
    get_path("/type");

    cr_assert(span_equal_str(got.media_type, "Text/HTML"));
    cr_assert(span_equal_str(got.charset, "ISO-8859-15"));
}

Test(http, header_fields_that_are_no_text_are_not_there)
{
    get_path("/odd");

    cr_assert_eq(got.status, 200);
    cr_assert(span_is_null(got.media_type));
    cr_assert(span_is_null(got.etag));
}

Test(http, redirect_is_followed_and_the_final_address_known)
{
    get_path("/moved");

    cr_assert_eq(got.status, 200);
    cr_assert(span_equal(got.final_url, url_at("127.0.0.1", "/page")));
    cr_assert(span_starts(got.head, SPAN_LIT("HTTP/1.1 200")), "the last response's head");
}

Test(http, retry_after_is_read)
{
    get_path("/busy");

    cr_assert_eq(got.outcome, HTTP_ANSWERED);
    cr_assert_eq(got.status, 503);
    cr_assert_eq(got.retry_after_ms, 7000);
}

static const char *const too_large[] = {"/big", "/endless", "/bomb"};

Test(http, body_over_the_cap_is_cut_off_there)
{
    for (size_t i = 0; i < ARRAY_LEN(too_large); i++) {
        get_path(too_large[i]);

        cr_assert_eq(got.outcome, HTTP_TOO_LARGE, "%s", too_large[i]);
        cr_assert_eq(got.body.n, CAP_BYTES, "%s", too_large[i]);
        cr_assert(has(got.detail, "1000000 bytes"));
    }
}

Test(http, server_that_never_answers_is_a_timeout)
{
    get_path("/silent");

    cr_assert_eq(got.outcome, HTTP_TIMEOUT);
}

Test(http, nobody_listening_is_a_failure_with_its_cause)
{
    server_stop();
    get_path("/page");

    cr_assert_eq(got.outcome, HTTP_FAILED);
    cr_assert(has(got.detail, "127.0.0.1"));
}

Test(http, endless_redirects_are_refused)
{
    get_path("/loop");

    cr_assert_eq(got.outcome, HTTP_REFUSED);
}

static const char *const other_schemes[] = {"/moved-here?file:///etc/passwd",
                                            "/moved-here?ftp://127.0.0.1/x",
                                            "/moved-here?gopher://127.0.0.1/x"};

Test(http, redirect_to_another_scheme_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(other_schemes); i++) {
        get_path(other_schemes[i]);

        cr_assert_eq(got.outcome, HTTP_REFUSED, "%s", other_schemes[i]);
    }
}

Test(http, private_address_is_refused)
{
    get((struct http_request){.url = url_at("127.0.0.1", "/page")});

    cr_assert_eq(got.outcome, HTTP_REFUSED);
    cr_assert(has(got.detail, "127.0.0.1"), "%.*s", SPAN_ARG(got.detail));
}

Test(http, name_of_a_private_address_is_refused)
{
    get((struct http_request){.url = url_at("localhost", "/page")});

    cr_assert_eq(got.outcome, HTTP_REFUSED);
}

/* Gives this process a network of its own, with a public address on loopback. */
static bool make_public(const char *address)
{
    struct ifreq request = {.ifr_name = "lo"};
    struct sockaddr_in *in = (struct sockaddr_in *)&request.ifr_addr;
    int fd;
    bool ok;

    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return false;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    request.ifr_flags = IFF_UP;
    ok = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    snprintf(request.ifr_name, sizeof request.ifr_name, "lo:1");
    *in = (struct sockaddr_in){.sin_family = AF_INET};
    ok = ok && inet_pton(AF_INET, address, &in->sin_addr) == 1 &&
         ioctl(fd, SIOCSIFADDR, &request) == 0;
    close(fd);
    return ok;
}

/* 203.0.113.0/24 is for documentation, but routers would carry it. */
#define PUBLIC "203.0.113.7"

static void start_public(void)
{
    if (!make_public(PUBLIC))
        cr_skip_test("no network namespaces here");
    start_at("0.0.0.0");
}

TestSuite(http_public, .init = start_public, .fini = end, .timeout = 60);

Test(http_public, public_address_is_fetched)
{
    get((struct http_request){.url = url_at(PUBLIC, "/page")});

    cr_assert_eq(got.outcome, HTTP_ANSWERED, "%.*s", SPAN_ARG(got.detail));
}

Test(http_public, redirect_from_public_to_private_is_refused)
{
    get((struct http_request){
        .url = arena_printf(arena, "http://" PUBLIC ":%u/moved-here?http://127.0.0.1:%u/page", port,
                            port)});

    cr_assert_eq(got.outcome, HTTP_REFUSED);
    cr_assert_eq(got.body.n, 0);
    cr_assert(has(got.detail, "127.0.0.1"), "%.*s", SPAN_ARG(got.detail));
}

Test(http, several_transfers_run_side_by_side)
{
    for (int i = 0; i < 8; i++)
        http_get(http,
                 &(struct http_request){.url = url_at("127.0.0.1", "/page"), .allow_private = true},
                 on_done, NULL);
    cr_assert_eq(http_running(http), 8);
    cr_assert_eq(answers, 0, "never from inside http_get()");
    wait_for(8);

    cr_assert_eq(http_running(http), 0);
}

Test(http, transfers_at_work_are_dropped_at_the_end)
{
    http_get(http,
             &(struct http_request){.url = url_at("127.0.0.1", "/silent"), .allow_private = true},
             on_done, NULL);
    cr_assert_eq(loop_turn(loop, 10, &err), 0);
    http_free(http);
    http = NULL;

    cr_assert_eq(answers, 0);
}
