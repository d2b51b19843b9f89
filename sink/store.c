/*
 * Segments follow each other without a gap: each starts with the seq behind the last one's.
 *
 *     (nothing) ── first store_add() ──▶ active ── store_rotate(), store_seal() ──▶ sealed
 *                                          └── process dies, next store_open() ────────┘
 *
 * Rotation happens between batches only, so that a group never spans two files and a footer never
 * gets ahead of what is durable.
 */
#include "sink/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/file.h"
#include "common/mem.h"
#include "common/number.h"
#include "common/timestamp.h"
#include "sink/ndjson.h"
#include "sink/segment.h"

#define NAME_DIGITS 20

struct store {
    struct store_options o;
    char *dir;
    uint64_t *sealed; /* first seqs, ascending */
    size_t sealed_n;
    size_t sealed_cap;
    struct segment *active; /* NULL: none yet */
    struct ndjson *ndjson;
    uint64_t active_since_ms; /* monotonic */
    uint64_t durable_seq;
    uint64_t next_seq;
    uint64_t cut_bytes;
};

/* Which files stand in the directory for one first seq. */
struct found {
    uint64_t first_seq;
    bool sealed;
    bool open;
    bool manifest;
    bool ndjson_open;
};

struct listing {
    struct found *items;
    size_t n;
    size_t cap;
};

static struct found *listing_get(struct listing *l, uint64_t first_seq)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->items[i].first_seq == first_seq)
            return &l->items[i];
    }
    l->items = xgrow(l->items, &l->cap, l->n + 1, sizeof *l->items);
    l->items[l->n] = (struct found){.first_seq = first_seq};
    return &l->items[l->n++];
}

static void note_file(struct listing *l, struct span name)
{
    struct span suffix = span_from(name, NAME_DIGITS);
    struct found *f;
    uint64_t first_seq;

    if (name.n <= NAME_DIGITS ||
        !number_read(span_of(name.p, NAME_DIGITS), 1, INT64_MAX, &first_seq))
        return; /* not ours */
    f = listing_get(l, first_seq);
    f->sealed |= span_equal_str(suffix, SEGMENT_SEALED);
    f->open |= span_equal_str(suffix, SEGMENT_OPEN);
    f->manifest |= span_equal_str(suffix, SEGMENT_MANIFEST);
    f->ndjson_open |= span_equal_str(suffix, NDJSON_OPEN);
}

static int by_first_seq(const void *a, const void *b)
{
    const struct found *x = a;
    const struct found *y = b;

    return (x->first_seq > y->first_seq) - (x->first_seq < y->first_seq);
}

static int list_dir(const char *dir, struct listing *out, struct error *err)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    int rc;

    if (!d)
        return error_sys(err, "open %s", dir);
    while ((errno = 0, entry = readdir(d)))
        note_file(out, span_of_str(entry->d_name));
    rc = errno != 0 ? error_sys(err, "read %s", dir) : 0;
    closedir(d);
    if (out->n > 0)
        qsort(out->items, out->n, sizeof *out->items, by_first_seq);
    return rc;
}

static void add_sealed(struct store *s, uint64_t first_seq)
{
    s->sealed = xgrow(s->sealed, &s->sealed_cap, s->sealed_n + 1, sizeof *s->sealed);
    s->sealed[s->sealed_n++] = first_seq;
}

static void saw_seq(struct store *s, uint64_t seq)
{
    if (seq > s->durable_seq)
        s->durable_seq = seq;
}

static int remove_ndjson(const struct store *s, uint64_t first_seq, struct error *err)
{
    char *path = segment_path(s->dir, first_seq, NDJSON_OPEN);
    int rc = 0;

    if (unlink(path) < 0 && errno != ENOENT)
        rc = error_sys(err, "remove %s", path);
    free(path);
    return rc;
}

static int mend_open(struct store *s, struct found *f, struct error *err)
{
    struct segment_mended mended;
    int rc =
        segment_mend(s->dir, f->first_seq, s->durable_seq, s->o.damage, s->o.arg, &mended, err);

    if (rc < 0)
        return rc;
    s->cut_bytes += mended.cut_bytes;
    if (mended.removed)
        return remove_ndjson(s, f->first_seq, err);
    saw_seq(s, mended.last_seq);
    f->sealed = true;
    f->manifest = true;
    f->ndjson_open |= s->o.ndjson;
    return 0;
}

static int mend_one(struct store *s, struct found *f, struct error *err)
{
    int rc = 0;

    if (f->open && !f->sealed)
        rc = mend_open(s, f, err);
    if (rc < 0 || !f->sealed)
        return rc;
    if (!f->manifest)
        rc = segment_write_manifest(s->dir, f->first_seq, err);
    if (rc == 0 && f->ndjson_open)
        rc = ndjson_mend(s->dir, f->first_seq, err);
    if (rc == 0)
        add_sealed(s, f->first_seq);
    return rc;
}

