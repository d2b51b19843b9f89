#include "fetcher/document.h"

#include "common/digest.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "fetcher/ledger.h"
#include "fetcher/outbox.h"

/* What a task needs beyond the document itself; its texts live as long as this. */
struct prepared {
    struct task task;
    char fetched_at[TIMESTAMP_BYTES];
    char sha256[SHA256_HEX_BYTES + 1];
};

static int archive_body(struct fetcher *f, const struct document *d, struct prepared *p,
                        struct error *err)
{
    struct archive_record record = {
        .url = d->work.url,
        .head = d->head,
        .body = d->body,
        .media_type = d->work.media_type,
        .fetched_ms = d->fetched_ms,
        .truncated = d->truncated,
    };
    struct sha256 sum;

    if (span_is_null(d->body))
        return 0;
    sum = sha256_of(d->body);
    sha256_hex(&sum, p->sha256);
    p->task.work.raw_sha256 = span_of_str(p->sha256);
    p->task.body_bytes = d->body.n;
    return archive_append(f->archive, &record, &p->task.body, err);
}

static int prepare(struct fetcher *f, const struct document *d, struct prepared *p,
                   struct error *err)
{
    *p = (struct prepared){.task.work = d->work};
    timestamp_write(d->fetched_ms, p->fetched_at);
    p->task.work.fetched_at = span_of_str(p->fetched_at);
    p->task.work.source = span_of_str(d->source->id);
    p->task.work.issuer = span_of_str(d->source->issuer);
    return archive_body(f, d, p, err);
}

int document_keep(struct fetcher *f, const struct document *d, struct error *err)
{
    struct prepared p;
    uint64_t id;
    int rc = prepare(f, d, &p, err);

    if (rc < 0)
        return rc;
    rc = outbox_add(f->store, &p.task, wall_ms(), &id, err);
    if (rc < 0)
        return rc;
    log_info("document.new", KV_U64("task_id", id), KV_SPAN("url", d->work.url),
             KV_STR("source", d->source->id), KV_U64("bytes", d->body.n));
    return ledger_seen(f->store, span_of_str(d->source->id), err);
}

int document_bury(struct fetcher *f, const struct document *d, const char *reason,
                  struct span detail, struct error *err)
{
    struct prepared p;
    uint64_t id;
    int rc = prepare(f, d, &p, err);

    if (rc < 0)
        return rc;
    rc = outbox_add_dead(f->store, &p.task, span_of_str(reason), detail, wall_ms(), &id, err);
    if (rc < 0)
        return rc;
    log_warn("document.dead", KV_U64("task_id", id), KV_SPAN("url", d->work.url),
             KV_STR("source", d->source->id), KV_STR("reason", reason), KV_SPAN("detail", detail));
    return 0;
}
