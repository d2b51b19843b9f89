#include "parser/pipeline.h"

#include "common/digest.h"
#include "parser/article.h"
#include "parser/code.h"
#include "parser/decode.h"
#include "parser/identity.h"
#include "parser/meta.h"
#include "parser/text.h"

/* The word that a dead letter keeps, for each way in which a stage can refuse a document. */
static const char *decode_reason(int rc, struct span body)
{
    if (body.n == 0)
        return "empty";
    if (rc == ERR_UNSUPPORTED)
        return "unsupported_media_type";
    if (rc == ERR_LIMIT)
        return "too_large";
    return "binary";
}

static int find_article(const struct decoded *page, const struct msg_work *job, struct arena *arena,
                        struct article *out, const char **reason, struct error *err)
{
    struct span url = span_is_null(job->final_url) ? job->url : job->final_url;
    int rc;

    switch (page->kind) {
    case DOCUMENT_HTML:
        rc = article_from_html(page, url, arena, out, err);
        break;
    case DOCUMENT_TEXT:
        rc = article_from_plain(page, arena, out, err);
        break;
    default:
        rc = error_set(err, ERR_UNSUPPORTED, "no way to read this kind of document");
    }
    if (rc < 0)
        *reason = rc == ERR_LIMIT ? "too_large" : "no_text";
    return rc;
}

static void flag(struct arena *arena, struct statement *s, bool is_so, const char *name)
{
    if (is_so)
        *LIST_ADD(arena, &s->quality) = span_of_str(name);
}

static void fill_address(const struct msg_work *job, const struct article *article,
                         struct statement *s)
{
    s->url = job->url;
    s->canonical_url = job->url;
    if (!span_is_null(job->final_url))
        s->canonical_url = job->final_url;
    if (!span_is_null(article->canonical_url))
        s->canonical_url = article->canonical_url;
    s->source = job->source;
}

static void fill_provenance(const struct rules *rules, const struct msg_work *job,
                            const struct decoded *page, struct span body, struct arena *arena,
                            struct provenance *p)
{
    p->fetched_at = job->fetched_at;
    p->http_status = job->http_status;
    p->etag = job->etag;
    p->last_modified = job->last_modified;
    p->raw_sha256 = job->raw_sha256;
    if (span_is_null(p->raw_sha256)) {
        struct sha256 digest = sha256_of(body);
        char hex[SHA256_HEX_BYTES + 1];

        sha256_hex(&digest, hex);
        p->raw_sha256 = arena_copy(arena, span_of(hex, SHA256_HEX_BYTES));
    }
    p->media_type = page->media_type;
    p->charset = page->charset;
    p->tool_version = span_of_str(POLLWATCH_VERSION);
    p->rules_version = rules_version(rules);
    p->rules_sha256 = rules_sha256(rules);
    p->parsed_at = job->parsed_at;
}

static void fill_text(const struct article *article, const struct text *text, struct arena *arena,
                      struct statement *s)
{
    s->text = text->text;
    for (size_t i = 0; i < text->sections.n; i++)
        *LIST_ADD(arena, &s->sections) = text->sections.items[i];
    for (size_t i = 0; i < article->links.n; i++)
        *LIST_ADD(arena, &s->links) = article->links.items[i];
    s->translations = article->translations;
}

int pipeline_read(const struct rules *rules, const struct msg_work *job, struct span body,
                  struct arena *arena, struct text *text, struct coded_statement *out,
                  const char **reason, struct error *err)
{
    struct statement *s = &out->statement;
    struct decoded page = {0};
    struct article article = {0};
    int rc;

    *out = (struct coded_statement){0};
    rc = decode(body, job->media_type, job->charset, arena, &page, err);
    if (rc < 0) {
        *reason = decode_reason(rc, body);
        return rc;
    }
    rc = find_article(&page, job, arena, &article, reason, err);
    if (rc < 0)
        return rc;
    *text = (struct text){0};
    rc = text_build(&article, arena, text, err);
    if (rc < 0) {
        *reason = "too_large";
        return rc;
    }
    s->schema = SPAN_LIT(STATEMENT_SCHEMA);
    fill_address(job, &article, s);
    fill_text(&article, text, arena, s);
    fill_provenance(rules, job, &page, body, arena, &s->provenance);
    identity_of_statement(text, arena, s);
    meta_find(rules, &article, text, job, arena, s);
    flag(arena, s, page.charset_guessed, "charset_guessed");
    flag(arena, s, page.damaged, "damaged_text");
    flag(arena, s, span_is_null(s->date_published.value) && span_is_null(s->date_delivered.value),
         "no_date");
    return 0;
}

int pipeline_run(const struct rules *rules, const struct msg_work *job, struct span body,
                 struct arena *arena, struct coded_statement *out, const char **reason,
                 struct error *err)
{
    struct text text;
    int rc = pipeline_read(rules, job, body, arena, &text, out, reason, err);

    if (rc < 0)
        return rc;
    code_findings(rules, &text, arena, out);
    out->statement.findings = (uint32_t)out->findings.n;
    return 0;
}
