/*
 * Feeds through libxml2's tree.
 *
 * The formats differ in where entries stand and in what their parts are called; `formats` says
 * that, one row each, and the rest is shared. Text is gathered from text nodes only, so an entity
 * that slipped through could not be expanded here either.
 */
#include "fetcher/feed.h"

#include <curl/curl.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/timestamp.h"
#include "common/utf8.h"
#include "fetcher/url.h"

#define DUBLIN_CORE "http://purl.org/dc/elements/1.1/"
#define ATOM        "http://www.w3.org/2005/Atom"
#define ATOM_03     "http://purl.org/atom/ns#"

/* Dates are short in every format. */
#define DATE_MAX_BYTES 64

struct format {
    const char *root;
    const char *container; /* the root's child that holds the entries; NULL: the root itself */
    const char *entry;
    bool is_atom;
};

static const struct format formats[] = {
    {"rss", "channel", "item", false},
    {"RDF", NULL, "item", false},
    {"feed", NULL, "entry", true},
};

static bool is_named(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static bool has_space(const xmlNode *node, const char *uri)
{
    return node->ns && node->ns->href && strcmp((const char *)node->ns->href, uri) == 0;
}

/* An element of the feed format itself, not one of an extension (media:title, itunes:link …). */
static bool is_own(const xmlNode *node, bool is_atom)
{
    if (is_atom)
        return has_space(node, ATOM) || has_space(node, ATOM_03);
    return !node->ns || (node->ns->href && (strstr((const char *)node->ns->href, "/rss/") ||
                                            strstr((const char *)node->ns->href, "netscape.com")));
}

static const xmlNode *child_named(const xmlNode *parent, const char *name, bool is_atom)
{
    for (const xmlNode *n = parent->children; n; n = n->next) {
        if (is_named(n, name) && is_own(n, is_atom))
            return n;
    }
    return NULL;
}

static const xmlNode *child_in(const xmlNode *parent, const char *name, const char *space)
{
    for (const xmlNode *n = parent->children; n; n = n->next) {
        if (is_named(n, name) && has_space(n, space))
            return n;
    }
    return NULL;
}

/* The node behind `n` in document order, inside `top`; NULL at the end. */
static const xmlNode *node_behind(const xmlNode *n, const xmlNode *top)
{
    if (n->type == XML_ELEMENT_NODE && n->children)
        return n->children;
    while (n != top && !n->next)
        n = n->parent;
    return n == top ? NULL : n->next;
}

static void add_folded(struct buf *out, const char *text)
{
    for (const char *p = text; *p && !out->failed; p++) {
        bool is_space = *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r';

        if (!is_space)
            buf_add_char(out, *p);
        else if (out->n > 0 && out->data[out->n - 1] != ' ')
            buf_add_char(out, ' ');
    }
}

/* All text inside `top`, folded and cut; the null span when there is none. */
static struct span text_of(const xmlNode *top, struct arena *arena)
{
    struct span text;
    struct buf out;

    if (!top)
        return SPAN_NULL;
    buf_init(&out, FEED_TEXT_MAX_BYTES);
    for (const xmlNode *n = top; n && !out.failed; n = node_behind(n, top)) {
        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content)
            add_folded(&out, (const char *)n->content);
    }
    text = buf_span(&out);
    if (out.failed)
        text.n = utf8_valid_prefix(text); /* it was cut, perhaps inside a character */
    text = span_trim(text);
    text = text.n > 0 ? arena_copy(arena, text) : SPAN_NULL;
    buf_fini(&out);
    return text;
}

static struct span attribute(const xmlNode *node, const char *name, struct arena *arena)
{
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
    struct span out = SPAN_NULL;

    if (value)
        out = arena_copy(arena, span_trim(span_of_str((const char *)value)));
    xmlFree(value);
    return out;
}

/* Resolved against the feed's address and any xml:base on the way. */
static struct span resolve(const xmlNode *node, struct span reference, struct arena *arena)
{
    xmlChar *base = xmlNodeGetBase(node->doc, node);
    struct span out = SPAN_NULL;

    if (reference.n > 0)
        out = url_resolve(arena, span_of_str((const char *)base), reference);
    xmlFree(base);
    return out;
}

static struct span atom_link(const xmlNode *entry, struct arena *arena)
{
    for (const xmlNode *n = entry->children; n; n = n->next) {
        struct span rel;

        if (!is_named(n, "link") || !(has_space(n, ATOM) || has_space(n, ATOM_03)))
            continue;
        rel = attribute(n, "rel", arena);
        if (span_is_null(rel) || span_equal_str(rel, "alternate"))
            return resolve(n, attribute(n, "href", arena), arena);
    }
    return SPAN_NULL;
}

/* <link>, or a <guid> that is said to be a link, or an atom:link. */
static struct span rss_link(const xmlNode *item, struct arena *arena)
{
    const xmlNode *link = child_named(item, "link", false);
    const xmlNode *guid = child_named(item, "guid", false);
    struct span url = SPAN_NULL;

    if (link)
        url = resolve(link, text_of(link, arena), arena);
    if (span_is_null(url) && guid &&
        !span_equal_str(attribute(guid, "isPermaLink", arena), "false"))
        url = url_resolve(arena, SPAN_NULL, text_of(guid, arena));
    return span_is_null(url) ? atom_link(item, arena) : url;
}

