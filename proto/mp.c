/*
 * The walk counts instead of recursing: `left[d]` is how many values are still open at depth d.
 * Each value closes one of its level; a container opens a level with its own count.
 */
#include "proto/mp.h"

#include <stdbool.h>
#include <stdint.h>

#include "proto/limits.h"

struct walk {
    struct span in;
    size_t at;
    size_t values;
    unsigned depth;
    uint64_t left[LIMIT_DEPTH + 1];
};

/* What one head byte announces. */
struct head {
    unsigned length_bytes; /* big-endian length that follows the head */
    unsigned fixed_bytes;  /* payload of known size, behind the length */
    uint64_t length;       /* if no length follows */
    enum { SCALAR, BLOB, ARRAY, MAP, INVALID } kind;
};

static struct head head_short(unsigned char c)
{
    if (c <= 0x7f || c >= 0xe0)
        return (struct head){.kind = SCALAR};
    if (c <= 0x8f)
        return (struct head){.kind = MAP, .length = c & 15u};
    if (c <= 0x9f)
        return (struct head){.kind = ARRAY, .length = c & 15u};
    return (struct head){.kind = BLOB, .length = c & 31u}; /* 0xa0 … 0xbf */
}

static struct head head_of(unsigned char c)
{
    /* 0xc0 … 0xdf, by the table of the MessagePack specification */
    static const struct head table[32] = {
        [0x00] = {.kind = SCALAR},                                    /* nil */
        [0x01] = {.kind = INVALID},                                   /* never used */
        [0x02] = {.kind = SCALAR},                                    /* false */
        [0x03] = {.kind = SCALAR},                                    /* true */
        [0x04] = {.kind = BLOB, .length_bytes = 1},                   /* bin 8 */
        [0x05] = {.kind = BLOB, .length_bytes = 2},                   /* bin 16 */
        [0x06] = {.kind = BLOB, .length_bytes = 4},                   /* bin 32 */
        [0x07] = {.kind = BLOB, .length_bytes = 1, .fixed_bytes = 1}, /* ext 8 */
        [0x08] = {.kind = BLOB, .length_bytes = 2, .fixed_bytes = 1}, /* ext 16 */
        [0x09] = {.kind = BLOB, .length_bytes = 4, .fixed_bytes = 1}, /* ext 32 */
        [0x0a] = {.kind = SCALAR, .fixed_bytes = 4},                  /* float 32 */
        [0x0b] = {.kind = SCALAR, .fixed_bytes = 8},                  /* float 64 */
        [0x0c] = {.kind = SCALAR, .fixed_bytes = 1},                  /* uint 8 */
        [0x0d] = {.kind = SCALAR, .fixed_bytes = 2},                  /* uint 16 */
        [0x0e] = {.kind = SCALAR, .fixed_bytes = 4},                  /* uint 32 */
        [0x0f] = {.kind = SCALAR, .fixed_bytes = 8},                  /* uint 64 */
        [0x10] = {.kind = SCALAR, .fixed_bytes = 1},                  /* int 8 */
        [0x11] = {.kind = SCALAR, .fixed_bytes = 2},                  /* int 16 */
        [0x12] = {.kind = SCALAR, .fixed_bytes = 4},                  /* int 32 */
        [0x13] = {.kind = SCALAR, .fixed_bytes = 8},                  /* int 64 */
        [0x14] = {.kind = SCALAR, .fixed_bytes = 2},                  /* fixext 1 */
        [0x15] = {.kind = SCALAR, .fixed_bytes = 3},                  /* fixext 2 */
        [0x16] = {.kind = SCALAR, .fixed_bytes = 5},                  /* fixext 4 */
        [0x17] = {.kind = SCALAR, .fixed_bytes = 9},                  /* fixext 8 */
        [0x18] = {.kind = SCALAR, .fixed_bytes = 17},                 /* fixext 16 */
        [0x19] = {.kind = BLOB, .length_bytes = 1},                   /* str 8 */
        [0x1a] = {.kind = BLOB, .length_bytes = 2},                   /* str 16 */
        [0x1b] = {.kind = BLOB, .length_bytes = 4},                   /* str 32 */
        [0x1c] = {.kind = ARRAY, .length_bytes = 2},                  /* array 16 */
        [0x1d] = {.kind = ARRAY, .length_bytes = 4},                  /* array 32 */
        [0x1e] = {.kind = MAP, .length_bytes = 2},                    /* map 16 */
        [0x1f] = {.kind = MAP, .length_bytes = 4},                    /* map 32 */
    };

    if (c < 0xc0 || c > 0xdf)
        return head_short(c);
    return table[c - 0xc0];
}

static bool skip(struct walk *w, uint64_t n)
{
    if (n > w->in.n - w->at)
        return false;
    w->at += (size_t)n;
    return true;
}

static bool read_length(struct walk *w, unsigned bytes, uint64_t *length)
{
    size_t start = w->at;
    uint64_t v = 0;

    if (!skip(w, bytes))
        return false;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)w->in.p[start + i];
    *length = v;
    return true;
}

static int cut_short(struct walk *w, struct error *err)
{
    return error_at(err, ERR_FORMAT, w->at, "MessagePack: cut short at byte %zu", w->at);
}

/* Opens a level for a container's items. */
static int descend(struct walk *w, const struct head *h, uint64_t length, struct error *err)
{
    uint64_t items = h->kind == MAP ? length * 2 : length;

    if (items > LIMIT_VALUES - w->values)
        return error_at(err, ERR_LIMIT, w->at, "MessagePack: over %zu values", LIMIT_VALUES);
    if (w->depth == LIMIT_DEPTH)
        return error_at(err, ERR_LIMIT, w->at, "MessagePack: deeper than %d", LIMIT_DEPTH);
    /* each item is a byte at least: what claims more than there is can be refused unread */
    if (items > w->in.n - w->at)
        return cut_short(w, err);
    w->depth++;
    w->left[w->depth] = items;
    return 0;
}

static int one_value(struct walk *w, struct error *err)
{
    struct head h;
    uint64_t length;

    if (w->at == w->in.n)
        return cut_short(w, err);
    h = head_of((unsigned char)w->in.p[w->at]);
    if (h.kind == INVALID)
        return error_at(err, ERR_FORMAT, w->at, "MessagePack: byte 0xc1 at %zu", w->at);
    w->at++;
    w->left[w->depth]--;
    if (++w->values > LIMIT_VALUES)
        return error_at(err, ERR_LIMIT, w->at, "MessagePack: over %zu values", LIMIT_VALUES);
    length = h.length;
    if (h.length_bytes > 0 && !read_length(w, h.length_bytes, &length))
        return cut_short(w, err);
    if (h.kind == ARRAY || h.kind == MAP)
        return descend(w, &h, length, err);
    if (!skip(w, h.fixed_bytes) || (h.kind == BLOB && !skip(w, length)))
        return cut_short(w, err);
    return 0;
}

int mp_scan(struct span in, size_t *used, struct error *err)
{
    struct walk w = {.in = in, .left = {1}};

    for (;;) {
        int rc;

        while (w.left[w.depth] == 0) {
            if (w.depth == 0) {
                *used = w.at;
                return 0;
            }
            w.depth--;
        }
        rc = one_value(&w, err);
        if (rc < 0)
            return rc;
    }
}
