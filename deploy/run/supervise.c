/*
 * run: the three services as children of one process.
 *
 *              start                    ends                  after the backoff
 *     DOWN ───────────▶ UP ──────────────────────▶ WAITING ─────────────────────▶ UP
 *                        │  told to end, or refuses
 *                        └─────────────────────────▶ DOWN
 *
 * A service that dies is started again, at once at first, then with a backoff that doubles. One
 * that refuses to work in its first seconds (a wrong configuration, a taken port, a directory that
 * it may not write) takes everything down with its own exit status, for starting it again cures
 * nothing. Later the same is an accident of the running system (a disk that filled up) and is tried
 * again: upstream waits, and nothing is lost.
 *
 * To drain is to end the fetcher and the parsers first, who finish what they hold, and then the
 * sink, which takes their last results. What has not ended in time is killed, which costs time at
 * the next start but no data.
 */
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "deploy/locate.h"
#include "deploy/run/ask.h"
#include "deploy/run/commands.h"
#include "deploy/run/process.h"

#define BACKOFF_MIN_MS   UINT64_C(200)
#define BACKOFF_MAX_MS   UINT64_C(10000)
#define BACKOFF_RESET_MS UINT64_C(30000) /* who has lived so long starts with a clean slate */
#define START_MS         UINT64_C(5000)  /* what counts as failing to start */
#define DRAIN_MS         UINT64_C(20000)
#define IDLE_LOOK_MS     UINT64_C(200)

static const char usage[] =
    "Usage: pollwatch run [-c FILE] [--until-idle]\n"
    "Runs fetcher, parser and sink on this machine and starts again what dies.\n"
    "\n"
    "  -c, --config FILE  the configuration (default: none, all defaults)\n"
    "      --until-idle   ends when every source was polled once and nothing is left to do\n"
    "  -h, --help         this text\n"
    "\n"
    "SIGINT and SIGTERM drain; a second one kills at once.\n";

enum service_state { SERVICE_DOWN, SERVICE_UP, SERVICE_WAITING };

struct supervisor;

struct service {
    const char *name;
    const char *program;
    struct supervisor *supervisor;
    enum service_state state;
    pid_t pid;
    uint64_t started_ms;
    uint64_t backoff_ms;
    unsigned starts;
    bool told; /* has had its SIGTERM */
    struct loop_watch *timer;
};

/* In the order of their start: the receiver before the sender. */
enum { SINK, FETCHER, PARSER, SERVICES };

struct supervisor {
    const struct config *config;
    const char *path; /* of the configuration; NULL: none */
    bool until_idle;
    struct loop *loop;
    struct bus *bus;
    struct ask *ask; /* the fetcher, when until_idle */
    struct service services[SERVICES];
    bool draining;
    int exit_status;
};

static void set_state(struct service *v, enum service_state state)
{
    static const char *const names[] = {"down", "up", "waiting"};

    log_debug("service.state", KV_STR("name", v->name), KV_STR("from", names[v->state]),
              KV_STR("to", names[state]));
    v->state = state;
}

/* --- ending --- */

static void signal_service(struct service *v, int signo)
{
    if (v->state == SERVICE_UP)
        kill(v->pid, signo);
}

static void tell_to_end(struct service *v)
{
    loop_remove(v->supervisor->loop, v->timer);
    v->timer = NULL;
    if (v->state == SERVICE_WAITING)
        set_state(v, SERVICE_DOWN);
    if (!v->told)
        signal_service(v, SIGTERM);
    v->told = true;
}

/* The next step of a drain, whenever something has ended. */
static void drain_on(struct supervisor *s)
{
    bool any_up = false;

    if (s->services[PARSER].state == SERVICE_DOWN)
        tell_to_end(&s->services[SINK]);
    for (size_t i = 0; i < SERVICES; i++)
        any_up = any_up || s->services[i].state == SERVICE_UP;
    if (!any_up)
        loop_stop(s->loop);
}

static void kill_all(struct supervisor *s)
{
    for (size_t i = 0; i < SERVICES; i++)
        signal_service(&s->services[i], SIGKILL);
}

