/*
 * Stage 3: what people came to read, without the furniture of the site around it.
 *
 * html.c gives a correct HTML5 tree; article_from_html() finds the main text in it: title, blocks
 * of prose in order, and the metadata that the page declares. article_from_plain() makes the same
 * of a text file, line by line, and drops nothing. All spans are valid UTF-8, NFC, in the arena.
 */
#ifndef POLLWATCH_PARSER_ARTICLE_H
#define POLLWATCH_PARSER_ARTICLE_H

#include "common/arena.h"
#include "common/error.h"
#include "parser/decode.h"
#include "proto/record.h"

enum block_kind {
    BLOCK_PARAGRAPH,
    BLOCK_HEADING,
    BLOCK_LIST_ITEM,
    BLOCK_QUOTE,    /* in a blockquote */
    BLOCK_TABLE_ROW /* cells parted by a tab */
};

/* One line or paragraph: white space folded to single spaces (html) or kept (plain), no line end
 * inside except a hard break (<br>), which splits it into two blocks with gap 1. */
struct block {
    enum block_kind kind;
    unsigned level; /* heading 1 to 6; list depth */
    unsigned gap; /* line ends before it: 1 for a following line, 2 for a new paragraph, more as in
                     a text file */
    struct span text;
};

struct article {
    struct span title;     /* the main heading, or null */
    struct span title_raw; /* as written, with site name or prefix */
    struct span byline;
    struct span site_name;
    struct span description;   /* meta description, or null */
    struct span language;      /* BCP 47 as declared, or null */
    struct span canonical_url; /* <link rel=canonical> on the same host, absolute, or null */
    struct span published;     /* as declared in metadata, RFC 3339 or a date, or null */
    struct span modified;
    text_list translations; /* hreflang of alternates */
    LIST_OF(struct block)
    blocks;                     /* title not repeated; a headline line of a plain text is a block */
    LIST_OF(struct link) links; /* inside the main text, href absolute */
    bool cut;                   /* a page over the tree's caps: what stood behind is missing */
    bool title_is_block;        /* plain text: the title stands in blocks */
};

/*
 * `url` is the page's address, for relative links; may be null. Returns 0, ERR_FORMAT (no text in
 * it) or ERR_LIMIT (deeper or larger than the tree's caps; the caps stop the parse early and keep
 * what was read where that is of use).
 */
MUST_USE int article_from_html(const struct decoded *page, struct span url, struct arena *arena,
                               struct article *out, struct error *err);
MUST_USE int article_from_plain(const struct decoded *page, struct arena *arena,
                                struct article *out, struct error *err);

/* The same bytes in Unicode NFC; the input itself when it is already. */
struct span text_nfc(struct span text, struct arena *arena);

#endif
