/*
 * Stage 2: valid UTF-8 -> an HTML5 tree of our own in the arena.
 *
 * html.c is the only file that knows the parsing library (MyHTML today; lexbor where the
 * distribution has it). The tree holds what the article stage reads and nothing else: elements,
 * texts, and the attributes listed in html.c. Comments, scripts (save JSON-LD) and styles are left
 * out.
 *
 * Nodes are numbered in document order and the last number below each is known, so that "all that
 * is inside" is a range of numbers, and per-node facts can stand in arrays beside the tree.
 */
#ifndef POLLWATCH_PARSER_HTML_H
#define POLLWATCH_PARSER_HTML_H

#include "common/arena.h"
#include "common/error.h"

/* Elements that are treated as themselves; all others are HTML_OTHER. */
/* clang-format off */
#define HTML_TAGS(X)                                                                              \
    X(A) X(ABBR) X(ADDRESS) X(ARTICLE) X(ASIDE) X(AUDIO) X(B) X(BASE) X(BLOCKQUOTE) X(BODY)       \
    X(BR) X(BUTTON) X(CANVAS) X(CAPTION) X(CENTER) X(CITE) X(CODE) X(DATALIST) X(DD) X(DETAILS)   \
    X(DIALOG) X(DIV) X(DL) X(DT) X(EM) X(EMBED) X(FIELDSET) X(FIGCAPTION) X(FIGURE) X(FONT)       \
    X(FOOTER) X(FORM) X(H1) X(H2) X(H3) X(H4) X(H5) X(H6) X(HEAD) X(HEADER) X(HGROUP) X(HR)       \
    X(HTML) X(I) X(IFRAME) X(IMG) X(INPUT) X(LABEL) X(LEGEND) X(LI) X(LINK) X(MAIN) X(MAP)        \
    X(MATH) X(MENU) X(META) X(NAV) X(NOSCRIPT) X(OBJECT) X(OL) X(OPTION) X(P) X(PRE) X(PROGRESS)  \
    X(Q) X(RP) X(RT) X(SCRIPT) X(SECTION) X(SELECT) X(SMALL) X(SPAN) X(STRIKE) X(STRONG)          \
    X(STYLE) X(SUB) X(SUMMARY) X(SUP) X(SVG) X(TABLE) X(TBODY) X(TD) X(TEMPLATE) X(TEXTAREA)      \
    X(TFOOT) X(TH) X(THEAD) X(TIME) X(TITLE) X(TR) X(U) X(UL) X(VIDEO)
/* clang-format on */

enum html_tag {
    HTML_OTHER,
    HTML_TEXT, /* not an element */
#define X(name) HTML_##name,
    HTML_TAGS(X)
#undef X
        HTML_TAG_COUNT
};

enum html_attr {
    ATTR_ARIA_HIDDEN,
    ATTR_ARIA_LABEL,
    ATTR_CLASS,
    ATTR_CONTENT,
    ATTR_DATETIME,
    ATTR_HIDDEN,
    ATTR_HREF,
    ATTR_HREFLANG,
    ATTR_ID,
    ATTR_ITEMPROP,
    ATTR_LANG,
    ATTR_NAME,
    ATTR_PROPERTY,
    ATTR_REL,
    ATTR_ROLE,
    ATTR_STYLE,
    ATTR_TYPE,
    ATTR_COUNT
};

struct html_attribute {
    enum html_attr attr;
    struct span value;
};

struct html_node {
    enum html_tag tag;
    uint32_t number; /* in document order; the root is 0 */
    uint32_t end;    /* one past the number of the last node inside */
    uint32_t depth;
    struct html_node *parent;
    struct html_node *child; /* the first */
    struct html_node *next;  /* sibling */
    struct span text;        /* HTML_TEXT; as in the source, entities resolved */
    const struct html_attribute *attributes;
    uint32_t attribute_count;
};

struct html {
    struct html_node **nodes; /* by number; nodes[0] is <html> */
    uint32_t n;
    bool cut; /* a cap ended the parse; what stood behind is missing */
};

/* Returns 0, or ERR_FORMAT (nothing of a page in it). A page over the caps is cut, see html.c. */
MUST_USE int html_parse(struct span text, struct arena *arena, struct html *out, struct error *err);

/* Null when the element doesn't have it; empty when it has no value. */
struct span html_attr(const struct html_node *node, enum html_attr attr);

/* Whether `inner` is `outer` or inside it. */
static inline bool html_contains(const struct html_node *outer, const struct html_node *inner)
{
    return inner->number >= outer->number && inner->number < outer->end;
}

/* The first element of that kind inside `from`, in document order, or NULL. */
const struct html_node *html_find(const struct html *h, const struct html_node *from,
                                  enum html_tag tag);

/* Its words, parted by single spaces; not yet NFC. Empty when there are none. */
struct span html_words(const struct html *h, const struct html_node *node, struct arena *arena);

#endif
