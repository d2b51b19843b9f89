/*
 * A batch is what one turn of the loop brings. Its records stand packed in `bytes`, each with its
 * topic, until they are published; the store holds them framed, and the index in an open
 * transaction, so that results of one batch see each other (a redelivery, a second version) as if
 * they had come one after the other.
 *
 * Order is everything: segment fdatasync, then index commit, then answers. A crash after the first
 * leaves records that the index learns of at start; a crash before it leaves nothing that anybody
 * was told of, and the parser sends it again.
 */
#include "sink/commit.h"

#include <stdlib.h>

#include "common/mem.h"
#include "proto/limits.h"
#include "proto/record.h"
#include "sink/topic.h"

/* All records of one turn; the service settles early above a fraction of this. */
#define BATCH_MAX_BYTES (4 * LIMIT_RESULT_BYTES)

/* Where a record and its topic stand in the batch's bytes. */
struct record_slot {
    uint64_t seq;
    bool is_statement;
    size_t topic_at;
    size_t map_at;
    size_t end;
};

struct commit {
    struct store *store;
    struct index *ix;
    struct arena *arena;
    struct buf bytes; /* topic, map, topic, map, … */
    struct record_slot *slots;
    size_t slots_n;
    size_t slots_cap;
    bool in_transaction;
};

struct commit *commit_new(struct store *store, struct index *ix)
{
    struct commit *c = xcalloc(1, sizeof *c);

    c->store = store;
    c->ix = ix;
    c->arena = arena_new();
    buf_init(&c->bytes, BATCH_MAX_BYTES);
    return c;
}

void commit_free(struct commit *c)
{
    if (!c)
        return;
    arena_free(c->arena);
    buf_fini(&c->bytes);
    free(c->slots);
    free(c);
}

size_t commit_pending_bytes(const struct commit *c)
{
    return c->bytes.n;
}

/* The head is what the peer says of the records; they must agree. */
static int check_head(const struct msg_result *head, const struct coded_statement *c,
                      struct error *err)
{
    const struct statement *s = &c->statement;

    if (!span_equal(head->statement_id, s->statement_id))
        return error_set(err, ERR_FORMAT, "statement_id of head and records differ");
    if (!span_equal(head->version_id, s->version_id))
        return error_set(err, ERR_FORMAT, "version_id of head and records differ");
    if (!span_equal(head->rules_sha256, s->provenance.rules_sha256))
        return error_set(err, ERR_FORMAT, "rules_sha256 of head and records differ");
    if (head->records != c->findings.n + 1)
        return error_set(err, ERR_FORMAT, "head says %u records, there are %zu", head->records,
                         c->findings.n + 1);
    return 0;
}

static int ensure_transaction(struct commit *c, struct error *err)
{
    int rc = c->in_transaction ? 0 : index_begin(c->ix, err);

    c->in_transaction |= rc == 0;
    return rc;
}

static int by_text(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(x->p, y->p, n);

    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* The findings of the version before that this one no longer has. */
static void fill_retracted(struct commit *c, const text_list *before, struct coded_statement *now)
{
    size_t n = now->findings.n;
    struct span *ids = arena_calloc(c->arena, n + 1, sizeof *ids);

    for (size_t i = 0; i < n; i++)
        ids[i] = now->findings.items[i].finding_id;
    if (n > 0)
        qsort(ids, n, sizeof *ids, by_text);
    for (size_t i = 0; i < before->n; i++) {
        if (n == 0 || !bsearch(&before->items[i], ids, n, sizeof *ids, by_text))
            *LIST_ADD(c->arena, &now->statement.retracted) = before->items[i];
    }
}

/* A later fetch already holds: then this one, late, replaces nothing. */
static int fill_supersedes(struct commit *c, struct coded_statement *now, struct error *err)
{
    struct statement *s = &now->statement;
    struct index_version latest = {0};
    int rc = index_find_latest(c->ix, s->statement_id, c->arena, &latest, err);

    s->supersedes = SPAN_NULL;
    s->retracted = (text_list){0};
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc < 0 || index_is_older(s->provenance.fetched_at, latest.fetched_at))
        return rc;
    s->supersedes = latest.version_id;
    fill_retracted(c, &latest.findings, now);
    return 0;
}

static int fill_duplicate_of(struct commit *c, struct statement *s, struct error *err)
{
    struct span first;
    int rc = index_find_work(c->ix, s->work_id, c->arena, &first, err);

    s->duplicate_of = SPAN_NULL;
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc == 0 && !span_equal(first, s->statement_id))
        s->duplicate_of = first;
    return rc;
}

static void fill_seqs(struct coded_statement *coded, uint64_t first_seq)
{
    coded->statement.seq = first_seq;
    for (size_t i = 0; i < coded->findings.n; i++)
        coded->findings.items[i].seq = first_seq + 1 + i;
}

static struct record_slot *add_slot(struct commit *c, uint64_t seq)
{
    c->slots = xgrow(c->slots, &c->slots_cap, c->slots_n + 1, sizeof *c->slots);
    c->slots[c->slots_n] = (struct record_slot){.seq = seq, .topic_at = c->bytes.n};
    return &c->slots[c->slots_n++];
}

