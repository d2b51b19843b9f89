/*
 * libyaml's event parser drives a stack of open lists and maps, so that nesting costs no recursion
 * and is capped. An event is looked at by one function of its own (the table `handlers`); a
 * finished node goes to the collection on top of the stack, or becomes the root.
 *
 *     STREAM-START  DOCUMENT-START  node  DOCUMENT-END  STREAM-END
 *     node: SCALAR | SEQUENCE-START node… SEQUENCE-END | MAPPING-START (scalar node)… MAPPING-END
 */
#include "common/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "common/buf.h"
#include "common/file.h"

#define NESTING_MAX 16
/* an entry of items or keys */
#define REF_BYTES      sizeof(void *)
#define FILE_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* A list or map whose end has not come yet. */
struct open_node {
    struct yaml_node *node;
    const struct yaml_node **items;
    const struct yaml_node **keys;
    size_t items_cap;
    size_t keys_cap;
    size_t keys_n; /* one more than items between a key and its value */
};

struct loader {
    const char *name;
    struct arena *arena;
    struct yaml_node *root;
    struct open_node stack[NESTING_MAX];
    size_t depth;
    size_t documents;
    bool done;
};

typedef int event_fn(struct loader *l, const yaml_event_t *event, struct error *err);

static int fail_at_line(const char *name, uint32_t line, struct error *err, const char *what)
{
    return error_at(err, ERR_CONFIG, line, "%s:%u: %s", name, (unsigned)line, what);
}

static uint32_t event_line(const yaml_event_t *event)
{
    return (uint32_t)event->start_mark.line + 1;
}

static int fail_at_event(const struct loader *l, const yaml_event_t *event, struct error *err,
                         const char *what)
{
    return fail_at_line(l->name, event_line(event), err, what);
}

static struct yaml_node *node_new(struct loader *l, enum yaml_kind kind, uint32_t line)
{
    struct yaml_node *node = arena_alloc(l->arena, sizeof *node);

    node->kind = kind;
    node->line = line;
    return node;
}

static void add_key(struct loader *l, struct open_node *open, const struct yaml_node *key)
{
    open->keys = arena_grow(l->arena, open->keys, &open->keys_cap, open->keys_n + 1, REF_BYTES);
    open->keys[open->keys_n++] = key;
}

static void add_item(struct loader *l, struct open_node *open, const struct yaml_node *item)
{
    open->items = arena_grow(l->arena, open->items, &open->items_cap, open->node->n + 1, REF_BYTES);
    open->items[open->node->n++] = item;
}

/* Gives a node that has just begun its place. */
static int place(struct loader *l, struct yaml_node *node, struct error *err)
{
    struct open_node *open;

    if (l->depth == 0) {
        l->root = node;
        return 0;
    }
    open = &l->stack[l->depth - 1];
    if (open->node->kind == YAML_LIST || open->keys_n > open->node->n) {
        add_item(l, open, node);
        return 0;
    }
    if (node->kind != YAML_SCALAR)
        return fail_at_line(l->name, node->line, err, "a key must be a single word or text");
    add_key(l, open, node);
    return 0;
}

static int refuse_decoration(const struct loader *l, const yaml_event_t *event,
                             const yaml_char_t *anchor, const yaml_char_t *tag, struct error *err)
{
    if (anchor)
        return fail_at_event(l, event, err, "anchors and aliases are not allowed here");
    if (tag)
        return fail_at_event(l, event, err, "tags are not allowed here");
    return 0;
}

static int on_nothing(struct loader *l, const yaml_event_t *event, struct error *err)
{
    (void)l;
    (void)event;
    (void)err;
    return 0;
}

static int on_stream_end(struct loader *l, const yaml_event_t *event, struct error *err)
{
    (void)event;
    (void)err;
    l->done = true;
    return 0;
}

static int on_document(struct loader *l, const yaml_event_t *event, struct error *err)
{
    if (l->documents++ > 0)
        return fail_at_event(l, event, err, "a second document begins; there may be only one");
    return 0;
}

static int on_alias(struct loader *l, const yaml_event_t *event, struct error *err)
{
    return fail_at_event(l, event, err, "anchors and aliases are not allowed here");
}

static int on_scalar(struct loader *l, const yaml_event_t *event, struct error *err)
{
    struct yaml_node *node = node_new(l, YAML_SCALAR, event_line(event));
    int rc = refuse_decoration(l, event, event->data.scalar.anchor, event->data.scalar.tag, err);

    if (rc < 0)
        return rc;
    node->text = arena_copy(l->arena, span_of(event->data.scalar.value, event->data.scalar.length));
    node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return place(l, node, err);
}

static int open_collection(struct loader *l, const yaml_event_t *event, enum yaml_kind kind,
                           struct error *err)
{
    struct yaml_node *node = node_new(l, kind, event_line(event));
    int rc = place(l, node, err);

    if (rc < 0)
        return rc;
    if (l->depth == NESTING_MAX)
        return fail_at_event(l, event, err, "nested too deeply");
    l->stack[l->depth++] = (struct open_node){.node = node};
    return 0;
}