static void on_drain_overdue(void *arg)
{
    struct supervisor *s = arg;

    for (size_t i = 0; i < SERVICES; i++) {
        if (s->services[i].state == SERVICE_UP)
            log_warn("drain.overdue", KV_STR("name", s->services[i].name),
                     KV_STR("action", "it is killed; nothing is lost"));
    }
    kill_all(s);
}

static void drain(struct supervisor *s, const char *why, int exit_status)
{
    if (s->draining)
        return;
    s->draining = true;
    s->exit_status = exit_status;
    log_info("drain.started", KV_STR("why", why));
    loop_add_timer(s->loop, DRAIN_MS, 0, on_drain_overdue, s);
    tell_to_end(&s->services[FETCHER]);
    tell_to_end(&s->services[PARSER]);
    drain_on(s);
}

static void on_stop_signal(void *arg, int signo)
{
    struct supervisor *s = arg;

    if (!s->draining) {
        drain(s, strsignal(signo), EX_OK);
        return;
    }
    log_warn("drain.cut_short", KV_STR("why", strsignal(signo)));
    s->exit_status = 128 + signo; /* as a shell has it */
    kill_all(s);
}

/* --- starting --- */

static void start(struct service *v);

static void on_backoff_over(void *arg)
{
    struct service *v = arg;

    v->timer = NULL;
    start(v);
}

static void start_later(struct service *v)
{
    struct supervisor *s = v->supervisor;

    log_warn("service.restart", KV_STR("name", v->name), KV_U64("in_ms", v->backoff_ms));
    set_state(v, SERVICE_WAITING);
    v->timer = loop_add_timer(s->loop, v->backoff_ms, 0, on_backoff_over, v);
    v->backoff_ms = v->backoff_ms * 2 < BACKOFF_MAX_MS ? v->backoff_ms * 2 : BACKOFF_MAX_MS;
}

static void start(struct service *v)
{
    struct supervisor *s = v->supervisor;
    const char *argv[] = {v->program, s->path ? "-c" : NULL, s->path, NULL};
    char program[PATH_MAX];
    struct error err;

    program_locate(v->program, program);
    v->started_ms = loop_mono_ms(s->loop);
    v->starts++;
    if (process_start(program, argv, &v->pid, &err) < 0) {
        log_error("service.no_process", KV_STR("name", v->name), KV_ERR(&err));
        start_later(v);
        return;
    }
    set_state(v, SERVICE_UP);
    log_info("service.started", KV_STR("name", v->name), KV_U64("pid", (uint64_t)v->pid));
}

/* --- when one ends --- */

/* Trying again would not cure it. With --until-idle nobody waits for an operator to cure it either.
 */
static bool is_hopeless(const struct service *v, int wait_status, uint64_t age_ms, int *exit_status)
{
    bool starting = v->starts == 1 && age_ms < START_MS;

    return process_refused(wait_status, exit_status) && (starting || v->supervisor->until_idle);
}

static void on_end(struct service *v, int wait_status)
{
    struct supervisor *s = v->supervisor;
    uint64_t age_ms = loop_mono_ms(s->loop) - v->started_ms;
    char how[PROCESS_END_BYTES];
    int exit_status;

    process_describe_end(wait_status, how);
    set_state(v, SERVICE_DOWN);
    if (v->told) {
        log_info("service.ended", KV_STR("name", v->name), KV_STR("how", how));
    } else if (!s->draining && is_hopeless(v, wait_status, age_ms, &exit_status)) {
        log_error("service.refused", KV_STR("name", v->name), KV_STR("how", how),
                  KV_STR("action", "everything is stopped; see its own message above"));
        drain(s, "a service can't work", exit_status);
    } else {
        log_error("service.died", KV_STR("name", v->name), KV_STR("how", how),
                  KV_U64("age_ms", age_ms));
        if (age_ms >= BACKOFF_RESET_MS)
            v->backoff_ms = BACKOFF_MIN_MS;
        if (!s->draining)
            start_later(v);
    }
    if (s->draining)
        drain_on(s);
}

static struct service *find_service(struct supervisor *s, pid_t pid)
{
    for (size_t i = 0; i < SERVICES; i++) {
        if (s->services[i].state == SERVICE_UP && s->services[i].pid == pid)
            return &s->services[i];
    }
    return NULL;
}

/*
 * One signal may stand for several children. In a container this is process 1 and inherits what
 * killed services leave behind; those are buried too.
 */
