/*
 * Passes over the nodes, none of them recursive:
 *
 *   1. each text counts for the block that it stands in, then each node for its parent;
 *   2. furniture is dropped with all that is inside: what the tag, the role, a style or a word of
 *      the class says is not the text, unless too much of the page's prose is there;
 *   3. every paragraph gives a score to the elements around it, less with the distance, as
 *      Readability does; links take from it, and so does being far from the headline. The best
 *      element wins, then gives way to one around it that holds more pieces made like it.
 *
 * What "furniture" is called comes from no site in particular. When the names leave nothing, they
 * are not believed.
 */
#include "parser/article_score.h"

#include <stdlib.h>

#define PARAGRAPH_LETTERS_MIN 25 /* shorter ones are labels */
#define PROSE_LETTERS_MIN     60 /* a sentence; captions and buttons are shorter */
#define MAIN_LETTERS_MIN      60
#define WEAK_PROSE_MAX        150 /* what a weak name may drop: two sentences */
#define STRONG_SHARE_MAX      40  /* per cent of the page's prose that a strong name may drop */

bool html_tag_is_block(enum html_tag tag)
{
    switch (tag) {
    case HTML_TEXT:
    case HTML_OTHER:
    case HTML_A:
    case HTML_ABBR:
    case HTML_B:
    case HTML_CITE:
    case HTML_CODE:
    case HTML_EM:
    case HTML_FONT:
    case HTML_I:
    case HTML_IMG:
    case HTML_LABEL:
    case HTML_MAP:
    case HTML_Q:
    case HTML_RP:
    case HTML_RT:
    case HTML_SMALL:
    case HTML_SPAN:
    case HTML_STRIKE:
    case HTML_STRONG:
    case HTML_SUB:
    case HTML_SUP:
    case HTML_TIME:
    case HTML_U:
    case HTML_BR:
        return false;
    default: /* the rest of a hundred */
        return true;
    }
}

/* How sure a word of class or id is that it names furniture. */
enum doubt {
    DOUBT_NONE,
    DOUBT_WEAK,    /* names parts of articles, too: only what has little prose goes */
    DOUBT_STRONG,  /* goes, unless much of the page's prose is inside */
    DOUBT_COMMENTS /* readers' comments may be longer than the text: only the headline saves them */
};

