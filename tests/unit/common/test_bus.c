/*
 * What a link promises, tried on each transport: the parameter is the transport's index in
 * `transports`. What only ZeroMQ can get wrong (files, ports, processes) follows in a suite of its
 * own.
 */
#include "common/bus.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#define SUITE_TIMEOUT_S 60
#define PATIENCE_TURNS  2000 /* of at most 10 ms */

static const char *const transports[] = {"mem", "zmq"};

static const struct link_options options = {.max_frame_bytes = 64 * 1024, .queue_messages = 100};

/* --- one test's world --- */

static struct loop *loop;
static struct bus *bus;
static struct error err;
static char dir[] = "/tmp/pollwatch-bus-XXXXXX";
static char endpoint[128];

/* What an end has received; the frames of the last message are copied, joined by '|'. */
struct inbox {
    int n;
    char last[256];
    size_t last_frames;
    size_t last_bytes;
    struct peer peer;
    bool has_peer;
    struct link_end *close; /* close this when a message comes */
    struct link_end *answer;
    int in_call;
};

static void open_world(size_t transport)
{
    cr_assert_neq(mkdtemp(dir), NULL);
    if (strcmp(transports[transport], "mem") == 0)
        snprintf(endpoint, sizeof endpoint, "mem://work");
    else
        snprintf(endpoint, sizeof endpoint, "ipc://%s/work", dir);
    loop = loop_new();
    bus = bus_new(loop, transports[transport]);
}

static void close_world(void)
{
    bus_free(bus, 0);
    loop_free(loop);
    cr_assert_eq(rmdir(dir), 0, "something was left in %s", dir);
}

static void turn(long max_wait_ms)
{
    cr_assert_eq(loop_turn(loop, max_wait_ms, &err), 0, "%s", err.message);
}

#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        for (int turns_ = 0; !(condition); turns_++) {                                             \
            cr_assert_lt(turns_, PATIENCE_TURNS, "never: %s", #condition);                         \
            turn(10);                                                                              \
        }                                                                                          \
    } while (0)

static void on_message(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct inbox *in = arg;
    size_t used = 0;

    cr_assert_eq(in->in_call, 0, "called inside its own call");
    in->in_call = 1;
    in->n++;
    in->last_frames = n;
    in->last_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        in->last_bytes += frames[i].n;
        if (used + frames[i].n + 2 < sizeof in->last) {
            if (i > 0)
                in->last[used++] = '|';
            memcpy(in->last + used, frames[i].p, frames[i].n);
            used += frames[i].n;
        }
    }
    in->last[used] = '\0';
    in->has_peer = peer != NULL;
    if (peer)
        in->peer = *peer;
    if (in->answer)
        cr_assert_eq(link_send(in->answer, peer, frames, n, &err), 0, "%s", err.message);
    link_close(in->close);
    in->in_call = 0;
}

static struct link_end *listen_to(struct inbox *in)
{
    struct link_end *l = NULL;

    cr_assert_eq(bus_listen(bus, endpoint, options, on_message, in, &l, &err), 0, "%s",
                 err.message);
    return l;
}

static struct link_end *dial(struct inbox *in)
{
    struct link_end *l = NULL;

    cr_assert_eq(bus_dial(bus, endpoint, options, on_message, in, &l, &err), 0, "%s", err.message);
    return l;
}

static int try_send(struct link_end *l, const struct peer *peer, const char *text)
{
    struct span frame = span_of_str(text);

    return link_send(l, peer, &frame, 1, &err);
}

/* Sends as soon as the connection is there. */
static void send_text(struct link_end *l, const char *text)
{
    int rc = try_send(l, NULL, text);

    for (int i = 0; rc == ERR_FULL && i < PATIENCE_TURNS; i++) {
        turn(10);
        rc = try_send(l, NULL, text);
    }
    cr_assert_eq(rc, 0, "%s", err.message);
}

#define BUS_TEST(name)                                                                             \
    ParameterizedTestParameters(bus, name)                                                         \
    {                                                                                              \
        static size_t indices[] = {0, 1};                                                          \
        return cr_make_param_array(size_t, indices, ARRAY_LEN(indices));                           \
    }                                                                                              \
    ParameterizedTest(size_t *transport, bus, name, .timeout = SUITE_TIMEOUT_S)

/* --- on every transport --- */

