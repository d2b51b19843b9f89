#include "sink/peers.h"

static struct known_peer *find(struct peers *p, const struct peer *id)
{
    for (size_t i = 0; i < p->n; i++) {
        if (peer_equal(&p->items[i].id, id))
            return &p->items[i];
    }
    return NULL;
}

static struct known_peer *quietest(struct peers *p)
{
    struct known_peer *quiet = &p->items[0];

    for (size_t i = 1; i < p->n; i++) {
        if (p->items[i].heard_ms < quiet->heard_ms)
            quiet = &p->items[i];
    }
    return quiet;
}

void peers_add(struct peers *p, const struct peer *id, uint64_t now_ms)
{
    struct known_peer *known = find(p, id);

    if (!known)
        known = p->n < PEERS_MAX ? &p->items[p->n++] : quietest(p);
    *known = (struct known_peer){*id, now_ms};
}

bool peers_heard(struct peers *p, const struct peer *id, uint64_t now_ms)
{
    struct known_peer *known = find(p, id);

    if (known)
        known->heard_ms = now_ms;
    return known != NULL;
}

void peers_remove(struct peers *p, const struct peer *id)
{
    struct known_peer *known = find(p, id);

    if (known)
        *known = p->items[--p->n];
}

void peers_expire(struct peers *p, uint64_t now_ms)
{
    for (size_t i = p->n; i-- > 0;) {
        if (now_ms - p->items[i].heard_ms > PEER_SILENCE_MS)
            p->items[i] = p->items[--p->n];
    }
}