static const struct word {
    const char *word;
    enum doubt doubt;
} furniture_words[] = {
    /* sorted */
    {"ad", DOUBT_WEAK},
    {"ads", DOUBT_WEAK},
    {"advert", DOUBT_WEAK},
    {"advertisement", DOUBT_STRONG},
    {"alert", DOUBT_WEAK},
    {"author", DOUBT_WEAK},
    {"authors", DOUBT_WEAK},
    {"bio", DOUBT_WEAK},
    {"breadcrumb", DOUBT_STRONG},
    {"breadcrumbs", DOUBT_STRONG},
    {"btn", DOUBT_WEAK},
    {"button", DOUBT_WEAK},
    {"byline", DOUBT_WEAK},
    {"caption", DOUBT_STRONG},
    {"carousel", DOUBT_STRONG},
    {"comment", DOUBT_COMMENTS},
    {"commentlist", DOUBT_COMMENTS},
    {"comments", DOUBT_COMMENTS},
    {"consent", DOUBT_STRONG},
    {"contacts", DOUBT_WEAK},
    {"cookie", DOUBT_STRONG},
    {"cookies", DOUBT_STRONG},
    {"copyright", DOUBT_WEAK},
    {"credit", DOUBT_WEAK},
    {"crumbs", DOUBT_STRONG},
    {"date", DOUBT_WEAK},
    {"dateline", DOUBT_WEAK},
    {"dates", DOUBT_WEAK},
    {"disqus", DOUBT_COMMENTS},
    {"footer", DOUBT_WEAK},
    {"gallery", DOUBT_STRONG},
    {"gdpr", DOUBT_STRONG},
    {"hidden", DOUBT_WEAK},
    {"info", DOUBT_WEAK},
    {"login", DOUBT_WEAK},
    {"masthead", DOUBT_WEAK},
    {"menu", DOUBT_WEAK},
    {"meta", DOUBT_WEAK},
    {"metadata", DOUBT_WEAK},
    {"modal", DOUBT_WEAK},
    {"more", DOUBT_WEAK},
    {"nav", DOUBT_STRONG},
    {"navbar", DOUBT_STRONG},
    {"navigation", DOUBT_STRONG},
    {"newsletter", DOUBT_STRONG},
    {"next", DOUBT_WEAK},
    {"noprint", DOUBT_WEAK},
    {"outbrain", DOUBT_STRONG},
    {"overlay", DOUBT_WEAK},
    {"pager", DOUBT_STRONG},
    {"pagination", DOUBT_STRONG},
    {"popular", DOUBT_WEAK},
    {"popup", DOUBT_WEAK},
    {"posted", DOUBT_WEAK},
    {"prev", DOUBT_WEAK},
    {"print", DOUBT_WEAK},
    {"promo", DOUBT_WEAK},
    {"published", DOUBT_WEAK},
    {"recirc", DOUBT_STRONG},
    {"recommended", DOUBT_WEAK},
    {"related", DOUBT_STRONG},
    {"replies", DOUBT_COMMENTS},
    {"respond", DOUBT_COMMENTS},
    {"share", DOUBT_STRONG},
    {"sharedaddy", DOUBT_STRONG},
    {"sharing", DOUBT_STRONG},
    {"sidebar", DOUBT_STRONG},
    {"signup", DOUBT_WEAK},
    {"skip", DOUBT_WEAK},
    {"slideshow", DOUBT_STRONG},
    {"social", DOUBT_STRONG},
    {"sponsor", DOUBT_WEAK},
    {"sponsored", DOUBT_WEAK},
    {"subscribe", DOUBT_WEAK},
    {"taboola", DOUBT_STRONG},
    {"tag", DOUBT_WEAK},
    {"tags", DOUBT_WEAK},
    {"teaser", DOUBT_WEAK},
    {"time", DOUBT_WEAK},
    {"timestamp", DOUBT_WEAK},
    {"toolbar", DOUBT_WEAK},
    {"trending", DOUBT_WEAK},
    {"video", DOUBT_WEAK},
    {"widget", DOUBT_WEAK},
};

static const struct span furniture_roles[] = {
    SPAN_INIT("navigation"), SPAN_INIT("complementary"), SPAN_INIT("contentinfo"),
    SPAN_INIT("search"),     SPAN_INIT("dialog"),        SPAN_INIT("alertdialog"),
    SPAN_INIT("alert"),      SPAN_INIT("menu"),          SPAN_INIT("menubar"),
    SPAN_INIT("toolbar"),    SPAN_INIT("tablist"),       SPAN_INIT("banner"),
};

