/*
 * Packing and unpacking, each one walk over the rows of a shape.
 *
 * Unpacking happens in two steps: mp_scan() proves the bytes harmless, msgpack-c turns them into
 * objects, and read_struct() copies what the shape knows into the C struct. The recursion follows
 * the shapes, which are ours and at most four deep, never the input.
 */
#include "proto/shape.h"

#include <math.h>
#include <msgpack.h>

#include "common/utf8.h"
#include "proto/limits.h"
#include "proto/mp.h"

/* ---- packing ---- */

static int write_buf(void *data, const char *p, size_t n)
{
    struct buf *b = data;

    buf_add(b, p, n);
    return b->failed ? -1 : 0;
}

static void pack_text(msgpack_packer *pk, struct span s)
{
    if (span_is_null(s)) {
        msgpack_pack_nil(pk);
        return;
    }
    msgpack_pack_str(pk, s.n);
    msgpack_pack_str_body(pk, s.p, s.n);
}

static void pack_bytes(msgpack_packer *pk, struct span s)
{
    if (span_is_null(s)) {
        msgpack_pack_nil(pk);
        return;
    }
    msgpack_pack_bin(pk, s.n);
    msgpack_pack_bin_body(pk, s.p, s.n);
}

static void pack_name(msgpack_packer *pk, const char *const *names, int value)
{
    pack_text(pk, span_of_str(names[value]));
}

static void pack_number(msgpack_packer *pk, double v)
{
    if (isnan(v))
        msgpack_pack_nil(pk);
    else if (v == floor(v) && fabs(v) < 9007199254740992.0) /* 2^53: exact in a double */
        msgpack_pack_int64(pk, (int64_t)v);
    else
        msgpack_pack_double(pk, v);
}

static void pack_truth(msgpack_packer *pk, enum truth t)
{
    switch (t) {
    case TRUTH_UNKNOWN:
        msgpack_pack_nil(pk);
        return;
    case TRUTH_NO:
        msgpack_pack_false(pk);
        return;
    case TRUTH_YES:
        msgpack_pack_true(pk);
        return;
    }
}

static void pack_struct(msgpack_packer *pk, const struct shape *shape, const void *obj);

static struct any_list list_at(const void *p)
{
    struct any_list list;

    memcpy(&list, p, sizeof list);
    return list;
}

static void pack_list(msgpack_packer *pk, const struct field *f, const void *p)
{
    struct any_list list = list_at(p);

    msgpack_pack_array(pk, list.n);
    for (size_t i = 0; i < list.n; i++)
        pack_struct(pk, f->shape, (const char *)list.items + i * f->shape->size);
}

static void pack_texts(msgpack_packer *pk, const text_list *list)
{
    msgpack_pack_array(pk, list->n);
    for (size_t i = 0; i < list->n; i++)
        pack_text(pk, list->items[i]);
}

static void pack_names(msgpack_packer *pk, const struct field *f, const void *p)
{
    struct any_list list = list_at(p);

    msgpack_pack_array(pk, list.n);
    for (size_t i = 0; i < list.n; i++)
        pack_name(pk, f->names, ((const int *)list.items)[i]);
}

static void pack_counts(msgpack_packer *pk, const count_list *list)
{
    msgpack_pack_map(pk, list->n);
    for (size_t i = 0; i < list->n; i++) {
        pack_text(pk, list->items[i].key);
        msgpack_pack_uint64(pk, list->items[i].n);
    }
}

static void pack_maybe(msgpack_packer *pk, const struct field *f, const void *p)
{
    const void *obj;

    memcpy(&obj, p, sizeof obj);
    if (obj)
        pack_struct(pk, f->shape, obj);
    else
        msgpack_pack_nil(pk);
}

