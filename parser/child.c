#include "parser/child.h"

#include <stdio.h>
#include <sysexits.h>

#include "common/cage.h"
#include "common/sandbox.h"
#include "parser/decode.h"
#include "parser/fault.h"
#include "parser/pipeline.h"
#include "proto/limits.h"

struct child {
    struct rules *rules;
    struct arena *arena; /* one document's memory */
    struct message reply;
    struct buf records;
};

static void reply_fail(struct child *c, const struct lease *lease, const char *reason,
                       const struct error *err)
{
    struct msg_fail fail = {
        .lease = *lease,
        .reason = span_of_str(reason),
        .detail = span_of_str(err->message),
        .permanent = true, /* the same bytes and rules give the same answer */
    };

    message_write(&c->reply, MSG_FAIL, &fail, SPAN_NULL);
}

static void reply_result(struct child *c, const struct lease *lease,
                         const struct coded_statement *coded)
{
    const struct statement *s = &coded->statement;
    struct msg_result result = {
        .lease = *lease,
        .statement_id = s->statement_id,
        .version_id = s->version_id,
        .rules_sha256 = s->provenance.rules_sha256,
        .records = 1 + s->findings,
    };
    struct error err;

    buf_clear(&c->records);
    coded_statement_pack(coded, &c->records);
    if (c->records.failed) {
        error_set(&err, ERR_LIMIT, "its records are over %zu bytes", LIMIT_RESULT_BYTES);
        reply_fail(c, lease, "too_large", &err);
        return;
    }
    message_write(&c->reply, MSG_RESULT, &result, buf_span(&c->records));
}

static void code_document(struct child *c, const struct msg_work *work, struct span body)
{
    struct coded_statement coded;
    const char *reason = "unreadable";
    struct error err;

    fault_in_document(body);
    if (pipeline_run(c->rules, work, body, c->arena, &coded, &reason, &err) < 0)
        reply_fail(c, &work->lease, reason, &err);
    else
        reply_result(c, &work->lease, &coded);
}

static void serve(void *arg, const struct span *frames, size_t n, struct span *reply,
                  size_t *reply_n)
{
    struct child *c = arg;
    union message_head head;
    enum message_kind kind;
    struct span body;
    struct error err;

    arena_reset(c->arena);
    if (message_read(frames, n, c->arena, &kind, &head, &body, &err) < 0) {
        reply_fail(c, &(struct lease){0}, "bad_job", &err);
    } else if (kind != MSG_WORK) {
        error_set(&err, ERR_FORMAT, "a job must be WORK, not %s", message_type(kind)->name);
        reply_fail(c, &(struct lease){0}, "bad_job", &err);
    } else {
        code_document(c, &head.work, body);
    }
    memcpy(reply, c->reply.frames, c->reply.n * sizeof *reply);
    *reply_n = c->reply.n;
}

/* Everything that needs files, before the cage closes. */
static int prepare(struct child *c, const char *rules_dir, uint64_t memory_bytes, struct error *err)
{
    struct sandbox_limits limits = {.memory_bytes = memory_bytes};
    int rc = rules_load(rules_dir, &c->rules, err);

    if (rc < 0)
        return rc;
    decode_prepare();
    return sandbox_enter(&limits, CAGE_FD, err);
}

int child_main(const char *rules_dir, uint64_t memory_bytes)
{
    struct child c = {.arena = arena_new()};
    struct error err;
    int rc;

    message_init(&c.reply);
    buf_init(&c.records, LIMIT_RESULT_BYTES);
    rc = prepare(&c, rules_dir, memory_bytes, &err);
    if (rc == 0)
        rc = cage_serve(LIMIT_BODY_BYTES + LIMIT_HEAD_BYTES, serve, &c, &err);
    if (rc < 0)
        fprintf(stderr, "pollwatch-parser: child: %s\n", err.message);
    buf_fini(&c.records);
    message_fini(&c.reply);
    rules_free(c.rules);
    arena_free(c.arena);
    return rc < 0 ? error_exit_status(&err) : EX_OK;
}
