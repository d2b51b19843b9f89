/*
 * What stands inside the main element and isn't its text. Three signs, none of them the site's
 * own: a box whose letters are mostly links; a line that is a link and no sentence; and a short
 * line that announces furniture ("Related content", "Share this page") with the boxes behind it.
 */
#include "parser/article_parts.h"

#define ANNOUNCEMENT_LETTERS_MAX 60
#define NOTE_LETTERS_MAX         5
#define SHORT_LETTERS            120 /* a teaser under an announcement; prose is longer */

/* How announcements of furniture begin, in lower case. */
static const struct span announcements[] = {
    SPAN_INIT("related"),
    SPAN_INIT("read more"),
    SPAN_INIT("read next"),
    SPAN_INIT("read also"),
    SPAN_INIT("more from"),
    SPAN_INIT("more on "),
    SPAN_INIT("more stories"),
    SPAN_INIT("more news"),
    SPAN_INIT("more great"),
    SPAN_INIT("you may also"),
    SPAN_INIT("you might also"),
    SPAN_INIT("recommended"),
    SPAN_INIT("share this"),
    SPAN_INIT("share on"),
    SPAN_INIT("share:"),
    SPAN_INIT("follow us"),
    SPAN_INIT("follow:"),
    SPAN_INIT("tags"),
    SPAN_INIT("tag:"),
    SPAN_INIT("filed under"),
    SPAN_INIT("categories"),
    SPAN_INIT("about the author"),
    SPAN_INIT("subscribe"),
    SPAN_INIT("sign up"),
    SPAN_INIT("newsletter"),
    SPAN_INIT("leave a reply"),
    SPAN_INIT("leave a comment"),
    SPAN_INIT("comments"),
    SPAN_INIT("don't miss"),
    SPAN_INIT("see more"),
    SPAN_INIT("see also"),
    SPAN_INIT("most read"),
    SPAN_INIT("most popular"),
    SPAN_INIT("popular "),
    SPAN_INIT("trending"),
    SPAN_INIT("latest news"),
    SPAN_INIT("recent "),
    SPAN_INIT("advert"),
    SPAN_INIT("explore the topic"),
    SPAN_INIT("is this page useful"),
    SPAN_INIT("updates to this page"),
    SPAN_INIT("print this page"),
    SPAN_INIT("read full story"),
    SPAN_INIT("learn more"),
    SPAN_INIT("also on "),
    SPAN_INIT("watch:"),
};

static void drop_node(struct page *p, const struct html_node *node)
{
    for (uint32_t i = node->number; i < node->end; i++)
        p->facts[i].is_dropped = true;
}

static bool is_box(enum html_tag tag)
{
    switch (tag) {
    case HTML_DIV:
    case HTML_SECTION:
    case HTML_UL:
    case HTML_OL:
    case HTML_DL:
    case HTML_TABLE:
    case HTML_HEADER:
    case HTML_FOOTER:
    case HTML_ASIDE:
    case HTML_ARTICLE:
        return true;
    default:
        return false;
    }
}

static bool is_box_of_links(const struct page *p, const struct html_node *node)
{
    const struct facts *f = page_facts(p, node);

    return is_box(node->tag) && f->letters > 0 && f->prose * 3 < f->letters &&
           f->link_letters * 2 > f->letters;
}

static bool ends_a_sentence(struct span s)
{
    static const struct span ends[] = {SPAN_INIT("."), SPAN_INIT("!"),      SPAN_INIT("?"),
                                       SPAN_INIT(":"), SPAN_INIT(";"),      SPAN_INIT("\""),
                                       SPAN_INIT(")"), SPAN_INIT("\u201D"), SPAN_INIT("\u2019"),
                                       SPAN_INIT("»"), SPAN_INIT("。")};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (span_ends(s, ends[i]))
            return true;
    }
    return false;
}

static bool is_line(enum html_tag tag)
{
    return tag == HTML_P || tag == HTML_DIV || (tag >= HTML_H1 && tag <= HTML_H6);
}

/* "READ MORE: …" */
static bool is_bare_link(const struct page *p, const struct html_node *node, struct arena *arena)
{
    const struct facts *f = page_facts(p, node);

    return is_line(node->tag) && f->letters > 0 && f->letters == f->own &&
           f->own_link * 10 >= f->own * 9 && f->own < 300 &&
           !ends_a_sentence(html_words(p->html, node, arena));
}

static bool announces_furniture(const struct page *p, const struct html_node *node,
                                struct arena *arena)
{
    const struct facts *f = page_facts(p, node);
    struct span words;

    if (!is_line(node->tag) || f->letters == 0 || f->letters > ANNOUNCEMENT_LETTERS_MAX ||
        node->end - node->number > 20)
        return false;
    words = html_words(p->html, node, arena);
    for (size_t i = 0; i < ARRAY_LEN(announcements); i++) {
        struct span a = announcements[i];

        if (words.n >= a.n && span_equal_nocase(span_of(words.p, a.n), a))
            return !ends_a_sentence(words) || words.p[words.n - 1] == ':';
    }
    return false;
}

static bool is_heading(enum html_tag tag)
{
    return tag >= HTML_H1 && tag <= HTML_H6;
}

/* Prose, or the heading of the next part. */
static bool ends_furniture(const struct page *p, const struct html_node *node, struct arena *arena)
{
    const struct facts *f = page_facts(p, node);

    if (is_heading(node->tag))
        return f->link_letters == 0;
    if (f->letters > SHORT_LETTERS)
        return f->link_letters * 3 < f->letters;
    return node->tag == HTML_P && f->link_letters == 0 &&
           ends_a_sentence(html_words(p->html, node, arena));
}

/* The announcement, and the links and teasers that follow it in its box. */
static void drop_announced(struct page *p, const struct html_node *node, struct arena *arena)
{
    drop_node(p, node);
    for (const struct html_node *c = node->next; c && !ends_furniture(p, c, arena); c = c->next)
        drop_node(p, c);
}

/* A footnote's number, which would stick to the word before it. */
static bool is_note_mark(const struct page *p, const struct html_node *node)
{
    const struct html_node *link = node->child;

    return node->tag == HTML_SUP && page_facts(p, node)->letters <= NOTE_LETTERS_MAX && link &&
           link->tag == HTML_A && !link->next &&
           span_starts(html_attr(link, ATTR_HREF), SPAN_LIT("#"));
}

void article_clean(struct page *page, struct arena *arena)
{
    const struct html *h = page->html;

    for (uint32_t i = page->main->number + 1; i < page->main->end; i++) {
        const struct html_node *node = h->nodes[i];

        if (page->facts[i].is_dropped)
            continue;
        if (is_note_mark(page, node) || is_box_of_links(page, node) ||
            is_bare_link(page, node, arena))
            drop_node(page, node);
        else if (announces_furniture(page, node, arena))
            drop_announced(page, node, arena);
    }
}
