/* What article.c is made of: blocks, links, metadata. */
#ifndef POLLWATCH_PARSER_ARTICLE_PARTS_H
#define POLLWATCH_PARSER_ARTICLE_PARTS_H

#include "parser/article.h"
#include "parser/article_score.h"

/* Folds white space of every kind to single spaces, drops zero-width characters, trims; NFC. */
struct span text_fold(struct span text, struct arena *arena);

/* Drops what is inside the main element and isn't its text: lists of links, teasers, calls to
 * share. */
void article_clean(struct page *page, struct arena *arena);

/* The blocks and links inside the main element, furniture left out. False over the cap on blocks.
 */
bool article_read_blocks(const struct page *page, struct span url, struct arena *arena,
                         struct article *out);

/* The headline, also as page->heading, and the name of the site. */
void article_read_title(struct page *page, struct arena *arena, struct article *out);

/* Dates and the rest of what the page says about itself. */
void article_read_meta(const struct page *page, struct span url, struct arena *arena,
                       struct article *out);

/* `href` against `base` (RFC 3986, 5.2); null unless the result is http or https. `base` may be
 * null. */
struct span url_resolve(struct span base, struct span href, struct arena *arena);

/* A date of metadata as RFC 3339, or the day alone when it has no zone; null when it is no date. */
struct span date_read(struct span text, struct arena *arena);

/* The first string that "key" has in the JSON, at most 2,000 bytes; null when there is none. */
struct span jsonld_value(struct span json, const char *key, struct arena *arena);

/* What the page's relative links are relative to: <base>, against the page's own address. */
struct span base_url(const struct page *page, struct span url, struct arena *arena);

/* Whether both have the same host, "www." set aside. */
bool url_same_host(struct span a, struct span b);

#endif
