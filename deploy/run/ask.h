/* Asks a service for its state over the endpoint that parsers use; any number of times. */
#ifndef POLLWATCH_DEPLOY_RUN_ASK_H
#define POLLWATCH_DEPLOY_RUN_ASK_H

#include "common/bus.h"

struct ask;

/* `json` is lent for the length of the call. */
typedef void ask_answer_fn(void *arg, struct span json);

/* `role` is the service's: "fetcher" or "sink". Both it and `endpoint` are lent. */
MUST_USE int ask_open(struct bus *bus, const char *endpoint, const char *role, ask_answer_fn *fn,
                      void *arg, struct ask **out, struct error *err);

/* NULL is fine. */
void ask_close(struct ask *a);

/* Sends the question. Returns whether there was somebody to send it to. */
bool ask_send(struct ask *a);

#endif
