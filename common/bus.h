/*
 * Links: how messages travel between the services. Delivery only; leases, acknowledgements and
 * dedupe stay with those who use it.
 *
 * Three patterns, one interface:
 *   listen   many peers come and go, each answered by its id (ZeroMQ ROUTER)
 *   dial     one conversation with one listener, redialled for ever (DEALER)
 *   publish  one message to all who subscribe to a prefix of its first frame (XPUB)
 *   follow   the other end of publish (SUB)
 * A message is 1 to LINK_FRAMES_MAX frames. It arrives whole or not at all, in order between two
 * ends, and may be lost when either end dies: that is for the protocol above to heal. Sends never
 * block. "zmq" is the transport between processes; "mem" joins the links of one bus, for tests.
 */
#ifndef POLLWATCH_COMMON_BUS_H
#define POLLWATCH_COMMON_BUS_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/loop.h"
#include "common/span.h"

#define LINK_FRAMES_MAX 4
#define LINK_PEER_BYTES 32

struct bus;
struct link_end; /* one end of a link */

/* Who a listener talks to: fresh and random for each incarnation of a dialler. */
struct peer {
    uint8_t n;
    uint8_t id[LINK_PEER_BYTES];
};

struct link_options {
    size_t max_frame_bytes; /* larger ones are refused by closing the connection */
    int queue_messages;     /* high-water mark a peer; a backstop, not flow control. 0: 1000 */
};

/*
 * Frames are lent for the length of the call. `peer` is whom to answer (listen), else NULL. A
 * message of more than LINK_FRAMES_MAX frames never gets here: it is counted and dropped.
 */
typedef void link_message_fn(void *arg, const struct peer *peer, const struct span *frames,
                             size_t n);

/* `transport` is "zmq" or "mem". Threads of ZeroMQ start here: fork and block signals before. */
struct bus *bus_new(struct loop *loop, const char *transport);

/*
 * Closes what is still open; unsent messages get at most `linger_ms`. Before loop_free(), and not
 * from a link's callback. NULL is fine.
 */
void bus_free(struct bus *b, int linger_ms);

/*
 * Endpoints are "ipc:///path", "tcp://127.0.0.1:port", "mem://name". Beyond loopback and ipc it
 * refuses (ERR_CONFIG). A taken port, a directory that does not exist: ERR_SYS with the endpoint.
 */
MUST_USE int bus_listen(struct bus *b, const char *endpoint, struct link_options options,
                        link_message_fn *fn, void *arg, struct link_end **out, struct error *err);
MUST_USE int bus_dial(struct bus *b, const char *endpoint, struct link_options options,
                      link_message_fn *fn, void *arg, struct link_end **out, struct error *err);
MUST_USE int bus_publish(struct bus *b, const char *endpoint, struct link_options options,
                         struct link_end **out, struct error *err);

/* `topics`: prefixes, NULL-terminated; an empty string is everything. */
MUST_USE int bus_follow(struct bus *b, const char *endpoint, struct link_options options,
                        const char *const *topics, link_message_fn *fn, void *arg,
                        struct link_end **out, struct error *err);

/* The end is not called back any more, and its memory goes after the turn. NULL is fine. */
void link_close(struct link_end *l);

/*
 * Sends all frames or none, copying them. `peer` is needed by a listener and NULL elsewhere.
 * Returns 0, ERR_FULL (queue full, or nobody connected yet: try later) or ERR_GONE (that peer has
 * left). A publisher never fails for its subscribers' sake.
 */
MUST_USE int link_send(struct link_end *l, const struct peer *peer, const struct span *frames,
                       size_t n, struct error *err);

/*
 * The same with one more frame after the `n`: `data` (malloc'd), which it takes over and frees,
 * also on failure, so that a document's body is not copied.
 */
MUST_USE int link_send_taking(struct link_end *l, const struct peer *peer,
                              const struct span *frames, size_t n, char *data, size_t data_bytes,
                              struct error *err);

/* "tcp://127.0.0.1:*" is answered with the real port. Good while the link is open. */
const char *link_endpoint(const struct link_end *l);

/* Messages dropped because they had too many frames. */
uint64_t link_dropped(const struct link_end *l);

bool peer_equal(const struct peer *a, const struct peer *b);

#endif
