/*
 * What a page declares about itself. Each field has a list of places, the most trusted first, and
 * takes the first that says something: publishers fill these for search engines, so they are mostly
 * right, and where they are not they are absent.
 */
#include "parser/article_parts.h"

#define HEADING_MAX 400 /* letters; a longer <h1> is a layout, not a headline */
#define BYLINE_MAX  120
#define METAS_MAX   1000
#define NODES_MAX   500

struct metadata {
    const struct page *page;
    struct arena *arena;
    struct span url;
    struct span jsonld; /* all scripts of that type, joined */
    LIST_OF(const struct html_node *) metas;
    LIST_OF(const struct html_node *) links;
};

static const char *const published_names[] = {
    "article:published_time",
    "datePublished",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "dc.date.created",
    "og:article:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "publication_date",
    "date",
    NULL,
};
static const char *const modified_names[] = {
    "article:modified_time",
    "dateModified",
    "dcterms.modified",
    "dc.date.modified",
    "og:updated_time",
    "last-modified",
    NULL,
};
static const char *const title_names[] = {"og:title", "twitter:title", "dcterms.title", "dc.title",
                                          NULL};
static const char *const description_names[] = {"description",         "og:description",
                                                "dcterms.description", "dc.description",
                                                "twitter:description", NULL};
static const char *const site_names[] = {"og:site_name", "application-name", NULL};
static const char *const author_names[] = {"author",         "dcterms.creator", "dc.creator",
                                           "parsely-author", "article:author",  NULL};

static bool is_jsonld(const struct html_node *node)
{
    return node->tag == HTML_SCRIPT && node->child; /* the tree keeps no other scripts */
}

static struct span join_jsonld(const struct html *h, struct arena *arena)
{
    size_t size = 0;
    size_t n = 0;
    char *json;

    for (uint32_t i = 0; i < h->n; i++)
        size += is_jsonld(h->nodes[i]) ? h->nodes[i]->child->text.n + 1 : 0;
    json = arena_alloc(arena, size + 1);
    for (uint32_t i = 0; i < h->n; i++) {
        struct span text = is_jsonld(h->nodes[i]) ? h->nodes[i]->child->text : SPAN_NULL;

        if (text.n == 0)
            continue;
        memcpy(json + n, text.p, text.n);
        n += text.n;
        json[n++] = '\n';
    }
    return span_of(json, n);
}

static void collect(struct metadata *m)
{
    const struct html *h = m->page->html;

    for (uint32_t i = 0; i < h->n; i++) {
        const struct html_node *node = h->nodes[i];

        if (node->tag == HTML_META && m->metas.n < METAS_MAX)
            *LIST_ADD(m->arena, &m->metas) = node;
        else if (node->tag == HTML_LINK && m->links.n < METAS_MAX)
            *LIST_ADD(m->arena, &m->links) = node;
    }
    m->jsonld = join_jsonld(h, m->arena);
}

static bool is_meta_named(const struct html_node *meta, const char *name)
{
    static const enum html_attr keys[] = {ATTR_NAME, ATTR_PROPERTY, ATTR_ITEMPROP};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (span_equal_nocase(html_attr(meta, keys[i]), span_of_str(name)))
            return true;
    }
    return false;
}

/* The content of the first meta of that name that has one. */
static struct span meta_value(const struct metadata *m, const char *name)
{
    for (size_t i = 0; i < m->metas.n; i++) {
        struct span content = html_attr(m->metas.items[i], ATTR_CONTENT);

        if (is_meta_named(m->metas.items[i], name) && span_trim(content).n > 0)
            return text_fold(content, m->arena);
    }
    return SPAN_NULL;
}

static struct span first_meta(const struct metadata *m, const char *const *names)
{
    struct span value = SPAN_NULL;

    for (size_t i = 0; names[i] && span_is_null(value); i++)
        value = meta_value(m, names[i]);
    return value;
}

static struct span first_date(const struct metadata *m, const char *const *names)
{
    struct span date = SPAN_NULL;

    for (size_t i = 0; names[i] && span_is_null(date); i++)
        date = date_read(meta_value(m, names[i]), m->arena);
    return date;
}

/* Empty for what is too large to be a name or a headline. */
static struct span words_of(const struct metadata *m, const struct html_node *node)
{
    if (page_facts(m->page, node)->letters > HEADING_MAX || node->end - node->number > NODES_MAX)
        return SPAN_LIT("");
    return text_fold(html_words(m->page->html, node, m->arena), m->arena);
}

/* ---- title ---- */

static bool contains(struct span text, struct span part)
{
    return span_find(text, part, 0) != SIZE_MAX;
}