BUS_TEST(a_message_arrives_with_its_frames_and_is_answered_by_peer)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct span frames[] = {SPAN_LIT("head"), SPAN_LIT(""), SPAN_LIT("body")};
    struct link_end *listener;
    struct link_end *dialler;

    open_world(*transport);
    listener = listen_to(&server);
    dialler = dial(&client);
    send_text(dialler, "hello");
    WAIT_UNTIL(server.n == 1);
    cr_assert(server.has_peer);
    cr_assert_eq(link_send(listener, &server.peer, frames, 3, &err), 0, "%s", err.message);
    WAIT_UNTIL(client.n == 1);

    cr_assert_str_eq(server.last, "hello");
    cr_assert_str_eq(client.last, "head||body");
    cr_assert_eq(client.last_frames, 3);
    cr_assert_not(client.has_peer);
    close_world();
}

BUS_TEST(nothing_is_called_back_inside_a_send)
{
    struct inbox server = {0};
    struct inbox client = {0};

    open_world(*transport);
    server.answer = listen_to(&server);
    send_text(dial(&client), "ping");
    cr_assert_eq(server.n, 0);
    WAIT_UNTIL(client.n == 1);

    cr_assert_str_eq(client.last, "ping");
    close_world();
}

static int expected_next;

static void on_numbered(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    char text[16] = "";

    (void)arg;
    (void)peer;
    cr_assert_eq(n, 1);
    snprintf(text, sizeof text, "%.*s", SPAN_ARG(frames[0]));
    cr_assert_eq(atoi(text), expected_next);
    expected_next++;
}

BUS_TEST(messages_keep_their_order_past_the_budget_of_a_turn)
{
    struct inbox client = {0};
    struct link_end *listener;
    struct link_end *dialler;
    char text[16];

    open_world(*transport);
    cr_assert_eq(bus_listen(bus, endpoint, options, on_numbered, NULL, &listener, &err), 0);
    dialler = dial(&client);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "%d", i);
        send_text(dialler, text);
    }
    WAIT_UNTIL(expected_next == 1000);

    close_world();
}

BUS_TEST(a_dialler_may_come_before_its_listener)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct link_end *dialler;

    open_world(*transport);
    dialler = dial(&client);
    turn(10);
    cr_assert_eq(try_send(dialler, NULL, "early"), ERR_FULL);
    listen_to(&server);
    send_text(dialler, "now");
    WAIT_UNTIL(server.n == 1);

    cr_assert_str_eq(server.last, "now");
    close_world();
}

BUS_TEST(a_dialler_finds_the_next_listener_when_the_first_is_gone)
{
    struct inbox first = {0};
    struct inbox second = {0};
    struct inbox client = {0};
    struct link_end *listener;
    struct link_end *dialler;

    open_world(*transport);
    listener = listen_to(&first);
    dialler = dial(&client);
    send_text(dialler, "one");
    WAIT_UNTIL(first.n == 1);
    link_close(listener);
    WAIT_UNTIL(try_send(dialler, NULL, "lost") == ERR_FULL);
    listen_to(&second);
    send_text(dialler, "two");
    WAIT_UNTIL(second.n >= 1 && strcmp(second.last, "two") == 0);

    close_world();
}

BUS_TEST(each_dialler_is_a_peer_of_its_own)
{
    struct inbox server = {0};
    struct inbox clients[2] = {{0}, {0}};
    struct link_end *listener;
    struct peer first;

    open_world(*transport);
    listener = listen_to(&server);
    send_text(dial(&clients[0]), "a");
    WAIT_UNTIL(server.n == 1);
    first = server.peer;
    send_text(dial(&clients[1]), "b");
    WAIT_UNTIL(server.n == 2);
    cr_assert_not(peer_equal(&first, &server.peer));
    cr_assert_eq(try_send(listener, &first, "for a"), 0);
    WAIT_UNTIL(clients[0].n == 1);

    cr_assert_str_eq(clients[0].last, "for a");
    cr_assert_eq(clients[1].n, 0);
    close_world();
}

BUS_TEST(a_peer_that_left_is_gone)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct link_end *listener;
    struct link_end *dialler;

    open_world(*transport);
    listener = listen_to(&server);
    dialler = dial(&client);
    send_text(dialler, "hello");
    WAIT_UNTIL(server.n == 1);
    link_close(dialler);

    WAIT_UNTIL(try_send(listener, &server.peer, "?") == ERR_GONE);
    cr_assert_eq(client.n, 0);
    close_world();
}

BUS_TEST(an_unknown_peer_is_gone)
{
    struct inbox server = {0};
    struct peer nobody = {.n = 3, .id = {1, 2, 3}};

    open_world(*transport);

    cr_assert_eq(try_send(listen_to(&server), &nobody, "?"), ERR_GONE);
    close_world();
}