static bool read_date(struct span text, uint64_t *wall)
{
    char date[DATE_MAX_BYTES + 16];
    time_t seconds;

    if (span_is_null(text) || text.n > DATE_MAX_BYTES)
        return false;
    if (timestamp_read(text, wall))
        return true;
    snprintf(date, sizeof date, "%.*sT00:00:00Z", SPAN_ARG(text)); /* W3C: a day alone */
    if (timestamp_read(span_of_str(date), wall))
        return true;
    date[text.n] = '\0';
    seconds = curl_getdate(date, NULL); /* RFC 822 and its relatives */
    if (seconds < 0)
        return false;
    *wall = (uint64_t)seconds * 1000;
    return true;
}

static struct span date_of(const xmlNode *node, struct arena *arena)
{
    char out[TIMESTAMP_BYTES];
    uint64_t wall;

    if (!node || !read_date(text_of(node, arena), &wall))
        return SPAN_NULL;
    timestamp_write(wall, out);
    return arena_copy(arena, span_of_str(out));
}

static struct span atom_date(const xmlNode *entry, struct arena *arena)
{
    /* "issued" and "modified" are Atom 0.3; `updated` is the only one that Atom 1.0 demands */
    static const char *const names[] = {"published", "issued", "updated", "modified"};
    struct span date = SPAN_NULL;

    for (size_t i = 0; i < ARRAY_LEN(names) && span_is_null(date); i++)
        date = date_of(child_named(entry, names[i], true), arena);
    return date;
}

static struct span rss_date(const xmlNode *item, struct arena *arena)
{
    struct span date = date_of(child_named(item, "pubDate", false), arena);

    return span_is_null(date) ? date_of(child_in(item, "date", DUBLIN_CORE), arena) : date;
}

static void read_entry(const xmlNode *node, bool is_atom, struct arena *arena, struct feed *out)
{
    struct feed_entry entry = {
        .url = is_atom ? atom_link(node, arena) : rss_link(node, arena),
        .title = text_of(child_named(node, "title", is_atom), arena),
        .published = is_atom ? atom_date(node, arena) : rss_date(node, arena),
        .id = text_of(child_named(node, is_atom ? "id" : "guid", is_atom), arena),
    };

    if (span_is_null(entry.url) || out->entries.n == FEED_ENTRIES_MAX)
        out->skipped++;
    else
        *LIST_ADD(arena, &out->entries) = entry;
}

static const struct format *format_of(const xmlNode *root)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (is_named(root, formats[i].root))
            return &formats[i];
    }
    return NULL;
}

static int read_tree(const xmlDoc *doc, struct arena *arena, struct feed *out, struct error *err)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    const struct format *format = format_of(root);
    const xmlNode *top = root;

    if (!format)
        return error_at(err, ERR_FORMAT, (uint64_t)xmlGetLineNo(root),
                        "line %ld: not a feed, but XML with the root <%.100s>", xmlGetLineNo(root),
                        (const char *)root->name);
    if (format->container)
        top = child_named(root, format->container, format->is_atom);
    if (!top)
        return error_at(err, ERR_FORMAT, (uint64_t)xmlGetLineNo(root),
                        "line %ld: <%s> without <%s>", xmlGetLineNo(root), format->root,
                        format->container);
    for (const xmlNode *n = top->children; n; n = n->next) {
        if (is_named(n, format->entry) && is_own(n, format->is_atom))
            read_entry(n, format->is_atom, arena, out);
    }
    return 0;
}

static int report(xmlParserCtxt *parser, struct error *err)
{
    const xmlError *e = xmlCtxtGetLastError(parser);
    struct span cause = e && e->message ? span_trim(span_of_str(e->message)) : SPAN_LIT("not XML");
    int line = e && e->line > 0 ? e->line : 1;

    return error_at(err, ERR_FORMAT, (uint64_t)line, "line %d: not XML: %.*s", line,
                    SPAN_ARG(cause));
}

/* A feed that declares entities is out to get us: the references to them stay undefined, which is
 * an error. */
static void ignore_entity(void *parser, const xmlChar *name, int type, const xmlChar *public_id,
                          const xmlChar *system_id, xmlChar *content)
{
    (void)parser;
    (void)name;
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
}

void feed_start(void)
{
    LIBXML_TEST_VERSION
}

int feed_read(struct span bytes, struct span url, struct arena *arena, struct feed *out,
              struct error *err)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                        XML_PARSE_COMPACT | XML_PARSE_BIG_LINES;
    char *base = xspandup(span_is_null(url) ? SPAN_LIT("") : url);
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc = NULL;
    int rc;

    *out = (struct feed){0};
    if (!parser)
        abort();
    if (bytes.n == 0 || bytes.n > INT_MAX) {
        rc = error_at(err, ERR_FORMAT, 1, "line 1: not XML: %zu bytes", bytes.n);
        goto out;
    }
    parser->sax->entityDecl = ignore_entity;
    doc = xmlCtxtReadMemory(parser, bytes.p, (int)bytes.n, base, NULL, options);
    rc = doc ? read_tree(doc, arena, out, err) : report(parser, err);
out:
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(parser);
    free(base);
    return rc;
}