/* Whether a heading says what one of the declared titles says, and not only the site's name. */
static bool agrees(struct span heading, struct span declared)
{
    return declared.n > 0 && (contains(declared, heading) || contains(heading, declared)) &&
           heading.n * 3 >= declared.n;
}

/* The longest heading that the declared titles agree with; else the only <h1>.
 */
static const struct html_node *main_heading(const struct metadata *m, const struct span *declared,
                                            size_t n)
{
    const struct html *h = m->page->html;
    const struct html_node *best = NULL;
    const struct html_node *only = NULL;
    size_t length = 0;
    size_t ones = 0;

    for (uint32_t i = 0; i < h->n; i++) {
        const struct html_node *node = h->nodes[i];
        struct span words;

        if (node->tag != HTML_H1 && node->tag != HTML_H2)
            continue;
        words = words_of(m, node);
        if (words.n == 0)
            continue;
        for (size_t k = 0; k < n; k++) {
            if (words.n > length && agrees(words, declared[k])) {
                best = node;
                length = words.n;
            }
        }
        if (node->tag == HTML_H1 && ++ones)
            only = node;
    }
    return best ? best : ones == 1 ? only : NULL;
}

/* "Statement on X | OSCE" without what stands behind the last separator, when that is shorter. */
static struct span without_site(struct span title, struct span site)
{
    static const struct span separators[] = {SPAN_INIT(" | "), SPAN_INIT(" – "),  SPAN_INIT(" — "),
                                             SPAN_INIT(" - "), SPAN_INIT(" :: "), SPAN_INIT(" « "),
                                             SPAN_INIT(" • ")};

    for (size_t i = 0; i < ARRAY_LEN(separators); i++) {
        size_t cut = SIZE_MAX;
        size_t at = 0;

        while ((at = span_find(title, separators[i], at)) != SIZE_MAX)
            cut = at++;
        if (cut != SIZE_MAX && cut > 0) {
            struct span tail = span_from(title, cut + separators[i].n);

            if (span_equal_nocase(tail, site) || tail.n * 2 < cut)
                return span_of(title.p, cut);
        }
    }
    return title;
}

static const struct html_node *read_title(struct metadata *m, struct article *out)
{
    const struct html_node *root = m->page->html->nodes[0];
    const struct html_node *tag = html_find(m->page->html, root, HTML_TITLE);
    struct span declared[] = {first_meta(m, title_names),
                              text_fold(jsonld_value(m->jsonld, "headline", m->arena), m->arena),
                              tag ? words_of(m, tag) : SPAN_NULL};
    const struct html_node *heading = main_heading(m, declared, ARRAY_LEN(declared));

    out->title_raw = declared[2].n ? declared[2] : declared[0];
    if (heading)
        out->title = words_of(m, heading);
    for (size_t i = 0; i < ARRAY_LEN(declared) && out->title.n == 0; i++)
        out->title = without_site(declared[i], out->site_name);
    if (out->title.n == 0)
        out->title = SPAN_NULL;
    if (out->title_raw.n == 0)
        out->title_raw = out->title;
    return heading;
}

/* ---- dates ---- */

static bool is_publication_time(const struct html_node *time)
{
    return span_find_nocase(html_attr(time, ATTR_ITEMPROP), SPAN_LIT("datePublished"), 0) !=
               SIZE_MAX ||
           span_find_nocase(html_attr(time, ATTR_CLASS), SPAN_LIT("publish"), 0) != SIZE_MAX ||
           span_find_nocase(html_attr(time, ATTR_CLASS), SPAN_LIT("entry-date"), 0) != SIZE_MAX;
}

/* A <time> that says it is the publication's; else the first one not behind the main text. */
static struct span time_element(const struct metadata *m)
{
    const struct html *h = m->page->html;
    struct span first = SPAN_NULL;

    for (uint32_t i = m->page->body->number; i < m->page->main->end; i++) {
        struct span date;

        if (h->nodes[i]->tag != HTML_TIME)
            continue;
        date = date_read(html_attr(h->nodes[i], ATTR_DATETIME), m->arena);
        if (!span_is_null(date) && is_publication_time(h->nodes[i]))
            return date;
        if (span_is_null(first))
            first = date;
    }
    return first;
}

static void read_dates(struct metadata *m, struct article *out)
{
    out->published = date_read(jsonld_value(m->jsonld, "datePublished", m->arena), m->arena);
    if (span_is_null(out->published))
        out->published = first_date(m, published_names);
    if (span_is_null(out->published))
        out->published = time_element(m);
    out->modified = date_read(jsonld_value(m->jsonld, "dateModified", m->arena), m->arena);
    if (span_is_null(out->modified))
        out->modified = first_date(m, modified_names);
}

/* ---- who ---- */

