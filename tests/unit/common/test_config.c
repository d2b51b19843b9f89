#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/config.h"
#include "common/config_internal.h"
#include "common/file.h"

/* Each test is a process of its own, so these are fresh every time. */
static char dir[] = "/tmp/test_config.XXXXXX";
static char file[64];
static struct config *config;
static struct buf problems;
static struct error err;

static void setup(void)
{
    cr_assert(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/c.yaml", dir);
    buf_init(&problems, 64 * 1024);
}

static void teardown(void)
{
    config_free(config);
    buf_fini(&problems);
    unlink(file);
    cr_assert(rmdir(dir) == 0);
}

TestSuite(config, .init = setup, .fini = teardown, .timeout = 20);

static int load(const char *text)
{
    cr_assert(file_write_atomic(file, text, strlen(text), &err) == 0);
    return config_load(file, &config, &problems, &err);
}

static void assert_loads(const char *text)
{
    cr_assert(load(text) == 0, "%.*s", SPAN_ARG(buf_span(&problems)));
    cr_assert(problems.n == 0);
}

/* The problems, each with the directory of the test taken off, are exactly `want`. */
static void assert_problems(const char *want)
{
    struct buf got;
    struct span left = buf_span(&problems);
    struct span prefix;

    buf_init(&got, 64 * 1024);
    while (left.n > 0) {
        size_t end = span_find(left, SPAN_LIT("\n"), 0);

        cr_assert(end != SIZE_MAX, "a problem without its line end");
        prefix = span_of_str(dir);
        if (span_starts(left, prefix))
            buf_add_span(&got, span_of(left.p + prefix.n + 1, end - prefix.n));
        else
            buf_add_span(&got, span_of(left.p, end + 1));
        left = span_from(left, end + 1);
    }
    cr_assert(span_equal_str(buf_span(&got), want), "got:\n%.*swant:\n%s", SPAN_ARG(buf_span(&got)),
              want);
    buf_fini(&got);
}

static const char *in_dir(const char *name)
{
    static char path[4][96];
    static unsigned next;

    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", dir, name);
    return path[next];
}

static void assert_text(const char *got, const char *want)
{
    cr_assert(got && strcmp(got, want) == 0, "got %s, want %s", got ? got : "NULL", want);
}

static void assert_in_dir(const char *got, const char *prefix, const char *name)
{
    char want[128];

    snprintf(want, sizeof want, "%s%s", prefix, in_dir(name));
    assert_text(got, want);
}

Test(config, an_empty_file_gives_every_default)
{
    assert_loads("");

    assert_in_dir(config->dir, "", "pollwatch-data");
    cr_assert(config->log_level == LOG_LEVEL_INFO);
    cr_assert(config->log_format == LOG_FORMAT_LOGFMT);
    assert_in_dir(config->fetcher.work, "ipc://", "pollwatch-data/work.sock");
    assert_in_dir(config->fetcher.dir, "", "pollwatch-data/fetcher");
    cr_assert(config->fetcher.lease_ms == 30000);
    cr_assert(config->fetcher.max_attempts == 3);
    cr_assert(config->fetcher.retry_ms == 5000);
    cr_assert(config->fetcher.max_body_bytes == 20 * 1024 * 1024);
    cr_assert(config->fetcher.archive_bytes == 256 * 1024 * 1024);
    cr_assert(config->fetcher.timeout_ms == 20000);
    cr_assert(config->fetcher.host_spacing_ms == 1000);
    assert_text(config->fetcher.user_agent, "pollwatch/" POLLWATCH_VERSION);
    cr_assert(config->fetcher.contact == NULL);
    cr_assert(config->fetcher.sources_n == 0);
    assert_text(config->parser.fetchers[0], config->fetcher.work);
    cr_assert(config->parser.fetchers[1] == NULL);
    assert_text(config->parser.sinks[0], config->sink.results);
    cr_assert(config->parser.sinks[1] == NULL);
    cr_assert(config->parser.workers == 2);
    cr_assert(config->parser.child_time_ms == 10000);
    cr_assert(config->parser.child_memory_bytes == 512 * 1024 * 1024);
    cr_assert(config->parser.rules == NULL);
    assert_in_dir(config->sink.results, "ipc://", "pollwatch-data/results.sock");
    assert_in_dir(config->sink.stream, "ipc://", "pollwatch-data/stream.sock");
    assert_in_dir(config->sink.dir, "", "pollwatch-data/sink");
    cr_assert(!config->sink.ndjson);
    cr_assert(config->sink.segment_bytes == 64 * 1024 * 1024);
    cr_assert(config->sink.segment_age_ms == 24 * 60 * 60 * 1000);
}

Test(config, no_file_gives_defaults_beside_the_working_directory)
{
    cr_assert(chdir(dir) == 0);

    cr_assert(config_load(NULL, &config, &problems, &err) == 0);

    assert_in_dir(config->dir, "", "pollwatch-data");
    assert_text(config->file, "built-in defaults");
}

Test(config, values_of_every_kind_are_read)
{
    assert_loads(
        "dir: state\n"
        "log: {level: debug, format: json}\n"
        "fetcher: {work: 'tcp://127.0.0.1:7001', lease: 2m, max_attempts: 7, max_body: 2MiB}\n"
        "parser:\n"
        "  fetchers: [tcp://127.0.0.1:7001, ipc:///run/x.sock]\n"
        "  sinks: ipc://r.sock\n"
        "sink: {ndjson: yes, dir: ./out}\n");

    assert_in_dir(config->dir, "", "state");
    cr_assert(config->log_level == LOG_LEVEL_DEBUG);
    cr_assert(config->log_format == LOG_FORMAT_JSON);
    assert_text(config->fetcher.work, "tcp://127.0.0.1:7001");
    assert_in_dir(config->fetcher.dir, "", "state/fetcher");
    cr_assert(config->fetcher.lease_ms == 120000);
    cr_assert(config->fetcher.max_attempts == 7);
    cr_assert(config->fetcher.max_body_bytes == 2 * 1024 * 1024);
    assert_text(config->parser.fetchers[0], "tcp://127.0.0.1:7001");
    assert_text(config->parser.fetchers[1], "ipc:///run/x.sock");
    cr_assert(config->parser.fetchers[2] == NULL);
    assert_in_dir(config->parser.sinks[0], "ipc://", "r.sock");
    cr_assert(config->sink.ndjson);
    assert_in_dir(config->sink.dir, "", "out");
    assert_in_dir(config->sink.results, "ipc://", "state/results.sock");
}

Test(config, sources_keep_order_line_and_defaults_of_their_kind)
{
    assert_loads("fetcher:\n"
                 "  sources:\n"
                 "    - {id: a, kind: folder, path: samples}\n"
                 "    - {id: b, kind: rss, url: 'https://example.org/feed', issuer: some-body}\n"
                 "    - id: c\n"
                 "      kind: page\n"
                 "      url: ['http://example.org/1', 'https://example.org/2']\n"
                 "      every: 250ms\n"
                 "      allow_private: yes\n");

    const struct config_source *s = config->fetcher.sources;

    cr_assert(config->fetcher.sources_n == 3);
    assert_text(s[0].id, "a");
    cr_assert(s[0].kind == SOURCE_FOLDER);
    assert_in_dir(s[0].path, "", "samples");
    cr_assert(s[0].every_ms == 5000 && s[0].urls == NULL && s[0].line == 3);
    cr_assert(s[1].kind == SOURCE_RSS && s[1].every_ms == 30 * 60 * 1000 && s[1].line == 4);
    assert_text(s[1].urls[0], "https://example.org/feed");
    cr_assert(s[1].urls[1] == NULL && !s[1].allow_private);
    assert_text(s[1].issuer, "some-body");
    cr_assert(s[2].kind == SOURCE_PAGE && s[2].every_ms == 250 && s[2].allow_private);
    assert_text(s[2].urls[1], "https://example.org/2");
    cr_assert(s[2].urls[2] == NULL && s[2].issuer == NULL && s[2].line == 5);
}

/* A file, and every line that its reading must report. */
static const struct {
    const char *text;
    const char *want;
} wrong[] = {
    {"dri: x\n", "c.yaml:1: unknown key dri; did you mean dir?\n"},
    {"fetchr: {}\n", "c.yaml:1: unknown key fetchr; did you mean fetcher?\n"},
    {"xyzzy: 1\n", "c.yaml:1: unknown key xyzzy\n"},
    {"sink:\n  ndjsn: yes\n", "c.yaml:2: sink: unknown key ndjsn; did you mean ndjson?\n"},
    {"source: {}\n", "c.yaml:1: unknown key source\n"},
    {"dir:\n", "c.yaml:1: dir: missing value\n"},
    {"dir: ''\n", "c.yaml:1: dir: missing value\n"},
    {"sink: {dir: ~}\n", "c.yaml:1: sink.dir: missing value\n"},
    {"sink: no\n", "c.yaml:1: sink: expected a map of keys\n"},
    {"[a, b]\n", "c.yaml:1: expected a map of sections (dir, log, fetcher, parser, sink)\n"},
    {"dir: [a]\n", "c.yaml:1: dir: expected one value, found a list\n"},
    {"dir: {a: b}\n", "c.yaml:1: dir: expected one value, found a map\n"},
    {"dir: \"a\\0b\"\n", "c.yaml:1: dir: a NUL byte in the value\n"},
    {"dir: \"a\\nb\"\n",
     "c.yaml:1: dir: expected a path of at most 1024 bytes without control characters\n"},
    {"parser: {workers: two}\n",
     "c.yaml:1: parser.workers: expected a whole number, found \"two\"\n"},
    {"parser: {workers: -1}\n",
     "c.yaml:1: parser.workers: expected a whole number, found \"-1\"\n"},
    {"parser: {workers: 0}\n", "c.yaml:1: parser.workers: expected 1 to 256, found 0\n"},
    {"parser: {workers: 99999999999999999999}\n",
     "c.yaml:1: parser.workers: expected a whole number, found \"99999999999999999999\"\n"},
    {"fetcher: {lease: 30}\n", "c.yaml:1: fetcher.lease: expected a duration such as 250ms, 30s, "
                               "5m, 6h or 1d, found \"30\"\n"},
    {"fetcher: {lease: 2h}\n", "c.yaml:1: fetcher.lease: expected 500ms to 1h, found 2h\n"},
    {"fetcher: {retry: 2d}\n", "c.yaml:1: fetcher.retry: expected 0 to 1d, found 2d\n"},
    {"fetcher: {max_body: 20MB}\n", "c.yaml:1: fetcher.max_body: expected a size such as 4096, "
                                    "64KiB, 20MiB or 1GiB, found \"20MB\"\n"},
    {"fetcher: {max_body: 65MiB}\n",
     "c.yaml:1: fetcher.max_body: expected 1KiB to 64MiB, found 65MiB\n"},
    {"sink: {ndjson: maybe}\n", "c.yaml:1: sink.ndjson: expected yes or no, found \"maybe\"\n"},
    {"log: {level: loud}\n",
     "c.yaml:1: log.level: expected debug, info, warn or error, found \"loud\"\n"},
    {"fetcher: {work: /tmp/x}\n", "c.yaml:1: fetcher.work: expected an endpoint: ipc://PATH or "
                                  "tcp://HOST:PORT, found \"/tmp/x\"\n"},
    {"fetcher: {work: 'tcp://127.0.0.1'}\n", "c.yaml:1: fetcher.work: expected an endpoint such as "
                                             "tcp://127.0.0.1:7001, found \"tcp://127.0.0.1\"\n"},
    {"fetcher: {work: 'tcp://127.0.0.1:70000'}\n",
     "c.yaml:1: fetcher.work: expected an endpoint such as tcp://127.0.0.1:7001, found "
     "\"tcp://127.0.0.1:70000\"\n"},
    {"fetcher: {work: 'tcp://0.0.0.0:7001'}\n",
     "c.yaml:1: fetcher.work: tcp://0.0.0.0:7001: only loopback (127.0.0.1, [::1]) and ipc are "
     "allowed, as the connection is not encrypted\n"},
    {"fetcher: {work: 'ipc://'}\n", "c.yaml:1: fetcher.work: expected an endpoint such as "
                                    "ipc:///run/pollwatch/work.sock, found \"ipc://\"\n"},
    {"parser: {fetchers: []}\n", "c.yaml:1: parser.fetchers: the list is empty\n"},
    {"parser:\n  fetchers:\n    - ipc:///a\n    - nowhere\n",
     "c.yaml:4: parser.fetchers: expected an endpoint: ipc://PATH or tcp://HOST:PORT, found "
     "\"nowhere\"\n"},
    {"fetcher: {sources: {id: a}}\n", "c.yaml:1: fetcher.sources: expected a list of sources\n"},
    {"fetcher: {sources: [a]}\n", "c.yaml:1: a source is a map: {id: …, kind: …, …}\n"},
    {"fetcher: {sources: [{path: x}]}\n",
     "c.yaml:1: a source needs an id\n"
     "c.yaml:1: a source needs a kind: folder, rss, atom or page\n"},
    {"fetcher: {sources: [{id: a, kind: fodler, path: x}]}\n",
     "c.yaml:1: source.kind: expected folder, rss, atom or page, found \"fodler\"\n"},
    {"fetcher: {sources: [{id: a, kind: folder, pth: x}]}\n",
     "c.yaml:1: source: unknown key pth; did you mean path?\n"
     "c.yaml:1: a source of kind folder needs path\n"},
    {"fetcher: {sources: [{id: a, kind: rss, path: x}]}\n",
     "c.yaml:1: a source of kind rss needs url\n"
     "c.yaml:1: a source of kind rss has no path\n"},
    {"fetcher: {sources: [{id: a, kind: atom, url: 'ftp://example.org/'}]}\n",
     "c.yaml:1: source.url: expected an http:// or https:// address, found "
     "\"ftp://example.org/\"\n"},
    {"fetcher: {sources: [{id: a, kind: atom, url: 'https:///feed'}]}\n",
     "c.yaml:1: source.url: expected an address with a host, found \"https:///feed\"\n"},
    {"fetcher: {sources: [{id: a, kind: rss, url: 'https://example.org/', every: 1s}]}\n",
     "c.yaml:1: source.every: a public site is not asked more often than every 10s\n"},
    {"fetcher: {sources: [{id: A B, kind: folder, path: x}]}\n",
     "c.yaml:1: source.id: expected at most 64 of a-z, 0-9, -, _ and ., found \"A B\"\n"},
    {"fetcher:\n  sources:\n    - {id: a, kind: folder, path: x}\n    - {id: a, kind: folder, "
     "path: y}\n",
     "c.yaml:4: the source id a stands at line 3 already\n"},
    {"dir: a\ndir: b\n", "c.yaml:2: the key dir stands here again (line 1)\n"},
    {"dir: 'a\n", "c.yaml:2: found unexpected end of stream\n"},
    {"dri: x\nsink:\n  ndjson: si\nparser:\n  workers: 0\n",
     "c.yaml:1: unknown key dri; did you mean dir?\n"
     "c.yaml:5: parser.workers: expected 1 to 256, found 0\n"
     "c.yaml:3: sink.ndjson: expected yes or no, found \"si\"\n"},
};

Test(config, each_problem_is_reported_with_file_line_and_cause)
{
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        buf_clear(&problems);

        cr_assert(load(wrong[i].text) == ERR_CONFIG, "row %zu loads", i);

        assert_problems(wrong[i].want);
        cr_assert(err.code == ERR_CONFIG);
        cr_assert(problems.n > strlen(err.message) &&
                      memcmp(problems.data, err.message, strlen(err.message)) == 0,
                  "row %zu: the first problem is the error: %s", i, err.message);
    }
}