BUS_TEST(a_full_queue_says_so_and_sends_nothing_of_the_message)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct span frames[2];
    char *big = calloc(1, 32 * 1024);
    struct link_end *dialler;
    int sent = 0;

    open_world(*transport);
    listen_to(&server);
    dialler = dial(&client);
    send_text(dialler, "hello");
    WAIT_UNTIL(server.n == 1);
    frames[0] = SPAN_LIT("head");
    frames[1] = span_of(big, 32 * 1024); /* kernel buffers are a few hundred kilobytes */
    while (link_send(dialler, NULL, frames, 2, &err) == 0)
        cr_assert_lt(++sent, 100000);
    cr_assert_eq(err.code, ERR_FULL);
    WAIT_UNTIL(server.n == 1 + sent);
    cr_assert_eq(server.last_frames, 2);
    send_text(dialler, "after");
    WAIT_UNTIL(server.n == 2 + sent);

    cr_assert_str_eq(server.last, "after");
    free(big);
    close_world();
}

BUS_TEST(a_listener_hears_of_one_full_peer_and_still_serves_another)
{
    struct inbox server = {0};
    struct inbox slow = {0};
    struct inbox quick = {0};
    char *big = calloc(1, 32 * 1024);
    struct span frame = span_of(big, 32 * 1024);
    struct link_end *listener;
    struct peer slow_peer;
    int sent = 0;

    open_world(*transport);
    listener = listen_to(&server);
    send_text(dial(&slow), "slow");
    WAIT_UNTIL(server.n == 1);
    slow_peer = server.peer;
    send_text(dial(&quick), "quick");
    WAIT_UNTIL(server.n == 2);
    while (link_send(listener, &slow_peer, &frame, 1, &err) == 0)
        cr_assert_lt(++sent, 100000);
    cr_assert_eq(err.code, ERR_FULL);
    cr_assert_eq(try_send(listener, &server.peer, "for the quick"), 0);
    WAIT_UNTIL(quick.n == 1 && slow.n == sent);

    cr_assert_str_eq(quick.last, "for the quick");
    free(big);
    close_world();
}

BUS_TEST(a_frame_over_the_cap_never_arrives_and_the_link_recovers)
{
    struct inbox server = {0};
    struct inbox client = {0};
    char *big = calloc(1, options.max_frame_bytes + 1);
    struct span frame = span_of(big, options.max_frame_bytes + 1);
    struct link_end *dialler;

    open_world(*transport);
    listen_to(&server);
    dialler = dial(&client);
    send_text(dialler, "hello");
    WAIT_UNTIL(server.n == 1);
    cr_assert_eq(link_send(dialler, NULL, &frame, 1, &err), 0);
    for (int i = 0; i < PATIENCE_TURNS && strcmp(server.last, "after") != 0; i++) {
        (void)!try_send(dialler, NULL, "after");
        turn(10);
    }

    cr_assert_str_eq(server.last, "after");
    cr_assert_lt(server.last_bytes, options.max_frame_bytes);
    free(big);
    close_world();
}

BUS_TEST(taken_data_arrives_and_belongs_to_the_link)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct span head = SPAN_LIT("head");
    struct link_end *dialler;

    open_world(*transport);
    dialler = dial(&client);
    cr_assert_eq(link_send_taking(dialler, NULL, &head, 1, strdup("leaks?"), 6, &err), ERR_FULL);
    listen_to(&server);
    send_text(dialler, "hello");
    WAIT_UNTIL(server.n == 1);
    cr_assert_eq(link_send_taking(dialler, NULL, &head, 1, strdup("body"), 4, &err), 0);
    WAIT_UNTIL(server.n == 2);

    cr_assert_str_eq(server.last, "head|body");
    close_world();
}

BUS_TEST(an_end_may_close_itself_in_its_callback)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct link_end *dialler;

    open_world(*transport);
    server.close = listen_to(&server);
    dialler = dial(&client);
    send_text(dialler, "one");
    if (try_send(dialler, NULL, "two") == 0)
        turn(10);
    WAIT_UNTIL(server.n == 1);
    for (int i = 0; i < 5; i++)
        turn(5);

    cr_assert_eq(server.n, 1);
    close_world();
}