static void on_child_signal(void *arg, int signo)
{
    struct supervisor *s = arg;
    int wait_status;
    pid_t pid;

    (void)signo;
    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
        struct service *v = find_service(s, pid);

        if (v)
            on_end(v, wait_status);
    }
}

/* --- until idle --- */

static bool is_idle(const json_t *state)
{
    const json_t *tasks = json_object_get(state, "tasks");
    const json_t *pending = json_object_get(tasks, "pending");
    const json_t *leased = json_object_get(tasks, "leased");

    return json_is_true(json_object_get(state, "polled_all_once")) && json_is_integer(pending) &&
           json_integer_value(pending) == 0 && json_is_integer(leased) &&
           json_integer_value(leased) == 0;
}

static void on_answer(void *arg, struct span json)
{
    struct supervisor *s = arg;
    json_t *state = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);

    if (is_idle(state))
        drain(s, "idle", EX_OK);
    json_decref(state);
}

static void on_idle_look(void *arg)
{
    struct supervisor *s = arg;

    /* nobody there is fine: the fetcher is being started */
    if (!s->draining)
        (void)ask_send(s->ask);
}

/* --- the whole --- */

static int watch_signals(struct supervisor *s, struct error *err)
{
    int rc = loop_add_signal(s->loop, SIGCHLD, on_child_signal, s, err);

    if (rc == 0)
        rc = loop_add_signal(s->loop, SIGINT, on_stop_signal, s, err);
    if (rc == 0)
        rc = loop_add_signal(s->loop, SIGTERM, on_stop_signal, s, err);
    return rc;
}

static int watch_for_idle(struct supervisor *s, struct error *err)
{
    int rc;

    s->bus = bus_new(s->loop, "zmq");
    rc = ask_open(s->bus, s->config->fetcher.work, "fetcher", on_answer, s, &s->ask, err);
    if (rc == 0)
        loop_add_timer(s->loop, IDLE_LOOK_MS, IDLE_LOOK_MS, on_idle_look, s);
    return rc;
}

static void add_services(struct supervisor *s)
{
    static const char *const names[] = {
        [SINK] = "sink", [FETCHER] = "fetcher", [PARSER] = "parser"};
    static const char *const programs[] = {
        [SINK] = "pollwatch-sink", [FETCHER] = "pollwatch-fetcher", [PARSER] = "pollwatch-parser"};

    for (size_t i = 0; i < SERVICES; i++)
        s->services[i] = (struct service){.name = names[i],
                                          .program = programs[i],
                                          .supervisor = s,
                                          .backoff_ms = BACKOFF_MIN_MS};
}

static int supervise(struct supervisor *s, struct error *err)
{
    int rc;

    s->loop = loop_new();
    add_services(s);
    rc = watch_signals(s, err);
    if (rc == 0 && s->until_idle)
        rc = watch_for_idle(s, err);
    if (rc == 0) {
        for (size_t i = 0; i < SERVICES; i++)
            start(&s->services[i]);
        rc = loop_run(s->loop, err);
    }
    kill_all(s);
    ask_close(s->ask);
    bus_free(s->bus, 0);
    loop_free(s->loop);
    return rc;
}

static int run(const char *path, bool until_idle)
{
    struct config *config = NULL;
    struct supervisor s = {.path = path, .until_idle = until_idle};
    struct error err;
    int status = load_config(path, &config);

    if (status != EX_OK)
        return status;
    s.config = config;
    log_start("supervisor", config->log_level, config->log_format);
    if (config->fetcher.sources_n == 0)
        log_warn("config.no_sources", KV_STR("file", config->file),
                 KV_STR("action", "nothing will be fetched"));
    if (supervise(&s, &err) < 0) {
        log_error("supervisor.failed", KV_ERR(&err));
        status = error_exit_status(&err);
    } else {
        status = s.exit_status;
        log_info("supervisor.ended", KV_U64("exit_status", (uint64_t)status));
    }
    config_free(config);
    return status;
}

int run_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {"until-idle", no_argument, NULL, 'u'},
        {0},
    };
    const char *path = NULL;
    bool until_idle = false;
    int c;

    while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'u':
            until_idle = true;
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
    return run(path, until_idle);
}
