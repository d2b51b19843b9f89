/*
 * YAML as a tree whose every node knows its line, on libyaml.
 *
 * Scalars stay text: numbers, sizes, durations and booleans are read by those who know what they
 * should be (YAML's own guesses turn "no" into false and "010" into 8). Duplicate keys, aliases,
 * several documents, nesting over 16 and files over 16 MiB are errors. Errors read
 * "FILE:LINE: what is wrong".
 */
#ifndef POLLWATCH_COMMON_YAML_H
#define POLLWATCH_COMMON_YAML_H

#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/span.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    uint32_t line;                        /* 1-based */
    struct span text;                     /* SCALAR; terminated by a NUL that does not count */
    bool is_quoted;                       /* "~" and "" are null only unquoted */
    size_t n;                             /* LIST items, MAP entries */
    const struct yaml_node *const *items; /* LIST items, MAP values */
    const struct yaml_node *const *keys;  /* MAP keys, all scalars */
};

/* All memory is the arena's. An empty file gives an empty map. */
MUST_USE int yaml_load_file(const char *path, struct arena *arena, const struct yaml_node **out,
                            struct error *err);
/* `name` stands for the file in errors. */
MUST_USE int yaml_load(struct span text, const char *name, struct arena *arena,
                       const struct yaml_node **out, struct error *err);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* "NAME:LINE: message", ERR_CONFIG. */
int yaml_error(const struct yaml_node *node, const char *name, struct error *err,
               const char *format, ...) PRINTF_LIKE(4, 5);

#endif
