/*
 * Links over ZeroMQ: ROUTER, DEALER, XPUB, SUB.
 *
 * libzmq reads a socket's options when it binds or connects, so socket_new() is the one place that
 * makes a socket, and sets them all before anything else happens to it. What they guard against:
 *
 *   LINGER           the default waits for ever at exit for a peer that never comes back
 *   ROUTER_MANDATORY without it, what can't be routed is thrown away in silence
 *   IMMEDIATE        without it, a DEALER queues for listeners that are not there, and "sent" lies
 *   MAXMSGSIZE       the default is no limit; libzmq drops the connection of whoever exceeds it
 *   HEARTBEAT_*      a peer whose machine vanished is otherwise noticed after hours, if at all
 *   ROUTING_ID       a listener turns away a second connection under an id that it still holds, so
 *                    a restarted service must not come back under its old one
 *   XPUB_NODROP      stays off: with it one slow subscriber stops the messages of all
 *   SNDHWM on SUB    is unlimited, for what a SUB sends is its subscriptions, and it may drop them
 *
 * libzmq unlinks an ipc file before it binds to it, the file of a living listener, too, and again
 * some time after a socket was closed, when the file may already be its successor's. So the
 * listening descriptor of ipc is made here, after a look whether somebody answers, and handed to
 * libzmq by ZMQ_USE_FD, which then leaves the file alone.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "common/bus_internal.h"
#include "common/mem.h"
#include "common/number.h"

/* An id that can't be guessed, so that no dialler can pass for another. */
#define ROUTING_ID_BYTES 16

#define IPC_BACKLOG 128

struct zmq_end {
    void *socket;
    struct loop_watch *watch;
    char ipc_path[sizeof((struct sockaddr_un *)0)->sun_path]; /* ours to unlink; or empty */
};

/* --- endpoints --- */

static bool is_loopback_v4(struct span host)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;

    if (host.n >= sizeof text)
        return false;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* "*" is any free port, which only a listener can ask for. */
static bool is_port(const struct link_end *l, struct span port)
{
    uint64_t number;
    bool binds = l->kind == LINK_LISTEN || l->kind == LINK_PUBLISH;

    return number_read(port, 1, UINT16_MAX, &number) || (binds && span_equal_str(port, "*"));
}

/*
 * Only what stays on this machine. "localhost" becomes an address, for libzmq binds to none but
 * addresses and device names.
 */
static int check_tcp(struct link_end *l, struct span rest, struct error *err)
{
    const char *colon = memrchr(rest.p, ':', rest.n);
    struct span host = span_of(rest.p, colon ? (size_t)(colon - rest.p) : 0);
    struct span port = span_from(rest, host.n + 1);
    char number[8];

    if (!colon || !is_port(l, port))
        return error_set(err, ERR_CONFIG, "%s: not host:port", l->endpoint);
    if (is_loopback_v4(host) || span_equal_str(host, "[::1]"))
        return 0;
    if (!span_equal_str(host, "localhost"))
        return error_set(err, ERR_CONFIG,
                         "%s: beyond loopback needs CURVE, which this version does not have",
                         l->endpoint);
    snprintf(number, sizeof number, "%.*s", SPAN_ARG(port));
    snprintf(l->endpoint, sizeof l->endpoint, "tcp://127.0.0.1:%s", number);
    return 0;
}

static int check_ipc(const struct link_end *l, struct span path, struct error *err)
{
    size_t most = sizeof((struct sockaddr_un *)0)->sun_path - 1;

    if (path.n == 0 || path.p[0] == '@' || path.p[0] == '*')
        return error_set(err, ERR_CONFIG, "%s: ipc needs the path of a file", l->endpoint);
    if (path.n > most)
        return error_set(err, ERR_CONFIG, "%s: ipc path too long (%zu bytes, at most %zu)",
                         l->endpoint, path.n, most);
    return 0;
}

static bool is_ipc(const struct link_end *l)
{
    return span_starts(span_of_str(l->endpoint), SPAN_LIT("ipc://"));
}

static const char *ipc_path(const struct link_end *l)
{
    return l->endpoint + strlen("ipc://");
}

static int check_endpoint(struct link_end *l, struct error *err)
{
    struct span endpoint = span_of_str(l->endpoint);

    if (is_ipc(l))
        return check_ipc(l, span_of_str(ipc_path(l)), err);
    if (span_starts(endpoint, SPAN_LIT("tcp://")))
        return check_tcp(l, span_from(endpoint, strlen("tcp://")), err);
    return error_set(err, ERR_CONFIG, "%s: not an ipc:// or tcp:// endpoint", l->endpoint);
}

/* --- sockets --- */

