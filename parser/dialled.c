#include "parser/dialled.h"

#define GREET_AGAIN_MS 1000

int dialled_send(struct dialled *d, enum message_kind kind, const void *head, struct span bulk,
                 struct error *err)
{
    struct message m;
    int rc;

    message_init(&m);
    message_write(&m, kind, head, bulk);
    rc = link_send(d->link, NULL, m.frames, m.n, err);
    message_fini(&m);
    return rc;
}

/* A greeting or a heartbeat that can't leave now is sent by a later tick. */
static void send_or_skip(struct dialled *d, enum message_kind kind, const void *head)
{
    struct error err;
    int rc = dialled_send(d, kind, head, SPAN_NULL, &err);

    (void)rc;
}

void dialled_tick(struct dialled *d, const struct msg_hello *hello, uint64_t now_mono_ms)
{
    struct msg_heartbeat heartbeat = {0};

    if (d->is_known) {
        send_or_skip(d, MSG_HEARTBEAT, &heartbeat);
        return;
    }
    if (d->greeted_mono_ms != 0 && now_mono_ms < d->greeted_mono_ms + GREET_AGAIN_MS)
        return;
    d->greeted_mono_ms = now_mono_ms;
    send_or_skip(d, MSG_HELLO, hello);
}
