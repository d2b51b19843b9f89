/*
 * pollwatch.yaml, the one file that configures all three services (deploy/pollwatch.yaml shows
 * every key).
 *
 * Reading it checks every key of every section, so that a service refuses a file that another one
 * would trip over; each error names file, line and cause, and all of them are reported, not only
 * the first. Environment variables POLLWATCH_<SECTION>_<KEY> override single values. Relative paths
 * are relative to the file. Everything in the struct is ready to use: defaults filled in, units in
 * the names.
 */
#ifndef POLLWATCH_COMMON_CONFIG_H
#define POLLWATCH_COMMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/log.h"

enum source_kind { SOURCE_FOLDER, SOURCE_RSS, SOURCE_ATOM, SOURCE_PAGE };

struct config_source {
    const char *id;
    enum source_kind kind;
    const char *path; /* folder: a directory */
    const char *const
        *urls;          /* rss, atom: one or more feeds; page: single addresses. NULL-terminated */
    const char *issuer; /* slug, or NULL: worked out from the text */
    uint64_t every_ms;  /* how often it is polled */
    bool allow_private; /* addresses on loopback and private networks are fine */
    uint32_t line;      /* where it stands in the file */
};

struct config_fetcher {
    const char *work; /* endpoint that parsers dial */
    const char *dir;  /* fetcher.sqlite, archive/ */
    uint64_t lease_ms;
    uint32_t max_attempts; /* then it is a dead letter */
    uint64_t retry_ms;     /* wait before an attempt after a failed one; doubles */
    uint64_t max_body_bytes;
    uint64_t archive_bytes;   /* a WARC file is closed when it is over this */
    uint64_t timeout_ms;      /* one HTTP transfer */
    uint64_t host_spacing_ms; /* between two requests to one host */
    const char *user_agent;
    const char *contact; /* goes into the User-Agent; NULL: none */
    const struct config_source *sources;
    size_t sources_n;
};

struct config_parser {
    const char *const *fetchers; /* endpoints, NULL-terminated */
    const char *const *sinks;
    uint32_t workers;       /* caged children */
    uint64_t child_time_ms; /* a document */
    uint64_t child_memory_bytes;
    const char *rules; /* directory; NULL: the one installed with the program */
};

struct config_sink {
    const char *results; /* endpoint that parsers dial */
    const char *stream;  /* endpoint that consumers subscribe to */
    const char *dir;     /* findings/ and index.sqlite */
    bool ndjson;
    uint64_t segment_bytes;  /* a segment is sealed when it is over this */
    uint64_t segment_age_ms; /* or this old, and not empty */
};

struct config {
    const char *file;
    const char *dir; /* state; the services' own default to folders in it */
    enum log_level log_level;
    enum log_format log_format;
    struct config_fetcher fetcher;
    struct config_parser parser;
    struct config_sink sink;
};

/*
 * `path` NULL: no file, all defaults. On ERR_CONFIG `problems` has a line "FILE:LINE: cause" for
 * each problem and err->message the first. config_free() takes NULL.
 */
MUST_USE int config_load(const char *path, struct config **out, struct buf *problems,
                         struct error *err);
void config_free(struct config *c);

#endif
