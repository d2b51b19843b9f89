#include <criterion/criterion.h>

#include "sink/peers.h"

static struct peer peer(uint8_t a, uint8_t b)
{
    return (struct peer){.n = 2, .id = {a, b}};
}

Test(peers, one_that_said_hello_is_known_until_it_leaves)
{
    struct peers p = {.n = 0};
    struct peer a = peer(1, 1);

    cr_assert(!peers_heard(&p, &a, 0));
    peers_add(&p, &a, 0);
    peers_add(&p, &a, 1);
    cr_assert(peers_heard(&p, &a, 2));
    cr_assert_eq(p.n, 1);
    peers_remove(&p, &a);

    cr_assert(!peers_heard(&p, &a, 3));
}

Test(peers, one_that_is_silent_is_forgotten)
{
    struct peers p = {.n = 0};
    struct peer quiet = peer(1, 1);
    struct peer talks = peer(2, 2);

    peers_add(&p, &quiet, 0);
    peers_add(&p, &talks, 0);
    peers_heard(&p, &talks, PEER_SILENCE_MS);
    peers_expire(&p, PEER_SILENCE_MS + 1);

    cr_assert(!peers_heard(&p, &quiet, PEER_SILENCE_MS + 1));
    cr_assert(peers_heard(&p, &talks, PEER_SILENCE_MS + 1));
}

Test(peers, a_full_house_forgets_the_quietest)
{
    struct peers p = {.n = 0};

    for (int i = 0; i <= PEERS_MAX; i++) {
        struct peer one = peer((uint8_t)(i / 250), (uint8_t)(i % 250));

        peers_add(&p, &one, (uint64_t)i);
    }

    cr_assert_eq(p.n, PEERS_MAX);
    cr_assert(!peers_heard(&p, &(struct peer){.n = 2, .id = {0, 0}}, 0));
    cr_assert(peers_heard(&p, &(struct peer){.n = 2, .id = {0, 1}}, 0));
}
