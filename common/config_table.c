/*
 * Every key of pollwatch.yaml, one row each. A new key is a new row here, a field in config.h and a
 * line in deploy/pollwatch.yaml (which a test compares with this table).
 */
#include "common/config_internal.h"

const char *const config_sections[] = {"fetcher", "log", "parser", "sink"};
const size_t config_sections_n = ARRAY_LEN(config_sections);

#define MS      UINT64_C(1)
#define SECONDS (1000 * MS)
#define MINUTES (60 * SECONDS)
#define HOURS   (60 * MINUTES)
#define DAYS    (24 * HOURS)
#define KIB     (UINT64_C(1) << 10)
#define MIB     (UINT64_C(1) << 20)
#define GIB     (UINT64_C(1) << 30)

#define IN(field)        offsetof(struct config, field)
#define IN_SOURCE(field) offsetof(struct config_source, field)

static const char *const level_names[] = {"debug", "info", "warn", "error", NULL};
static const char *const format_names[] = {"logfmt", "json", NULL};
static const char *const source_names[] = {"folder", "rss", "atom", "page", NULL};

/* clang-format off */
const struct config_key config_keys[] = {
    {"", "dir", CONFIG_PATH, IN(dir), "pollwatch-data", 0, 0, NULL},

    {"fetcher", "archive_size", CONFIG_SIZE, IN(fetcher.archive_bytes), "256MiB", 64 * KIB, 64 * GIB, NULL},
    {"fetcher", "contact", CONFIG_TEXT, IN(fetcher.contact), NULL, 0, 0, NULL},
    {"fetcher", "dir", CONFIG_PATH, IN(fetcher.dir), "@/fetcher", 0, 0, NULL},
    {"fetcher", "host_spacing", CONFIG_DURATION, IN(fetcher.host_spacing_ms), "1s", 0, 1 * HOURS, NULL},
    {"fetcher", "lease", CONFIG_DURATION, IN(fetcher.lease_ms), "30s", 500 * MS, 1 * HOURS, NULL},
    {"fetcher", "max_attempts", CONFIG_COUNT, IN(fetcher.max_attempts), "3", 1, 100, NULL},
    /* the protocol carries no more (LIMIT_BODY_BYTES) */
    {"fetcher", "max_body", CONFIG_SIZE, IN(fetcher.max_body_bytes), "20MiB", 1 * KIB, 64 * MIB, NULL},
    {"fetcher", "retry", CONFIG_DURATION, IN(fetcher.retry_ms), "5s", 0, 1 * DAYS, NULL},
    {"fetcher", "sources", CONFIG_SOURCES, IN(fetcher.sources), NULL, 0, 0, NULL},
    {"fetcher", "timeout", CONFIG_DURATION, IN(fetcher.timeout_ms), "20s", 100 * MS, 10 * MINUTES, NULL},
    {"fetcher", "user_agent", CONFIG_TEXT, IN(fetcher.user_agent), "pollwatch/" POLLWATCH_VERSION, 0, 0, NULL},
    {"fetcher", "work", CONFIG_ENDPOINT, IN(fetcher.work), "ipc://@/work.sock", 0, 0, NULL},

    {"log", "format", CONFIG_NAME, IN(log_format), "logfmt", 0, 0, format_names},
    {"log", "level", CONFIG_NAME, IN(log_level), "info", 0, 0, level_names},

    /* less than 64 MiB does not hold the rules */
    {"parser", "child_memory", CONFIG_SIZE, IN(parser.child_memory_bytes), "512MiB", 64 * MIB, 64 * GIB, NULL},
    {"parser", "child_time", CONFIG_DURATION, IN(parser.child_time_ms), "10s", 100 * MS, 10 * MINUTES, NULL},
    {"parser", "fetchers", CONFIG_ENDPOINTS, IN(parser.fetchers), NULL, 0, 0, NULL},
    {"parser", "rules", CONFIG_PATH, IN(parser.rules), NULL, 0, 0, NULL},
    {"parser", "sinks", CONFIG_ENDPOINTS, IN(parser.sinks), NULL, 0, 0, NULL},
    {"parser", "workers", CONFIG_COUNT, IN(parser.workers), "2", 1, 256, NULL},

    {"sink", "dir", CONFIG_PATH, IN(sink.dir), "@/sink", 0, 0, NULL},
    {"sink", "ndjson", CONFIG_BOOL, IN(sink.ndjson), "no", 0, 0, NULL},
    {"sink", "results", CONFIG_ENDPOINT, IN(sink.results), "ipc://@/results.sock", 0, 0, NULL},
    {"sink", "segment_age", CONFIG_DURATION, IN(sink.segment_age_ms), "1d", 100 * MS, 365 * DAYS, NULL},
    {"sink", "segment_size", CONFIG_SIZE, IN(sink.segment_bytes), "64MiB", 1 * KIB, 16 * GIB, NULL},
    {"sink", "stream", CONFIG_ENDPOINT, IN(sink.stream), "ipc://@/stream.sock", 0, 0, NULL},

    {CONFIG_SOURCE_SECTION, "allow_private", CONFIG_BOOL, IN_SOURCE(allow_private), NULL, 0, 0, NULL},
    {CONFIG_SOURCE_SECTION, "every", CONFIG_DURATION, IN_SOURCE(every_ms), NULL, 100 * MS, 365 * DAYS, NULL},
    {CONFIG_SOURCE_SECTION, "id", CONFIG_SLUG, IN_SOURCE(id), NULL, 0, 0, NULL},
    {CONFIG_SOURCE_SECTION, "issuer", CONFIG_SLUG, IN_SOURCE(issuer), NULL, 0, 0, NULL},
    {CONFIG_SOURCE_SECTION, "kind", CONFIG_NAME, IN_SOURCE(kind), NULL, 0, 0, source_names},
    {CONFIG_SOURCE_SECTION, "path", CONFIG_PATH, IN_SOURCE(path), NULL, 0, 0, NULL},
    {CONFIG_SOURCE_SECTION, "url", CONFIG_URLS, IN_SOURCE(urls), NULL, 0, 0, NULL},
};
/* clang-format on */

const size_t config_keys_n = ARRAY_LEN(config_keys);

const struct config_key *config_key_find(const char *section, struct span key)
{
    for (size_t i = 0; i < config_keys_n; i++) {
        if (strcmp(config_keys[i].section, section) == 0 && span_equal_str(key, config_keys[i].key))
            return &config_keys[i];
    }
    return NULL;
}
