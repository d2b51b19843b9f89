/*
 * The parser service: takes documents from any number of fetchers, has them coded in caged
 * children, hands the records to their sink, and says DONE only after the sink has said COMMITTED.
 *
 * It keeps nothing on disk. Whatever it holds when it dies is leased again by its fetcher; what
 * it had already sent is recognised by the sink. So it may be killed, added and removed at will.
 */
#ifndef POLLWATCH_PARSER_WORKER_H
#define POLLWATCH_PARSER_WORKER_H

#include "common/config.h"
#include "common/error.h"

struct worker_options {
    const struct config_parser *config;
    const char *program; /* path of the binary that children run */
    const char *rules_dir;
};

/* Runs until SIGTERM or SIGINT has been answered: what is held is finished, within a bound. */
MUST_USE int worker_run(const struct worker_options *options, struct error *err);

#endif
