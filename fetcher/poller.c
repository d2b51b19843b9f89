#include "fetcher/poller.h"

#include <stdlib.h>

#include "common/mem.h"
#include "common/timestamp.h"
#include "fetcher/feed_reader.h"
#include "fetcher/http.h"
#include "fetcher/visit.h"

/* Hosts visited at once. One request at a time each. */
#define VISITS_MAX 32

/* Addresses looked at in one turn: all busy hosts may come first. */
#define DUE_MAX ((size_t)2 * VISITS_MAX)

/* How often the ledger is asked what is due when nothing else happens. */
#define LOOK_EVERY_MS 200

struct poller {
    struct fetcher *fetcher;
    struct http *http;
    struct feed_reader *feeds;
    struct source *sources;
    size_t n;
    struct visit *visits[VISITS_MAX];
    size_t running;
    uint64_t look_again_ms;
    struct loop_watch *timer;
    struct arena *arena;
};

static int start_sources(struct poller *p, struct error *err)
{
    const struct config_fetcher *config = p->fetcher->config;

    p->sources = xcalloc(config->sources_n ? config->sources_n : 1, sizeof *p->sources);
    for (size_t i = 0; i < config->sources_n; i++) {
        const struct config_source *c = &config->sources[i];
        struct source *s = &p->sources[p->n++];
        int rc;

        *s = (struct source){.fetcher = p->fetcher,
                             .config = c,
                             .driver = source_driver(c->kind),
                             .feeds = p->feeds};
        rc = ledger_add_source(p->fetcher->store, span_of_str(c->id), span_of_str(s->driver->name),
                               err);
        if (rc == 0)
            rc = s->driver->start(s, err);
        if (rc < 0)
            return rc;
    }
    return ledger_retire_others(p->fetcher->store, err);
}

/* A turn begins, and with it poller_turn(). */
static void on_timer(void *arg)
{
    (void)arg;
}

int poller_open(struct fetcher *f, const char *program, struct poller **out, struct error *err)
{
    struct poller *p = xcalloc(1, sizeof *p);
    int rc;

    p->fetcher = f;
    p->arena = arena_new();
    p->http = http_new(f->loop, &(struct http_options){
                                    .user_agent = f->config->user_agent,
                                    .contact = f->config->contact,
                                    .timeout_ms = f->config->timeout_ms,
                                    .max_body_bytes = f->config->max_body_bytes,
                                });
    p->feeds = feed_reader_new(f->loop, program);
    p->timer = loop_add_timer(f->loop, LOOK_EVERY_MS, LOOK_EVERY_MS, on_timer, p);
    rc = start_sources(p, err);
    if (rc == 0)
        rc = fetcher_settle(f, err);
    if (rc < 0)
        goto out;
    *out = p;
    p = NULL;
out:
    poller_close(p);
    return rc;
}

void poller_close(struct poller *p)
{
    if (!p)
        return;
    http_free(p->http);
    feed_reader_free(p->feeds);
    for (size_t i = 0; i < p->running; i++)
        visit_free(p->visits[i]);
    for (size_t i = 0; i < p->n; i++) {
        if (p->sources[i].driver->stop)
            p->sources[i].driver->stop(&p->sources[i]);
    }
    loop_remove(p->fetcher->loop, p->timer);
    arena_free(p->arena);
    free(p->sources);
    free(p);
}

static struct source *source_named(struct poller *p, struct span id)
{
    for (size_t i = 0; i < p->n; i++) {
        if (span_equal_str(id, p->sources[i].config->id))
            return &p->sources[i];
    }
    return NULL;
}

static bool is_busy(const struct poller *p, struct span host)
{
    for (size_t i = 0; i < p->running; i++) {
        if (span_equal(visit_host(p->visits[i]), host))
            return true;
    }
    return false;
}

static void on_visit_end(void *arg, struct visit *v)
{
    struct poller *p = arg;

    for (size_t i = 0; i < p->running; i++) {
        if (p->visits[i] == v) {
            p->visits[i] = p->visits[--p->running];
            break;
        }
    }
    visit_free(v);
    p->look_again_ms = 0; /* its host may have more */
}

static void visit(struct poller *p, const struct address *address)
{
    struct source *s = source_named(p, address->source);

    if (!s || p->running == VISITS_MAX || is_busy(p, address->host))
        return;
    p->visits[p->running++] = visit_start(s, p->http, address, on_visit_end, p);
}

static int visit_due(struct poller *p, struct error *err)
{
    struct address due[DUE_MAX];
    uint64_t now = loop_mono_ms(p->fetcher->loop);
    size_t n = 0;
    int rc;

    if (now < p->look_again_ms || p->running == VISITS_MAX)
        return 0;
    p->look_again_ms = now + LOOK_EVERY_MS;
    arena_reset(p->arena);
    rc = ledger_due(p->fetcher->store, wall_ms(), p->arena, due, DUE_MAX, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        visit(p, &due[i]);
    return rc;
}

static int step_sources(struct poller *p, struct error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        struct source *s = &p->sources[i];
        bool more = false;
        int rc = s->driver->step ? s->driver->step(s, &more, err) : 0;

        if (rc < 0)
            return rc;
        if (more)
            loop_wake(p->fetcher->loop);
    }
    return 0;
}

int poller_turn(struct poller *p, struct error *err)
{
    int rc;

    if (p->fetcher->is_draining)
        return 0;
    rc = step_sources(p, err);
    return rc < 0 ? rc : visit_due(p, err);
}

size_t poller_running(const struct poller *p)
{
    return p->running;
}

int poller_all_settled(struct poller *p, bool *settled, struct error *err)
{
    *settled = true;
    for (size_t i = 0; i < p->n && *settled; i++) {
        struct source *s = &p->sources[i];
        int rc = s->was_settled ? 0 : s->driver->settled(s, &s->was_settled, err);

        if (rc < 0)
            return rc;
        *settled = s->was_settled;
    }
    return 0;
}