BUS_TEST(followers_get_what_their_prefixes_say)
{
    static const char *const some[] = {"finding/XK/", "statement/", NULL};
    static const char *const all[] = {"", NULL};
    static const char *const topics[] = {"finding/XK/a", "finding/UA/b", "statement/UA", "beat"};
    struct inbox narrow = {0};
    struct inbox wide = {0};
    struct link_end *publisher;
    struct link_end *follower;
    int sent;

    open_world(*transport);
    cr_assert_eq(bus_publish(bus, endpoint, options, &publisher, &err), 0, "%s", err.message);
    cr_assert_eq(bus_follow(bus, endpoint, options, some, on_message, &narrow, &follower, &err), 0);
    cr_assert_eq(bus_follow(bus, endpoint, options, all, on_message, &wide, &follower, &err), 0);
    for (int i = 0; i < PATIENCE_TURNS && (wide.n == 0 || narrow.n == 0); i++) {
        cr_assert_eq(try_send(publisher, NULL, "statement/warm-up"), 0);
        turn(10);
    }
    for (int i = 0; i < 20; i++)
        turn(5);
    narrow.n = wide.n = 0;
    for (sent = 0; sent < (int)ARRAY_LEN(topics); sent++)
        cr_assert_eq(try_send(publisher, NULL, topics[sent]), 0);
    WAIT_UNTIL(wide.n == sent && narrow.n >= 2);
    turn(20);

    cr_assert_eq(narrow.n, 2);
    cr_assert_str_eq(narrow.last, "statement/UA");
    close_world();
}

BUS_TEST(a_publisher_never_fails_for_a_slow_follower)
{
    static const char *const all[] = {"", NULL};
    struct inbox in = {0};
    char *big = calloc(1, 32 * 1024);
    struct span frame = span_of(big, 32 * 1024);
    struct link_end *publisher;
    struct link_end *follower;

    open_world(*transport);
    cr_assert_eq(bus_publish(bus, endpoint, options, &publisher, &err), 0);
    cr_assert_eq(try_send(publisher, NULL, "to nobody"), 0);
    cr_assert_eq(bus_follow(bus, endpoint, options, all, on_message, &in, &follower, &err), 0);
    for (int i = 0; i < PATIENCE_TURNS && in.n == 0; i++) {
        cr_assert_eq(try_send(publisher, NULL, "warm-up"), 0);
        turn(10);
    }
    for (int i = 0; i < 2000; i++)
        cr_assert_eq(link_send(publisher, NULL, &frame, 1, &err), 0);
    for (int i = 0; i < 20; i++)
        turn(5);

    cr_assert_lt(in.n, 2000);
    free(big);
    close_world();
}

BUS_TEST(an_endpoint_has_one_listener)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct link_end *second = NULL;

    open_world(*transport);
    listen_to(&server);
    cr_assert_eq(bus_listen(bus, endpoint, options, on_message, &client, &second, &err), ERR_SYS);
    cr_assert_neq(strstr(err.message, endpoint), NULL, "%s", err.message);
    cr_assert_neq(strstr(err.message, "ddress already in use"), NULL, "%s", err.message);
    send_text(dial(&client), "still there?");
    WAIT_UNTIL(server.n == 1);

    close_world();
}

BUS_TEST(an_endpoint_is_free_again_at_once_after_its_listener_closed)
{
    struct inbox server = {0};
    struct inbox client = {0};

    open_world(*transport);
    for (int i = 0; i < 20; i++)
        link_close(listen_to(&server));
    listen_to(&server);
    send_text(dial(&client), "hello");
    WAIT_UNTIL(server.n == 1);

    close_world();
}

/* --- ZeroMQ's own --- */

static void open_zmq(void)
{
    open_world(1);
}

TestSuite(bus_zmq, .init = open_zmq, .fini = close_world, .timeout = SUITE_TIMEOUT_S);

static int listen_at(const char *where, struct link_end **out)
{
    static struct inbox unused;

    return bus_listen(bus, where, options, on_message, &unused, out, &err);
}

Test(bus_zmq, beyond_loopback_is_refused)
{
    static const char *const refused[] = {
        "tcp://0.0.0.0:7001",           "tcp://*:7001",    "tcp://192.0.2.1:7001",
        "tcp://example.org:7001",       "tcp://[::]:7001", "tcp://127.0.0.1.example.org:7001",
        "tcp://128.0.0.1:7001",         "tcp://eth0:7001", "tcp://[2001:db8::1]:7001",
        "tcp://127.0.0.1;1.2.3.4:7001",
    };
    struct link_end *l = NULL;

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        cr_assert_eq(listen_at(refused[i], &l), ERR_CONFIG, "%s", refused[i]);
        cr_assert_neq(strstr(err.message, "CURVE"), NULL, "%s", err.message);
    }
}

