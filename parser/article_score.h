/*
 * Which element of a page holds what people came to read. Used by article.c and its other parts.
 */
#ifndef POLLWATCH_PARSER_ARTICLE_SCORE_H
#define POLLWATCH_PARSER_ARTICLE_SCORE_H

#include "parser/html.h"

/* What is known of a node. Letters are visible code points; "own" are those of an element's own
 * lines, not of the blocks inside it; prose are own letters outside links, where there are enough.
 */
struct facts {
    uint32_t letters;
    uint32_t link_letters;
    uint32_t prose;
    uint32_t own;
    uint32_t own_link;
    uint32_t own_commas;
    float score;
    bool is_dropped; /* furniture, or inside such; counts for nothing outside */
    bool in_link;
};

struct page {
    const struct html *html;
    struct facts *facts; /* by node number */
    const struct html_node *body;
    const struct html_node *main;    /* set by page_find_main(), then never NULL */
    const struct html_node *heading; /* the headline, set by article_read_title(); or NULL */
};

/* Counts letters and links. False when the page has no body. */
bool page_open(const struct html *html, struct arena *arena, struct page *out);

/* Finds furniture and the main element, near page->heading when that is set. */
void page_find_main(struct page *p);

static inline const struct facts *page_facts(const struct page *p, const struct html_node *node)
{
    return &p->facts[node->number];
}

/* Whether the element begins and ends a line of its own. */
bool html_tag_is_block(enum html_tag tag);

/* Share of its letters that are in links, 0 to 1. */
double page_link_density(const struct page *p, const struct html_node *node);

#endif
