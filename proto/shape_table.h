/*
 * How the rows of a shape are written; for record.c and message.c only.
 *
 *     static const struct field lease_fields[] = {R(lease, task_id, U64), …};
 *     const struct shape lease_shape = SHAPE(lease, lease_fields);
 *
 * F is for what may be null, R for what must be there.
 */
#ifndef POLLWATCH_PROTO_SHAPE_TABLE_H
#define POLLWATCH_PROTO_SHAPE_TABLE_H

#include "proto/shape.h"

#define ROW(type, member, kind_, required_, ...)                                                   \
    {.key = #member,                                                                               \
     .kind = (kind_),                                                                              \
     .required = (required_),                                                                      \
     .offset = offsetof(struct type, member),                                                      \
     __VA_ARGS__}
#define F(type, member, kind, ...) ROW(type, member, FIELD_##kind, false, __VA_ARGS__)
#define R(type, member, kind, ...) ROW(type, member, FIELD_##kind, true, __VA_ARGS__)
#define SHAPE(type, table)                                                                         \
    {.name = #type, .size = sizeof(struct type), .fields = (table), .n = ARRAY_LEN(table)}

#endif