static void pack_value(msgpack_packer *pk, const struct field *f, const void *p)
{
    switch (f->kind) {
    case FIELD_TEXT:
        pack_text(pk, *(const struct span *)p);
        return;
    case FIELD_BYTES:
        pack_bytes(pk, *(const struct span *)p);
        return;
    case FIELD_U64:
        msgpack_pack_uint64(pk, *(const uint64_t *)p);
        return;
    case FIELD_U32:
        msgpack_pack_uint32(pk, *(const uint32_t *)p);
        return;
    case FIELD_BOOL:
        if (*(const bool *)p)
            msgpack_pack_true(pk);
        else
            msgpack_pack_false(pk);
        return;
    case FIELD_TRUTH:
        pack_truth(pk, *(const enum truth *)p);
        return;
    case FIELD_NUMBER:
        pack_number(pk, *(const double *)p);
        return;
    case FIELD_NAME:
        pack_name(pk, f->names, *(const int *)p);
        return;
    case FIELD_MAP:
        pack_struct(pk, f->shape, p);
        return;
    case FIELD_MAYBE:
        pack_maybe(pk, f, p);
        return;
    case FIELD_LIST:
        pack_list(pk, f, p);
        return;
    case FIELD_TEXTS:
        pack_texts(pk, p);
        return;
    case FIELD_NAMES:
        pack_names(pk, f, p);
        return;
    case FIELD_COUNTS:
        pack_counts(pk, p);
        return;
    }
}

static void pack_struct(msgpack_packer *pk, const struct shape *shape, const void *obj)
{
    msgpack_pack_map(pk, shape->n);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *f = &shape->fields[i];

        pack_text(pk, span_of_str(f->key));
        pack_value(pk, f, (const char *)obj + f->offset);
    }
}

void shape_pack(const struct shape *shape, const void *obj, struct buf *out)
{
    msgpack_packer pk;

    msgpack_packer_init(&pk, out, write_buf);
    pack_struct(&pk, shape, obj);
}

/* ---- unpacking ---- */

struct reader {
    struct arena *arena;
    struct error *err;
};

static int refuse(struct reader *r, const struct shape *shape, const struct field *f,
                  const char *why)
{
    return error_set(r->err, ERR_FORMAT, "%s.%s: %s", shape->name, f->key, why);
}

static struct span object_text(const msgpack_object *o)
{
    return span_of(o->via.str.ptr ? o->via.str.ptr : "", o->via.str.size);
}

int name_value(const char *const *names, struct span name)
{
    for (int i = 1; names[i]; i++) {
        if (span_equal_str(name, names[i]))
            return i;
    }
    return 0;
}

/* Whoever sent it: a text that is not UTF-8 would break every file and consumer behind us. */
static int read_text(struct reader *r, const struct shape *shape, const struct field *f,
                     const msgpack_object *o, struct span *out)
{
    if (o->type != MSGPACK_OBJECT_STR)
        return refuse(r, shape, f, "not a text");
    *out = object_text(o);
    if (!utf8_is_valid(*out))
        return refuse(r, shape, f, "not valid UTF-8");
    return 0;
}

static int read_struct(struct reader *r, const struct shape *shape, const msgpack_object *o,
                       void *obj);

static int read_list(struct reader *r, const struct shape *shape, const struct field *f,
                     const msgpack_object *o, void *p)
{
    struct any_list list = {0};

    if (o->type != MSGPACK_OBJECT_ARRAY)
        return refuse(r, shape, f, "not a list");
    list.n = list.cap = o->via.array.size;
    list.items = list.n ? arena_calloc(r->arena, list.n, f->shape->size) : NULL;
    for (size_t i = 0; i < list.n; i++) {
        int rc =
            read_struct(r, f->shape, &o->via.array.ptr[i], (char *)list.items + i * f->shape->size);

        if (rc < 0)
            return rc;
    }
    memcpy(p, &list, sizeof list);
    return 0;
}

