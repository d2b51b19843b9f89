#include "parser/article_parts.h"

void article_read_meta(const struct page *page, struct span url, struct arena *arena,
                       struct article *out)
{
    const struct html_node *title = html_find(page->html, page->html->nodes[0], HTML_TITLE);

    (void)url;
    if (title)
        out->title_raw = out->title = text_fold(html_words(page->html, title, arena), arena);
}
