/*
 * The first three stages alone, for looking at what they make of a page, and for scoring them.
 */
#include "parser/article_command.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/file.h"
#include "common/utf8.h"
#include "parser/article.h"
#include "proto/limits.h"

static const char usage[] =
    "usage: pollwatch article FILE...\n"
    "Prints the main text of each page or text file as one line of JSON:\n"
    "  {file, title, byline, date, language, text}\n"
    "\"-\" is standard input. The kind of a file comes from its bytes, or from .txt and .html.\n"
    "A file that can't be read is reported and the others go on; the exit status is then 65.\n";

struct row {
    struct span file;
    struct span title;
    struct span byline;
    struct span date;
    struct span language;
    struct span text;
};

static const struct field row_fields[] = {
    {.key = "file", .kind = FIELD_TEXT, .offset = offsetof(struct row, file)},
    {.key = "title", .kind = FIELD_TEXT, .offset = offsetof(struct row, title)},
    {.key = "byline", .kind = FIELD_TEXT, .offset = offsetof(struct row, byline)},
    {.key = "date", .kind = FIELD_TEXT, .offset = offsetof(struct row, date)},
    {.key = "language", .kind = FIELD_TEXT, .offset = offsetof(struct row, language)},
    {.key = "text", .kind = FIELD_TEXT, .offset = offsetof(struct row, text)},
};

static const struct shape row_shape = {"article", sizeof(struct row), row_fields,
                                       ARRAY_LEN(row_fields)};

static struct span claimed_type(struct span path)
{
    if (span_ends(path, SPAN_LIT(".txt")))
        return SPAN_LIT("text/plain");
    if (span_ends(path, SPAN_LIT(".html")) || span_ends(path, SPAN_LIT(".htm")))
        return SPAN_LIT("text/html");
    return SPAN_NULL;
}

/* A path may hold any bytes, JSON only text. */
static struct span printable_path(struct span path, struct arena *arena)
{
    struct span copy = arena_copy(arena, path);
    char *bytes = arena_alloc(arena, path.n + 1);

    memcpy(bytes, copy.p, copy.n);
    for (size_t i = utf8_valid_prefix(path); i < path.n; i++) {
        if ((unsigned char)bytes[i] >= 0x80)
            bytes[i] = '?';
    }
    return span_of(bytes, path.n);
}

/* The blocks, with the line ends between them. */
static struct span join_blocks(const struct article *a, struct arena *arena)
{
    size_t size = 0;
    size_t n = 0;
    char *text;

    for (size_t i = 0; i < a->blocks.n; i++)
        size += a->blocks.items[i].text.n + 2;
    text = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < a->blocks.n; i++) {
        const struct block *b = &a->blocks.items[i];

        for (unsigned k = 0; i > 0 && k < b->gap && k < 2; k++)
            text[n++] = '\n';
        memcpy(text + n, b->text.p, b->text.n);
        n += b->text.n;
    }
    return span_of(text, n);
}

static int read_article(struct span bytes, struct span type, struct arena *arena,
                        struct article *out, struct error *err)
{
    struct decoded page;
    int rc = decode(bytes, type, SPAN_NULL, arena, &page, err);

    if (rc < 0)
        return rc;
    switch (page.kind) {
    case DOCUMENT_HTML:
        return article_from_html(&page, SPAN_NULL, arena, out, err);
    case DOCUMENT_TEXT:
        return article_from_plain(&page, arena, out, err);
    }
    return rc;
}

static int print_row(const struct row *row, struct error *err)
{
    struct buf line;
    int rc = 0;

    buf_init(&line, LIMIT_RECORD_BYTES * 6); /* a control character takes six bytes in JSON */
    shape_json(&row_shape, row, &line);
    buf_add_char(&line, '\n');
    if (line.failed)
        rc = error_set(err, ERR_LIMIT, "over %zu bytes of JSON", line.cap_bytes);
    else
        rc = file_write_all(STDOUT_FILENO, line.data, line.n, "standard output", err);
    buf_fini(&line);
    return rc;
}

static int print_article(const char *path, struct arena *arena, struct error *err)
{
    struct span name = span_of_str(path);
    struct article article;
    struct buf bytes;
    int rc;

    buf_init(&bytes, LIMIT_BODY_BYTES);
    rc = file_read(path, &bytes, err);
    if (rc == 0)
        rc = read_article(buf_span(&bytes), claimed_type(name), arena, &article, err);
    if (rc == 0) {
        struct row row = {
            .file = printable_path(name, arena),
            .title = article.title,
            .byline = article.byline,
            .date = article.published,
            .language = article.language,
            .text = join_blocks(&article, arena),
        };

        rc = print_row(&row, err);
    }
    buf_fini(&bytes);
    return rc;
}

int article_command(int argc, char **argv)
{
    struct arena *arena;
    int status = EX_OK;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EX_OK;
    }
    if (argc < 2 || (argv[1][0] == '-' && argv[1][1] != '\0')) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    decode_prepare();
    arena = arena_new();
    for (int i = 1; i < argc; i++) {
        struct error err;

        arena_reset(arena);
        if (print_article(argv[i], arena, &err) == 0)
            continue;
        fprintf(stderr, "pollwatch article: %s: %s\n", argv[i], err.message);
        status = EX_DATAERR;
    }
    arena_free(arena);
    return status;
}
