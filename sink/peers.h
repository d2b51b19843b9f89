/* Who has said HELLO, bounded and forgetful: one that was silent too long says it again. */
#ifndef POLLWATCH_SINK_PEERS_H
#define POLLWATCH_SINK_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"

#define PEERS_MAX       256
#define PEER_SILENCE_MS 120000

struct known_peer {
    struct peer id;
    uint64_t heard_ms;
};

struct peers {
    struct known_peer items[PEERS_MAX];
    size_t n;
};

/* Adds it or notes that it was heard. In a full house the one heard longest ago makes room. */
void peers_add(struct peers *p, const struct peer *id, uint64_t now_ms);

/* Is it known? Notes that it was heard. */
bool peers_heard(struct peers *p, const struct peer *id, uint64_t now_ms);

void peers_remove(struct peers *p, const struct peer *id);
void peers_expire(struct peers *p, uint64_t now_ms);

#endif
