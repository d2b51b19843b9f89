/*
 * The page's tree, what it says about itself, and the main text in it. The parts:
 *
 *   html.c            the tree
 *   article_score.c   furniture, and the element that holds the text
 *   article_meta.c    titles, dates, languages, addresses
 *   article_clean.c   what is in that element and isn't its text
 *   article_blocks.c  lines and links of that element
 */
#include "parser/article.h"

#include "parser/article_parts.h"

/* Less than this before the cut is not the text but what stood in front of it. */
#define CUT_LETTERS_MIN 250

int article_from_html(const struct decoded *page, struct span url, struct arena *arena,
                      struct article *out, struct error *err)
{
    struct html html;
    struct page scored;
    int rc;

    *out = (struct article){0};
    rc = html_parse(page->text, arena, &html, err);
    if (rc < 0)
        return rc;
    if (!page_open(&html, arena, &scored))
        return error_set(err, ERR_FORMAT, "no text in it");
    article_read_title(&scored, arena, out);
    page_find_main(&scored);
    article_read_meta(&scored, url, arena, out);
    if (html.cut && page_facts(&scored, scored.main)->letters < CUT_LETTERS_MIN)
        return error_set(err, ERR_LIMIT, "over the caps of a page, and hardly any text before");
    article_clean(&scored, arena);
    if (!article_read_blocks(&scored, url, arena, out))
        return error_set(err, ERR_LIMIT, "too many lines of text");
    if (out->blocks.n == 0)
        return error_set(err, ERR_FORMAT, "no text in it");
    out->cut = html.cut;
    return 0;
}