Test(bus_zmq, what_is_no_endpoint_is_refused)
{
    static const char *const refused[] = {
        "",
        "ipc://",
        "ipc://*",
        "ipc://@abstract",
        "mem://x",
        "inproc://x",
        "tcp://",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:x",
        "pgm://127.0.0.1:1",
        "tcp://127.0.0.1:70000",
    };
    struct link_end *l = NULL;

    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        cr_assert_eq(listen_at(refused[i], &l), ERR_CONFIG, "%s: %s", refused[i], err.message);
}

Test(bus_zmq, a_path_that_is_too_long_is_said_to_be)
{
    char where[200] = "ipc:///tmp/";
    struct link_end *l = NULL;

    memset(where + strlen(where), 'x', 150);

    cr_assert_eq(listen_at(where, &l), ERR_CONFIG);
    cr_assert_neq(strstr(err.message, "at most 107"), NULL, "%s", err.message);
}

Test(bus_zmq, a_directory_that_is_not_there_is_named)
{
    char where[128];
    struct link_end *l = NULL;

    snprintf(where, sizeof where, "ipc://%s/none/work", dir);

    cr_assert_eq(listen_at(where, &l), ERR_SYS);
    cr_assert_neq(strstr(err.message, where), NULL, "%s", err.message);
}

static void check_port(const char *where, const char *prefix)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct link_end *listener = NULL;
    struct link_end *again = NULL;

    cr_assert_eq(bus_listen(bus, where, options, on_message, &server, &listener, &err), 0, "%s",
                 err.message);
    cr_assert_eq(strncmp(link_endpoint(listener), prefix, strlen(prefix)), 0, "%s",
                 link_endpoint(listener));
    snprintf(endpoint, sizeof endpoint, "%s", link_endpoint(listener));
    send_text(dial(&client), "hello");
    WAIT_UNTIL(server.n == 1);

    cr_assert_eq(listen_at(endpoint, &again), ERR_SYS);
    cr_assert_neq(strstr(err.message, endpoint), NULL, "%s", err.message);
}

Test(bus_zmq, a_wildcard_port_becomes_the_real_one)
{
    check_port("tcp://127.0.0.1:*", "tcp://127.0.0.1:");
}

Test(bus_zmq, localhost_is_loopback)
{
    check_port("tcp://localhost:*", "tcp://127.0.0.1:");
}

Test(bus_zmq, version_six_of_the_protocol_has_a_loopback_too)
{
    struct link_end *l = NULL;

    if (listen_at("tcp://[::1]:*", &l) == ERR_SYS && err.sys == EADDRNOTAVAIL)
        cr_skip("this machine has no IPv6");
    link_close(l);
    check_port("tcp://[::1]:*", "tcp://[::1]:");
}

static int unix_listener(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 1), 0);
    return fd;
}

Test(bus_zmq, the_file_of_a_dead_listener_is_not_in_the_way)
{
    struct inbox server = {0};
    struct inbox client = {0};

    close(unix_listener(endpoint + strlen("ipc://")));
    listen_to(&server);
    send_text(dial(&client), "hello");

    WAIT_UNTIL(server.n == 1);
}

Test(bus_zmq, a_living_listener_keeps_its_file)
{
    struct link_end *l = NULL;
    int fd = unix_listener(endpoint + strlen("ipc://"));

    cr_assert_eq(listen_at(endpoint, &l), ERR_SYS);
    cr_assert_eq(err.sys, EADDRINUSE);
    cr_assert_eq(access(endpoint + strlen("ipc://"), F_OK), 0);
    close(fd);
    unlink(endpoint + strlen("ipc://"));
}