static int read_texts(struct reader *r, const struct shape *shape, const struct field *f,
                      const msgpack_object *o, text_list *out)
{
    if (o->type != MSGPACK_OBJECT_ARRAY)
        return refuse(r, shape, f, "not a list");
    for (size_t i = 0; i < o->via.array.size; i++) {
        int rc = read_text(r, shape, f, &o->via.array.ptr[i], LIST_ADD(r->arena, out));

        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_names(struct reader *r, const struct shape *shape, const struct field *f,
                      const msgpack_object *o, void *p)
{
    LIST_OF(int) list = {0};

    if (o->type != MSGPACK_OBJECT_ARRAY)
        return refuse(r, shape, f, "not a list");
    for (size_t i = 0; i < o->via.array.size; i++) {
        const msgpack_object *item = &o->via.array.ptr[i];
        int value = item->type == MSGPACK_OBJECT_STR ? name_value(f->names, object_text(item)) : 0;

        if (value == 0)
            return refuse(r, shape, f, "unknown name in list");
        *LIST_ADD(r->arena, &list) = value;
    }
    memcpy(p, &list, sizeof list);
    return 0;
}

static int read_counts(struct reader *r, const struct shape *shape, const struct field *f,
                       const msgpack_object *o, count_list *out)
{
    if (o->type != MSGPACK_OBJECT_MAP)
        return refuse(r, shape, f, "not a map");
    for (size_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];

        if (kv->key.type != MSGPACK_OBJECT_STR || kv->val.type != MSGPACK_OBJECT_POSITIVE_INTEGER)
            return refuse(r, shape, f, "not a map of counts");
        *LIST_ADD(r->arena, out) = (struct count){object_text(&kv->key), kv->val.via.u64};
    }
    return 0;
}

static int read_number(struct reader *r, const struct shape *shape, const struct field *f,
                       const msgpack_object *o, double *out)
{
    switch (o->type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        *out = (double)o->via.u64;
        return 0;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        *out = (double)o->via.i64;
        return 0;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        *out = o->via.f64;
        return 0;
    default:
        return refuse(r, shape, f, "not a number");
    }
}

static int read_unsigned(struct reader *r, const struct shape *shape, const struct field *f,
                         const msgpack_object *o, uint64_t max, uint64_t *out)
{
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 > max)
        return refuse(r, shape, f, "not an unsigned number in range");
    *out = o->via.u64;
    return 0;
}

static int read_name(struct reader *r, const struct shape *shape, const struct field *f,
                     const msgpack_object *o, int *out)
{
    *out = o->type == MSGPACK_OBJECT_STR ? name_value(f->names, object_text(o)) : 0;
    if (*out == 0)
        return refuse(r, shape, f, "unknown name");
    return 0;
}

static int read_maybe(struct reader *r, const struct field *f, const msgpack_object *o, void *p)
{
    void *obj = arena_alloc(r->arena, f->shape->size);

    memcpy(p, &obj, sizeof obj);
    return read_struct(r, f->shape, o, obj);
}

static int read_value(struct reader *r, const struct shape *shape, const struct field *f,
                      const msgpack_object *o, void *p)
{
    uint64_t u = 0;
    int rc;

    switch (f->kind) {
    case FIELD_TEXT:
        return read_text(r, shape, f, o, p);
    case FIELD_BYTES:
        if (o->type != MSGPACK_OBJECT_BIN)
            return refuse(r, shape, f, "not bytes");
        *(struct span *)p = span_of(o->via.bin.ptr ? o->via.bin.ptr : "", o->via.bin.size);
        return 0;
    case FIELD_U64:
        return read_unsigned(r, shape, f, o, UINT64_MAX, p);
    case FIELD_U32:
        rc = read_unsigned(r, shape, f, o, UINT32_MAX, &u);
        *(uint32_t *)p = (uint32_t)u;
        return rc;
    case FIELD_BOOL:
        if (o->type != MSGPACK_OBJECT_BOOLEAN)
            return refuse(r, shape, f, "not true or false");
        *(bool *)p = o->via.boolean;
        return 0;
    case FIELD_TRUTH:
        if (o->type != MSGPACK_OBJECT_BOOLEAN)
            return refuse(r, shape, f, "not true, false or null");
        *(enum truth *)p = o->via.boolean ? TRUTH_YES : TRUTH_NO;
        return 0;
    case FIELD_NUMBER:
        return read_number(r, shape, f, o, p);
    case FIELD_NAME:
        return read_name(r, shape, f, o, p);
    case FIELD_MAP:
        return read_struct(r, f->shape, o, p);
    case FIELD_MAYBE:
        return read_maybe(r, f, o, p);
    case FIELD_LIST:
        return read_list(r, shape, f, o, p);
    case FIELD_TEXTS:
        return read_texts(r, shape, f, o, p);
    case FIELD_NAMES:
        return read_names(r, shape, f, o, p);
    case FIELD_COUNTS:
        return read_counts(r, shape, f, o, p);
    }
    return 0;
}

