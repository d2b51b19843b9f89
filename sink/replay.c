/*
 * The index says at which statement to start; from there the files are read in order. Only what is
 * durable is given out, so a consumer never sees what a crash may take back.
 */
#include "sink/replay.h"

#include <stdlib.h>

#include "sink/reader.h"

/* An answer stays under this, so that a slow consumer does not make the queue grow. */
#define REPLAY_MAX_BYTES ((size_t)8 * 1024 * 1024)

struct walk {
    const struct store *store;
    uint64_t next_seq;
    uint64_t last_seq; /* durable: what is behind it is not shown yet */
    uint32_t left;
    size_t bytes;
    replay_record_fn *fn;
    void *arg;
};

static bool is_done(const struct walk *w)
{
    return w->left == 0 || w->bytes >= REPLAY_MAX_BYTES || w->next_seq > w->last_seq;
}

static void give(struct walk *w, const struct reader_item *item)
{
    if (item->seq < w->next_seq || item->seq > w->last_seq)
        return;
    w->left--;
    w->bytes += item->map.n;
    w->next_seq = item->seq + 1;
    if (!w->fn(w->arg, item->seq, item->map)) {
        w->next_seq = item->seq;
        w->left = 0;
    }
}

/* The last segment that starts at or before the seq. */
static size_t find_segment(const struct store *store, uint64_t seq)
{
    size_t found = 0;

    for (size_t i = 0; i < store_segments(store); i++) {
        char *path;
        uint64_t first_seq = store_segment(store, i, &path);

        free(path);
        if (first_seq <= seq)
            found = i;
    }
    return found;
}

static int walk_segment(struct walk *w, size_t i, struct index_place start, struct error *err)
{
    struct reader *r = NULL;
    struct reader_item item;
    char *path;
    uint64_t first_seq = store_segment(w->store, i, &path);
    int rc = reader_open(path, &r, err);

    free(path);
    if (rc < 0)
        return rc;
    if (start.segment == first_seq)
        reader_seek(r, start.offset);
    while (!is_done(w)) {
        rc = reader_next(r, &item, err);
        if (rc < 0 || item.kind == READER_END)
            break;
        if (item.kind == READER_RECORD)
            give(w, &item);
    }
    reader_close(r);
    return rc;
}

/* What the end of a segment lacks is passed over; numbering goes on with the next one. */
static void skip_to_segment(struct walk *w, size_t i)
{
    char *path;
    uint64_t first_seq = store_segment(w->store, i, &path);

    free(path);
    if (w->next_seq < first_seq)
        w->next_seq = first_seq;
}

int replay(const struct store *store, struct index *ix, uint64_t from_seq, uint32_t credit,
           replay_record_fn *fn, void *arg, uint64_t *next_seq, struct error *err)
{
    struct walk w = {.store = store,
                     .next_seq = from_seq,
                     .last_seq = store_last_seq(store),
                     .left = credit < REPLAY_MAX_RECORDS ? credit : REPLAY_MAX_RECORDS,
                     .fn = fn,
                     .arg = arg};
    struct index_place start = {0};
    int rc = is_done(&w) ? 0 : index_find_place(ix, from_seq, &start, err);

    if (rc == ERR_NOT_FOUND)
        rc = 0;
    for (size_t i = find_segment(store, from_seq);
         rc == 0 && !is_done(&w) && i < store_segments(store); i++) {
        skip_to_segment(&w, i);
        rc = walk_segment(&w, i, start, err);
    }
    if (rc == 0 && w.left > 0 && w.bytes < REPLAY_MAX_BYTES && w.next_seq <= w.last_seq)
        w.next_seq = w.last_seq + 1; /* the files' end is damaged */
    *next_seq = w.next_seq;
    return rc;
}
