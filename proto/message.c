/* The tables behind message.h: one row a field, one row a kind. */
#include "proto/message.h"

#include <assert.h>

#include "proto/limits.h"
#include "proto/shape_table.h"

static const struct field lease_fields[] = {
    R(lease, task_id, U64),
    R(lease, attempt, U32),
    R(lease, epoch, U64),
};
const struct shape lease_shape = SHAPE(lease, lease_fields);

#define LEASE(type) R(type, lease, MAP, .shape = &lease_shape)

static const struct field hello_fields[] = {
    R(msg_hello, role, TEXT),        R(msg_hello, name, TEXT),         R(msg_hello, instance, TEXT),
    F(msg_hello, software, TEXT),    F(msg_hello, rules_sha256, TEXT), F(msg_hello, lease_ms, U64),
    F(msg_hello, heartbeat_ms, U64), F(msg_hello, last_seq, U64),
};
static const struct shape hello_shape = SHAPE(msg_hello, hello_fields);

static const struct field credit_fields[] = {
    R(msg_credit, messages, U32),
    R(msg_credit, bytes, U64),
};
static const struct shape credit_shape = SHAPE(msg_credit, credit_fields);

static const struct field work_fields[] = {
    LEASE(msg_work),
    R(msg_work, url, TEXT),
    F(msg_work, final_url, TEXT),
    R(msg_work, source, TEXT),
    F(msg_work, issuer, TEXT),
    F(msg_work, media_type, TEXT),
    F(msg_work, charset, TEXT),
    F(msg_work, http_status, U32),
    F(msg_work, etag, TEXT),
    F(msg_work, last_modified, TEXT),
    F(msg_work, fetched_at, TEXT),
    F(msg_work, raw_sha256, TEXT),
    F(msg_work, feed_title, TEXT),
    F(msg_work, feed_published, TEXT),
    F(msg_work, parsed_at, TEXT),
};
static const struct shape work_shape = SHAPE(msg_work, work_fields);

static const struct field renew_fields[] = {LEASE(msg_renew)};
static const struct shape renew_shape = SHAPE(msg_renew, renew_fields);

static const struct field done_fields[] = {
    LEASE(msg_done),
    R(msg_done, first_seq, U64),
    R(msg_done, records, U32),
};
static const struct shape done_shape = SHAPE(msg_done, done_fields);

static const struct field fail_fields[] = {
    LEASE(msg_fail),
    R(msg_fail, reason, TEXT),
    F(msg_fail, detail, TEXT),
    R(msg_fail, permanent, BOOL),
};
static const struct shape fail_shape = SHAPE(msg_fail, fail_fields);

static const struct field result_fields[] = {
    LEASE(msg_result),
    F(msg_result, fetcher, TEXT),
    R(msg_result, statement_id, TEXT),
    R(msg_result, version_id, TEXT),
    R(msg_result, rules_sha256, TEXT),
    R(msg_result, records, U32),
};
static const struct shape result_shape = SHAPE(msg_result, result_fields);

static const struct field committed_fields[] = {
    LEASE(msg_committed),
    F(msg_committed, fetcher, TEXT),
    R(msg_committed, first_seq, U64),
    R(msg_committed, records, U32),
    R(msg_committed, duplicate, BOOL),
};
static const struct shape committed_shape = SHAPE(msg_committed, committed_fields);

static const struct field heartbeat_fields[] = {
    F(msg_heartbeat, last_seq, U64),
    F(msg_heartbeat, first_seq, U64),
};
static const struct shape heartbeat_shape = SHAPE(msg_heartbeat, heartbeat_fields);

static const struct field bye_fields[] = {
    R(msg_bye, reason, TEXT),
    F(msg_bye, detail, TEXT),
};
static const struct shape bye_shape = SHAPE(msg_bye, bye_fields);

static const struct field status_fields[] = {
    R(msg_status, role, TEXT),
    F(msg_status, json, TEXT),
};
static const struct shape status_shape = SHAPE(msg_status, status_fields);

static const struct field replay_fields[] = {
    R(msg_replay, from_seq, U64),
    R(msg_replay, credit, U32),
};
static const struct shape replay_shape = SHAPE(msg_replay, replay_fields);

static const struct field record_fields[] = {R(msg_record, seq, U64)};
static const struct shape record_shape = SHAPE(msg_record, record_fields);

static const struct field caught_up_fields[] = {R(msg_caught_up, next_seq, U64)};
static const struct shape caught_up_shape = SHAPE(msg_caught_up, caught_up_fields);

static const struct field compacted_fields[] = {R(msg_compacted, first_seq, U64)};
static const struct shape compacted_shape = SHAPE(msg_compacted, compacted_fields);

static const struct field error_fields[] = {
    R(msg_error, reason, TEXT),
    F(msg_error, detail, TEXT),
};
static const struct shape error_shape = SHAPE(msg_error, error_fields);

