/*
 * Collects maps from a statement on until as many findings with the following seqs have come as it
 * announces. Anything else that comes first (a jump in seq, a footer, the end) abandons the group.
 */
#include "sink/group.h"

#include <stdlib.h>

#include "common/mem.h"
#include "proto/limits.h"
#include "proto/record.h"
#include "sink/reader.h"

struct group_reader {
    struct reader *reader;
    damage_fn *fn;
    void *arg;
    struct arena *arena;
    struct buf maps;
    struct group group; /* the one being collected */
    uint32_t missing;   /* records that it still waits for; 0: none is being collected */
    uint64_t highest_seq;
    uint64_t footer_offset;
};

/* The two keys that say how a record groups. */
struct record_head {
    struct span schema;
    uint32_t findings;
};

static const struct field record_head_fields[] = {
    {.key = "schema",
     .kind = FIELD_TEXT,
     .required = true,
     .offset = offsetof(struct record_head, schema)},
    {.key = "findings", .kind = FIELD_U32, .offset = offsetof(struct record_head, findings)},
};

static const struct shape record_head_shape = {"record", sizeof(struct record_head),
                                               record_head_fields, ARRAY_LEN(record_head_fields)};

int group_reader_open(const char *path, damage_fn *fn, void *arg, struct group_reader **out,
                      struct error *err)
{
    struct reader *reader;
    struct group_reader *g;
    int rc = reader_open(path, &reader, err);

    if (rc < 0)
        return rc;
    g = xcalloc(1, sizeof *g);
    g->reader = reader;
    g->fn = fn;
    g->arg = arg;
    g->arena = arena_new();
    buf_init(&g->maps, LIMIT_RESULT_BYTES);
    *out = g;
    return 0;
}

void group_reader_close(struct group_reader *g)
{
    if (!g)
        return;
    reader_close(g->reader);
    arena_free(g->arena);
    buf_fini(&g->maps);
    free(g);
}

uint64_t group_reader_highest_seq(const struct group_reader *g)
{
    return g->highest_seq;
}

uint64_t group_reader_footer_offset(const struct group_reader *g)
{
    return g->footer_offset;
}

static void report(const struct group_reader *g, uint64_t offset, const char *reason)
{
    if (g->fn)
        g->fn(g->arg, reader_path(g->reader), offset, reason);
}

static void abandon(struct group_reader *g)
{
    if (g->missing > 0)
        report(g, g->group.offset, "a statement's findings are not all there");
    g->missing = 0;
}

static void begin(struct group_reader *g, const struct reader_item *item)
{
    struct record_head head;
    struct error cause;

    abandon(g);
    arena_reset(g->arena);
    if (shape_unpack(&record_head_shape, item->map, g->arena, &head, &cause) < 0) {
        report(g, item->offset, cause.message);
        return;
    }
    if (!span_equal_str(head.schema, STATEMENT_SCHEMA))
        return; /* a finding whose statement is lost; that has been reported */
    if (head.findings > LIMIT_FINDINGS) {
        report(g, item->offset, "a statement claims more findings than any has");
        return;
    }
    buf_clear(&g->maps);
    g->group = (struct group){
        .first_seq = item->seq, .records = head.findings + 1, .offset = item->offset};
    g->missing = g->group.records;
}

/* Returns whether the record made a group whole. */
static bool take(struct group_reader *g, const struct reader_item *item)
{
    if (item->seq > g->highest_seq)
        g->highest_seq = item->seq;
    if (g->missing == 0 || item->seq != g->group.first_seq + (g->group.records - g->missing))
        begin(g, item);
    if (g->missing == 0)
        return false;
    buf_add_span(&g->maps, item->map);
    g->missing--;
    g->group.end = item->offset + item->bytes;
    if (g->missing > 0)
        return false;
    if (g->maps.failed) {
        report(g, g->group.offset, "a statement and its findings are over the cap");
        return false;
    }
    return true;
}

int group_read_next(struct group_reader *g, struct group *out, struct error *err)
{
    for (;;) {
        struct reader_item item;
        int rc = reader_next(g->reader, &item, err);

        if (rc < 0)
            return rc;
        if (item.kind != READER_END)
            g->footer_offset = item.kind == READER_FOOTER ? item.offset : 0;
        switch (item.kind) {
        case READER_END:
            abandon(g);
            return 0;
        case READER_FOOTER:
            abandon(g);
            break;
        case READER_DAMAGE:
            report(g, item.offset, item.reason);
            break;
        case READER_RECORD:
            if (take(g, &item)) {
                *out = g->group;
                out->maps = buf_span(&g->maps);
                return 1;
            }
            break;
        }
    }
}
