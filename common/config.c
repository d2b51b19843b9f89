/*
 * Reading goes over the table of keys, not over the file: for each key the environment is asked
 * first, then the file, then the table's default, and all three are texts that one reader
 * understands. What the file has and the table does not is found by a second walk, over the file.
 *
 * A problem does not end the reading; config_problem() notes it and the key keeps its zero, so
 * that one run reports everything.
 */
#include "common/config.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/config_internal.h"
#include "common/mem.h"

/* The public struct comes first, so that its address is the whole's. */
struct loaded {
    struct config config;
    struct arena *arena;
};

static void add_place(struct config_reader *r, struct config_place place)
{
    if (place.variable)
        buf_printf(r->problems, "environment: %s: ", place.variable);
    else if (place.node)
        buf_printf(r->problems, "%s:%u: ", r->file, (unsigned)place.node->line);
    else
        buf_printf(r->problems, "%s: ", r->file);
}

void config_problem(struct config_reader *r, struct config_place place, const char *format, ...)
{
    char cause[ERROR_MESSAGE_BYTES];
    size_t start = r->problems->n;
    va_list args;

    va_start(args, format);
    vsnprintf(cause, sizeof cause, format, args);
    va_end(args);
    add_place(r, place);
    buf_add_str(r->problems, cause);
    if (r->problems_n++ == 0)
        error_at(r->err, ERR_CONFIG, place.node ? place.node->line : ERROR_NO_POSITION, "%.*s",
                 SPAN_ARG(span_from(buf_span(r->problems), start)));
    buf_add_char(r->problems, '\n');
}

/* --- keys that are not ours --- */

const char *config_hint_text(struct arena *arena, const struct hint *h)
{
    return h->right[0] ? arena_printf(arena, "; did you mean %s?", h->right).p : "";
}

static bool is_section(struct span name)
{
    for (size_t i = 0; i < config_sections_n; i++) {
        if (span_equal_str(name, config_sections[i]))
            return true;
    }
    return false;
}

static void report_key(struct config_reader *r, const char *section, const struct yaml_node *key)
{
    struct hint h = hint_for(key->text);
    struct config_place place = {.node = key};
    bool at_top = section[0] == '\0';

    for (size_t i = 0; i < config_keys_n; i++) {
        if (strcmp(config_keys[i].section, section) == 0)
            hint_try(&h, config_keys[i].key);
    }
    for (size_t i = 0; at_top && i < config_sections_n; i++)
        hint_try(&h, config_sections[i]);
    config_problem(r, place, "%s%sunknown key %.*s%s", section, at_top ? "" : ": ",
                   SPAN_ARG(key->text), config_hint_text(r->arena, &h));
}

void config_check_keys(struct config_reader *r, const char *section, const struct yaml_node *map)
{
    bool at_top = section[0] == '\0';

    for (size_t i = 0; i < map->n; i++) {
        struct span key = map->keys[i]->text;

        if (!config_key_find(section, key) && !(at_top && is_section(key)))
            report_key(r, section, map->keys[i]);
    }
}

/* --- values --- */

static const char *full_name(const struct config_reader *r, const struct config_key *key)
{
    if (key->section[0] == '\0')
        return key->key;
    return arena_printf(r->arena, "%s.%s", key->section, key->key).p;
}

void config_read_one(struct config_reader *r, const struct config_key *key,
                     struct config_place place, struct span text, void *field)
{
    struct error err;

    if (config_value_read(r, key, text, field, &err) < 0)
        config_problem(r, place, "%s: %s", full_name(r, key), err.message);
}

static void read_list(struct config_reader *r, const struct config_key *key,
                      const struct yaml_node *list, void *object)
{
    const char **values = arena_calloc(r->arena, list->n + 1, sizeof *values);
    struct config_place place = {.node = list};

    if (list->n == 0)
        config_problem(r, place, "%s: the list is empty", full_name(r, key));
    for (size_t i = 0; i < list->n; i++) {
        place.node = list->items[i];
        if (list->items[i]->kind != YAML_SCALAR)
            config_problem(r, place, "%s: expected one value a line", full_name(r, key));
        else
            config_read_one(r, key, place, list->items[i]->text, &values[i]);
    }
    *(const char *const **)config_field(key, object) = values;
}

/* "~" and "null" stand for nothing, unless quoted. */
static bool is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && !node->is_quoted &&
           (node->text.n == 0 || span_equal_str(node->text, "~") ||
            span_equal_str(node->text, "null"));
}

void config_read_node(struct config_reader *r, const struct config_key *key,
                      const struct yaml_node *node, void *object)
{
    struct config_place place = {.node = node};

    if (is_null(node)) {
        config_problem(r, place, "%s: missing value", full_name(r, key));
    } else if (key->kind == CONFIG_SOURCES) {
        config_read_sources(r, node);
    } else if (config_kind_is_list(key->kind)) {
        const struct yaml_node *const items[] = {node};
        struct yaml_node list = {YAML_LIST, node->line, SPAN_NULL, false, 1, items, NULL};

        read_list(r, key, node->kind == YAML_SCALAR ? &list : node, object);
    } else if (node->kind != YAML_SCALAR) {
        config_problem(r, place, "%s: expected one value, found a %s", full_name(r, key),
                       node->kind == YAML_LIST ? "list" : "map");
    } else {
        config_read_one(r, key, place, node->text, config_field(key, object));
    }
}