static const struct message_type types[MSG_KIND_COUNT] = {
    [MSG_NONE] = {"none", NULL, 0},
    [MSG_HELLO] = {"HELLO", &hello_shape, 0},
    [MSG_CREDIT] = {"CREDIT", &credit_shape, 0},
    [MSG_WORK] = {"WORK", &work_shape, LIMIT_BODY_BYTES},
    [MSG_RENEW] = {"RENEW", &renew_shape, 0},
    [MSG_DONE] = {"DONE", &done_shape, 0},
    [MSG_FAIL] = {"FAIL", &fail_shape, 0},
    [MSG_RESULT] = {"RESULT", &result_shape, LIMIT_RESULT_BYTES},
    [MSG_COMMITTED] = {"COMMITTED", &committed_shape, 0},
    [MSG_HEARTBEAT] = {"HEARTBEAT", &heartbeat_shape, 0},
    [MSG_BYE] = {"BYE", &bye_shape, 0},
    [MSG_STATUS] = {"STATUS", &status_shape, 0},
    [MSG_RECORD] = {"RECORD", &record_shape, LIMIT_RECORD_BYTES},
    [MSG_REPLAY] = {"REPLAY", &replay_shape, 0},
    [MSG_SNAPSHOT] = {"SNAPSHOT", NULL, 0}, /* reserved */
    [MSG_CAUGHT_UP] = {"CAUGHT_UP", &caught_up_shape, 0},
    [MSG_COMPACTED] = {"COMPACTED", &compacted_shape, 0},
    [MSG_ERROR] = {"ERROR", &error_shape, 0},
};

const struct message_type *message_type(unsigned kind)
{
    return &types[kind < MSG_KIND_COUNT ? kind : MSG_NONE];
}

void message_tag(enum message_kind kind, unsigned char tag[2])
{
    tag[0] = (unsigned char)kind;
    tag[1] = PROTOCOL_VERSION;
}

void message_init(struct message *m)
{
    *m = (struct message){0};
    buf_init(&m->head, LIMIT_HEAD_BYTES);
}

void message_fini(struct message *m)
{
    buf_fini(&m->head);
}

void message_write(struct message *m, enum message_kind kind, const void *head, struct span bulk)
{
    const struct message_type *type = message_type(kind);

    assert(type->shape && (type->bulk_limit_bytes > 0) == !span_is_null(bulk));
    message_tag(kind, m->tag);
    buf_clear(&m->head);
    shape_pack(type->shape, head, &m->head);
    m->frames[0] = span_of(m->tag, sizeof m->tag);
    m->frames[1] = buf_span(&m->head);
    m->frames[2] = bulk;
    m->n = span_is_null(bulk) ? 2 : 3;
}

static int check_tag(struct span tag, enum message_kind *kind, struct error *err)
{
    unsigned byte;

    if (tag.n != 2)
        return error_set(err, ERR_FORMAT, "first frame has %zu bytes, not kind and version", tag.n);
    byte = (unsigned char)tag.p[0];
    *kind = byte < MSG_KIND_COUNT ? (enum message_kind)byte : MSG_NONE;
    if ((unsigned char)tag.p[1] != PROTOCOL_VERSION)
        return error_set(err, ERR_VERSION, "protocol version %u, this is %d",
                         (unsigned)(unsigned char)tag.p[1], PROTOCOL_VERSION);
    if (!message_type(byte)->shape)
        return error_set(err, ERR_UNSUPPORTED, "unknown message kind %u", byte);
    return 0;
}

static int check_frames(const struct message_type *type, const struct span *frames, size_t n,
                        struct error *err)
{
    size_t wanted = type->bulk_limit_bytes > 0 ? 3 : 2;

    if (n != wanted)
        return error_set(err, ERR_FORMAT, "%s with %zu frames, not %zu", type->name, n, wanted);
    if (frames[1].n > LIMIT_HEAD_BYTES)
        return error_set(err, ERR_LIMIT, "%s: head of %zu bytes, %zu at most", type->name,
                         frames[1].n, LIMIT_HEAD_BYTES);
    if (wanted == 3 && frames[2].n > type->bulk_limit_bytes)
        return error_set(err, ERR_LIMIT, "%s: %zu bytes, %zu at most", type->name, frames[2].n,
                         type->bulk_limit_bytes);
    return 0;
}

int message_read(const struct span *frames, size_t n, struct arena *arena, enum message_kind *kind,
                 union message_head *head, struct span *bulk, struct error *err)
{
    const struct message_type *type;
    int rc;

    *kind = MSG_NONE;
    *bulk = SPAN_NULL;
    if (n == 0)
        return error_set(err, ERR_FORMAT, "a message without frames");
    rc = check_tag(frames[0], kind, err);
    if (rc < 0)
        return rc;
    type = message_type(*kind);
    rc = check_frames(type, frames, n, err);
    if (rc < 0)
        return rc;
    if (n == 3)
        *bulk = frames[2];
    return shape_unpack(type->shape, frames[1], arena, head, err);
}
