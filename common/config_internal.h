/*
 * What the files of the configuration share: the table of keys (config_table.c), the readers of
 * single values (config_value.c), the sources (config_sources.c), and the one place where problems
 * are collected (config.c).
 */
#ifndef POLLWATCH_COMMON_CONFIG_INTERNAL_H
#define POLLWATCH_COMMON_CONFIG_INTERNAL_H

#include <stddef.h>

#include "common/arena.h"
#include "common/config.h"
#include "common/hint.h"
#include "common/yaml.h"

/* The rows of one entry of fetcher.sources; no section of the file. */
#define CONFIG_SOURCE_SECTION "source"

/* The sections of the file, sorted. */
extern const char *const config_sections[];
extern const size_t config_sections_n;

enum config_kind {
    CONFIG_BOOL,      /* bool: yes or no */
    CONFIG_COUNT,     /* uint32_t */
    CONFIG_DURATION,  /* uint64_t, ms */
    CONFIG_ENDPOINT,  /* const char * */
    CONFIG_ENDPOINTS, /* const char *const *, NULL-terminated */
    CONFIG_NAME,      /* an enum; the value is the index into `names` */
    CONFIG_PATH,      /* const char *, absolute */
    CONFIG_SIZE,      /* uint64_t, bytes */
    CONFIG_SLUG,      /* const char *: a-z 0-9 - _ . */
    CONFIG_SOURCES,   /* the list of sources; read by config_read_sources() */
    CONFIG_TEXT,      /* const char * */
    CONFIG_URLS       /* const char *const *, NULL-terminated */
};

struct config_key {
    const char *section; /* "" is the file's top level */
    const char *key;
    enum config_kind kind;
    size_t offset;        /* in struct config, or in struct config_source */
    const char *fallback; /* as it would stand in the file; '@' is the state directory */
    uint64_t min;         /* COUNT, DURATION, SIZE */
    uint64_t max;
    const char *const *names; /* NAME; ends with NULL */
};

/* Sorted by section, then by key. */
extern const struct config_key config_keys[];
extern const size_t config_keys_n;

/* NULL when there is none. */
const struct config_key *config_key_find(const char *section, struct span key);

/* Where a value stands, for messages: in the file, or in an environment variable, or nowhere. */
struct config_place {
    const struct yaml_node *node;
    const char *variable;
};

struct config_reader {
    struct config *config;
    struct arena *arena;
    const char *file; /* as given, for messages */
    const char *base; /* the absolute directory that paths are relative to */
    struct buf *problems;
    struct error *err;
    size_t problems_n;
};

/* Adds one problem; the first goes to `err` too. */
void config_problem(struct config_reader *r, struct config_place place, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Reads the value of a node, a list where the key takes one, into `object` (see offset). */
void config_read_node(struct config_reader *r, const struct config_key *key,
                      const struct yaml_node *node, void *object);

/* Reports the keys of `map` that its section does not have. */
void config_check_keys(struct config_reader *r, const char *section, const struct yaml_node *map);

void config_read_sources(struct config_reader *r, const struct yaml_node *list);

/*
 * Reads `text` as `key` wants it into `field`. Lists are read item by item: `field` is then the
 * address of one text. On failure `err->message` says what was expected, without the place.
 */
MUST_USE int config_value_read(const struct config_reader *r, const struct config_key *key,
                               struct span text, void *field, struct error *err);

/* Reads one text for `key` into `field` and reports what is wrong with it. */
void config_read_one(struct config_reader *r, const struct config_key *key,
                     struct config_place place, struct span text, void *field);

/* Reads the key's variable, if the environment has it; returns whether it has. */
bool config_read_variable(struct config_reader *r, const struct config_key *key);

/* Reports variables that look like ours and name no key. */
void config_check_environment(struct config_reader *r);

/* "; did you mean …?" or nothing. */
const char *config_hint_text(struct arena *arena, const struct hint *h);

static inline void *config_field(const struct config_key *key, void *object)
{
    return (char *)object + key->offset;
}

static inline bool config_kind_is_list(enum config_kind kind)
{
    return kind == CONFIG_ENDPOINTS || kind == CONFIG_URLS;
}

#endif
