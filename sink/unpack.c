#include "sink/unpack.h"

#include <stdlib.h>

#include "common/mem.h"
#include "proto/limits.h"

struct schema_of {
    struct span schema;
};

static const struct field schema_fields[] = {
    {.key = "schema",
     .kind = FIELD_TEXT,
     .required = true,
     .offset = offsetof(struct schema_of, schema)},
};
static const struct shape schema_shape = {"record", sizeof(struct schema_of), schema_fields, 1};

static int unpack_as(const struct shape *shape, struct span map, struct arena *arena, void **out,
                     struct error *err)
{
    *out = arena_alloc(arena, shape->size);
    return shape_unpack(shape, map, arena, *out, err);
}

int unpack_record(struct span map, struct arena *arena, struct unpacked *out, struct error *err)
{
    struct schema_of head;
    void *record;
    int rc = shape_unpack(&schema_shape, map, arena, &head, err);

    *out = (struct unpacked){0};
    if (rc < 0)
        return rc;
    if (span_equal_str(head.schema, STATEMENT_SCHEMA)) {
        rc = unpack_as(&statement_shape, map, arena, &record, err);
        out->statement = record;
    } else if (span_equal_str(head.schema, FINDING_SCHEMA)) {
        rc = unpack_as(&finding_shape, map, arena, &record, err);
        out->finding = record;
    } else {
        rc = error_set(err, ERR_VERSION, "unknown schema \"%.*s\"", SPAN_ARG(head.schema));
    }
    return rc;
}

int unpacked_json(const struct unpacked *u, struct buf *out, struct error *err)
{
    if (u->statement)
        shape_json(&statement_shape, u->statement, out);
    else
        shape_json(&finding_shape, u->finding, out);
    buf_add_char(out, '\n');
    if (out->failed)
        return error_set(err, ERR_LIMIT, "a record is over the cap as JSON");
    return 0;
}

struct context {
    struct arena *arena;
    struct buf map;
    struct unpacked last; /* its statement, or nothing */
};

struct context *context_new(void)
{
    struct context *c = xcalloc(1, sizeof *c);

    c->arena = arena_new();
    buf_init(&c->map, LIMIT_RECORD_BYTES);
    return c;
}

void context_free(struct context *c)
{
    if (!c)
        return;
    arena_free(c->arena);
    buf_fini(&c->map);
    free(c);
}

void context_add(struct context *c, const struct unpacked *u, struct span map)
{
    struct error ignored; /* it was unpacked before */

    if (!u->statement)
        return;
    arena_reset(c->arena);
    buf_clear(&c->map);
    buf_add_span(&c->map, map);
    if (unpack_record(buf_span(&c->map), c->arena, &c->last, &ignored) < 0)
        c->last = (struct unpacked){0};
}

const struct statement *context_find(const struct context *c, const struct unpacked *u)
{
    const struct statement *last = c->last.statement;

    if (u->statement)
        return u->statement;
    if (!last || !span_equal(last->statement_id, u->finding->statement_id) ||
        !span_equal(last->version_id, u->finding->version_id))
        return NULL;
    return last;
}
