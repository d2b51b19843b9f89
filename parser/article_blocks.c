/*
 * The main element, read from its first node to its last: text gathers in a line, and whatever
 * begins or ends a line on the screen ends the block. A <br> ends it too, with one line end;
 * anything else parts paragraphs and gives two.
 */
#include "common/buf.h"
#include "parser/article_parts.h"
#include "proto/limits.h"

#define BLOCKS_MAX       100000
#define LINKS_MAX        5000
#define LINK_LETTERS_MAX 500

struct reader {
    const struct page *page;
    struct span base_url;
    struct arena *arena;
    struct article *out;
    struct buf line;
    const struct html_node *line_block; /* the block element that the line began in */
    unsigned gap;                       /* before the line that is being gathered */
    bool is_over;
};

static enum html_tag nearest(const struct reader *r, const struct html_node *node,
                             const enum html_tag *tags, size_t n, const struct html_node **found)
{
    for (; node && node != r->page->main->parent; node = node->parent) {
        for (size_t i = 0; i < n; i++) {
            if (node->tag == tags[i]) {
                *found = node;
                return node->tag;
            }
        }
    }
    return HTML_OTHER;
}

static unsigned list_depth(const struct reader *r, const struct html_node *node)
{
    unsigned n = 0;

    for (; node && node != r->page->main->parent; node = node->parent)
        n += node->tag == HTML_UL || node->tag == HTML_OL;
    return n ? n : 1;
}

static void set_kind(const struct reader *r, struct block *b)
{
    static const enum html_tag tags[] = {HTML_H1, HTML_H2, HTML_H3, HTML_H4,        HTML_H5,
                                         HTML_H6, HTML_LI, HTML_TR, HTML_BLOCKQUOTE};
    const struct html_node *holder = NULL;
    enum html_tag tag = nearest(r, r->line_block, tags, ARRAY_LEN(tags), &holder);

    b->kind = BLOCK_PARAGRAPH;
    if (tag == HTML_LI) {
        b->kind = BLOCK_LIST_ITEM;
        b->level = list_depth(r, holder);
    } else if (tag == HTML_BLOCKQUOTE) {
        b->kind = BLOCK_QUOTE;
    } else if (tag >= HTML_H1 && tag <= HTML_H6) {
        b->kind = BLOCK_HEADING;
        b->level = 1 + (unsigned)(tag - HTML_H1);
    }
}

/* Ends the line; the next one has `gap` line ends before it, or more when it is empty so far. */
static void end_line(struct reader *r, unsigned gap)
{
    struct span text = text_fold(buf_span(&r->line), r->arena);

    buf_clear(&r->line);
    if (text.n > 0) {
        struct block *b = LIST_ADD(r->arena, &r->out->blocks);

        b->text = text;
        b->gap = r->out->blocks.n == 1 ? 0 : r->gap;
        set_kind(r, b);
        r->is_over = r->out->blocks.n >= BLOCKS_MAX;
        r->gap = gap;
    } else if (r->gap < 2) {
        r->gap = r->gap + gap < 2 ? r->gap + gap : 2;
    }
    r->line_block = NULL;
}

static void add_text(struct reader *r, const struct html_node *node)
{
    if (!r->line_block)
        r->line_block = node->parent;
    buf_add_span(&r->line, node->text);
}

static void add_link(struct reader *r, const struct html_node *node)
{
    struct span href = url_resolve(r->base_url, html_attr(node, ATTR_HREF), r->arena);
    struct span words;
    struct link *link;

    if (span_is_null(href) || r->out->links.n == LINKS_MAX)
        return;
    if (page_facts(r->page, node)->letters > LINK_LETTERS_MAX)
        return;
    words = text_fold(html_words(r->page->html, node, r->arena), r->arena);
    if (words.n == 0)
        return;
    link = LIST_ADD(r->arena, &r->out->links);
    link->text = words;
    link->href = href;
}

static void enter(struct reader *r, const struct html_node *node)
{
    if (node->tag == HTML_TEXT)
        add_text(r, node);
    else if (node->tag == HTML_BR)
        end_line(r, 1);
    else if (node->tag == HTML_A)
        add_link(r, node);
    if (html_tag_is_block(node->tag))
        end_line(r, 2);
}

/* Ends the blocks that end before node number `next`. */
static const struct html_node *leave(struct reader *r, const struct html_node *open, uint32_t next)
{
    while (open && open != r->page->main->parent && open->end <= next) {
        if (html_tag_is_block(open->tag))
            end_line(r, 2);
        open = open->parent;
    }
    return open;
}

/* Where the text begins: behind the headline, if that is inside and little prose stands before it.
 */
static uint32_t first_node(const struct page *page)
{
    const struct html_node *heading = page->heading;
    uint32_t prose = 0;

    if (!heading || heading == page->main || !html_contains(page->main, heading))
        return page->main->number;
    for (uint32_t i = page->main->number; i < heading->number; i++) {
        const struct facts *f = &page->facts[i];

        if (!f->is_dropped && f->own >= 60 && f->own_link * 2 < f->own)
            prose += f->own;
    }
    return prose * 5 < page_facts(page, page->main)->prose ? heading->end : page->main->number;
}

bool article_read_blocks(const struct page *page, struct span base_url, struct arena *arena,
                         struct article *out)
{
    struct reader r = {.page = page, .base_url = base_url, .arena = arena, .out = out};
    uint32_t i = first_node(page);
    const struct html_node *open = i == page->main->number ? page->main : page->heading->parent;

    buf_init(&r.line, LIMIT_TEXT_BYTES);
    while (i < page->main->end && !r.is_over) {
        const struct html_node *node = page->html->nodes[i];

        open = leave(&r, open, i);
        if (page_facts(page, node)->is_dropped) {
            i = node->end;
            continue;
        }
        enter(&r, node);
        open = node;
        i++;
    }
    leave(&r, open, page->main->end);
    end_line(&r, 2);
    buf_fini(&r.line);
    return !r.is_over;
}
