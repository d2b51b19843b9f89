/*
 * status: asks the fetcher and the sink and shows their answers, as a table for people or as one
 * JSON object for programs:
 *
 *     {"fetcher": {"role": "fetcher", "sources": […], "tasks": {…}, …}, "sink": {…}}
 *
 * A service that did not answer is null there, is named on standard error, and makes the exit
 * status EX_UNAVAILABLE. Parsers listen nowhere; the fetcher knows those that work for it.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/timestamp.h"
#include "deploy/run/ask.h"
#include "deploy/run/commands.h"

#define ANSWER_MS  3000 /* a service that is alive answers within a turn of its loop */
#define RETRY_MS   20   /* between two tries to send, until the connection stands */
#define COLUMN_MAX 40

static const char usage[] =
    "Usage: pollwatch status [-c FILE] [--json]\n"
    "Asks the running fetcher and sink for their state. Exit status 69 if one does not answer.\n"
    "\n"
    "  -c, --config FILE  the configuration (default: none, all defaults)\n"
    "  -j, --json         one JSON object\n"
    "  -h, --help         this text\n";

struct question {
    const char *role;
    const char *endpoint;
    struct inquiry *inquiry;
    struct ask *ask;
    bool sent;
    json_t *answer; /* NULL: none yet */
};

struct inquiry {
    struct loop *loop;
    struct question questions[2];
};

/* --- asking --- */

static bool all_answered(const struct inquiry *q)
{
    for (size_t i = 0; i < ARRAY_LEN(q->questions); i++) {
        if (!q->questions[i].answer)
            return false;
    }
    return true;
}

static void on_answer(void *arg, struct span json)
{
    struct question *q = arg;
    json_t *answer = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(answer) || q->answer) {
        json_decref(answer);
        return;
    }
    q->answer = answer;
    if (all_answered(q->inquiry))
        loop_stop(q->inquiry->loop);
}

static void on_try(void *arg)
{
    struct inquiry *q = arg;

    for (size_t i = 0; i < ARRAY_LEN(q->questions); i++) {
        if (!q->questions[i].sent)
            q->questions[i].sent = ask_send(q->questions[i].ask);
    }
}

static void on_deadline(void *arg)
{
    struct inquiry *q = arg;

    loop_stop(q->loop);
}

static int ask_all(struct inquiry *q, struct bus *bus, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(q->questions); i++) {
        struct question *one = &q->questions[i];
        int rc;

        one->inquiry = q;
        rc = ask_open(bus, one->endpoint, one->role, on_answer, one, &one->ask, err);
        if (rc < 0)
            return rc;
    }
    loop_add_timer(q->loop, 0, RETRY_MS, on_try, q);
    loop_add_timer(q->loop, ANSWER_MS, 0, on_deadline, q);
    return loop_run(q->loop, err);
}

static int inquire(struct inquiry *q, struct error *err)
{
    struct bus *bus;
    int rc;

    q->loop = loop_new();
    bus = bus_new(q->loop, "zmq");
    rc = ask_all(q, bus, err);
    for (size_t i = 0; i < ARRAY_LEN(q->questions); i++)
        ask_close(q->questions[i].ask);
    bus_free(bus, 0);
    loop_free(q->loop);
    return rc;
}

/* --- showing --- */

/* What came from outside must not talk to the terminal. */
static void print_padded(const char *text, int width)
{
    int n = 0;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        putchar(c < 0x20 || c == 0x7f ? '?' : c);
        n += (c & 0xc0) != 0x80; /* code points, not bytes */
    }
    for (; n < width; n++)
        putchar(' ');
}

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text && *text ? text : otherwise;
}

static long long number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void print_number(const json_t *object, const char *key)
{
    printf("  %s %lld", key, number_of(object, key));
}

static void print_uptime(const json_t *answer)
{
    long long s = number_of(answer, "uptime_s");

    if (s >= 86400)
        printf("up %lldd %lldh\n", s / 86400, s / 3600 % 24);
    else if (s >= 3600)
        printf("up %lldh %lldm\n", s / 3600, s / 60 % 60);
    else
        printf("up %lldm %llds\n", s / 60, s % 60);
}

