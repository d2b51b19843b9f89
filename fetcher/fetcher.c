#include "fetcher/fetcher.h"

#include "common/log.h"

void fetcher_fail(struct fetcher *f, const struct error *err)
{
    if (f->has_failed)
        return;
    f->has_failed = true;
    f->failure = *err;
    log_error("service.failed", KV_ERR(err));
    loop_stop(f->loop);
}

int fetcher_settle(struct fetcher *f, struct error *err)
{
    int rc;

    if (!store_is_dirty(f->store))
        return 0;
    rc = archive_sync(f->archive, err);
    return rc < 0 ? rc : store_commit(f->store, err);
}
