/*
 * JSON by the same tables: an emitter of our own, because it is four to eight times faster than
 * building a tree in a library first, and NDJSON is written for every record.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "proto/shape.h"

static const char hex_digits[] = "0123456789abcdef";

static void json_escape(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add_str(out, "\\\"");
        return;
    case '\\':
        buf_add_str(out, "\\\\");
        return;
    case '\n':
        buf_add_str(out, "\\n");
        return;
    case '\r':
        buf_add_str(out, "\\r");
        return;
    case '\t':
        buf_add_str(out, "\\t");
        return;
    default:
        buf_add_str(out, "\\u00");
        buf_add_char(out, hex_digits[c >> 4]);
        buf_add_char(out, hex_digits[c & 15]);
        return;
    }
}

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

static void json_text(struct buf *out, struct span s)
{
    size_t start = 0;

    if (span_is_null(s)) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (!needs_escape((unsigned char)s.p[i]))
            continue;
        buf_add(out, s.p + start, i - start);
        json_escape(out, (unsigned char)s.p[i]);
        start = i + 1;
    }
    buf_add(out, s.p + start, s.n - start);
    buf_add_char(out, '"');
}

static void json_bytes(struct buf *out, struct span s)
{
    if (span_is_null(s)) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        buf_add_char(out, hex_digits[(unsigned char)s.p[i] >> 4]);
        buf_add_char(out, hex_digits[(unsigned char)s.p[i] & 15]);
    }
    buf_add_char(out, '"');
}

static void json_u64(struct buf *out, uint64_t v)
{
    buf_printf(out, "%" PRIu64, v);
}

static void json_number(struct buf *out, double v)
{
    char text[32];

    if (isnan(v) || isinf(v)) {
        buf_add_str(out, "null");
        return;
    }
    if (v == floor(v) && fabs(v) < 9007199254740992.0) {
        buf_printf(out, "%.0f", v);
        return;
    }
    /* the shortest form that reads back as the same number */
    for (int digits = 15; digits <= 17; digits++) {
        double back;

        snprintf(text, sizeof text, "%.*g", digits, v);
        if (sscanf(text, "%lf", &back) == 1 && back == v)
            break;
    }
    buf_add_str(out, text);
}

static void json_truth(struct buf *out, enum truth t)
{
    switch (t) {
    case TRUTH_UNKNOWN:
        buf_add_str(out, "null");
        return;
    case TRUTH_NO:
        buf_add_str(out, "false");
        return;
    case TRUTH_YES:
        buf_add_str(out, "true");
        return;
    }
}

static struct any_list list_at(const void *p)
{
    struct any_list list;

    memcpy(&list, p, sizeof list);
    return list;
}

static void json_list(struct buf *out, const struct field *f, const void *p)
{
    struct any_list list = list_at(p);

    buf_add_char(out, '[');
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        shape_json(f->shape, (const char *)list.items + i * f->shape->size, out);
    }
    buf_add_char(out, ']');
}

static void json_texts(struct buf *out, const text_list *list)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        json_text(out, list->items[i]);
    }
    buf_add_char(out, ']');
}

static void json_names(struct buf *out, const struct field *f, const void *p)
{
    struct any_list list = list_at(p);

    buf_add_char(out, '[');
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        json_text(out, span_of_str(f->names[((const int *)list.items)[i]]));
    }
    buf_add_char(out, ']');
}

static void json_counts(struct buf *out, const count_list *list)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        json_text(out, list->items[i].key);
        buf_add_char(out, ':');
        json_u64(out, list->items[i].n);
    }
    buf_add_char(out, '}');
}

static void json_maybe(struct buf *out, const struct field *f, const void *p)
{
    const void *obj;

    memcpy(&obj, p, sizeof obj);
    if (obj)
        shape_json(f->shape, obj, out);
    else
        buf_add_str(out, "null");
}

static void json_value(struct buf *out, const struct field *f, const void *p)
{
    switch (f->kind) {
    case FIELD_TEXT:
        json_text(out, *(const struct span *)p);
        return;
    case FIELD_BYTES:
        json_bytes(out, *(const struct span *)p);
        return;
    case FIELD_U64:
        json_u64(out, *(const uint64_t *)p);
        return;
    case FIELD_U32:
        json_u64(out, *(const uint32_t *)p);
        return;
    case FIELD_BOOL:
        buf_add_str(out, *(const bool *)p ? "true" : "false");
        return;
    case FIELD_TRUTH:
        json_truth(out, *(const enum truth *)p);
        return;
    case FIELD_NUMBER:
        json_number(out, *(const double *)p);
        return;
    case FIELD_NAME:
        json_text(out, span_of_str(f->names[*(const int *)p]));
        return;
    case FIELD_MAP:
        shape_json(f->shape, p, out);
        return;
    case FIELD_MAYBE:
        json_maybe(out, f, p);
        return;
    case FIELD_LIST:
        json_list(out, f, p);
        return;
    case FIELD_TEXTS:
        json_texts(out, p);
        return;
    case FIELD_NAMES:
        json_names(out, f, p);
        return;
    case FIELD_COUNTS:
        json_counts(out, p);
        return;
    }
}

void shape_json(const struct shape *shape, const void *obj, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *f = &shape->fields[i];

        if (i > 0)
            buf_add_char(out, ',');
        json_text(out, span_of_str(f->key));
        buf_add_char(out, ':');
        json_value(out, f, (const char *)obj + f->offset);
    }
    buf_add_char(out, '}');
}