static int end_slot(const struct commit *c, struct record_slot *slot, struct error *err)
{
    slot->end = c->bytes.n;
    if (c->bytes.failed || slot->end - slot->map_at > LIMIT_RECORD_BYTES)
        return error_set(err, ERR_LIMIT, "a record is over the cap");
    return 0;
}

static int pack_statement(struct commit *c, const struct statement *s, struct error *err)
{
    struct record_slot *slot = add_slot(c, s->seq);

    slot->is_statement = true;
    topic_of_statement(s, &c->bytes);
    slot->map_at = c->bytes.n;
    shape_pack(&statement_shape, s, &c->bytes);
    return end_slot(c, slot, err);
}

static int pack_finding(struct commit *c, const struct statement *s, const struct finding *f,
                        struct error *err)
{
    struct record_slot *slot = add_slot(c, f->seq);

    topic_of_finding(s, f, &c->bytes);
    slot->map_at = c->bytes.n;
    shape_pack(&finding_shape, f, &c->bytes);
    return end_slot(c, slot, err);
}

/* Packs the group behind the batch's other records; on failure the batch is as it was. */
static int pack_group(struct commit *c, const struct coded_statement *coded, struct error *err)
{
    size_t bytes_before = c->bytes.n;
    size_t slots_before = c->slots_n;
    int rc = pack_statement(c, &coded->statement, err);

    for (size_t i = 0; rc == 0 && i < coded->findings.n; i++)
        rc = pack_finding(c, &coded->statement, &coded->findings.items[i], err);
    if (rc < 0) {
        c->bytes.n = bytes_before;
        c->bytes.failed = false;
        c->slots_n = slots_before;
    }
    return rc;
}

static struct span slot_topic(const struct commit *c, const struct record_slot *slot)
{
    return span_of(c->bytes.data + slot->topic_at, slot->map_at - slot->topic_at);
}

static struct span slot_map(const struct commit *c, const struct record_slot *slot)
{
    return span_of(c->bytes.data + slot->map_at, slot->end - slot->map_at);
}

/* From here on a failure is the storage's, whatever it looks like: it must not be taken for a bad
 * result, because part of the group may stand in the batch. */
static int storage_failed(struct error *err)
{
    if (err->code != ERR_STATE)
        err->code = ERR_SYS;
    return err->code;
}

static int store_group(struct commit *c, const struct coded_statement *coded, size_t first_slot,
                       struct error *err)
{
    struct index_place statement_place = {0};
    int rc = 0;

    for (size_t i = first_slot; rc == 0 && i < c->slots_n; i++) {
        const struct record_slot *slot = &c->slots[i];
        struct index_place place;

        rc = store_add(c->store, slot->is_statement, slot_map(c, slot), &place, err);
        if (slot->is_statement)
            statement_place = place;
    }
    if (rc == 0)
        rc = index_add(c->ix, coded, statement_place, err);
    return rc < 0 ? storage_failed(err) : 0;
}

static int add_new(struct commit *c, struct coded_statement *coded, struct commit_outcome *out,
                   struct error *err)
{
    size_t first_slot = c->slots_n;
    int rc;

    fill_seqs(coded, store_next_seq(c->store));
    rc = fill_supersedes(c, coded, err);
    if (rc == 0)
        rc = fill_duplicate_of(c, &coded->statement, err);
    if (rc == 0)
        rc = pack_group(c, coded, err);
    if (rc < 0)
        return rc;
    *out = (struct commit_outcome){coded->statement.seq, (uint32_t)coded->findings.n + 1, false};
    return store_group(c, coded, first_slot, err);
}

int commit_add(struct commit *c, const struct msg_result *head, struct span records,
               struct commit_outcome *out, struct error *err)
{
    struct coded_statement coded;
    struct index_commit before;
    int rc;

    arena_reset(c->arena);
    rc = coded_statement_unpack(records, c->arena, &coded, err);
    if (rc == 0)
        rc = check_head(head, &coded, err);
    if (rc == 0)
        rc = ensure_transaction(c, err);
    if (rc < 0)
        return rc;
    rc = index_find_commit(c->ix, coded.statement.statement_id, coded.statement.version_id,
                           coded.statement.provenance.rules_sha256, &before, err);
    if (rc == ERR_NOT_FOUND)
        return add_new(c, &coded, out, err);
    if (rc == 0)
        *out = (struct commit_outcome){before.first_seq, before.records, true};
    return rc;
}

int commit_settle(struct commit *c, commit_publish_fn *fn, void *arg, struct error *err)
{
    int rc = store_sync(c->store, err);

    if (rc == 0 && c->in_transaction)
        rc = index_commit(c->ix, err);
    if (rc < 0)
        return rc;
    c->in_transaction = false;
    for (size_t i = 0; fn && i < c->slots_n; i++)
        fn(arg, slot_topic(c, &c->slots[i]), c->slots[i].seq, slot_map(c, &c->slots[i]));
    c->slots_n = 0;
    buf_clear(&c->bytes);
    arena_reset(c->arena);
    return 0;
}
