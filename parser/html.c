/*
 * MyHTML is fast and right, save that a page of unclosed elements takes it quadratic time, and that
 * nobody mends it any more. So it is fed in slices, looked at between them, and stopped at caps
 * that no page made for reading reaches. What it has then is copied into the arena, and all of
 * MyHTML goes away. One mode without threads is used; the cage allows no others.
 */
#include "parser/html.h"

#include <myhtml/myhtml.h> /* not api.h: the open elements are counted, and the two exclude each other */

#define SLICE_BYTES         ((size_t)4096)
#define OPEN_ELEMENTS_MAX   256    /* Chromium stops nesting at 512; pages rarely reach 40 */
#define OPEN_FORMATTING_MAX 128    /* each open <b> or <font> is made again in every paragraph */
#define NODES_MAX           400000 /* a report page of 10 MiB has 150,000 */
#define STRINGS_MARGIN      ((size_t)4 * 1024 * 1024)
#define STRINGS_PER_INPUT   4 /* bytes; a page's strings are shorter than the page */
#define VALUE_BYTES_MAX     ((size_t)64 * 1024)

static const enum html_tag tag_of_myhtml[MyHTML_TAG_LAST_ENTRY] = {[MyHTML_TAG__TEXT] = HTML_TEXT,
#define X(name) [MyHTML_TAG_##name] = HTML_##name,
                                                                   HTML_TAGS(X)
#undef X
};

static const struct span attr_names[ATTR_COUNT] = {
    [ATTR_ARIA_HIDDEN] = SPAN_INIT("aria-hidden"),
    [ATTR_ARIA_LABEL] = SPAN_INIT("aria-label"),
    [ATTR_CLASS] = SPAN_INIT("class"),
    [ATTR_CONTENT] = SPAN_INIT("content"),
    [ATTR_DATETIME] = SPAN_INIT("datetime"),
    [ATTR_HIDDEN] = SPAN_INIT("hidden"),
    [ATTR_HREF] = SPAN_INIT("href"),
    [ATTR_HREFLANG] = SPAN_INIT("hreflang"),
    [ATTR_ID] = SPAN_INIT("id"),
    [ATTR_ITEMPROP] = SPAN_INIT("itemprop"),
    [ATTR_LANG] = SPAN_INIT("lang"),
    [ATTR_NAME] = SPAN_INIT("name"),
    [ATTR_PROPERTY] = SPAN_INIT("property"),
    [ATTR_REL] = SPAN_INIT("rel"),
    [ATTR_ROLE] = SPAN_INIT("role"),
    [ATTR_STYLE] = SPAN_INIT("style"),
    [ATTR_TYPE] = SPAN_INIT("type"),
};

/* MyHTML's objects, closed together. */
struct parser {
    myhtml_t *html;
    myhtml_tree_t *tree;
};

static void parser_fini(struct parser *p)
{
    if (p->tree)
        myhtml_tree_destroy(p->tree);
    if (p->html)
        myhtml_destroy(p->html);
}

static bool parser_init(struct parser *p)
{
    p->html = myhtml_create();
    if (!p->html ||
        myhtml_init(p->html, MyHTML_OPTIONS_PARSE_MODE_SINGLE, 1, 0) != MyHTML_STATUS_OK)
        return false;
    p->tree = myhtml_tree_create();
    return p->tree && myhtml_tree_init(p->tree, p->html) == MyHTML_STATUS_OK;
}

/* What MyHTML has taken for strings. Text that is moved out of a table, letter by letter, is copied
 * whole each time, and no copy is given back. */
static size_t string_bytes(const myhtml_tree_t *tree)
{
    const mchar_async_chunk_t *chunk = tree->mchar->nodes[tree->mchar_node_id].chunk;
    size_t n = 0;

    for (; chunk; chunk = chunk->prev)
        n += chunk->size;
    return n;
}

static size_t node_count(const myhtml_tree_t *tree)
{
    const mcobject_async_chunk_t *chunk = tree->tree_obj->nodes[tree->mcasync_tree_id].chunk;
    size_t n = 0;

    for (; chunk; chunk = chunk->prev)
        n += chunk->length;
    return n;
}

