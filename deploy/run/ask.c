#include "deploy/run/ask.h"

#include <stdlib.h>

#include "common/mem.h"
#include "proto/limits.h"
#include "proto/message.h"

struct ask {
    const char *role;
    struct link_end *link;
    ask_answer_fn *fn;
    void *arg;
};

/* Whatever is no answer to the question is not for us, and nothing to stumble over. */
static void on_message(void *arg, const struct peer *peer, const struct span *frames, size_t n)
{
    struct ask *a = arg;
    struct arena *arena = arena_new();
    enum message_kind kind;
    union message_head head;
    struct span bulk;
    struct error err;

    (void)peer;
    if (message_read(frames, n, arena, &kind, &head, &bulk, &err) == 0 && kind == MSG_STATUS &&
        span_equal_str(head.status.role, a->role) && !span_is_null(head.status.json))
        a->fn(a->arg, head.status.json);
    arena_free(arena);
}

int ask_open(struct bus *bus, const char *endpoint, const char *role, ask_answer_fn *fn, void *arg,
             struct ask **out, struct error *err)
{
    struct ask *a = xcalloc(1, sizeof *a);
    struct link_options options = {.max_frame_bytes = LIMIT_HEAD_BYTES};
    int rc;

    a->role = role;
    a->fn = fn;
    a->arg = arg;
    rc = bus_dial(bus, endpoint, options, on_message, a, &a->link, err);
    if (rc < 0) {
        free(a);
        return rc;
    }
    *out = a;
    return 0;
}

void ask_close(struct ask *a)
{
    if (!a)
        return;
    link_close(a->link);
    free(a);
}

bool ask_send(struct ask *a)
{
    struct msg_status question = {.role = span_of_str(a->role)};
    struct message message;
    struct error err;
    int rc;

    message_init(&message);
    message_write(&message, MSG_STATUS, &question, SPAN_NULL);
    rc = link_send(a->link, NULL, message.frames, message.n, &err);
    message_fini(&message);
    return rc == 0;
}
