#include "fetcher/peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/utf8.h"

#define CREDIT_MESSAGES_MAX 100000u
#define CREDIT_BYTES_MAX    ((int64_t)1 << 40)

struct worker *peers_find(const struct peers *p, const struct peer *peer)
{
    for (size_t i = 0; i < p->n; i++) {
        if (peer_equal(&p->workers[i]->peer, peer))
            return p->workers[i];
    }
    return NULL;
}

struct worker *peers_find_instance(const struct peers *p, struct span instance)
{
    for (size_t i = 0; i < p->n; i++) {
        if (span_equal_str(instance, p->workers[i]->instance))
            return p->workers[i];
    }
    return NULL;
}

struct worker *peers_add(struct peers *p, const struct peer *peer, struct span name,
                         struct span instance)
{
    struct worker *w;

    if (p->n == PEERS_MAX)
        return NULL;
    w = xcalloc(1, sizeof *w);
    w->peer = *peer;
    snprintf(w->name, sizeof w->name, "%.*s", SPAN_ARG(name));
    w->name[utf8_valid_prefix(span_of_str(w->name))] = '\0';
    snprintf(w->instance, sizeof w->instance, "%.*s", SPAN_ARG(instance));
    p->workers[p->n++] = w;
    return w;
}

void peers_remove(struct peers *p, struct worker *w)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->workers[i] != w)
            continue;
        p->workers[i] = p->workers[--p->n];
        free(w);
        return;
    }
}

void peers_fini(struct peers *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->workers[i]);
    p->n = 0;
}

void worker_add_credit(struct worker *w, uint32_t messages, uint64_t bytes)
{
    uint64_t room = (uint64_t)(CREDIT_BYTES_MAX - w->credit_bytes);

    if (messages > CREDIT_MESSAGES_MAX - w->credit_messages)
        messages = CREDIT_MESSAGES_MAX - w->credit_messages;
    w->credit_messages += messages;
    w->credit_bytes += (int64_t)(bytes < room ? bytes : room);
}

void worker_use_credit(struct worker *w, uint64_t bytes)
{
    w->credit_messages--;
    w->credit_bytes -= (int64_t)bytes;
}

void worker_return_credit(struct worker *w, uint64_t bytes)
{
    worker_add_credit(w, 1, bytes);
}