static int widest_id(const json_t *sources)
{
    int width = (int)strlen("source");
    size_t i;
    const json_t *source;

    json_array_foreach(sources, i, source)
    {
        int n = (int)json_string_length(json_object_get(source, "id"));

        if (n > width)
            width = n;
    }
    return width < COLUMN_MAX ? width : COLUMN_MAX;
}

static void print_sources(const json_t *sources)
{
    int width = widest_id(sources);
    size_t i;
    const json_t *source;

    if (json_array_size(sources) == 0) {
        puts("  no sources");
        return;
    }
    printf("  %-*s  %-20s  %-20s  %6s  %s\n", width, "source", "last poll", "next poll", "seen",
           "error");
    json_array_foreach(sources, i, source)
    {
        fputs("  ", stdout);
        print_padded(text_of(source, "id", "?"), width + 2);
        print_padded(text_of(source, "last_poll", "never"), 22);
        print_padded(text_of(source, "next_poll", "-"), 22);
        printf("%6lld  ", number_of(source, "seen"));
        print_padded(text_of(source, "error", "-"), 0);
        putchar('\n');
    }
}

static void print_workers(const json_t *workers)
{
    size_t i;
    const json_t *worker;

    if (json_array_size(workers) == 0)
        puts("  no parser is connected");
    json_array_foreach(workers, i, worker)
    {
        fputs("  parser ", stdout);
        print_padded(text_of(worker, "name", "?"), 0);
        print_number(worker, "credit");
        print_number(worker, "held");
        putchar('\n');
    }
}

static void print_numbers(const json_t *object, const char *const *keys)
{
    for (; *keys; keys++)
        print_number(object, *keys);
    putchar('\n');
}

static void print_fetcher(const json_t *answer)
{
    static const char *const keys[] = {"pending", "leased", "done", "dead", NULL};

    fputs("fetcher  ", stdout);
    print_uptime(answer);
    fputs("  tasks:", stdout);
    print_numbers(json_object_get(answer, "tasks"), keys);
    print_workers(json_object_get(answer, "workers"));
    print_sources(json_object_get(answer, "sources"));
}

static void print_sink(const json_t *answer)
{
    static const char *const keys[] = {"last_seq", "statements", "findings",
                                       "segments", "duplicates", NULL};

    fputs("sink     ", stdout);
    print_uptime(answer);
    print_numbers(answer, keys);
}

static void print_json(const struct inquiry *q)
{
    json_t *all = json_object();

    for (size_t i = 0; i < ARRAY_LEN(q->questions); i++) {
        json_t *answer = q->questions[i].answer;

        json_object_set_new(all, q->questions[i].role, answer ? json_incref(answer) : json_null());
    }
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
}

static void print_table(const struct inquiry *q)
{
    if (q->questions[0].answer)
        print_fetcher(q->questions[0].answer);
    if (q->questions[1].answer)
        print_sink(q->questions[1].answer);
}

static int report(const struct inquiry *q, bool as_json)
{
    int status = EX_OK;

    if (as_json)
        print_json(q);
    else
        print_table(q);
    for (size_t i = 0; i < ARRAY_LEN(q->questions); i++) {
        if (q->questions[i].answer)
            continue;
        fprintf(stderr, "pollwatch status: the %s does not answer at %s\n", q->questions[i].role,
                q->questions[i].endpoint);
        status = EX_UNAVAILABLE;
    }
    return status;
}

static int show(const char *path, bool as_json)
{
    struct config *config = NULL;
    struct inquiry q = {0};
    struct error err;
    int status = load_config(path, &config);

    if (status != EX_OK)
        return status;
    q.questions[0] = (struct question){.role = "fetcher", .endpoint = config->fetcher.work};
    q.questions[1] = (struct question){.role = "sink", .endpoint = config->sink.results};
    if (inquire(&q, &err) < 0) {
        fprintf(stderr, "pollwatch status: %s\n", err.message);
        status = error_exit_status(&err);
    } else {
        status = report(&q, as_json);
    }
    for (size_t i = 0; i < ARRAY_LEN(q.questions); i++)
        json_decref(q.questions[i].answer);
    config_free(config);
    return status;
}

int status_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {0},
    };
    const char *path = NULL;
    bool as_json = false;
    int c;

    while ((c = getopt_long(argc, argv, "c:hj", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'j':
            as_json = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            fputs(usage, stderr);
            return EX_USAGE;
        }
    }
    if (optind != argc) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    return show(path, as_json);
}