static const struct {
    int option;
    int value;
} fixed_options[] = {
    {ZMQ_HEARTBEAT_IVL, 2000},     {ZMQ_HEARTBEAT_TIMEOUT, 6000},
    {ZMQ_HEARTBEAT_TTL, 6000},     {ZMQ_HANDSHAKE_IVL, 5000},
    {ZMQ_RECONNECT_IVL, 100}, /* services of one machine start together: quick at first */
    {ZMQ_RECONNECT_IVL_MAX, 5000}, {ZMQ_LINGER, 1000}, /* close_end() sets the real one */
};

static int set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value);
}

static int set_fixed(const struct link_end *l, void *socket)
{
    int64_t max_bytes = (int64_t)l->options.max_frame_bytes;
    int ipv6 = strchr(l->endpoint, '[') != NULL;

    for (size_t i = 0; i < ARRAY_LEN(fixed_options); i++)
        if (set_int(socket, fixed_options[i].option, fixed_options[i].value) < 0)
            return -1;
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes) < 0)
        return -1;
    return set_int(socket, ZMQ_IPV6, ipv6);
}

static int set_queues(const struct link_end *l, void *socket)
{
    int hwm = l->options.queue_messages;

    if (set_int(socket, ZMQ_SNDHWM, l->kind == LINK_FOLLOW ? 0 : hwm) < 0)
        return -1;
    return set_int(socket, ZMQ_RCVHWM, hwm);
}

static int set_for_kind(const struct link_end *l, void *socket)
{
    struct peer id;

    switch (l->kind) {
    case LINK_LISTEN:
        return set_int(socket, ZMQ_ROUTER_MANDATORY, 1);
    case LINK_DIAL:
        peer_make_random(&id, ROUTING_ID_BYTES);
        if (zmq_setsockopt(socket, ZMQ_ROUTING_ID, id.id, id.n) < 0)
            return -1;
        return set_int(socket, ZMQ_IMMEDIATE, 1);
    case LINK_PUBLISH:
    case LINK_FOLLOW:
        return 0;
    }
    return 0;
}

static int set_topics(void *socket, const char *const *topics)
{
    for (; topics && *topics; topics++)
        if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, *topics, strlen(*topics)) < 0)
            return -1;
    return 0;
}

static void *socket_new(const struct link_end *l, const char *const *topics, struct error *err)
{
    static const int types[] = {
        [LINK_LISTEN] = ZMQ_ROUTER,
        [LINK_DIAL] = ZMQ_DEALER,
        [LINK_PUBLISH] = ZMQ_XPUB,
        [LINK_FOLLOW] = ZMQ_SUB,
    };
    void *socket = zmq_socket(l->bus->state, types[l->kind]);

    if (!socket) {
        error_sys(err, "make a socket for %s", l->endpoint);
        return NULL;
    }
    if (set_fixed(l, socket) < 0 || set_queues(l, socket) < 0 || set_for_kind(l, socket) < 0 ||
        set_topics(socket, topics) < 0) {
        error_sys(err, "set up a socket for %s", l->endpoint);
        zmq_close(socket);
        return NULL;
    }
    return socket;
}

/* --- listening --- */

static int unix_socket(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, strlen(path) + 1);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A full backlog (EAGAIN) is somebody, too. */
static bool somebody_listens(const char *path)
{
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    bool alive;

    if (fd < 0)
        return false;
    alive = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    return alive;
}

static int unlink_stale(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : -1;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    return unlink(path);
}

/* The file that a dead listener left is removed; anything else at that path is in the way. */
static int bind_ipc(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *any = (const struct sockaddr *)address;

    if (bind(fd, any, sizeof *address) == 0)
        return 0;
    if (errno != EADDRINUSE)
        return -1;
    if (somebody_listens(address->sun_path)) {
        errno = EADDRINUSE;
        return -1;
    }
    if (unlink_stale(address->sun_path) < 0)
        return -1;
    return bind(fd, any, sizeof *address);
}

static int give_ipc_fd(struct link_end *l, struct zmq_end *z, struct error *err)
{
    struct sockaddr_un address;
    const char *path = ipc_path(l);
    int fd = unix_socket(path, &address);

    if (fd < 0)
        return error_sys(err, "make a socket for %s", l->endpoint);
    if (bind_ipc(fd, &address) < 0) {
        error_sys(err, "listen on %s", l->endpoint);
        close(fd);
        return ERR_SYS;
    }
    memcpy(z->ipc_path, path, strlen(path) + 1);
    if (listen(fd, IPC_BACKLOG) < 0 || set_int(z->socket, ZMQ_USE_FD, fd) < 0) {
        error_sys(err, "listen on %s", l->endpoint);
        close(fd);
        return ERR_SYS;
    }
    return 0; /* libzmq closes it from now on */
}

