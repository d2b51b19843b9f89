/* What article.c is made of: blocks, links, metadata. */
#ifndef POLLWATCH_PARSER_ARTICLE_PARTS_H
#define POLLWATCH_PARSER_ARTICLE_PARTS_H

#include "parser/article.h"
#include "parser/article_score.h"

/* Folds white space of every kind to single spaces, drops zero-width characters, trims; NFC. */
struct span text_fold(struct span text, struct arena *arena);

/* The blocks and links inside the main element, furniture left out. False over the cap on blocks.
 */
bool article_read_blocks(const struct page *page, struct span base_url, struct arena *arena,
                         struct article *out);

/* Title, dates and the rest of what the page says about itself. */
void article_read_meta(const struct page *page, struct span url, struct arena *arena,
                       struct article *out);

/* `href` against `base` (RFC 3986, 5.2); null unless the result is http or https. `base` may be
 * null. */
struct span url_resolve(struct span base, struct span href, struct arena *arena);

/* Whether both have the same host, "www." set aside. */
bool url_same_host(struct span a, struct span b);

#endif