/*
 * Writers keep the order of the table, so the row after the last one found is looked at first; a
 * stranger's order costs a search.
 */
static const struct field *find_field(const struct shape *shape, struct span key, size_t *next)
{
    for (size_t i = 0; i < shape->n; i++) {
        size_t at = (*next + i) % shape->n;

        if (span_equal_str(key, shape->fields[at].key)) {
            *next = at + 1;
            return &shape->fields[at];
        }
    }
    return NULL;
}

static void set_defaults(const struct shape *shape, void *obj)
{
    memset(obj, 0, shape->size);
    for (size_t i = 0; i < shape->n; i++) {
        if (shape->fields[i].kind == FIELD_NUMBER)
            *(double *)((char *)obj + shape->fields[i].offset) = NAN;
    }
}

static int check_required(struct reader *r, const struct shape *shape, const bool *seen)
{
    for (size_t i = 0; i < shape->n; i++) {
        if (shape->fields[i].required && !seen[i])
            return refuse(r, shape, &shape->fields[i], "missing");
    }
    return 0;
}

#define SHAPE_FIELDS_MAX 64

static int read_struct(struct reader *r, const struct shape *shape, const msgpack_object *o,
                       void *obj)
{
    bool seen[SHAPE_FIELDS_MAX] = {false};
    size_t next = 0;

    if (o->type != MSGPACK_OBJECT_MAP)
        return error_set(r->err, ERR_FORMAT, "%s: not a map", shape->name);
    set_defaults(shape, obj);
    for (size_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];
        const struct field *f;
        int rc;

        if (kv->key.type != MSGPACK_OBJECT_STR)
            return error_set(r->err, ERR_FORMAT, "%s: a key is not a text", shape->name);
        f = find_field(shape, object_text(&kv->key), &next);
        if (!f || kv->val.type == MSGPACK_OBJECT_NIL)
            continue;
        rc = read_value(r, shape, f, &kv->val, (char *)obj + f->offset);
        if (rc < 0)
            return rc;
        seen[f - shape->fields] = true;
    }
    return check_required(r, shape, seen);
}

int shape_unpack(const struct shape *shape, struct span in, struct arena *arena, void *obj,
                 struct error *err)
{
    struct reader r = {arena, err};
    msgpack_zone zone;
    msgpack_object o;
    size_t used = 0;
    size_t off = 0;
    int rc = mp_scan(in, &used, err);

    if (rc < 0)
        return rc;
    if (used != in.n)
        return error_at(err, ERR_FORMAT, used, "%s: %zu bytes behind the map", shape->name,
                        in.n - used);
    if (!msgpack_zone_init(&zone, 8192))
        return error_sys(err, "%s: no memory", shape->name);
    if (msgpack_unpack(in.p, in.n, &off, &zone, &o) != MSGPACK_UNPACK_SUCCESS)
        rc = error_set(err, ERR_FORMAT, "%s: not MessagePack", shape->name);
    else
        rc = read_struct(&r, shape, &o, obj);
    msgpack_zone_destroy(&zone);
    return rc;
}
