/*
 * A text file as an article: every line that has something in it is a block, in order, and how many
 * line ends stood before it is kept, so that the text can be written again line by line. Nothing is
 * guessed and nothing is dropped: which line is the headline is for those who read the text.
 */
#include "parser/article.h"

/* A statement has hundreds of lines; this stops a file of line ends, not a text. */
#define PLAIN_LINES_MAX 200000

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

int article_from_plain(const struct decoded *page, struct arena *arena, struct article *out,
                       struct error *err)
{
    struct span text = text_nfc(page->text, arena);
    unsigned gap = 0;

    *out = (struct article){.title_is_block = true};
    for (size_t at = 0; at < text.n; gap++) {
        struct span line = trim_line(next_line(text, &at));

        if (line.n == 0)
            continue;
        if (out->blocks.n == PLAIN_LINES_MAX)
            return error_set(err, ERR_LIMIT, "over %d lines of text", PLAIN_LINES_MAX);
        *LIST_ADD(arena, &out->blocks) =
            (struct block){.kind = BLOCK_PARAGRAPH, .gap = gap, .text = line};
        gap = 0;
    }
    if (out->blocks.n == 0)
        return error_set(err, ERR_FORMAT, "no text in it");
    return 0;
}
