/*
 * The fetcher's parts put together, and what happens at the end of each turn.
 *
 *     poll a bit  ->  lease  ->  fdatasync the archive  ->  commit the store  ->  send what was
 * leased
 *
 * One commit a turn pays for everything that happened in it. SIGTERM drains: nothing new is
 * polled or leased, transfers and leases under way get DRAIN_MS to come home. What does not is no
 * loss: addresses are still due, and leases hold until the next start.
 */
#include "fetcher/service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/file.h"
#include "common/log.h"
#include "fetcher/dispatch.h"
#include "fetcher/poller.h"

#define DRAIN_MS  10000
#define LINGER_MS 500

struct service {
    struct fetcher fetcher;
    struct bus *bus;
    struct poller *poller;
    struct dispatch *dispatch;
    int lock_fd;
};

static int is_drained(struct service *s, bool *yes, struct error *err)
{
    uint64_t outstanding = 0;
    int rc = dispatch_outstanding(s->dispatch, &outstanding, err);

    *yes = rc == 0 && outstanding == 0 && poller_running(s->poller) == 0;
    return rc;
}

static int end_turn(struct service *s, struct error *err)
{
    bool drained = false;
    int rc = poller_turn(s->poller, err);

    if (rc == 0)
        rc = dispatch_lease(s->dispatch, err);
    if (rc == 0)
        rc = fetcher_settle(&s->fetcher, err);
    if (rc == 0)
        rc = dispatch_send(s->dispatch, err);
    if (rc == 0 && s->fetcher.is_draining)
        rc = is_drained(s, &drained, err);
    if (rc == 0 && drained)
        loop_stop(s->fetcher.loop);
    return rc;
}

static void before_sleep(void *arg)
{
    struct service *s = arg;
    struct error err;

    if (!s->fetcher.has_failed && end_turn(s, &err) < 0)
        fetcher_fail(&s->fetcher, &err);
}

static void on_drain_timeout(void *arg)
{
    struct service *s = arg;

    log_warn("service.drain_timeout", KV_U64("transfers", poller_running(s->poller)));
    loop_stop(s->fetcher.loop);
}

static void on_signal(void *arg, int signo)
{
    struct service *s = arg;

    if (s->fetcher.is_draining)
        return;
    log_info("service.draining", KV_STR("signal", signo == SIGINT ? "SIGINT" : "SIGTERM"));
    s->fetcher.is_draining = true;
    loop_add_timer(s->fetcher.loop, DRAIN_MS, 0, on_drain_timeout, s);
}

char *service_store_path(const char *dir)
{
    char *path = NULL;

    if (asprintf(&path, "%s/fetcher.sqlite", dir) < 0)
        abort();
    return path;
}

static int open_state(struct service *s, struct error *err)
{
    const struct config_fetcher *config = s->fetcher.config;
    char *store = service_store_path(config->dir);
    char *archive = NULL;
    int rc;

    if (asprintf(&archive, "%s/archive", config->dir) < 0)
        abort();
    rc = dir_make(config->dir, err);
    if (rc == 0)
        rc = dir_lock(config->dir, &s->lock_fd, err);
    if (rc == 0)
        rc = archive_open(archive, config->archive_bytes, &s->fetcher.archive, err);
    if (rc == 0)
        rc = store_open(store, &s->fetcher.store, err);
    free(store);
    free(archive);
    return rc;
}

static int start(struct service *s, const char *program, struct error *err)
{
    int rc = loop_add_signal(s->fetcher.loop, SIGTERM, on_signal, s, err);

    if (rc == 0)
        rc = loop_add_signal(s->fetcher.loop, SIGINT, on_signal, s, err);
    if (rc == 0)
        rc = open_state(s, err);
    if (rc < 0)
        return rc;
    s->bus = bus_new(s->fetcher.loop, "zmq"); /* threads start here: signals are blocked by now */
    rc = poller_open(&s->fetcher, program, &s->poller, err);
    if (rc == 0)
        rc = dispatch_open(&s->fetcher, s->bus, s->poller, &s->dispatch, err);
    if (rc < 0)
        return rc;
    loop_set_before_sleep(s->fetcher.loop, before_sleep, s);
    log_info("service.started", KV_STR("work", s->fetcher.config->work),
             KV_STR("dir", s->fetcher.config->dir), KV_U64("sources", s->fetcher.config->sources_n),
             KV_U64("epoch", store_epoch(s->fetcher.store)));
    return 0;
}

/* In the reverse order; the last turn's work is settled already, or is what failed. */
static void stop(struct service *s)
{
    dispatch_close(s->dispatch);
    poller_close(s->poller);
    bus_free(s->bus, LINGER_MS);
    store_close(s->fetcher.store);
    archive_close(s->fetcher.archive);
    loop_free(s->fetcher.loop);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
}

int service_run(const struct config *config, const char *program, struct error *err)
{
    struct service s = {.lock_fd = -1};
    int rc;

    s.fetcher.loop = loop_new();
    s.fetcher.config = &config->fetcher;
    rc = start(&s, program, err);
    if (rc == 0)
        rc = loop_run(s.fetcher.loop, err);
    if (rc == 0 && s.fetcher.has_failed) {
        *err = s.fetcher.failure;
        rc = err->code;
    }
    if (rc == 0)
        log_info("service.stopped");
    stop(&s);
    return rc;
}