Test(bus_zmq, a_file_that_is_no_socket_is_not_removed)
{
    struct link_end *l = NULL;
    int fd = open(endpoint + strlen("ipc://"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    cr_assert_geq(fd, 0);
    cr_assert_eq(listen_at(endpoint, &l), ERR_SYS);
    cr_assert_eq(unlink(endpoint + strlen("ipc://")), 0);
    close(fd);
}

/* A dialler that is none of ours and sends what ours can't. */
static void *stranger(void *context, const char *id, size_t id_n)
{
    int no_linger = 0;
    void *socket = zmq_socket(context, ZMQ_DEALER);

    cr_assert_eq(zmq_setsockopt(socket, ZMQ_LINGER, &no_linger, sizeof no_linger), 0);
    if (id)
        cr_assert_eq(zmq_setsockopt(socket, ZMQ_ROUTING_ID, id, id_n), 0);
    cr_assert_eq(zmq_connect(socket, endpoint), 0);
    return socket;
}

Test(bus_zmq, a_message_with_too_many_frames_is_counted_and_dropped)
{
    struct inbox server = {0};
    struct link_end *listener = listen_to(&server);
    void *context = zmq_ctx_new();
    void *socket = stranger(context, NULL, 0);

    for (int i = 0; i < LINK_FRAMES_MAX; i++)
        cr_assert_eq(zmq_send(socket, "x", 1, ZMQ_SNDMORE), 1);
    cr_assert_eq(zmq_send(socket, "x", 1, 0), 1);
    for (int i = 0; i < LINK_FRAMES_MAX; i++)
        cr_assert_eq(zmq_send(socket, "y", 1, i + 1 < LINK_FRAMES_MAX ? ZMQ_SNDMORE : 0), 1);
    WAIT_UNTIL(server.n == 1);

    cr_assert_str_eq(server.last, "y|y|y|y");
    cr_assert_eq(link_dropped(listener), 1);
    zmq_close(socket);
    zmq_ctx_term(context);
}

Test(bus_zmq, a_peer_with_too_long_an_id_is_not_heard)
{
    struct inbox server = {0};
    struct link_end *listener = listen_to(&server);
    char id[200];
    void *context = zmq_ctx_new();
    void *socket;

    memset(id, 'x', sizeof id);
    socket = stranger(context, id, sizeof id);
    cr_assert_eq(zmq_send(socket, "x", 1, 0), 1);
    WAIT_UNTIL(link_dropped(listener) == 1);

    cr_assert_eq(server.n, 0);
    zmq_close(socket);
    zmq_ctx_term(context);
}

Test(bus_zmq, freeing_the_bus_waits_no_longer_than_asked)
{
    struct inbox server = {0};
    struct inbox client = {0};
    struct link_end *dialler;
    uint64_t start_ms;

    listen_to(&server);
    dialler = dial(&client);
    send_text(dialler, "hello");
    while (try_send(dialler, NULL, "never read") == 0)
        ;
    start_ms = loop_mono_ms(loop);
    bus_free(bus, 0);
    bus = NULL;

    cr_assert_lt(loop_mono_ms(loop) - start_ms, 5000);
}

/* --- between processes: these fork before their own bus starts its threads --- */

/* Echoes on `endpoint`, once a byte says so. */
static _Noreturn void be_listener(int go_fd)
{
    static struct inbox echo;
    char go;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(go_fd, &go, 1) != 1)
        _exit(1);
    loop = loop_new();
    bus = bus_new(loop, "zmq");
    echo.answer = listen_to(&echo);
    if (loop_run(loop, &err) < 0)
        _exit(1);
    _exit(0);
}

static pid_t fork_listener(int *go_fd)
{
    int ends[2];
    pid_t pid;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0)
        be_listener(ends[0]);
    close(ends[0]);
    *go_fd = ends[1];
    return pid;
}

static void end_listener(pid_t pid, int go_fd)
{
    cr_assert_eq(kill(pid, SIGKILL), 0);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
    close(go_fd);
}

Test(bus_processes, a_killed_listener_leaves_no_obstacle_to_the_next, .timeout = SUITE_TIMEOUT_S)
{
    struct inbox client = {0};
    struct link_end *dialler;
    pid_t pids[2];
    int go[2];

    cr_assert_neq(mkdtemp(dir), NULL);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/work", dir);
    for (int i = 0; i < 2; i++)
        pids[i] = fork_listener(&go[i]);
    loop = loop_new();
    bus = bus_new(loop, "zmq");
    dialler = dial(&client);

    cr_assert_eq(write(go[0], "", 1), 1);
    send_text(dialler, "one");
    WAIT_UNTIL(client.n == 1);
    end_listener(pids[0], go[0]); /* its file stays */
    cr_assert_eq(write(go[1], "", 1), 1);
    for (int i = 0; i < PATIENCE_TURNS && strcmp(client.last, "two") != 0; i++) {
        (void)!try_send(dialler, NULL, "two"); /* the first may go down with the old connection */
        turn(10);
    }
    end_listener(pids[1], go[1]);

    cr_assert_str_eq(client.last, "two");
    cr_assert_eq(unlink(endpoint + strlen("ipc://")), 0);
    close_world();
}
