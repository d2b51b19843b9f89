#include "fetcher/source.h"

#include <assert.h>

#include "common/log.h"
#include "common/timestamp.h"

static const struct source_driver *const drivers[] = {
    &atom_driver,
    &folder_driver,
    &page_driver,
    &rss_driver,
};

const struct source_driver *source_driver(enum source_kind kind)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
        if (drivers[i]->kind == kind)
            return drivers[i];
    }
    assert(!"a kind without a driver");
    return NULL;
}

int source_add_urls(struct source *s, enum address_role role, struct error *err)
{
    struct span id = span_of_str(s->config->id);

    for (const char *const *url = s->config->urls; url && *url; url++) {
        int rc = ledger_add_address(s->fetcher->store, span_of_str(*url), id, role, wall_ms(),
                                    s->config->every_ms, err);

        if (rc == ERR_FORMAT || rc == ERR_LIMIT)
            return error_set(err, ERR_CONFIG, "source %s (line %u): %s", s->config->id,
                             s->config->line, err->message);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int source_settled(struct source *s, bool *settled, struct error *err)
{
    return ledger_settled(s->fetcher->store, span_of_str(s->config->id), settled, err);
}

int source_polled(struct source *s, struct span url, uint64_t next_ms, struct span error,
                  struct error *err)
{
    if (!span_is_null(error))
        log_warn("source.failed", KV_STR("source", s->config->id), KV_SPAN("url", url),
                 KV_SPAN("error", error));
    else
        log_debug("source.polled", KV_STR("source", s->config->id), KV_SPAN("url", url));
    return ledger_polled(s->fetcher->store, span_of_str(s->config->id), wall_ms(), next_ms, error,
                         err);
}
