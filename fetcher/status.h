/* What the fetcher says of itself, as one JSON text. */
#ifndef POLLWATCH_FETCHER_STATUS_H
#define POLLWATCH_FETCHER_STATUS_H

#include "fetcher/ledger.h"
#include "fetcher/outbox.h"

struct worker_state {
    struct span name;
    uint32_t credit;
    uint64_t held;
};
typedef LIST_OF(struct worker_state) worker_state_list;

struct status {
    struct span role;
    source_state_list sources;
    struct outbox_counts tasks;
    worker_state_list workers;
    bool polled_all_once;
    uint64_t uptime_s;
};

void status_json(const struct status *s, struct buf *out);

#endif
