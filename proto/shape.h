/*
 * Shapes: one table a struct, three walkers over it.
 *
 * Every record and every message head is a plain C struct. A `struct shape` lists its fields in
 * wire order; packing to MessagePack, unpacking from it and writing JSON are each one walk over
 * that table, so a new field is one new row. Readers ignore keys that they do not know, and a
 * required key that is absent or null is an error that names it.
 *
 * All memory that unpacking needs comes from the caller's arena; texts point into the input.
 */
#ifndef POLLWATCH_PROTO_SHAPE_H
#define POLLWATCH_PROTO_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/span.h"

/* A growing typed list in an arena. All lists have the layout of `struct any_list`. */
#define LIST_OF(type)                                                                              \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t n;                                                                                  \
        size_t cap;                                                                                \
    }

/* Appends a zeroed item and yields its address, good until the next append. */
#define LIST_ADD(arena, list)                                                                      \
    ((list)->items =                                                                               \
         arena_grow((arena), (list)->items, &(list)->cap, (list)->n + 1, sizeof *(list)->items),   \
     &(list)->items[(list)->n++])

struct any_list {
    void *items;
    size_t n;
    size_t cap;
};

typedef LIST_OF(struct span) text_list;

/* A yes/no that may be unknown; {0} is unknown. */
enum truth { TRUTH_UNKNOWN = 0, TRUTH_NO, TRUTH_YES };

/* One entry of a map from text to count. */
struct count {
    struct span key;
    uint64_t n;
};

typedef LIST_OF(struct count) count_list;

enum field_kind {
    FIELD_TEXT,   /* struct span; null span <-> null */
    FIELD_BYTES,  /* struct span as MessagePack bin; base16 in JSON */
    FIELD_U64,    /* uint64_t */
    FIELD_U32,    /* uint32_t */
    FIELD_BOOL,   /* bool */
    FIELD_TRUTH,  /* enum truth */
    FIELD_NUMBER, /* double; NaN <-> null; whole numbers are written as integers */
    FIELD_NAME,   /* an enum (int) whose value indexes `names`; 0 <-> null */
    FIELD_MAP,    /* a struct inside this one */
    FIELD_MAYBE,  /* pointer to a struct; NULL <-> null */
    FIELD_LIST,   /* LIST_OF(struct) */
    FIELD_TEXTS,  /* text_list */
    FIELD_NAMES,  /* LIST_OF(int), each indexing `names` */
    FIELD_COUNTS  /* count_list as a map */
};

struct shape;

struct field {
    const char *key;
    enum field_kind kind;
    bool required; /* absent and null are errors */
    size_t offset;
    const struct shape *shape; /* MAP, MAYBE, LIST */
    const char *const *names;  /* NAME, NAMES: names[0] is NULL, ends with NULL */
};

struct shape {
    const char *name; /* for messages of errors */
    size_t size;      /* of the struct */
    const struct field *fields;
    size_t n;
};

/* Appends `obj` as one MessagePack map. Over the buffer's cap it sets out->failed. */
void shape_pack(const struct shape *shape, const void *obj, struct buf *out);

/*
 * Reads exactly one MessagePack map that fills `in`. `obj` is zeroed first. Texts point into
 * `in`, which must outlive it. Returns 0, ERR_FORMAT (not that shape; pos is set where known) or
 * ERR_LIMIT (too deep, too many values).
 */
MUST_USE int shape_unpack(const struct shape *shape, struct span in, struct arena *arena, void *obj,
                          struct error *err);

/* Appends `obj` as one JSON object on one line, without a line end. Invalid UTF-8 must not occur.
 */
void shape_json(const struct shape *shape, const void *obj, struct buf *out);

/* The value that `name` has in a table of names, or 0. */
int name_value(const char *const *names, struct span name);

#endif
