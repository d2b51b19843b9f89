#include "page.h"

#define SCRIPT_SHARE 3 /* one third */

/* A line of what build tools make of style sheets and scripts. */
static void add_style(struct buf *out, size_t bytes)
{
    size_t end = out->n + bytes;

    buf_add_str(out, "<style>");
    for (unsigned i = 0; out->n < end; i++)
        buf_printf(out,
                   ".c-teaser--%u>.c-teaser__body{display:flex;margin:0 0 %upx;color:#%06x}"
                   "@media (min-width:%uem){.c-teaser--%u{flex-basis:calc(100%%/%u)}}\n",
                   i, i % 40, i * 4099 & 0xffffff, i % 90, i, i % 4 + 1);
    buf_add_str(out, "</style>\n");
}

static void add_script(struct buf *out, size_t bytes)
{
    size_t end = out->n + bytes;

    buf_add_str(out, "<script>window.__STATE__={\"items\":[");
    for (unsigned i = 0; out->n < end; i++)
        buf_printf(out,
                   "{\"nid\":%u,\"path\":\"\\/en\\/node\\/%u\",\"t\":\"Item %u\",\"on\":i<%u&&"
                   "!(a[%u]>>2),\"h\":\"\\u003Cb\\u003E%u\\u003C\\/b\\u003E\"},",
                   i * 37, i * 37, i, i, i % 16, i);
    buf_add_str(out, "]};</script>\n");
}

static void add_menu(struct buf *out, unsigned i)
{
    buf_printf(out, "<ul class=\"menu menu--level-%u\" role=\"menu\">\n", i % 3 + 1);
    for (unsigned k = 0; k < 8; k++)
        buf_printf(out,
                   "  <li class=\"menu__item menu__item--collapsed\" data-index=\"%u\"><a "
                   "class=\"menu__link\" href=\"/en/section-%u/page-%u\" title=\"Page "
                   "%u\"><span>Page %u of section %u</span></a></li>\n",
                   k, i, k, k, k, i);
    buf_add_str(out, "</ul>\n");
}

static void add_teaser(struct buf *out, unsigned i)
{
    buf_printf(out,
               "<div class=\"c-teaser c-teaser--%u\" data-component=\"teaser\" data-nid=\"%u\">\n"
               "  <a href=\"/en/news/%u\" tabindex=\"-1\" aria-hidden=\"true\"><img "
               "class=\"c-teaser__img\" "
               "src=\"/files/styles/teaser/%u.jpg?itok=Q7x%u\" "
               "srcset=\"/files/styles/teaser_2x/%u.jpg 2x\" "
               "alt=\"\" width=\"320\" height=\"180\" loading=\"lazy\"></a>\n"
               "  <div class=\"c-teaser__body\"><h3 class=\"c-teaser__title\"><a "
               "href=\"/en/news/%u\">News "
               "item %u</a></h3><time datetime=\"2030-01-%02uT09:00:00Z\">%u January 2030</time>"
               "<svg class=\"icon\" viewBox=\"0 0 24 24\"><path d=\"M12 2l%u 7-5 "
               "9z\"/></svg></div>\n</div>\n",
               i % 30, i, i, i, i, i, i, i, i % 28 + 1, i % 28 + 1, i % 9);
}

static void add_furniture(struct buf *out, size_t bytes, unsigned first)
{
    size_t end = out->n + bytes;

    for (unsigned i = first; out->n < end; i++) {
        if (i % 2 == 0)
            add_menu(out, i);
        else
            add_teaser(out, i);
    }
}

static void add_escaped(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '<')
            buf_add_str(out, "&lt;");
        else if (s.p[i] == '&')
            buf_add_str(out, "&amp;");
        else
            buf_add_char(out, s.p[i]);
    }
}

static void add_paragraphs(struct buf *out, struct span text)
{
    for (size_t at = 0; at < text.n;) {
        size_t end = span_find(text, SPAN_LIT("\n"), at);
        struct span line;

        if (end == SIZE_MAX)
            end = text.n;
        line = span_trim(span_of(text.p + at, end - at));
        if (line.n > 0) {
            buf_add_str(out, "<p class=\"text-formatted\">");
            add_escaped(out, line);
            buf_add_str(out, "</p>\n");
        }
        at = end + 1;
    }
}

void page_wrap(struct span title, struct span text, size_t page_bytes, struct buf *out)
{
    size_t script = page_bytes / SCRIPT_SHARE;
    size_t around = page_bytes > script + text.n ? page_bytes - script - text.n : 0;

    buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n"
                     "<meta charset=\"utf-8\">\n<title>");
    add_escaped(out, title);
    buf_add_str(out, " | Organization</title>\n");
    add_style(out, script / 2);
    buf_add_str(out, "</head>\n<body class=\"path-node\">\n<header role=\"banner\"><nav>\n");
    add_furniture(out, around / 2, 0);
    buf_add_str(out, "</nav></header>\n<main role=\"main\"><article class=\"node\">\n<h1>");
    add_escaped(out, title);
    buf_add_str(out, "</h1>\n<div class=\"node__content\">\n");
    add_paragraphs(out, text);
    buf_add_str(out, "</div>\n</article></main>\n<footer>\n");
    add_furniture(out, around / 2, 1);
    buf_add_str(out, "</footer>\n");
    add_script(out, script / 2);
    buf_add_str(out, "</body>\n</html>\n");
}
