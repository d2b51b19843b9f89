/*
 * RSS and Atom: the feed is read in the caged child, each entry that was not known before becomes
 * an address of its own, and what that answers is the document.
 *
 * The entries and the feed's validators are written in one transaction, so the feed counts as seen
 * only together with what stood in it.
 */
#include "common/log.h"
#include "common/timestamp.h"
#include "fetcher/feed_reader.h"
#include "fetcher/visit.h"

static int start(struct source *s, struct error *err)
{
    return source_add_urls(s, ADDRESS_FEED, err);
}

static int add_entries(struct visit *v, const struct feed_answer *answer, struct error *err)
{
    struct source *s = visit_source(v);
    uint64_t now = wall_ms();
    uint64_t added = 0;

    for (size_t i = 0; i < answer->entries.n; i++) {
        const struct feed_entry *e = &answer->entries.items[i];
        bool is_new = false;
        int rc = ledger_add_entry(s->fetcher->store, e->url, span_of_str(s->config->id), e->title,
                                  e->published, now, &is_new, err);

        if (rc == ERR_FORMAT || rc == ERR_LIMIT)
            continue; /* an address that only its feed could love */
        if (rc < 0)
            return rc;
        added += is_new;
    }
    log_info("feed.read", KV_STR("source", s->config->id), KV_SPAN("url", visit_address(v)->url),
             KV_U64("entries", answer->entries.n), KV_U64("new", added),
             KV_U64("skipped", answer->skipped));
    return visit_remember(v, "feed", err);
}

static void on_feed(void *arg, const struct feed_answer *answer, struct span cause)
{
    struct visit *v = arg;
    struct fetcher *f = visit_source(v)->fetcher;
    struct error err;
    int rc;

    if (answer && answer->failed == 0)
        rc = add_entries(v, answer, &err);
    else
        rc = visit_reject(v, "not_a_feed", cause, &err);
    if (rc < 0)
        fetcher_fail(f, &err);
    visit_end(v);
}

static int feed_answered(struct visit *v, struct error *err)
{
    const struct http_response *r = visit_response(v);
    struct span base = span_is_null(r->final_url) ? visit_address(v)->url : r->final_url;
    int rc;

    if (visit_is_unchanged(v)) {
        rc = visit_remember(v, "unchanged", err);
        visit_end(v);
        return rc;
    }
    rc = feed_reader_read(visit_source(v)->feeds, base, r->body, on_feed, v, err);
    if (rc < 0)
        visit_end(v);
    return rc;
}

static int answered(struct visit *v, struct error *err)
{
    int rc;

    if (visit_address(v)->role == ADDRESS_FEED)
        return feed_answered(v, err);
    rc = visit_keep_document(v, err);
    visit_end(v);
    return rc;
}

const struct source_driver rss_driver = {
    .kind = SOURCE_RSS,
    .name = "rss",
    .start = start,
    .answered = answered,
    .settled = source_settled,
};

/* One reader knows both; the kinds differ for people only. */
const struct source_driver atom_driver = {
    .kind = SOURCE_ATOM,
    .name = "atom",
    .start = start,
    .answered = answered,
    .settled = source_settled,
};
