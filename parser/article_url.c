/* References against a base address, as RFC 3986 section 5.2 says, for http and https. */
#include "parser/article_parts.h"
#include "proto/limits.h"

struct url {
    struct span scheme; /* "https" */
    struct span host;   /* with port and user */
    struct span path;
    struct span query; /* with its "?" */
};

static size_t find_any(struct span s, const char *set, size_t n)
{
    for (size_t i = 0; i < s.n; i++) {
        if (memchr(set, s.p[i], n))
            return i;
    }
    return s.n;
}

/* The scheme's length, or 0 for a relative reference. */
static size_t scheme_length(struct span s)
{
    size_t n = 0;

    while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') || (s.p[n] >= 'A' && s.p[n] <= 'Z') ||
                       (n > 0 && memchr("0123456789+-.", s.p[n], 13))))
        n++;
    return n > 0 && n < s.n && s.p[n] == ':' ? n : 0;
}

static struct url split(struct span s)
{
    struct url u = {0};
    size_t n = scheme_length(s);

    s.n = find_any(s, "#", 1);
    if (n > 0) {
        u.scheme = span_of(s.p, n);
        s = span_from(s, n + 1);
    }
    if (span_starts(s, SPAN_LIT("//"))) {
        s = span_from(s, 2);
        n = find_any(s, "/?", 2);
        u.host = span_of(s.p, n);
        s = span_from(s, n);
    }
    n = find_any(s, "?", 1);
    u.path = span_of(s.p, n);
    u.query = span_from(s, n);
    return u;
}

/* The base's path up to its last slash, then the reference's. */
static struct span merge_paths(const struct url *base, struct span path, struct arena *arena)
{
    size_t n = base->path.n;

    while (n > 0 && base->path.p[n - 1] != '/')
        n--;
    if (n == 0)
        return arena_printf(arena, "/%.*s", SPAN_ARG(path));
    return arena_printf(arena, "%.*s%.*s", (int)n, base->path.p, SPAN_ARG(path));
}

/* Without "." and ".." segments. */
static struct span remove_dots(struct span path, struct arena *arena)
{
    char *out = arena_alloc(arena, path.n + 1);
    size_t n = 0;

    for (size_t at = 0; at < path.n;) {
        struct span rest = span_from(path, at + 1);
        size_t length = find_any(rest, "/", 1);
        struct span segment = span_of(rest.p, length);
        bool is_last = at + 1 + length >= path.n;
        bool is_up = span_equal_str(segment, "..");

        while (is_up && n > 0 && out[--n] != '/')
            ;
        if (!is_up && !span_equal_str(segment, ".")) {
            memcpy(out + n, path.p + at, length + 1);
            n += length + 1;
        } else if (is_last) {
            out[n++] = '/';
        }
        at += length + 1;
    }
    return span_of(out, n);
}

static bool is_web(struct span scheme)
{
    return span_equal_nocase(scheme, SPAN_LIT("http")) ||
           span_equal_nocase(scheme, SPAN_LIT("https"));
}

struct span url_resolve(struct span base, struct span href, struct arena *arena)
{
    struct url b = split(base);
    struct url u;

    href = span_trim(href);
    u = split(href);
    if (href.n == 0 || href.n > LIMIT_URL_BYTES || href.p[0] == '#')
        return SPAN_NULL;
    if (u.scheme.n > 0 && !is_web(u.scheme))
        return SPAN_NULL;
    if (u.scheme.n == 0 && !is_web(b.scheme))
        return SPAN_NULL;
    if (u.scheme.n == 0 && u.host.n == 0) {
        u.host = b.host;
        if (u.path.n == 0) {
            u.path = b.path;
            u.query = u.query.n ? u.query : b.query;
        } else if (u.path.p[0] != '/') {
            u.path = merge_paths(&b, u.path, arena);
        }
    }
    if (u.host.n == 0)
        return SPAN_NULL;
    if (u.path.n == 0 || u.path.p[0] != '/')
        u.path = arena_printf(arena, "/%.*s", SPAN_ARG(u.path));
    u.path = remove_dots(u.path, arena);
    if (u.scheme.n == 0)
        u.scheme = b.scheme;
    return arena_printf(arena, "%.*s://%.*s%.*s%.*s", SPAN_ARG(u.scheme), SPAN_ARG(u.host),
                        SPAN_ARG(u.path), SPAN_ARG(u.query));
}

struct span base_url(const struct page *page, struct span url, struct arena *arena)
{
    const struct html_node *base = html_find(page->html, page->html->nodes[0], HTML_BASE);
    struct span href = base ? url_resolve(url, html_attr(base, ATTR_HREF), arena) : SPAN_NULL;

    return span_is_null(href) ? url : href;
}

static struct span bare_host(struct span url)
{
    struct span host = split(url).host;

    if (host.n > 4 && span_equal_nocase(span_of(host.p, 4), SPAN_LIT("www.")))
        host = span_from(host, 4);
    return host;
}

bool url_same_host(struct span a, struct span b)
{
    return bare_host(a).n > 0 && span_equal_nocase(bare_host(a), bare_host(b));
}