static int on_list(struct loader *l, const yaml_event_t *event, struct error *err)
{
    int rc = refuse_decoration(l, event, event->data.sequence_start.anchor,
                               event->data.sequence_start.tag, err);

    return rc < 0 ? rc : open_collection(l, event, YAML_LIST, err);
}

static int on_map(struct loader *l, const yaml_event_t *event, struct error *err)
{
    int rc = refuse_decoration(l, event, event->data.mapping_start.anchor,
                               event->data.mapping_start.tag, err);

    return rc < 0 ? rc : open_collection(l, event, YAML_MAP, err);
}

static int compare_spans(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* By text, then by line. */
static int compare_keys(const void *a, const void *b)
{
    const struct yaml_node *x = *(const struct yaml_node *const *)a;
    const struct yaml_node *y = *(const struct yaml_node *const *)b;
    int order = compare_spans(x->text, y->text);

    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int refuse_duplicates(const struct loader *l, const struct open_node *open,
                             struct error *err)
{
    size_t n = open->keys_n;
    const struct yaml_node **sorted;

    if (n < 2)
        return 0;
    sorted = arena_calloc(l->arena, n, REF_BYTES);
    memcpy(sorted, open->keys, n * REF_BYTES);
    qsort(sorted, n, REF_BYTES, compare_keys);
    for (size_t i = 1; i < n; i++) {
        if (span_equal(sorted[i - 1]->text, sorted[i]->text))
            return yaml_error(sorted[i], l->name, err, "the key %.*s stands here again (line %u)",
                              SPAN_ARG(sorted[i]->text), (unsigned)sorted[i - 1]->line);
    }
    return 0;
}

static int on_collection_end(struct loader *l, const yaml_event_t *event, struct error *err)
{
    struct open_node *open = &l->stack[--l->depth];

    (void)event;
    open->node->items = open->items;
    open->node->keys = open->keys;
    return refuse_duplicates(l, open, err);
}

static event_fn *const handlers[] = {
    [YAML_NO_EVENT] = on_nothing,
    [YAML_STREAM_START_EVENT] = on_nothing,
    [YAML_STREAM_END_EVENT] = on_stream_end,
    [YAML_DOCUMENT_START_EVENT] = on_document,
    [YAML_DOCUMENT_END_EVENT] = on_nothing,
    [YAML_ALIAS_EVENT] = on_alias,
    [YAML_SCALAR_EVENT] = on_scalar,
    [YAML_SEQUENCE_START_EVENT] = on_list,
    [YAML_SEQUENCE_END_EVENT] = on_collection_end,
    [YAML_MAPPING_START_EVENT] = on_map,
    [YAML_MAPPING_END_EVENT] = on_collection_end,
};

/* libyaml gives an offset, and no line, where the bytes are not UTF-8. */
static uint32_t problem_line(const yaml_parser_t *parser, struct span text)
{
    uint32_t line = 1;

    if (parser->error != YAML_READER_ERROR)
        return (uint32_t)parser->problem_mark.line + 1;
    for (size_t i = 0; i < parser->problem_offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static int parse(struct loader *l, yaml_parser_t *parser, struct span text, struct error *err)
{
    int rc = 0;

    while (rc == 0 && !l->done) {
        yaml_event_t event;

        if (!yaml_parser_parse(parser, &event))
            return fail_at_line(l->name, problem_line(parser, text), err,
                                parser->problem ? parser->problem : "not YAML");
        rc = handlers[event.type](l, &event, err);
        yaml_event_delete(&event);
    }
    return rc;
}

static bool is_empty(const struct yaml_node *node)
{
    return !node || (node->kind == YAML_SCALAR && node->text.n == 0 && !node->is_quoted);
}

int yaml_load(struct span text, const char *name, struct arena *arena, const struct yaml_node **out,
              struct error *err)
{
    struct loader l = {.name = name, .arena = arena};
    yaml_parser_t parser;
    int rc;

    if (text.n > FILE_BYTES_MAX)
        return error_set(err, ERR_LIMIT, "%s: over %zu bytes", name, FILE_BYTES_MAX);
    if (!yaml_parser_initialize(&parser))
        return error_set(err, ERR_STATE, "%s: no memory for the YAML parser", name);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
    rc = parse(&l, &parser, text, err);
    yaml_parser_delete(&parser);
    if (rc == 0)
        *out = is_empty(l.root) ? node_new(&l, YAML_MAP, 1) : l.root;
    return rc;
}

int yaml_load_file(const char *path, struct arena *arena, const struct yaml_node **out,
                   struct error *err)
{
    struct buf text;
    int rc;

    buf_init(&text, FILE_BYTES_MAX);
    rc = file_read(path, &text, err);
    if (rc == 0)
        rc = yaml_load(buf_span(&text), path, arena, out, err);
    buf_fini(&text);
    return rc;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    struct span wanted = span_of_str(key);

    if (map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++) {
        if (span_equal(map->keys[i]->text, wanted))
            return map->items[i];
    }
    return NULL;
}

int yaml_error(const struct yaml_node *node, const char *name, struct error *err,
               const char *format, ...)
{
    char what[ERROR_MESSAGE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return fail_at_line(name, node->line, err, what);
}
