/* pollwatch-fetcher, the service. */
#ifndef POLLWATCH_FETCHER_SERVICE_H
#define POLLWATCH_FETCHER_SERVICE_H

#include "common/config.h"

/*
 * Runs until SIGTERM or SIGINT and drains, or until the store or the archive fails. `program` is
 * the path of this program, which is started again as the caged child.
 */
MUST_USE int service_run(const struct config *config, const char *program, struct error *err);

/* free() it. */
char *service_store_path(const char *dir);

#endif
