/* Single addresses: each is a document, fetched again and again, kept when it has changed. */
#include "fetcher/visit.h"

static int start(struct source *s, struct error *err)
{
    return source_add_urls(s, ADDRESS_PAGE, err);
}

static int answered(struct visit *v, struct error *err)
{
    int rc = visit_keep_document(v, err);

    visit_end(v);
    return rc;
}

const struct source_driver page_driver = {
    .kind = SOURCE_PAGE,
    .name = "page",
    .start = start,
    .answered = answered,
    .settled = source_settled,
};
