#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/timestamp.h"

static int pipes[2];
static char line[64 * 1024];
static size_t line_bytes;

static void setup(void)
{
    cr_assert(pipe(pipes) == 0);
}

TestSuite(log, .init = setup, .timeout = 20);

/* Standard error goes into the pipe while an event is written, and only then. */
static const char *written(enum log_level level, const struct log_kv *kv)
{
    int saved = dup(STDERR_FILENO);
    ssize_t got;

    cr_assert(dup2(pipes[1], STDERR_FILENO) == STDERR_FILENO);
    log_event(level, "task.leased", kv);
    /* so that the read never waits */
    cr_assert(write(pipes[1], "", 1) == 1);
    cr_assert(dup2(saved, STDERR_FILENO) == STDERR_FILENO);
    close(saved);
    got = read(pipes[0], line, sizeof line);
    cr_assert(got > 0 && line[got - 1] == '\0');
    line_bytes = (size_t)got - 1;
    return line;
}

/* Behind the time, which is checked for its form only. */
static const char *behind_time(const char *text, const char *before)
{
    uint64_t when;

    cr_assert(strncmp(text, before, strlen(before)) == 0, "%s", text);
    text += strlen(before);
    cr_assert(timestamp_read(span_of(text, 20), &when), "%s", text);
    cr_assert(when <= wall_ms() && when + 60000 > wall_ms());
    return text + 20;
}

static const struct {
    struct log_kv kv;
    const char *logfmt;
    const char *json;
} pairs[] = {
    {{.key = "n", .number = 7, .is_number = true}, "n=7", "\"n\":7"},
    {{.key = "n", .number = UINT64_MAX, .is_number = true},
     "n=18446744073709551615",
     "\"n\":18446744073709551615"},
    {{.key = "k", .text = {"plain", 5}}, "k=plain", "\"k\":\"plain\""},
    {{.key = "k", .text = {"https://example.org/a?b", 23}},
     "k=https://example.org/a?b",
     "\"k\":\"https://example.org/a?b\""},
    {{.key = "k", .text = {"two words", 9}}, "k=\"two words\"", "\"k\":\"two words\""},
    {{.key = "k", .text = {"a=b", 3}}, "k=\"a=b\"", "\"k\":\"a=b\""},
    {{.key = "k", .text = {"", 0}}, "k=\"\"", "\"k\":\"\""},
    {{.key = "k", .text = {NULL, 0}}, "k=", "\"k\":null"},
    {{.key = "k", .text = {"q\"b\\", 4}}, "k=\"q\\\"b\\\\\"", "\"k\":\"q\\\"b\\\\\""},
    {{.key = "k", .text = {"x\nlevel=error", 13}},
     "k=\"x\\u000alevel=error\"",
     "\"k\":\"x\\u000alevel=error\""},
    {{.key = "k", .text = {"\x1b[2J", 4}}, "k=\"\\u001b[2J\"", "\"k\":\"\\u001b[2J\""},
    {{.key = "k", .text = {"a\0b", 3}}, "k=\"a\\u0000b\"", "\"k\":\"a\\u0000b\""},
    {{.key = "k", .text = {"\xc3\xa9t\xc3\xa9", 5}}, "k=été", "\"k\":\"été\""},
    {{.key = "k",
      .text = {"a\xff"
               "b\xc3",
               4}},
     "k=\"a\\ufffdb\\ufffd\"",
     "\"k\":\"a\\ufffdb\\ufffd\""},
};

Test(log, each_value_stands_on_one_line_and_escapes_what_could_forge_another)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct log_kv kv[] = {pairs[i].kv, {.key = NULL}};
        char want[512];
        const char *rest;

        log_start("fetcher", LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
        rest = behind_time(written(LOG_LEVEL_INFO, kv), "time=");
        snprintf(want, sizeof want, " level=info service=fetcher event=task.leased %s\n",
                 pairs[i].logfmt);
        cr_assert(strcmp(rest, want) == 0, "row %zu: %s", i, rest);

        log_start("fetcher", LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
        rest = behind_time(written(LOG_LEVEL_ERROR, kv), "{\"time\":\"");
        snprintf(want, sizeof want,
                 "\",\"level\":\"error\",\"service\":\"fetcher\",\"event\":\"task.leased\",%s}\n",
                 pairs[i].json);
        cr_assert(strcmp(rest, want) == 0, "row %zu: %s", i, rest);
    }
}

Test(log, what_is_below_the_level_is_not_written)
{
    static const struct log_kv none[] = {{.key = NULL}};

    log_start("sink", LOG_LEVEL_WARN, LOG_FORMAT_LOGFMT);

    cr_assert(strlen(written(LOG_LEVEL_DEBUG, none)) == 0);
    cr_assert(strlen(written(LOG_LEVEL_INFO, none)) == 0);
    cr_assert(strlen(written(LOG_LEVEL_WARN, none)) > 0);
    cr_assert(strlen(written(LOG_LEVEL_ERROR, none)) > 0);
}

Test(log, a_long_value_is_cut_between_characters)
{
    char text[3 * LOG_VALUE_BYTES + 1];
    const char *value;

    for (size_t i = 0; i < LOG_VALUE_BYTES; i++)
        memcpy(text + 3 * i, "\xe2\x82\xac", 3);
    text[sizeof text - 1] = '\0';
    log_start("sink", LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);

    value = strstr(written(LOG_LEVEL_INFO, (struct log_kv[]){KV_STR("k", text), {.key = NULL}}),
                   " k=\"");

    cr_assert(value);
    cr_assert(strlen(value) == strlen(" k=\"") + LOG_VALUE_BYTES / 3 * 3 + strlen("…\"\n"));
    cr_assert(strcmp(value + strlen(value) - 5, "…\"\n") == 0);
}

Test(log, many_long_values_of_bad_bytes_are_one_line)
{
    static char bad[LOG_VALUE_BYTES];
    struct log_kv kv[6] = {0};

    memset(bad, 0xff, sizeof bad);
    for (size_t i = 0; i < 5; i++)
        kv[i] = KV_SPAN("k", span_of(bad, sizeof bad));
    log_start("sink", LOG_LEVEL_INFO, LOG_FORMAT_JSON);

    cr_assert(written(LOG_LEVEL_INFO, kv)[line_bytes - 1] == '\n');
    cr_assert(line_bytes > 5 * 6 * LOG_VALUE_BYTES);
}

Test(log, the_macros_make_pairs)
{
    struct error err = {.message = "open x: no"};
    int saved = dup(STDERR_FILENO);
    ssize_t got;

    log_start("parser", LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
    cr_assert(dup2(pipes[1], STDERR_FILENO) == STDERR_FILENO);
    log_warn("a.b", KV_U64("task_id", 7), KV_ERR(&err));
    log_info("c.d");
    cr_assert(dup2(saved, STDERR_FILENO) == STDERR_FILENO);
    close(saved);
    got = read(pipes[0], line, sizeof line - 1);
    cr_assert(got > 0);
    line[got] = '\0';

    cr_assert(strstr(line, " level=warn service=parser event=a.b task_id=7 error=\"open x: no\"\n"),
              "%s", line);
    cr_assert(strstr(line, " level=info service=parser event=c.d\n"), "%s", line);
}
