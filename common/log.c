/*
 * A line is put together in a buffer of its own and written with one write(), so that the lines of
 * several processes on one standard error do not mix. Whatever goes wrong there is ignored: a
 * service does not stop because nobody can hear it.
 *
 * Both formats are one table row: how a line opens, how each pair is written, how it closes.
 */
#include "common/log.h"

#include <stdio.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/timestamp.h"
#include "common/utf8.h"

/* room for forty values of the longest kind, each byte escaped */
#define LINE_BYTES ((size_t)256 * 1024)

static struct {
    const char *service;
    enum log_level least;
    enum log_format format;
} state = {"pollwatch", LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT};

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_start(const char *service, enum log_level least, enum log_format format)
{
    state.service = service;
    state.least = least;
    state.format = format;
}

/* Control characters, quotes and bytes that are not UTF-8, as JSON writes them. */
static void add_escaped(struct buf *line, struct span text)
{
    while (text.n > 0) {
        size_t valid = utf8_valid_prefix(text);

        for (size_t i = 0; i < valid; i++) {
            unsigned char c = (unsigned char)text.p[i];

            if (c == '"' || c == '\\')
                buf_printf(line, "\\%c", c);
            else if (c < 0x20 || c == 0x7f)
                buf_printf(line, "\\u%04x", c);
            else
                buf_add_char(line, (char)c);
        }
        text = span_from(text, valid);
        if (text.n > 0) {
            buf_add_str(line, "\\ufffd");
            text = span_from(text, 1);
        }
    }
}

static struct span cut_value(struct span text)
{
    if (text.n > LOG_VALUE_BYTES)
        text.n = utf8_floor(text, LOG_VALUE_BYTES);
    return text;
}

static void add_quoted(struct buf *line, struct span text)
{
    struct span shown = cut_value(text);

    buf_add_char(line, '"');
    add_escaped(line, shown);
    if (shown.n < text.n)
        buf_add_str(line, "…");
    buf_add_char(line, '"');
}

/* What logfmt can carry without quotes. */
static bool is_bare(struct span text)
{
    if (text.n == 0 || text.n > LOG_VALUE_BYTES || !utf8_is_valid(text))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f)
            return false;
    }
    return true;
}

static void logfmt_pair(struct buf *line, const char *key, struct span text)
{
    buf_printf(line, "%s%s=", line->n ? " " : "", key);
    if (is_bare(text))
        buf_add_span(line, text);
    else if (!span_is_null(text))
        add_quoted(line, text);
}

static void logfmt_number(struct buf *line, const char *key, uint64_t number)
{
    buf_printf(line, "%s%s=%llu", line->n ? " " : "", key, (unsigned long long)number);
}

static void json_key(struct buf *line, const char *key)
{
    buf_printf(line, "%s\"%s\":", line->n > 1 ? "," : "", key);
}

static void json_pair(struct buf *line, const char *key, struct span text)
{
    json_key(line, key);
    if (span_is_null(text))
        buf_add_str(line, "null");
    else
        add_quoted(line, text);
}

static void json_number(struct buf *line, const char *key, uint64_t number)
{
    json_key(line, key);
    buf_printf(line, "%llu", (unsigned long long)number);
}

static const struct {
    const char *open;
    void (*add_text)(struct buf *line, const char *key, struct span text);
    void (*add_number)(struct buf *line, const char *key, uint64_t number);
    const char *close;
} formats[] = {
    [LOG_FORMAT_LOGFMT] = {"", logfmt_pair, logfmt_number, "\n"},
    [LOG_FORMAT_JSON] = {"{", json_pair, json_number, "}\n"},
};

static void add_pairs(struct buf *line, enum log_level level, const char *event,
                      const struct log_kv *kv)
{
    char now[TIMESTAMP_BYTES];

    timestamp_write(wall_ms(), now);
    formats[state.format].add_text(line, "time", span_of_str(now));
    formats[state.format].add_text(line, "level", span_of_str(level_names[level]));
    formats[state.format].add_text(line, "service", span_of_str(state.service));
    formats[state.format].add_text(line, "event", span_of_str(event));
    for (; kv->key; kv++) {
        if (kv->is_number)
            formats[state.format].add_number(line, kv->key, kv->number);
        else
            formats[state.format].add_text(line, kv->key, kv->text);
    }
}

void log_event(enum log_level level, const char *event, const struct log_kv *kv)
{
    struct buf line;

    if (level < state.least)
        return;
    buf_init(&line, LINE_BYTES);
    buf_add_str(&line, formats[state.format].open);
    add_pairs(&line, level, event, kv);
    buf_add_str(&line, formats[state.format].close);
    /* a failure is nobody's: there is no one left to tell */
    if (!line.failed)
        (void)!write(STDERR_FILENO, line.data, line.n);
    buf_fini(&line);
}
