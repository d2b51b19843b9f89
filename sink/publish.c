#include "sink/publish.h"

#include <stdlib.h>

#include "common/mem.h"
#include "proto/limits.h"
#include "proto/message.h"
#include "sink/topic.h"

/* Records a subscriber may lag behind: some hundred statements. */
#define QUEUE_MESSAGES 10000

struct publisher {
    struct link_end *link;
    struct message message;
};

int publisher_open(struct bus *bus, const char *endpoint, struct publisher **out, struct error *err)
{
    struct link_options options = {.max_frame_bytes = LIMIT_RECORD_BYTES,
                                   .queue_messages = QUEUE_MESSAGES};
    struct link_end *link;
    int rc = bus_publish(bus, endpoint, options, &link, err);

    if (rc < 0)
        return rc;
    *out = xcalloc(1, sizeof **out);
    (*out)->link = link;
    message_init(&(*out)->message);
    return 0;
}

void publisher_close(struct publisher *p)
{
    if (!p)
        return;
    link_close(p->link);
    message_fini(&p->message);
    free(p);
}

const char *publisher_endpoint(const struct publisher *p)
{
    return link_endpoint(p->link);
}

/* The topic goes before the message's own frames. */
static void publish(struct publisher *p, struct span topic)
{
    struct span frames[LINK_FRAMES_MAX] = {topic};
    struct error ignored; /* a publisher never fails for its subscribers' sake */

    for (size_t i = 0; i < p->message.n; i++)
        frames[i + 1] = p->message.frames[i];
    if (link_send(p->link, NULL, frames, p->message.n + 1, &ignored) < 0)
        return;
}

void publish_record(struct publisher *p, struct span topic, uint64_t seq, struct span map)
{
    struct msg_record head = {.seq = seq};

    message_write(&p->message, MSG_RECORD, &head, map);
    publish(p, topic);
}

void publish_heartbeat(struct publisher *p, uint64_t first_seq, uint64_t last_seq)
{
    struct msg_heartbeat head = {.last_seq = last_seq, .first_seq = first_seq};

    message_write(&p->message, MSG_HEARTBEAT, &head, SPAN_NULL);
    publish(p, SPAN_LIT(TOPIC_HEARTBEAT));
}
