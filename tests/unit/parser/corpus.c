#include "corpus.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"
#include "proto/limits.h"

/* There are well over a thousand statements; some of every kind will do. */
#define STATEMENTS_STEP 40

static bool has_ending(struct span name, const char *ending)
{
    return span_ends(name, span_of_str(ending));
}

static int is_document(const struct dirent *entry)
{
    struct span name = span_of_str(entry->d_name);

    return has_ending(name, ".html") || has_ending(name, ".txt");
}

static struct span read_whole(const char *path, struct arena *arena)
{
    struct error err = {0};
    struct buf content;
    struct span copy;

    buf_init(&content, LIMIT_BODY_BYTES);
    cr_assert_eq(file_read(path, &content, &err), 0, "%s", err.message);
    copy = arena_copy(arena, buf_span(&content));
    buf_fini(&content);
    return copy;
}

/* Every `step`-th document of a folder. */
static bool add_some(const char *folder, int step, struct arena *arena, document_list *out)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_document, alphasort);

    if (n < 0) {
        cr_log_info("skipped: %s is not there", folder);
        return false;
    }
    for (int i = 0; i < n; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name).p;

        if (i % step == 0)
            *LIST_ADD(arena, out) = (struct document){
                .name = arena_copy(arena, span_of_str(entries[i]->d_name)).p,
                .bytes = read_whole(path, arena),
            };
        free(entries[i]);
    }
    free(entries);
    return true;
}

bool corpus_add(const char *folder, struct arena *arena, document_list *out)
{
    return add_some(folder, 1, arena, out);
}

static void add_more(struct arena *arena, document_list *out)
{
    struct span folders = arena_copy(arena, SPAN_LIT(TEST_MORE_TEXTS));
    char *rest = NULL;

    for (char *folder = strtok_r((char *)folders.p, ":", &rest); folder;
         folder = strtok_r(NULL, ":", &rest))
        corpus_add(folder, arena, out);
}

void corpus_add_all(struct arena *arena, document_list *out)
{
    cr_assert(corpus_add(TEST_SOURCE_DIR "/deploy/samples", arena, out));
    add_some(TEST_SOURCE_DIR "/tests/data/statements/text", STATEMENTS_STEP, arena, out);
    add_more(arena, out);
}

struct msg_work corpus_job(const struct document *d, struct arena *arena)
{
    bool is_page = has_ending(span_of_str(d->name), ".html");

    return (struct msg_work){
        .url = arena_printf(arena, "file:///documents/%s", d->name),
        .source = SPAN_LIT("local"),
        .media_type = is_page ? SPAN_LIT("text/html") : SPAN_LIT("text/plain"),
        .fetched_at = SPAN_LIT("2033-01-02T03:04:05Z"),
        .parsed_at = SPAN_LIT("2033-01-02T03:04:06Z"),
    };
}
