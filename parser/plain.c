/*
 * A text file as an article: every line that has something in it is a block, in order, and how many
 * line ends stood before it is kept, so that the text can be written again line by line. Nothing is
 * dropped: which line is the headline is for those who read the text.
 *
 * A text that was wrapped to a width, as in mails, has breaks inside its sentences. Its longest
 * line tells that width, and a break is one of those where the next word would not have fitted;
 * such lines are put together again.
 */
#include "common/utf8.h"
#include "parser/article.h"

/* A statement has hundreds of lines; this stops a file of line ends, not a text. */
#define PLAIN_LINES_MAX 200000

/* In code points. Nobody wraps to less, and a longest line over this was not wrapped at all. */
#define WRAP_MIN 50
#define WRAP_MAX 100

static const struct span no_break_space = SPAN_INIT("\xC2\xA0");

/* Without white space at both ends, the no-break space included. */
static struct span trim_line(struct span line)
{
    size_t before;

    do {
        before = line.n;
        line = span_trim(line);
        if (span_starts(line, no_break_space))
            line = span_from(line, no_break_space.n);
        if (span_ends(line, no_break_space))
            line.n -= no_break_space.n;
    } while (line.n < before);
    return line;
}

static struct span next_line(struct span text, size_t *at)
{
    struct span rest = span_from(text, *at);
    const char *end = memchr(rest.p, '\n', rest.n);
    struct span line = span_of(rest.p, end ? (size_t)(end - rest.p) : rest.n);

    *at += line.n + 1;
    return line;
}

/* What the text was wrapped to; 0: it was not. */
static size_t find_width(struct span text)
{
    size_t width = 0;

    for (size_t at = 0; at < text.n;) {
        size_t n = utf8_count(trim_line(next_line(text, &at)));

        if (n > width)
            width = n;
    }
    return width >= WRAP_MIN && width <= WRAP_MAX ? width : 0;
}

static struct span first_word(struct span line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
        n++;
    return span_of(line.p, n);
}

/* After the end of a sentence a break may well be meant, and does no harm if it is not. */
static bool is_wrapped(struct span line, struct span next, size_t width)
{
    if (width == 0 || memchr(".!?:", line.p[line.n - 1], 4))
        return false;
    return utf8_count(line) + 1 + utf8_count(first_word(next)) > width;
}

/* `lines` reach from the first line's start to the last one's end; each break becomes a space. */
static struct span unwrap(struct span lines, struct arena *arena)
{
    char *p = arena_alloc(arena, lines.n);
    size_t n = 0;

    for (size_t at = 0; at < lines.n;) {
        struct span line = trim_line(next_line(lines, &at));

        if (n > 0)
            p[n++] = ' ';
        memcpy(p + n, line.p, line.n);
        n += line.n;
    }
    return span_of(p, n);
}

/* Takes the line at `*at` and those that were wrapped off it; empty when it is blank. */
static struct span next_block(struct span text, size_t width, size_t *at, struct arena *arena)
{
    struct span first = trim_line(next_line(text, at));
    struct span last = first;

    while (last.n > 0 && *at < text.n) {
        size_t after = *at;
        struct span next = trim_line(next_line(text, &after));

        if (next.n == 0 || !is_wrapped(last, next, width))
            break;
        last = next;
        *at = after;
    }
    if (last.p == first.p)
        return first;
    return unwrap(span_of(first.p, (size_t)(last.p + last.n - first.p)), arena);
}

int article_from_plain(const struct decoded *page, struct arena *arena, struct article *out,
                       struct error *err)
{
    struct span text = text_nfc(page->text, arena);
    size_t width = find_width(text);
    unsigned gap = 0;

    *out = (struct article){.title_is_block = true};
    for (size_t at = 0; at < text.n; gap++) {
        struct span block = next_block(text, width, &at, arena);

        if (block.n == 0)
            continue;
        if (out->blocks.n == PLAIN_LINES_MAX)
            return error_set(err, ERR_LIMIT, "over %d lines of text", PLAIN_LINES_MAX);
        *LIST_ADD(arena, &out->blocks) =
            (struct block){.kind = BLOCK_PARAGRAPH, .gap = gap, .text = block};
        gap = 0;
    }
    if (out->blocks.n == 0)
        return error_set(err, ERR_FORMAT, "no text in it");
    return 0;
}