static bool is_over_caps(const myhtml_tree_t *tree, size_t fed)
{
    return tree->open_elements->length > OPEN_ELEMENTS_MAX ||
           tree->active_formatting->length > OPEN_FORMATTING_MAX || node_count(tree) > NODES_MAX ||
           string_bytes(tree) > STRINGS_MARGIN + STRINGS_PER_INPUT * fed;
}

/* Sets `*cut` when a cap ended it. False when MyHTML failed. */
static bool feed(struct parser *p, struct span text, bool *cut)
{
    *cut = false;
    myhtml_encoding_set(p->tree, MyENCODING_UTF_8);
    for (size_t at = 0; at < text.n && !*cut; at += SLICE_BYTES) {
        size_t n = text.n - at < SLICE_BYTES ? text.n - at : SLICE_BYTES;

        if (myhtml_parse_chunk(p->tree, text.p + at, n) != MyHTML_STATUS_OK)
            return false;
        *cut = is_over_caps(p->tree, at + n);
    }
    return myhtml_parse_chunk_end(p->tree) == MyHTML_STATUS_OK;
}

static bool attr_by_name(struct span name, enum html_attr *attr)
{
    for (size_t i = 0; i < ATTR_COUNT; i++) {
        if (span_equal(name, attr_names[i])) {
            *attr = (enum html_attr)i;
            return true;
        }
    }
    return false;
}

/* The kept attributes of an element, into `found`; returns how many. */
static size_t read_attributes(myhtml_tree_node_t *node, struct arena *arena,
                              struct html_attribute found[ATTR_COUNT])
{
    myhtml_tree_attr_t *a = myhtml_node_attribute_first(node);
    size_t n = 0;

    for (; a && n < ATTR_COUNT; a = myhtml_attribute_next(a)) {
        size_t length = 0;
        const char *name = myhtml_attribute_key(a, &length);
        const char *value;

        if (!name || !attr_by_name(span_of(name, length), &found[n].attr))
            continue;
        value = myhtml_attribute_value(a, &length);
        if (value && length > VALUE_BYTES_MAX)
            continue;
        found[n++].value = value ? arena_copy(arena, span_of(value, length)) : SPAN_LIT("");
    }
    return n;
}

static void copy_attributes(myhtml_tree_node_t *from, struct html_node *to, struct arena *arena)
{
    struct html_attribute found[ATTR_COUNT];
    size_t n = read_attributes(from, arena, found);
    struct html_attribute *kept;

    if (n == 0)
        return;
    kept = arena_calloc(arena, n, sizeof *kept);
    memcpy(kept, found, n * sizeof *kept);
    to->attributes = kept;
    to->attribute_count = (uint32_t)n;
}

static struct html_node *copy_node(myhtml_tree_node_t *from, struct arena *arena)
{
    struct html_node *to = arena_alloc(arena, sizeof *to);
    myhtml_tag_id_t id = myhtml_node_tag_id(from);
    const char *text;
    size_t length = 0;

    if (id < MyHTML_TAG_LAST_ENTRY)
        to->tag = tag_of_myhtml[id];
    if (to->tag == HTML_TEXT) {
        text = myhtml_node_text(from, &length);
        to->text = text ? arena_copy(arena, span_of(text, length)) : SPAN_LIT("");
    } else {
        copy_attributes(from, to, arena);
    }
    return to;
}

static bool is_left_out(const struct html_node *node)
{
    return node->tag == HTML_STYLE || node->tag == HTML_TEMPLATE || node->tag == HTML_SVG ||
           node->tag == HTML_MATH || node->tag == HTML_IFRAME ||
           (node->tag == HTML_SCRIPT &&
            !span_equal_nocase(html_attr(node, ATTR_TYPE), SPAN_LIT("application/ld+json")));
}

/* A walk over MyHTML's tree in document order, and the end of the copy that it makes. */
struct copying {
    struct arena *arena;
    struct html *html;
    size_t cap;
    struct html_node *parent; /* of the copy */
    struct html_node *before; /* the sibling copied last */
};