Test(config, a_socket_path_that_no_system_call_takes_is_refused)
{
    char text[256];

    snprintf(text, sizeof text, "fetcher: {work: 'ipc:///%0110d'}\n", 7);

    cr_assert(load(text) == ERR_CONFIG);

    cr_assert(strstr(err.message, "a socket's path may have at most 107 bytes"), "%s", err.message);
}

Test(config, a_file_that_is_not_there_is_a_system_error)
{
    cr_assert(config_load(in_dir("none.yaml"), &config, &problems, &err) == ERR_SYS);

    cr_assert(strstr(err.message, "none.yaml: No such file"), "%s", err.message);
    cr_assert(problems.n > 0, "the problem is listed too");
}

Test(config, the_environment_overrides_the_file)
{
    setenv("POLLWATCH_DIR", "/elsewhere", 1);
    setenv("POLLWATCH_SINK_NDJSON", "yes", 1);
    setenv("POLLWATCH_LOG_LEVEL", "warn", 1);
    setenv("POLLWATCH_PARSER_FETCHERS", "ipc:///a, tcp://127.0.0.1:7001", 1);

    assert_loads("dir: here\nsink: {ndjson: no}\n");

    assert_text(config->dir, "/elsewhere");
    assert_text(config->sink.dir, "/elsewhere/sink");
    cr_assert(config->sink.ndjson);
    cr_assert(config->log_level == LOG_LEVEL_WARN);
    assert_text(config->parser.fetchers[0], "ipc:///a");
    assert_text(config->parser.fetchers[1], "tcp://127.0.0.1:7001");
    cr_assert(config->parser.fetchers[2] == NULL);
}

