/*
 * The canonical text: what every offset in a record refers to.
 *
 *     article ──▶ text and lines ──▶ marks on each line ──▶ sections
 *                                                      ├──▶ sentences
 *                                                      └──▶ quotations
 *
 * For a page it is the title, then the blocks, an empty line between them; for a text file it is
 * the file, line by line. A line is the unit in which structure is decided: which section it
 * belongs to, whether it is a heading or a list item (text_sections.c). Sentences never leave
 * their line (text_sentences.c); quotations may run on over lines (text_quotes.c).
 */
#include "parser/text.h"

#include "parser/text_parts.h"
#include "proto/limits.h"

/* Line ends between two blocks: as in the file, or what parts paragraphs of a page. */
static size_t line_ends(const struct article *article, const struct block *block, bool is_first)
{
    if (article->title_is_block)
        return block->gap;
    if (is_first)
        return 0;
    return block->gap == 1 ? 1 : 2;
}

static bool has_own_title(const struct article *article)
{
    return !article->title_is_block && article->title.n > 0;
}

static int measure(const struct article *article, size_t *bytes, struct error *err)
{
    size_t n = has_own_title(article) ? article->title.n : 0;

    for (size_t i = 0; i < article->blocks.n; i++) {
        const struct block *block = &article->blocks.items[i];

        n += line_ends(article, block, n == 0) + block->text.n;
        if (n > LIMIT_TEXT_BYTES)
            return error_set(err, ERR_LIMIT, "over %zu bytes of text", LIMIT_TEXT_BYTES);
    }
    *bytes = n;
    return 0;
}

static struct line *add_line(line_list *lines, char *p, size_t *n, struct span line,
                             struct arena *arena)
{
    struct line *added = LIST_ADD(arena, lines);

    memcpy(p + *n, line.p, line.n);
    added->at = (struct range){(uint32_t)*n, (uint32_t)(*n + line.n)};
    *n += line.n;
    return added;
}

static void write_lines(const struct article *article, char *p, line_list *lines,
                        struct arena *arena)
{
    size_t n = 0;

    if (has_own_title(article)) {
        struct line *title = add_line(lines, p, &n, article->title, arena);

        title->kind = BLOCK_HEADING;
        title->section = SECTION_HEADLINE;
    }
    for (size_t i = 0; i < article->blocks.n; i++) {
        const struct block *block = &article->blocks.items[i];
        size_t gap = line_ends(article, block, n == 0);
        struct line *line;

        memset(p + n, '\n', gap);
        n += gap;
        line = add_line(lines, p, &n, block->text, arena);
        line->kind = block->kind;
        line->is_standfirst = article->description.n > 0 &&
                              span_equal(span_trim(block->text), span_trim(article->description));
    }
}

int text_build(const struct article *article, struct arena *arena, struct text *out,
               struct error *err)
{
    line_list lines = {0};
    size_t bytes = 0;
    char *p;
    int rc = measure(article, &bytes, err);

    *out = (struct text){0};
    if (rc < 0)
        return rc;
    p = arena_alloc(arena, bytes + 1);
    write_lines(article, p, &lines, arena);
    out->text = span_of(p, bytes);
    text_mark_lines(&lines, arena, out);
    text_split_sentences(&lines, arena, out);
    text_find_quotes(&lines, arena, out);
    return 0;
}
