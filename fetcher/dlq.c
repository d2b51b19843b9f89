#include "fetcher/dlq.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "fetcher/outbox.h"
#include "fetcher/service.h"
#include "proto/shape_table.h"

/* URL, detail and the rest of one letter, escaped. */
#define LINE_MAX_BYTES ((size_t)128 * 1024)

static const struct field letter_fields[] = {
    R(dead_letter, id, U64),      R(dead_letter, url, TEXT),    R(dead_letter, source, TEXT),
    F(dead_letter, reason, TEXT), F(dead_letter, detail, TEXT), R(dead_letter, attempts, U32),
};
static const struct shape letter_shape = SHAPE(dead_letter, letter_fields);

static int print(const struct dead_letter *letter, bool as_json, struct error *err)
{
    struct buf line;
    int rc = 0;

    buf_init(&line, LINE_MAX_BYTES);
    if (as_json)
        shape_json(&letter_shape, letter, &line);
    else
        buf_printf(&line, "%6llu  %-14.*s %3u  %.*s\n        %.*s", (unsigned long long)letter->id,
                   SPAN_ARG(letter->reason), letter->attempts, SPAN_ARG(letter->url),
                   SPAN_ARG(letter->detail));
    buf_add_char(&line, '\n');
    if (fwrite(line.data, 1, line.n, stdout) != line.n)
        rc = error_sys(err, "write to standard output");
    buf_fini(&line);
    return rc;
}

int dlq_list(const char *dir, bool as_json, struct error *err)
{
    char *path = service_store_path(dir);
    struct arena *arena = arena_new();
    struct store *store = NULL;
    struct dead_letter letter = {0};
    int rc = store_open_read(path, &store, err);

    while (rc >= 0) {
        arena_reset(arena);
        rc = outbox_next_dead(store, letter.id, arena, &letter, err);
        if (rc != 1)
            break;
        rc = print(&letter, as_json, err);
    }
    if (rc == 0 && fflush(stdout) != 0)
        rc = error_sys(err, "write to standard output");
    store_close(store);
    arena_free(arena);
    free(path);
    return rc;
}