/* --- the whole --- */

/* '@' in a default is the state directory, which is the first row and so known by then. */
static void read_fallback(struct config_reader *r, const struct config_key *key)
{
    struct span text = span_of_str(key->fallback);
    size_t at = span_find(text, SPAN_LIT("@"), 0);

    if (at != SIZE_MAX)
        text = arena_printf(r->arena, "%.*s%s%s", (int)at, text.p,
                            r->config->dir ? r->config->dir : "", text.p + at + 1);
    if (text.n > 0)
        config_read_one(r, key, (struct config_place){0}, text, config_field(key, r->config));
}

static const struct yaml_node *find_node(const struct yaml_node *root, const struct config_key *key)
{
    const struct yaml_node *section = key->section[0] ? yaml_get(root, key->section) : root;

    return section ? yaml_get(section, key->key) : NULL;
}

static void read_keys(struct config_reader *r, const struct yaml_node *root)
{
    for (size_t i = 0; i < config_keys_n; i++) {
        const struct config_key *key = &config_keys[i];
        const struct yaml_node *node;

        if (strcmp(key->section, CONFIG_SOURCE_SECTION) == 0 || config_read_variable(r, key))
            continue;
        node = find_node(root, key);
        if (node)
            config_read_node(r, key, node, r->config);
        else
            read_fallback(r, key);
    }
}

/* A section that is there but empty is as good as absent. */
static void check_sections(struct config_reader *r, const struct yaml_node *root)
{
    if (root->kind != YAML_MAP) {
        config_problem(r, (struct config_place){.node = root},
                       "expected a map of sections (dir, log, fetcher, parser, sink)");
        return;
    }
    config_check_keys(r, "", root);
    for (size_t i = 0; i < config_sections_n; i++) {
        const struct yaml_node *section = yaml_get(root, config_sections[i]);

        if (!section || is_null(section))
            continue;
        if (section->kind == YAML_MAP)
            config_check_keys(r, config_sections[i], section);
        else
            config_problem(r, (struct config_place){.node = section}, "%s: expected a map of keys",
                           config_sections[i]);
    }
}

static const char *const *list_of_one(struct arena *arena, const char *text)
{
    const char **list = arena_calloc(arena, 2, sizeof *list);

    list[0] = text;
    return list;
}

/* On one machine the parser talks to the fetcher and the sink beside it. */
static void join_services(struct config_reader *r)
{
    struct config *c = r->config;

    if (!c->parser.fetchers)
        c->parser.fetchers = list_of_one(r->arena, c->fetcher.work);
    if (!c->parser.sinks)
        c->parser.sinks = list_of_one(r->arena, c->sink.results);
}

/* The absolute directory of the file; relative to where we are when there is none. */
static int find_base(struct config_reader *r, const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    struct span dir = slash ? span_of(path, (size_t)(slash - path)) : SPAN_LIT(".");
    char resolved[PATH_MAX];

    if (slash == path && path)
        dir = SPAN_LIT("/");
    if (!realpath(arena_copy(r->arena, dir).p, resolved))
        return error_sys(r->err, "find the directory of %s", r->file);
    r->base = arena_copy(r->arena, span_of_str(resolved)).p;
    return 0;
}

static int read_all(struct config_reader *r, const char *path)
{
    const struct yaml_node *root = NULL;
    int rc = find_base(r, path);

    if (rc == 0)
        rc = path ? yaml_load_file(path, r->arena, &root, r->err)
                  : yaml_load(SPAN_LIT(""), r->file, r->arena, &root, r->err);
    if (rc < 0) {
        buf_printf(r->problems, "%s\n", r->err->message);
        return rc;
    }
    assert(root);
    check_sections(r, root);
    config_check_environment(r);
    read_keys(r, root);
    join_services(r);
    return r->problems_n > 0 ? ERR_CONFIG : 0;
}

int config_load(const char *path, struct config **out, struct buf *problems, struct error *err)
{
    struct loaded *l = xcalloc(1, sizeof *l);
    struct config_reader r = {.config = &l->config, .problems = problems, .err = err};
    int rc;

    l->arena = arena_new();
    r.arena = l->arena;
    r.file = path ? arena_copy(l->arena, span_of_str(path)).p : "built-in defaults";
    l->config.file = r.file;
    rc = read_all(&r, path);
    if (rc < 0) {
        config_free(&l->config);
        return rc;
    }
    *out = &l->config;
    return 0;
}

void config_free(struct config *c)
{
    struct loaded *l = (struct loaded *)c;

    if (!l)
        return;
    arena_free(l->arena);
    free(l);
}