static int name_real_endpoint(struct link_end *l, void *socket, struct error *err)
{
    size_t size = sizeof l->endpoint;

    if (is_ipc(l))
        return 0; /* as it was asked for */
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, l->endpoint, &size) < 0)
        return error_sys(err, "ask for the endpoint of %s", l->endpoint);
    return 0;
}

static int attach_error(const struct link_end *l, const char *what, struct error *err)
{
    if (errno == EINVAL || errno == EPROTONOSUPPORT)
        return error_set(err, ERR_CONFIG, "%s: not a valid endpoint", l->endpoint);
    return error_sys(err, "%s %s", what, l->endpoint);
}

static int attach(struct link_end *l, struct zmq_end *z, struct error *err)
{
    int rc = 0;

    if (l->kind == LINK_DIAL || l->kind == LINK_FOLLOW)
        return zmq_connect(z->socket, l->endpoint) < 0 ? attach_error(l, "dial", err) : 0;
    if (is_ipc(l))
        rc = give_ipc_fd(l, z, err);
    if (rc < 0)
        return rc;
    if (zmq_bind(z->socket, l->endpoint) < 0)
        return attach_error(l, "listen on", err);
    return name_real_endpoint(l, z->socket, err);
}

/* --- receiving --- */

static int receive_frame(void *socket, zmq_msg_t *frame)
{
    int rc;

    do
        rc = zmq_msg_recv(frame, socket, ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    return rc;
}

struct inbound {
    zmq_msg_t frames[1 + LINK_FRAMES_MAX]; /* a listener's first one is the routing id */
    size_t n;
    bool too_many;
};

/* Whole messages only ever get here, so after the first frame the others are there, too. */
static bool receive_message(void *socket, size_t most, struct inbound *in)
{
    zmq_msg_t frame;
    bool more = true;

    in->n = 0;
    in->too_many = false;
    while (more) {
        zmq_msg_init(&frame);
        if (receive_frame(socket, &frame) < 0) {
            zmq_msg_close(&frame);
            return in->n > 0;
        }
        more = zmq_msg_more(&frame);
        if (in->n < most) {
            zmq_msg_init(&in->frames[in->n]);
            zmq_msg_move(&in->frames[in->n++], &frame);
        } else {
            in->too_many = true;
        }
        zmq_msg_close(&frame);
    }
    return true;
}

static void free_inbound(struct inbound *in)
{
    for (size_t i = 0; i < in->n; i++)
        zmq_msg_close(&in->frames[i]);
    in->n = 0;
}

static struct span frame_span(zmq_msg_t *frame)
{
    return span_of(zmq_msg_data(frame), zmq_msg_size(frame));
}

/* Ids are the diallers' choice; ours have ROUTING_ID_BYTES, a stranger's may have 255. */
static bool read_peer(zmq_msg_t *frame, struct peer *peer)
{
    struct span id = frame_span(frame);

    if (id.n > LINK_PEER_BYTES)
        return false;
    peer->n = (uint8_t)id.n;
    memcpy(peer->id, id.p, id.n);
    return true;
}

static void deliver(struct link_end *l, struct inbound *in)
{
    struct span frames[LINK_FRAMES_MAX];
    struct peer peer = {0};
    size_t first = l->kind == LINK_LISTEN ? 1 : 0;

    if (in->too_many || in->n <= first || (first && !read_peer(&in->frames[0], &peer))) {
        l->dropped++;
        return;
    }
    for (size_t i = first; i < in->n; i++)
        frames[i - first] = frame_span(&in->frames[i]);
    l->fn(l->arg, first ? &peer : NULL, frames, in->n - first);
}

/* What is left after the budget makes the next wait return at once: the loop polls the socket. */
static void on_readable(void *arg, int events)
{
    struct link_end *l = arg;
    struct zmq_end *z = l->end;
    size_t most = LINK_FRAMES_MAX + (l->kind == LINK_LISTEN ? 1 : 0);
    struct inbound in;

    (void)events;
    for (int i = 0; i < LINK_BUDGET_A_TURN && !l->closed; i++) {
        if (!receive_message(z->socket, most, &in))
            return;
        deliver(l, &in);
        free_inbound(&in);
    }
}

/* What subscribers send (their topics) has done its work in libzmq, but piles up if not read. */
static void on_subscription(void *arg, int events)
{
    const struct link_end *l = arg;
    const struct zmq_end *z = l->end;
    struct inbound in;

    (void)events;
    for (int i = 0; i < LINK_BUDGET_A_TURN; i++) {
        if (!receive_message(z->socket, LINK_FRAMES_MAX, &in))
            return;
        free_inbound(&in);
    }
}

/* --- sending --- */

static void make_frame(zmq_msg_t *frame, const void *p, size_t n)
{
    if (zmq_msg_init_size(frame, n) < 0)
        abort(); /* out of memory */
    if (n > 0)
        memcpy(zmq_msg_data(frame), p, n);
}

static void free_data(void *data, void *hint)
{
    (void)hint;
    free(data);
}

static void make_taken_frame(zmq_msg_t *frame, char *data, size_t n)
{
    if (zmq_msg_init_data(frame, data, n, free_data, NULL) < 0)
        abort(); /* out of memory */
}

/* Sends the frame, or frees it. */
static int send_frame(void *socket, zmq_msg_t *frame, bool more)
{
    int rc;

    do
        rc = zmq_msg_send(frame, socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
    while (rc < 0 && errno == EINTR);
    if (rc < 0)
        zmq_msg_close(frame);
    return rc;
}

/*
 * All or nothing. Queue full and peer gone are told on the first frame, and then the rest must stay
 * here. If the connection dies in mid-message, libzmq takes the frames back itself, but a DEALER
 * then swallows everything up to the last frame of "this" message: so the others must follow,
 * or the next message would be swallowed in their place.
 */
static int send_frames(void *socket, zmq_msg_t *frames, size_t n)
{
    int sys = 0;

    if (send_frame(socket, &frames[0], n > 1) < 0) {
        sys = errno;
        for (size_t i = 1; i < n; i++)
            zmq_msg_close(&frames[i]);
        return sys;
    }
    for (size_t i = 1; i < n; i++)
        if (send_frame(socket, &frames[i], i + 1 < n) < 0 && sys == 0)
            sys = errno;
    return sys;
}

static int send_error(const struct link_end *l, int sys, struct error *err)
{
    switch (sys) {
    case 0:
        return 0;
    case EAGAIN:
        return error_set(err, ERR_FULL, "%s: the queue is full, or nobody is there", l->endpoint);
    case EHOSTUNREACH:
        return error_set(err, ERR_GONE, "%s: that peer has left", l->endpoint);
    default:
        errno = sys;
        return error_sys(err, "send to %s", l->endpoint);
    }
}

static int zmq_transport_send(struct link_end *l, const struct peer *peer,
                              const struct span *frames, size_t n, char *data, size_t data_bytes,
                              struct error *err)
{
    const struct zmq_end *z = l->end;
    zmq_msg_t out[1 + LINK_FRAMES_MAX];
    size_t count = 0;

    if (peer)
        make_frame(&out[count++], peer->id, peer->n);
    for (size_t i = 0; i < n; i++)
        make_frame(&out[count++], frames[i].p, frames[i].n);
    if (data)
        make_taken_frame(&out[count++], data, data_bytes);
    return send_error(l, send_frames(z->socket, out, count), err);
}

/* --- the transport --- */

static void *zmq_transport_start(struct bus *b)
{
    void *context = zmq_ctx_new();

    (void)b;
    if (!context)
        abort(); /* out of memory or descriptors, at start */
    return context;
}

/* Waits for what lingers, and for the I/O threads to end. */
static void zmq_transport_stop(void *context)
{
    while (zmq_ctx_term(context) < 0 && errno == EINTR)
        ;
}

static void zmq_transport_close(struct link_end *l, int linger_ms)
{
    struct zmq_end *z = l->end;

    loop_remove(l->bus->loop, z->watch);
    if (z->ipc_path[0])
        unlink(z->ipc_path);
    if (z->socket) {
        set_int(z->socket, ZMQ_LINGER, linger_ms);
        zmq_close(z->socket);
    }
    free(z);
    l->end = NULL;
}

static int zmq_transport_open(struct link_end *l, const char *const *topics, struct error *err)
{
    struct zmq_end *z;
    int rc = check_endpoint(l, err);

    if (rc < 0)
        return rc;
    z = xcalloc(1, sizeof *z);
    l->end = z;
    z->socket = socket_new(l, topics, err);
    rc = z->socket ? attach(l, z, err) : ERR_SYS;
    if (rc < 0) {
        zmq_transport_close(l, 0);
        return rc;
    }
    z->watch = loop_add_socket(l->bus->loop, z->socket,
                               l->kind == LINK_PUBLISH ? on_subscription : on_readable, l);
    return 0;
}

const struct bus_transport bus_zmq = {
    .name = "zmq",
    .start = zmq_transport_start,
    .stop = zmq_transport_stop,
    .open = zmq_transport_open,
    .close = zmq_transport_close,
    .send = zmq_transport_send,
};
