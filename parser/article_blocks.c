/*
 * The main element, read from its first node to its last: text gathers in a line, and whatever
 * begins or ends a line on the screen ends the block. A <br> ends it too, with one line end;
 * anything else parts paragraphs and gives two.
 */
#include "common/buf.h"
#include "parser/article_parts.h"
#include "proto/limits.h"

#define OPEN_QUOTE       "\u201C" /* browsers draw them around <q> */
#define CLOSE_QUOTE      "\u201D"
#define CELL_LETTERS     80 /* on average, in a table of data */
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
    const struct html_node *data;       /* the table of data that is being read, or NULL */
    struct buf row;
    size_t cells; /* in the row so far */
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

/* Kind and level of the line that is being gathered. */
static struct block kind_of(const struct reader *r)
{
    static const enum html_tag tags[] = {HTML_H1, HTML_H2, HTML_H3, HTML_H4,        HTML_H5,
                                         HTML_H6, HTML_LI, HTML_TR, HTML_BLOCKQUOTE};
    const struct html_node *holder = NULL;
    enum html_tag tag = nearest(r, r->line_block, tags, ARRAY_LEN(tags), &holder);

    if (tag == HTML_LI)
        return (struct block){.kind = BLOCK_LIST_ITEM, .level = list_depth(r, holder)};
    if (tag == HTML_BLOCKQUOTE)
        return (struct block){.kind = BLOCK_QUOTE};
    if (tag >= HTML_H1 && tag <= HTML_H6)
        return (struct block){.kind = BLOCK_HEADING, .level = 1 + (unsigned)(tag - HTML_H1)};
    return (struct block){.kind = BLOCK_PARAGRAPH};
}

/* Items of one list, and rows of one table, follow each other as lines do. */
static bool follows_closely(const struct block *before, const struct block *b)
{
    return before->kind == b->kind && (b->kind == BLOCK_LIST_ITEM || b->kind == BLOCK_TABLE_ROW);
}

static void add_block(struct reader *r, struct span text, struct block kind)
{
    struct block *b = LIST_ADD(r->arena, &r->out->blocks);

    *b = kind;
    b->text = text;
    if (r->out->blocks.n == 1)
        b->gap = 0;
    else if (follows_closely(b - 1, b))
        b->gap = 1;
    else
        b->gap = r->gap;
    r->is_over = r->out->blocks.n >= BLOCKS_MAX;
}

/* Ends the line; the next one has `gap` line ends before it, or more when it is empty so far. */
static void end_line(struct reader *r, unsigned gap)
{
    struct span text = text_fold(buf_span(&r->line), r->arena);

    buf_clear(&r->line);
    if (text.n > 0) {
        add_block(r, text, kind_of(r));
        r->gap = gap;
    } else if (r->gap < 2) {
        r->gap = r->gap + gap < 2 ? r->gap + gap : 2;
    }
    r->line_block = NULL;
}

/* In a table of data: the cell's text joins the row. */
static void end_cell(struct reader *r)
{
    struct span text = text_fold(buf_span(&r->line), r->arena);

    buf_clear(&r->line);
    if (r->cells++ > 0)
        buf_add_char(&r->row, '\t');
    buf_add_span(&r->row, text);
}

static void end_row(struct reader *r)
{
    struct span row = arena_copy(r->arena, buf_span(&r->row));

    if (span_trim(row).n > 0) {
        add_block(r, row, (struct block){.kind = BLOCK_TABLE_ROW});
        r->gap = 2;
    }
    buf_clear(&r->row);
    r->cells = 0;
}

/* A row of its own above the others. */
static void end_caption(struct reader *r)
{
    end_cell(r);
    end_row(r);
}

/* Rows and columns of short cells; what holds boxes or long texts is a table for layout. */
static bool is_table_of_data(const struct page *page, const struct html_node *table)
{
    size_t rows = 0;
    size_t cells = 0;

    for (uint32_t i = table->number + 1; i < table->end; i++) {
        switch (page->html->nodes[i]->tag) {
        case HTML_TABLE:
        case HTML_DIV:
        case HTML_UL:
        case HTML_OL:
        case HTML_BLOCKQUOTE:
        case HTML_ARTICLE:
            return false;
        case HTML_TR:
            rows++;
            break;
        case HTML_TD:
        case HTML_TH:
            cells++;
            break;
        default:
            break;
        }
    }
    return rows >= 2 && cells >= 2 * rows &&
           page_facts(page, table)->letters < cells * CELL_LETTERS;
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
    else if (node->tag == HTML_A)
        add_link(r, node);
    else if (node->tag == HTML_Q)
        buf_add_str(&r->line, OPEN_QUOTE);
    if (r->data && (node->tag == HTML_BR || html_tag_is_block(node->tag)))
        buf_add_char(&r->line, ' ');
    else if (node->tag == HTML_BR)
        end_line(r, 1);
    else if (html_tag_is_block(node->tag))
        end_line(r, 2);
    if (!r->data && node->tag == HTML_TABLE && is_table_of_data(r->page, node))
        r->data = node;
}

static void leave(struct reader *r, const struct html_node *node)
{
    if (node == r->data) {
        end_row(r); /* what stands outside rows, such as a caption */
        r->data = NULL;
    }
    if (node->tag == HTML_Q)
        buf_add_str(&r->line, CLOSE_QUOTE);
    if (!html_tag_is_block(node->tag))
        return;
    if (!r->data)
        end_line(r, 2);
    else if (node->tag == HTML_TD || node->tag == HTML_TH)
        end_cell(r);
    else if (node->tag == HTML_TR)
        end_row(r);
    else if (node->tag == HTML_CAPTION)
        end_caption(r);
    else
        buf_add_char(&r->line, ' ');
}

/* Leaves the elements that end before node number `next`. */
static const struct html_node *leave_until(struct reader *r, const struct html_node *open,
                                           uint32_t next)
{
    while (open && open != r->page->main->parent && open->end <= next) {
        leave(r, open);
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
    return prose * 5 <= page_facts(page, page->main)->prose ? heading->end : page->main->number;
}

bool article_read_blocks(const struct page *page, struct span url, struct arena *arena,
                         struct article *out)
{
    struct reader r = {
        .page = page, .base_url = base_url(page, url, arena), .arena = arena, .out = out};
    uint32_t i = first_node(page);
    const struct html_node *open = i == page->main->number ? page->main : page->heading->parent;

    buf_init(&r.line, LIMIT_TEXT_BYTES);
    buf_init(&r.row, LIMIT_TEXT_BYTES);
    while (i < page->main->end && !r.is_over) {
        const struct html_node *node = page->html->nodes[i];

        open = leave_until(&r, open, i);
        if (page_facts(page, node)->is_dropped) {
            i = node->end;
            continue;
        }
        enter(&r, node);
        open = node;
        i++;
    }
    leave_until(&r, open, page->main->end);
    end_line(&r, 2);
    buf_fini(&r.row);
    buf_fini(&r.line);
    return !r.is_over;
}
