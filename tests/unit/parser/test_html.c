#include <stdio.h>

#include <criterion/criterion.h>

#include "parser/html.h"

static struct arena *arena;
static struct html html;
static struct error err;

static void open_arena(void)
{
    arena = arena_new();
}

static void close_arena(void)
{
    arena_free(arena);
}

TestSuite(html, .init = open_arena, .fini = close_arena, .timeout = 60);

static void parse(const char *text)
{
    cr_assert_eq(html_parse(span_of_str(text), arena, &html, &err), 0, "%s", err.message);
}

static const struct html_node *find(enum html_tag tag)
{
    const struct html_node *node = html_find(&html, html.nodes[0], tag);

    cr_assert_not_null(node);
    return node;
}

static bool words_are(const struct html_node *node, const char *words)
{
    return span_equal_str(html_words(&html, node, arena), words);
}

Test(html, nodes_are_numbered_in_document_order)
{
    parse("<p>One <b>two</b></p><p>three</p>");

    cr_expect_eq(html.nodes[0]->tag, HTML_HTML);
    for (uint32_t i = 0; i < html.n; i++) {
        const struct html_node *node = html.nodes[i];

        cr_expect_eq(node->number, i);
        cr_expect_gt(node->end, i);
        cr_expect_leq(node->end, html.n);
        for (const struct html_node *c = node->child; c; c = c->next) {
            cr_expect_eq(c->parent, node);
            cr_expect_eq(c->depth, node->depth + 1);
            cr_expect(html_contains(node, c));
        }
    }
    cr_expect(!html_contains(find(HTML_P), find(HTML_BODY)));
}

Test(html, markup_is_mended_as_browsers_do)
{
    parse("<p>One<p>two<table><tr><td>cell</table><b>bold<i>both</b>italic</i>");

    cr_expect(words_are(find(HTML_P), "One"));
    cr_expect(words_are(find(HTML_TD), "cell"));
    cr_expect_eq(find(HTML_TR)->parent->tag, HTML_TBODY);
    cr_expect(words_are(find(HTML_I), "both"));
}

Test(html, entities_are_resolved_in_text_and_values)
{
    parse("<a href='?a=1&amp;b=2'>&lt;Vote&gt; &eacute; &#x2019; &#0;</a>");

    cr_expect(words_are(find(HTML_A), "<Vote> é ’ \uFFFD"));
    cr_expect(span_equal_str(html_attr(find(HTML_A), ATTR_HREF), "?a=1&b=2"));
}

Test(html, attributes_keep_the_first_and_null_is_not_empty)
{
    parse("<p ID=one id=two hidden onclick=x>");

    cr_expect(span_equal_str(html_attr(find(HTML_P), ATTR_ID), "one"));
    cr_expect(!span_is_null(html_attr(find(HTML_P), ATTR_HIDDEN)));
    cr_expect_eq(html_attr(find(HTML_P), ATTR_HIDDEN).n, 0);
    cr_expect(span_is_null(html_attr(find(HTML_P), ATTR_CLASS)));
}

Test(html, what_nobody_reads_is_left_out)
{
    parse("<!-- a --><style>b</style><script>c</script><svg><text>d</text></svg><template>e"
          "</template><p>f</p><script type='application/ld+json'>{\"g\": 1}</script>");

    cr_expect(words_are(html.nodes[0], "f{\"g\": 1}"));
}

Test(html, a_token_may_cross_slices)
{
    static char page[20000];
    int n = snprintf(page, sizeof page, "<p class='%08000d'>%06000d</p>", 7, 9);

    cr_assert_gt(n, 14000);
    parse(page);
    cr_expect_eq(html_attr(find(HTML_P), ATTR_CLASS).n, 8000);
    cr_expect_eq(find(HTML_P)->child->text.n, 6000);
}

Test(html, nesting_beyond_the_cap_cuts_the_page)
{
    static char page[60000];
    size_t n = 0;

    while (n + 5 < sizeof page) {
        memcpy(page + n, "<div>", 5);
        n += 5;
    }
    cr_assert_eq(html_parse(span_of(page, n), arena, &html, &err), 0);
    cr_expect(html.cut);
    cr_expect_lt(html.n, 2000);
    parse("<p>short");
    cr_expect(!html.cut);
}
