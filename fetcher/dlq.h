/* Dead letters on standard output. */
#ifndef POLLWATCH_FETCHER_DLQ_H
#define POLLWATCH_FETCHER_DLQ_H

#include <stdbool.h>

#include "common/error.h"

/* Reads the store in `dir`, also while the service runs. NDJSON, or a table for people. */
MUST_USE int dlq_list(const char *dir, bool as_json, struct error *err);

#endif