Test(config, a_wrong_or_unknown_variable_is_a_problem)
{
    setenv("POLLWATCH_SINK_DRI", "/x", 1);
    setenv("POLLWATCH_PARSER_WORKERS", "many", 1);
    setenv("POLLWATCH_SINK_DIR", "", 1);
    setenv("POLLWATCH_SOMETHING", "else", 1);

    cr_assert(load("") == ERR_CONFIG);

    assert_problems(
        "environment: POLLWATCH_SINK_DRI: unknown variable; did you mean POLLWATCH_SINK_DIR?\n"
        "environment: POLLWATCH_PARSER_WORKERS: parser.workers: expected a whole number, found "
        "\"many\"\n"
        "environment: POLLWATCH_SINK_DIR: sink.dir: missing value\n");
}

Test(config, the_table_is_sorted_and_every_default_is_valid)
{
    for (size_t i = 1; i < config_keys_n; i++) {
        const struct config_key *a = &config_keys[i - 1];
        const struct config_key *b = &config_keys[i];

        if (strcmp(a->section, b->section) == 0)
            cr_assert(strcmp(a->key, b->key) < 0, "%s.%s", b->section, b->key);
    }

    assert_loads("");
}

/* Whether the file shows the key, be it in a comment. */
static bool shows(struct span text, const char *key)
{
    size_t at = 0;

    while ((at = span_find(text, span_of_str(key), at)) != SIZE_MAX) {
        size_t end = at + strlen(key);
        bool starts = at == 0 || strchr(" \n{", text.p[at - 1]);

        if (starts && end < text.n && text.p[end] == ':')
            return true;
        at = end;
    }
    return false;
}