/* Where numbering stands: the index may lag behind the files after a power cut. */
static int read_last_seq(struct store *s, struct error *err)
{
    struct group_reader *g = NULL;
    struct group group;
    char *path;
    int rc;

    if (s->sealed_n == 0)
        return 0;
    path = segment_path(s->dir, s->sealed[s->sealed_n - 1], SEGMENT_SEALED);
    rc = group_reader_open(path, NULL, NULL, &g, err);
    while (rc >= 0 && (rc = group_read_next(g, &group, err)) > 0)
        continue;
    if (rc == 0)
        saw_seq(s, group_reader_highest_seq(g));
    group_reader_close(g);
    free(path);
    return rc;
}

static int mend_all(struct store *s, struct error *err)
{
    struct listing l = {0};
    int rc = list_dir(s->dir, &l, err);

    for (size_t i = 0; rc == 0 && i < l.n; i++)
        rc = mend_one(s, &l.items[i], err);
    free(l.items);
    return rc < 0 ? rc : read_last_seq(s, err);
}

int store_open(const struct store_options *o, uint64_t durable_seq, struct store **out,
               struct error *err)
{
    struct store *s = xcalloc(1, sizeof *s);
    int rc = dir_make(o->dir, err);

    s->o = *o;
    s->dir = xstrdup(o->dir);
    s->durable_seq = durable_seq;
    if (rc == 0)
        rc = mend_all(s, err);
    if (rc < 0) {
        store_close(s);
        return rc;
    }
    s->next_seq = s->durable_seq + 1;
    *out = s;
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    segment_close(s->active);
    ndjson_close(s->ndjson);
    free(s->sealed);
    free(s->dir);
    free(s);
}

size_t store_segments(const struct store *s)
{
    return s->sealed_n + (s->active ? 1 : 0);
}

uint64_t store_segment(const struct store *s, size_t i, char **out_path)
{
    bool sealed = i < s->sealed_n;
    uint64_t first_seq = sealed ? s->sealed[i] : segment_first_seq(s->active);

    *out_path = segment_path(s->dir, first_seq, sealed ? SEGMENT_SEALED : SEGMENT_OPEN);
    return first_seq;
}

uint64_t store_first_seq(const struct store *s)
{
    if (s->sealed_n > 0)
        return s->sealed[0];
    return s->active ? segment_first_seq(s->active) : s->next_seq;
}

uint64_t store_last_seq(const struct store *s)
{
    return s->durable_seq;
}

uint64_t store_next_seq(const struct store *s)
{
    return s->next_seq;
}

uint64_t store_cut_bytes(const struct store *s)
{
    return s->cut_bytes;
}

static int start_segment(struct store *s, struct error *err)
{
    int rc = segment_create(s->dir, s->next_seq, &s->active, err);

    if (rc < 0)
        return rc;
    s->active_since_ms = mono_ms();
    return s->o.ndjson ? ndjson_create(s->dir, s->next_seq, &s->ndjson, err) : 0;
}

int store_add(struct store *s, bool is_statement, struct span map, struct index_place *out,
              struct error *err)
{
    int rc = s->active ? 0 : start_segment(s, err);

    if (rc < 0)
        return rc;
    if (s->ndjson) {
        rc = ndjson_add(s->ndjson, map, err);
        if (rc < 0)
            return rc;
    }
    out->segment = segment_first_seq(s->active);
    out->offset = segment_add(s->active, s->next_seq, is_statement, map);
    s->next_seq++;
    return 0;
}

int store_sync(struct store *s, struct error *err)
{
    int rc = s->active ? segment_sync(s->active, err) : 0;

    if (rc < 0)
        return rc;
    s->durable_seq = s->next_seq - 1;
    return s->ndjson ? ndjson_flush(s->ndjson, err) : 0;
}

int store_seal(struct store *s, struct error *err)
{
    int rc = s->active ? segment_seal(s->active, err) : 0;

    if (rc < 0 || !s->active)
        return rc;
    add_sealed(s, segment_first_seq(s->active));
    segment_close(s->active);
    s->active = NULL;
    if (s->ndjson)
        rc = ndjson_seal(s->ndjson, err);
    ndjson_close(s->ndjson);
    s->ndjson = NULL;
    return rc;
}

static bool is_due(const struct store *s, uint64_t now_mono_ms)
{
    if (segment_bytes(s->active) >= s->o.segment_bytes)
        return true;
    /* the turn's clock may stand before the moment in which the segment was started */
    return now_mono_ms > s->active_since_ms &&
           now_mono_ms - s->active_since_ms >= s->o.segment_age_ms;
}

int store_rotate(struct store *s, uint64_t now_mono_ms, struct error *err)
{
    if (!s->active || !is_due(s, now_mono_ms))
        return 0;
    return store_seal(s, err);
}