static int compare_word(const void *key, const void *item)
{
    return strcmp(key, ((const struct word *)item)->word);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next word of a class or id, in lower case: "articleBody-2" is "article", "body". */
static bool next_word(struct span text, size_t *at, char out[24])
{
    size_t n = 0;

    while (*at < text.n && !is_letter(text.p[*at]))
        (*at)++;
    while (*at < text.n && is_letter(text.p[*at])) {
        char c = text.p[*at];
        bool is_upper = c >= 'A' && c <= 'Z';

        if (is_upper && n > 0 && text.p[*at - 1] >= 'a')
            break;
        if (n < 23)
            out[n++] = is_upper ? (char)(c - 'A' + 'a') : c;
        (*at)++;
    }
    out[n] = '\0';
    return n > 0;
}

/* "has-sidebar", "no-comments": said of what is beside the element. */
static bool is_about_another(const char *word)
{
    static const char *const words[] = {"has", "with", "without", "no", "w", "and"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

static enum doubt doubt_of_name(struct span text)
{
    enum doubt doubt = DOUBT_NONE;
    bool skip = false;
    char word[24];

    for (size_t at = 0; next_word(text, &at, word);) {
        const struct word *w = bsearch(word, furniture_words, ARRAY_LEN(furniture_words),
                                       sizeof furniture_words[0], compare_word);

        if (w && !skip && w->doubt > doubt)
            doubt = w->doubt;
        skip = is_about_another(word);
    }
    return doubt;
}

static bool is_furniture_role(struct span role)
{
    for (size_t i = 0; i < ARRAY_LEN(furniture_roles); i++) {
        if (span_equal_nocase(role, furniture_roles[i]))
            return true;
    }
    return false;
}

static bool is_invisible(const struct html_node *node)
{
    struct span style = html_attr(node, ATTR_STYLE);

    return !span_is_null(html_attr(node, ATTR_HIDDEN)) ||
           span_equal_str(html_attr(node, ATTR_ARIA_HIDDEN), "true") ||
           span_find_nocase(style, SPAN_LIT("display:none"), 0) != SIZE_MAX ||
           span_find_nocase(style, SPAN_LIT("display: none"), 0) != SIZE_MAX;
}

/* Never text, whatever stands in it. */
static bool is_never_text(const struct page *p, const struct html_node *node)
{
    (void)p;
    switch (node->tag) {
    case HTML_AUDIO:
    case HTML_BUTTON:
    case HTML_CANVAS:
    case HTML_DATALIST:
    case HTML_DIALOG:
    case HTML_HEAD:
    case HTML_INPUT:
    case HTML_LINK:
    case HTML_META:
    case HTML_NAV:
    case HTML_NOSCRIPT:
    case HTML_OBJECT:
    case HTML_OPTION:
    case HTML_PROGRESS:
    case HTML_SCRIPT:
    case HTML_SELECT:
    case HTML_TEXTAREA:
    case HTML_VIDEO:
        return true;
    default:
        return false;
    }
}

static enum doubt doubt_of(const struct html_node *node)
{
    enum doubt by_class = doubt_of_name(html_attr(node, ATTR_CLASS));
    enum doubt by_id = doubt_of_name(html_attr(node, ATTR_ID));
    enum doubt doubt = by_class > by_id ? by_class : by_id;

    if (doubt == DOUBT_COMMENTS)
        return doubt;
    if (node->tag == HTML_ASIDE || node->tag == HTML_FOOTER || node->tag == HTML_FIGCAPTION ||
        is_furniture_role(html_attr(node, ATTR_ROLE)) || is_invisible(node))
        return DOUBT_STRONG;
    return node->tag == HTML_FORM && doubt == DOUBT_NONE ? DOUBT_WEAK : doubt;
}

static bool is_furniture(const struct page *p, const struct html_node *node)
{
    const struct facts *f = page_facts(p, node);
    uint32_t all = page_facts(p, p->body)->prose;

    switch (node->tag) {
    case HTML_TEXT:
    case HTML_HTML:
    case HTML_BODY:
    case HTML_MAIN:
    case HTML_ARTICLE:
        return false;
    default:
        break;
    }
    switch (doubt_of(node)) {
    case DOUBT_NONE:
        return false;
    case DOUBT_WEAK:
        return f->prose < WEAK_PROSE_MAX || f->prose * 2 < f->link_letters;
    case DOUBT_STRONG:
        return (uint64_t)f->prose * 100 < (uint64_t)all * STRONG_SHARE_MAX || all == 0;
    case DOUBT_COMMENTS:
        return html_find(p->html, node, HTML_H1) == NULL;
    }
    return false;
}

static uint32_t count_commas(struct span text)
{
    uint32_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    return n;
}

/* Visible code points, spaces not counted. */
static uint32_t count_letters(struct span text)
{
    uint32_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        n += c > ' ' && (c & 0xC0) != 0x80;
    }
    return n;
}

double page_link_density(const struct page *p, const struct html_node *node)
{
    const struct facts *f = page_facts(p, node);

    return f->letters ? (double)f->link_letters / f->letters : 0;
}

/* The nearest element around a text that begins a line of its own. */
static const struct html_node *block_around(const struct html_node *node)
{
    while (node->parent && !html_tag_is_block(node->tag))
        node = node->parent;
    return node;
}

static void count_text(struct page *p, const struct html_node *node)
{
    struct facts *f = &p->facts[node->number];
    struct facts *block = &p->facts[block_around(node)->number];

    f->letters = count_letters(node->text);
    f->link_letters = f->in_link ? f->letters : 0;
    block->own += f->letters;
    block->own_link += f->link_letters;
    block->own_commas += count_commas(node->text);
}

/* What a finished node counts for those around it. */
static void pass_up(struct page *p, const struct html_node *node)
{
    struct facts *f = &p->facts[node->number];
    struct facts *up = node->parent ? &p->facts[node->parent->number] : NULL;

    if (f->own >= PROSE_LETTERS_MIN && f->own_link * 2 < f->own)
        f->prose += f->own - f->own_link;
    if (!up || (f->is_dropped && !up->is_dropped))
        return;
    up->letters += f->letters;
    up->link_letters += f->link_letters;
    up->prose += f->prose;
}

/* Counts everything; dropped elements count for nothing outside. */
static void count_all(struct page *p)
{
    const struct html *h = p->html;

    for (uint32_t i = 0; i < h->n; i++) {
        struct facts *f = &p->facts[i];

        *f = (struct facts){.is_dropped = f->is_dropped, .in_link = f->in_link};
    }
    for (uint32_t i = 0; i < h->n; i++) {
        if (h->nodes[i]->tag == HTML_TEXT)
            count_text(p, h->nodes[i]);
    }
    for (uint32_t i = h->n; i-- > 0;)
        pass_up(p, h->nodes[i]);
}

/* Leads to another page. What leads to a place in this one or to a person's mail is text. */
static bool leads_away(const struct html_node *node)
{
    struct span href = span_trim(html_attr(node, ATTR_HREF));

    return node->tag == HTML_A && href.n > 0 && href.p[0] != '#' &&
           !span_starts(href, SPAN_LIT("mailto:")) && !span_starts(href, SPAN_LIT("tel:"));
}

static void mark_links(struct page *p)
{
    for (uint32_t i = 0; i < p->html->n; i++) {
        const struct html_node *node = p->html->nodes[i];

        p->facts[i].in_link =
            leads_away(node) || (node->parent && p->facts[node->parent->number].in_link);
    }
}

typedef bool drop_fn(const struct page *p, const struct html_node *node);

static void drop(struct page *p, drop_fn *is_dropped)
{
    const struct html *h = p->html;

    for (uint32_t i = 0; i < h->n; i++) {
        const struct html_node *node = h->nodes[i];
        struct facts *f = &p->facts[i];

        f->is_dropped = f->is_dropped ||
                        (node->parent && p->facts[node->parent->number].is_dropped) ||
                        is_dropped(p, node);
    }
    count_all(p);
}

static void give_score(struct page *p, const struct html_node *node, float score)
{
    float divisor = 1;

    for (int level = 0; node && node->tag != HTML_HTML && level < 5; level++) {
        p->facts[node->number].score += score / divisor;
        divisor = level == 0 ? 2 : (float)(level + 1) * 3;
        node = node->parent;
    }
}

static bool is_container(const struct html_node *node)
{
    if (node->tag != HTML_DIV && node->tag != HTML_SECTION && node->tag != HTML_ARTICLE &&
        node->tag != HTML_MAIN && node->tag != HTML_BODY && node->tag != HTML_TD)
        return false;
    for (const struct html_node *c = node->child; c; c = c->next) {
        if (html_tag_is_block(c->tag))
            return true;
    }
    return false;
}

static bool is_heading(enum html_tag tag)
{
    return tag >= HTML_H1 && tag <= HTML_H6;
}

/* As Readability has it; but a list of names has more commas than prose can have, one in forty
 * letters. */
static float paragraph_score(const struct facts *f)
{
    uint32_t commas = f->own_commas < f->own / 40 ? f->own_commas : f->own / 40;
    float by_length = (float)f->own / 100;

    return 1 + (float)commas + (by_length < 3 ? by_length : 3);
}

static void score_paragraphs(struct page *p)
{
    for (uint32_t i = 0; i < p->html->n; i++) {
        const struct html_node *node = p->html->nodes[i];
        const struct facts *f = &p->facts[i];

        if (f->is_dropped || f->own < PARAGRAPH_LETTERS_MIN || is_heading(node->tag))
            continue;
        give_score(p, is_container(node) ? node : node->parent, paragraph_score(f));
    }
}

/* Depth of the deepest element around both. */
static uint32_t common_depth(const struct html_node *a, const struct html_node *b)
{
    while (!html_contains(a, b))
        a = a->parent;
    return a->depth;
}

/* One for what stands with the headline; less for what has only the page in common with it, as its
 * footer and other articles have; little for what stands before it. A standfirst beside the
 * headline must not win over the text by this alone: hence a quarter, not nothing. */
static double nearness(const struct page *p, const struct html_node *node)
{
    double near;

    if (!p->heading || p->heading->depth < 2)
        return 1;
    if (node->end <= p->heading->number)
        return 0.1;
    near = (double)common_depth(p->heading, node) / (p->heading->depth - 1);
    return near > 1 ? 1 : near < 0.25 ? 0.25 : near;
}

static const struct html_node *best_element(const struct page *p)
{
    const struct html_node *best = p->body;
    double most = 0;

    for (uint32_t i = 0; i < p->html->n; i++) {
        const struct html_node *node = p->html->nodes[i];
        double score = p->facts[i].score * (1 - page_link_density(p, node));

        if (p->facts[i].is_dropped || score <= most)
            continue;
        score *= nearness(p, node);
        if (score > most) {
            most = score;
            best = node;
        }
    }
    return best;
}

/* What begins with the page's heading, or is marked as an article, has all of it. */
static bool is_whole_article(const struct page *p, const struct html_node *node)
{
    return node->tag == HTML_ARTICLE || node->tag == HTML_MAIN ||
           html_find(p->html, node, HTML_H1) != NULL;
}

static bool is_alike(const struct html_node *a, const struct html_node *b)
{
    if (a->tag == HTML_P || a->tag == HTML_BLOCKQUOTE || a->tag == HTML_UL || a->tag == HTML_OL)
        return true;
    return a->tag == b->tag && span_equal(html_attr(a, ATTR_CLASS), html_attr(b, ATTR_CLASS));
}

/* Prose in the siblings of `node` that are made like it: a text cut in pieces by advertisements. */
static uint32_t prose_beside(const struct page *p, const struct html_node *node)
{
    uint32_t prose = 0;

    for (const struct html_node *c = node->parent->child; c; c = c->next) {
        if (c != node && !page_facts(p, c)->is_dropped && is_alike(c, node))
            prose += page_facts(p, c)->prose;
    }
    return prose;
}

/* Gives way to an ancestor that holds more of the same. */
static const struct html_node *climb(const struct page *p, const struct html_node *best)
{
    const struct html_node *child = best;

    while (child->parent && child->parent->tag != HTML_HTML && !is_whole_article(p, child)) {
        if (prose_beside(p, child) * 10 > page_facts(p, best)->prose)
            best = child->parent;
        child = child->parent;
    }
    return best;
}

/* Of what isn't dropped. */
static void choose_main(struct page *p)
{
    score_paragraphs(p);
    p->main = climb(p, best_element(p));
}

bool page_open(const struct html *html, struct arena *arena, struct page *out)
{
    *out = (struct page){.html = html};
    out->body = html->n ? html_find(html, html->nodes[0], HTML_BODY) : NULL;
    if (!out->body)
        return false;
    out->facts = arena_calloc(arena, html->n, sizeof *out->facts);
    mark_links(out);
    drop(out, is_never_text);
    return true;
}

void page_find_main(struct page *p)
{
    drop(p, is_furniture);
    choose_main(p);
    if (page_facts(p, p->main)->letters >= MAIN_LETTERS_MIN)
        return;
    /* the names misled us, or it is a very short text: believe the tags alone */
    for (uint32_t i = 0; i < p->html->n; i++)
        p->facts[i].is_dropped = false;
    drop(p, is_never_text);
    choose_main(p);
}
