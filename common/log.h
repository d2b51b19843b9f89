/*
 * One line an event on standard error, as logfmt or JSON:
 *
 *     log_info("task.leased", KV_U64("task_id", id), KV_SPAN("url", url));
 *     time=2026-11-25T10:00:09Z level=info service=fetcher event=task.leased task_id=7
 * url=https://…
 *
 * The event's name never changes. ERROR: a person must act. WARN: we go on, and the line says how.
 * Services log; stages and libraries return errors. Values from outside are escaped and cut at
 * LOG_VALUE_BYTES.
 */
#ifndef POLLWATCH_COMMON_LOG_H
#define POLLWATCH_COMMON_LOG_H

#include <stdint.h>

#include "common/error.h"
#include "common/span.h"

#define LOG_VALUE_BYTES 1024

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

struct log_kv {
    const char *key; /* NULL ends the list */
    struct span text;
    uint64_t number;
    bool is_number;
};

#define KV_SPAN(k, v) ((struct log_kv){.key = (k), .text = (v)})
#define KV_STR(k, v)  ((struct log_kv){.key = (k), .text = span_of_str(v)})
#define KV_U64(k, v)  ((struct log_kv){.key = (k), .number = (v), .is_number = true})
#define KV_ERR(e)     ((struct log_kv){.key = "error", .text = span_of_str((e)->message)})

/* `service` is lent for good. */
void log_start(const char *service, enum log_level least, enum log_format format);

void log_event(enum log_level level, const char *event, const struct log_kv *kv);

#define LOG_AT(level, event, ...)                                                                  \
    log_event((level), (event), (const struct log_kv[]){__VA_ARGS__ __VA_OPT__(, ){.key = NULL}})
#define log_debug(event, ...) LOG_AT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...)  LOG_AT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_warn(event, ...)  LOG_AT(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_error(event, ...) LOG_AT(LOG_LEVEL_ERROR, event, __VA_ARGS__)

#endif