Test(config, the_example_shows_every_key_with_its_default)
{
    struct config *example;
    struct buf text;

    buf_init(&text, 64 * 1024);
    cr_assert(file_read(TEST_SOURCE_DIR "/deploy/pollwatch.yaml", &text, &err) == 0);
    cr_assert(config_load(TEST_SOURCE_DIR "/deploy/pollwatch.yaml", &example, &problems, &err) == 0,
              "%.*s", SPAN_ARG(buf_span(&problems)));
    assert_loads("");

    for (size_t i = 0; i < config_keys_n; i++)
        cr_assert(shows(buf_span(&text), config_keys[i].key), "%s.%s is not in the example",
                  config_keys[i].section, config_keys[i].key);
    /* numbers and names: whatever does not depend on the directory of the file */
    for (size_t i = 0; i < config_keys_n; i++) {
        const struct config_key *key = &config_keys[i];
        size_t size = key->kind == CONFIG_BOOL                                   ? sizeof(bool)
                      : key->kind == CONFIG_COUNT || key->kind == CONFIG_NAME    ? sizeof(uint32_t)
                      : key->kind == CONFIG_DURATION || key->kind == CONFIG_SIZE ? sizeof(uint64_t)
                                                                                 : 0;

        if (strcmp(key->section, CONFIG_SOURCE_SECTION) == 0)
            continue;
        cr_assert(memcmp((char *)example + key->offset, (char *)config + key->offset, size) == 0,
                  "%s.%s differs from its default", key->section, key->key);
    }
    assert_text(example->fetcher.user_agent, config->fetcher.user_agent);
    assert_text(strrchr(example->sink.dir, '/'), strrchr(config->sink.dir, '/'));
    cr_assert(example->fetcher.sources_n == 4);

    config_free(example);
    buf_fini(&text);
}

Test(config, freeing_nothing_is_fine)
{
    config_free(NULL);
}