static struct span without_by(struct span name)
{
    if (name.n > 3 && span_equal_nocase(span_of(name.p, 3), SPAN_LIT("by ")))
        name = span_from(name, 3);
    return span_trim(name);
}

static bool is_name(struct span s)
{
    return s.n > 1 && s.n <= BYLINE_MAX && !contains(s, SPAN_LIT("://")) &&
           !contains(s, SPAN_LIT("@"));
}

/* Where the article that holds the main text ends: signatures stand in its footer. */
static uint32_t article_end(const struct page *page)
{
    const struct html_node *node = page->main;

    while (node && node->tag != HTML_ARTICLE)
        node = node->parent;
    return node ? node->end : page->main->end;
}

/* An element of the article that is marked as its author. */
static struct span author_element(const struct metadata *m)
{
    const struct html *h = m->page->html;
    uint32_t end = article_end(m->page);

    for (uint32_t i = m->page->body->number; i < end; i++) {
        const struct html_node *node = h->nodes[i];
        struct span name;

        if (!span_equal_nocase(html_attr(node, ATTR_REL), SPAN_LIT("author")) &&
            !span_equal_nocase(html_attr(node, ATTR_ITEMPROP), SPAN_LIT("author")))
            continue;
        name = without_by(words_of(m, node));
        if (is_name(name))
            return name;
    }
    return SPAN_NULL;
}

static void read_byline(struct metadata *m, struct article *out)
{
    struct span name = author_element(m);

    for (size_t i = 0; author_names[i] && !is_name(name); i++)
        name = without_by(meta_value(m, author_names[i]));
    if (is_name(name) && !span_equal_nocase(name, out->site_name))
        out->byline = name;
}

/* ---- language and addresses ---- */

/* "en_GB" as BCP 47 has it; null for what is no language tag. */
static struct span language_tag(struct span s, struct arena *arena)
{
    struct span copy = arena_copy(arena, span_trim(s));
    char *p = arena_alloc(arena, copy.n + 1);

    if (copy.n < 2 || copy.n > 35)
        return SPAN_NULL;
    for (size_t i = 0; i < copy.n; i++) {
        char c = copy.p[i] == '_' ? '-' : copy.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && (i == 0 || (c != '-' && (c < '0' || c > '9'))))
            return SPAN_NULL;
        p[i] = c;
    }
    return span_of(p, copy.n);
}

static void read_language(struct metadata *m, struct article *out)
{
    struct span claims[] = {html_attr(m->page->html->nodes[0], ATTR_LANG),
                            html_attr(m->page->body, ATTR_LANG),
                            meta_value(m, "content-language"),
                            meta_value(m, "dcterms.language"),
                            meta_value(m, "dc.language"),
                            meta_value(m, "og:locale")};

    for (size_t i = 0; i < ARRAY_LEN(claims) && span_is_null(out->language); i++)
        out->language = language_tag(claims[i], m->arena);
}

static bool has_language(const struct article *a, struct span tag)
{
    if (span_equal_nocase(a->language, tag))
        return true;
    for (size_t i = 0; i < a->translations.n; i++) {
        if (span_equal_nocase(a->translations.items[i], tag))
            return true;
    }
    return false;
}

static void read_links(struct metadata *m, struct span page_url, struct article *out)
{
    for (size_t i = 0; i < m->links.n; i++) {
        const struct html_node *link = m->links.items[i];
        struct span rel = html_attr(link, ATTR_REL);
        struct span tag = language_tag(html_attr(link, ATTR_HREFLANG), m->arena);
        struct span href = url_resolve(m->url, html_attr(link, ATTR_HREF), m->arena);

        if (span_equal_nocase(rel, SPAN_LIT("canonical")) && span_is_null(out->canonical_url) &&
            url_same_host(href, page_url))
            out->canonical_url = href;
        if (span_equal_nocase(rel, SPAN_LIT("alternate")) && !span_is_null(tag) &&
            !span_equal_nocase(tag, SPAN_LIT("x-default")) && !has_language(out, tag))
            *LIST_ADD(m->arena, &out->translations) = tag;
    }
}

void article_read_title(struct page *page, struct arena *arena, struct article *out)
{
    struct metadata m = {.page = page, .arena = arena};

    collect(&m);
    out->site_name = first_meta(&m, site_names);
    page->heading = read_title(&m, out);
}

void article_read_meta(const struct page *page, struct span url, struct arena *arena,
                       struct article *out)
{
    struct metadata m = {.page = page, .arena = arena, .url = base_url(page, url, arena)};

    collect(&m);
    out->description = first_meta(&m, description_names);
    read_dates(&m, out);
    read_byline(&m, out);
    read_language(&m, out);
    read_links(&m, url, out);
}
