/*
 * The messages between the services. proto/PROTOCOL.md describes them for other languages.
 *
 * On a socket: [kind, version: 2 bytes] [head: one MessagePack map] [bulk]. The bulk frame is a
 * document's bytes (WORK), packed records (RESULT) or one record (RECORD) and is absent elsewhere.
 */
#ifndef POLLWATCH_PROTO_MESSAGE_H
#define POLLWATCH_PROTO_MESSAGE_H

#include <stdint.h>

#include "proto/shape.h"

#define PROTOCOL_VERSION 1

/* The byte on the wire. Values are never reused. */
enum message_kind {
    MSG_NONE = 0,
    MSG_HELLO = 1,
    MSG_CREDIT = 2,
    MSG_WORK = 3,
    MSG_RENEW = 4,
    MSG_DONE = 5,
    MSG_FAIL = 6,
    MSG_RESULT = 7,
    MSG_COMMITTED = 8,
    MSG_HEARTBEAT = 9,
    MSG_BYE = 10,
    MSG_STATUS = 11,
    MSG_RECORD = 12,
    MSG_REPLAY = 13,
    MSG_SNAPSHOT = 14,
    MSG_CAUGHT_UP = 15,
    MSG_COMPACTED = 16,
    MSG_ERROR = 17,
    MSG_KIND_COUNT
};

/* Who holds a task: a DONE, FAIL, RENEW or COMMITTED counts only for the lease that it names. */
struct lease {
    uint64_t task_id;
    uint32_t attempt;
    uint64_t epoch; /* grows with each start of the fetcher */
};

/* Both ways, first message of a conversation; asked for again by BYE "unknown_peer". */
struct msg_hello {
    struct span role;         /* "fetcher", "parser", "sink", "consumer" */
    struct span name;         /* for people: host:pid or configured */
    struct span instance;     /* 16 random hex digits, new at each start */
    struct span software;     /* version */
    struct span rules_sha256; /* a parser's */
    uint64_t lease_ms;        /* a fetcher's: how long a lease holds without RENEW */
    uint64_t heartbeat_ms;    /* sender's interval */
    uint64_t last_seq;        /* a sink's: last durable seq */
};

/* Parser to fetcher: adds to what the fetcher may send. */
struct msg_credit {
    uint32_t messages;
    uint64_t bytes;
};

/* Fetcher to parser, with the document as bulk; and worker to its caged child. */
struct msg_work {
    struct lease lease;
    struct span url;        /* as fetched */
    struct span final_url;  /* after redirects; null: the same */
    struct span source;     /* id of the configured source */
    struct span issuer;     /* slug that the source configures, or null */
    struct span media_type; /* as served or by the file's name; may be null */
    struct span charset;    /* as served; may be null */
    uint32_t http_status;   /* 0: not from HTTP */
    struct span etag;
    struct span last_modified;
    struct span fetched_at;     /* RFC 3339, UTC */
    struct span raw_sha256;     /* hex */
    struct span feed_title;     /* what the feed said, or null */
    struct span feed_published; /* RFC 3339, or null */
    struct span parsed_at;      /* set by the parser for its child: RFC 3339, UTC */
};

/* Parser to fetcher. */
struct msg_renew {
    struct lease lease;
};

struct msg_done {
    struct lease lease;
    uint64_t first_seq;
    uint32_t records;
};

/* Parser to fetcher about a task, sink to parser about a result, child to worker. */
struct msg_fail {
    struct lease lease;
    struct span reason; /* a word that never changes: crash, timeout, memory, empty, … */
    struct span detail; /* for people */
    bool permanent;     /* trying again can't help */
};

/* Parser to sink, with the packed records as bulk; and caged child to its worker. */
struct msg_result {
    struct lease lease;
    struct span fetcher; /* whose lease: in the parser's words, echoed by COMMITTED and FAIL */
    struct span statement_id;
    struct span version_id;
    struct span rules_sha256;
    uint32_t records;
};

/* Sink to parser, after fdatasync. */
struct msg_committed {
    struct lease lease;
    struct span fetcher;
    uint64_t first_seq;
    uint32_t records;
    bool duplicate; /* it was there already; nothing was written */
};

struct msg_heartbeat {
    uint64_t last_seq;  /* a sink's; else 0 */
    uint64_t first_seq; /* a sink's: the first one that its files still hold */
};

struct msg_bye {
    struct span reason; /* "leaving", "unknown_peer", "version", "malformed" */
    struct span detail;
};

/* Asked with role set; answered with a map of counters and texts as one JSON text. */
struct msg_status {
    struct span role;
    struct span json; /* null in the question */
};

/* Consumer to sink's replay socket: send records from `from_seq` on, at most `credit`. */
struct msg_replay {
    uint64_t from_seq;
    uint32_t credit;
};

/* Head of a record on the stream and in a replay; the record itself is the bulk. */
struct msg_record {
    uint64_t seq;
};

struct msg_caught_up {
    uint64_t next_seq; /* ask from here */
};

struct msg_compacted {
    uint64_t first_seq;
};

struct msg_error {
    struct span reason;
    struct span detail;
};

extern const struct shape lease_shape;

/* What stands on the wire for a kind: its name, its head's shape, whether it has a bulk frame. */
struct message_type {
    const char *name;
    const struct shape *shape; /* NULL: no such kind */
    size_t bulk_limit_bytes;   /* 0: no bulk frame */
};

/* Never NULL; an unknown kind has a NULL shape. */
const struct message_type *message_type(unsigned kind);

/* Writes the two bytes of frame 1. */
void message_tag(enum message_kind kind, unsigned char tag[2]);

/* One message ready to be sent; `frames` point into it and into the bulk that it was given. */
struct message {
    unsigned char tag[2];
    struct buf head;
    struct span frames[3];
    size_t n;
};

void message_init(struct message *m);
void message_fini(struct message *m);

/*
 * Makes `m` a message of that kind; it may be used again and again. `head` is the kind's struct.
 * `bulk` is lent, and the null span where the kind has none.
 */
void message_write(struct message *m, enum message_kind kind, const void *head, struct span bulk);

/*
 * Checks frames 1 to 3 and reads the head into `head`, which must be big enough for any of the
 * structs above (use union message_head). Returns 0, ERR_VERSION (another protocol version),
 * ERR_UNSUPPORTED (unknown kind), ERR_FORMAT or ERR_LIMIT. `*kind` is set whenever frame 1 could
 * be read.
 */
union message_head {
    struct msg_hello hello;
    struct msg_credit credit;
    struct msg_work work;
    struct msg_renew renew;
    struct msg_done done;
    struct msg_fail fail;
    struct msg_result result;
    struct msg_committed committed;
    struct msg_heartbeat heartbeat;
    struct msg_bye bye;
    struct msg_status status;
    struct msg_replay replay;
    struct msg_record record;
    struct msg_caught_up caught_up;
    struct msg_compacted compacted;
    struct msg_error error;
};

MUST_USE int message_read(const struct span *frames, size_t n, struct arena *arena,
                          enum message_kind *kind, union message_head *head, struct span *bulk,
                          struct error *err);

#endif