static void append_node(struct copying *c, struct html_node *node)
{
    struct html *h = c->html;

    h->nodes = arena_grow(c->arena, h->nodes, &c->cap, h->n + 1, sizeof *h->nodes);
    node->number = h->n;
    node->end = h->n + 1;
    node->parent = c->parent;
    node->depth = c->parent ? c->parent->depth + 1 : 0;
    if (c->before)
        c->before->next = node;
    else if (c->parent)
        c->parent->child = node;
    h->nodes[h->n++] = node;
    c->before = node;
}

/* Back up from the last child to a node that has a next sibling, which it returns. */
static myhtml_tree_node_t *climb(struct copying *c, myhtml_tree_node_t *at)
{
    myhtml_tree_node_t *next = myhtml_node_next(at);

    while (!next && c->parent) {
        at = myhtml_node_parent(at);
        c->parent->end = c->html->n;
        c->before = c->parent;
        c->parent = c->parent->parent;
        next = c->parent ? myhtml_node_next(at) : NULL;
    }
    return next;
}

static void copy_tree(struct copying *c, myhtml_tree_node_t *root)
{
    myhtml_tree_node_t *at = root;

    while (at) {
        myhtml_tag_id_t id = myhtml_node_tag_id(at);
        bool is_note = id == MyHTML_TAG__COMMENT || id == MyHTML_TAG__DOCTYPE;
        struct html_node *node = is_note ? NULL : copy_node(at, c->arena);
        myhtml_tree_node_t *child = NULL;

        if (node && !is_left_out(node)) {
            append_node(c, node);
            child = myhtml_node_child(at);
        }
        if (c->html->n == NODES_MAX) {
            c->html->cut = true;
            break;
        }
        if (child) {
            c->parent = node;
            c->before = NULL;
            at = child;
        } else {
            at = c->parent ? climb(c, at) : NULL;
        }
    }
    for (; c->parent; c->parent = c->parent->parent)
        c->parent->end = c->html->n;
}

int html_parse(struct span text, struct arena *arena, struct html *out, struct error *err)
{
    struct parser p = {0};
    struct copying c = {.arena = arena, .html = out};
    myhtml_tree_node_t *root;
    int rc = 0;

    *out = (struct html){0};
    if (!parser_init(&p) || !feed(&p, text, &out->cut)) {
        rc = error_set(err, ERR_FORMAT, "MyHTML failed");
        goto out;
    }
    root = myhtml_tree_get_node_html(p.tree);
    if (!root) {
        rc = error_set(err, ERR_FORMAT, "no page in it");
        goto out;
    }
    copy_tree(&c, root);
out:
    parser_fini(&p);
    return rc;
}

struct span html_attr(const struct html_node *node, enum html_attr attr)
{
    for (uint32_t i = 0; i < node->attribute_count; i++) {
        if (node->attributes[i].attr == attr)
            return node->attributes[i].value;
    }
    return SPAN_NULL;
}

const struct html_node *html_find(const struct html *h, const struct html_node *from,
                                  enum html_tag tag)
{
    for (uint32_t i = from->number; i < from->end; i++) {
        if (h->nodes[i]->tag == tag)
            return h->nodes[i];
    }
    return NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

struct span html_words(const struct html *h, const struct html_node *node, struct arena *arena)
{
    size_t size = 0;
    char *words;
    size_t n = 0;

    for (uint32_t i = node->number; i < node->end; i++)
        size += h->nodes[i]->text.n + 1;
    words = arena_alloc(arena, size + 1);
    for (uint32_t i = node->number; i < node->end; i++) {
        struct span text = h->nodes[i]->text;

        if (h->nodes[i]->tag == HTML_BR && n > 0 && words[n - 1] != ' ')
            words[n++] = ' ';
        for (size_t k = 0; k < text.n; k++) {
            if (!is_space(text.p[k]))
                words[n++] = text.p[k];
            else if (n > 0 && words[n - 1] != ' ')
                words[n++] = ' ';
        }
    }
    if (n > 0 && words[n - 1] == ' ')
        n--;
    return span_of(words, n);
}
