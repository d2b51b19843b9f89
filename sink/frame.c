#include "sink/frame.h"

#include <assert.h>
#include <string.h>

#include "common/digest.h"
#include "proto/mp.h"

enum { MP_ARRAY_OF_4 = 0x94, MP_BIN_8 = 0xc4, MP_UINT_32 = 0xce, MP_UINT_64 = 0xcf };

#define MAGIC_BYTES 4

/* Where the parts of a head begin. */
enum { AT_MAGIC = 3, AT_SEQ_TYPE = 7, AT_SEQ = 8, AT_CRC_TYPE = 16, AT_CRC = 17 };

static const char magics[][MAGIC_BYTES] = {
    [FRAME_RECORD] = {'\xc1', 'P', 'W', 'R'},
    [FRAME_FOOTER] = {'\xc1', 'P', 'W', 'F'},
};

static void put_be(unsigned char *p, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
}

static uint64_t get_be(const char *p, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

/* The CRC covers seq and map, which don't stand side by side: CRC-32 of a concatenation. */
static uint32_t crc_of(uint64_t seq, struct span map)
{
    unsigned char seq_bytes[8];

    put_be(seq_bytes, seq, sizeof seq_bytes);
    return crc32_more(crc32_of(span_of(seq_bytes, sizeof seq_bytes)), map);
}

void frame_put(enum frame_kind kind, uint64_t seq, struct span map, struct buf *out)
{
    unsigned char head[FRAME_HEAD_BYTES] = {MP_ARRAY_OF_4, MP_BIN_8, MAGIC_BYTES};

    assert(map.n <= LIMIT_RECORD_BYTES);
    memcpy(head + AT_MAGIC, magics[kind], MAGIC_BYTES);
    head[AT_SEQ_TYPE] = MP_UINT_64;
    put_be(head + AT_SEQ, seq, 8);
    head[AT_CRC_TYPE] = MP_UINT_32;
    put_be(head + AT_CRC, crc_of(seq, map), 4);
    buf_add(out, head, sizeof head);
    buf_add_span(out, map);
}

/* Does a head stand at p, of which FRAME_HEAD_BYTES can be read? */
static bool is_head(const char *p, enum frame_kind *kind)
{
    const unsigned char *u = (const unsigned char *)p;

    if (u[0] != MP_ARRAY_OF_4 || u[1] != MP_BIN_8 || u[2] != MAGIC_BYTES ||
        u[AT_SEQ_TYPE] != MP_UINT_64 || u[AT_CRC_TYPE] != MP_UINT_32)
        return false;
    for (enum frame_kind k = FRAME_RECORD; k <= FRAME_FOOTER; k++) {
        if (memcmp(p + AT_MAGIC, magics[k], MAGIC_BYTES) == 0) {
            *kind = k;
            return true;
        }
    }
    return false;
}

static bool is_map(char first)
{
    unsigned char u = (unsigned char)first;

    return (u & 0xf0) == 0x80 || u == 0xde || u == 0xdf;
}

int frame_read(struct span in, struct frame *out, struct error *err)
{
    struct span body = span_from(in, FRAME_HEAD_BYTES);
    enum frame_kind kind;
    uint64_t seq;
    size_t used;
    int rc;

    if (in.n <= FRAME_HEAD_BYTES)
        return error_set(err, ERR_FORMAT, "cut short in the head of a record");
    if (!is_head(in.p, &kind))
        return error_set(err, ERR_FORMAT, "no record starts here");
    if (!is_map(body.p[0]))
        return error_set(err, ERR_FORMAT, "the record is not a map");
    if (body.n > LIMIT_RECORD_BYTES)
        body.n = LIMIT_RECORD_BYTES;
    rc = mp_scan(body, &used, err);
    if (rc < 0)
        return error_set(err, ERR_FORMAT, "the record is cut short or damaged");
    seq = get_be(in.p + AT_SEQ, 8);
    body.n = used;
    if (crc_of(seq, body) != get_be(in.p + AT_CRC, 4))
        return error_set(err, ERR_FORMAT, "the record's checksum does not match");
    *out = (struct frame){kind, seq, body, FRAME_HEAD_BYTES + used};
    return 0;
}

size_t frame_find(struct span in, size_t from)
{
    enum frame_kind kind;

    while (from < in.n && in.n - from >= FRAME_HEAD_BYTES) {
        const char *hit = memchr(in.p + from, MP_ARRAY_OF_4, in.n - from - FRAME_HEAD_BYTES + 1);

        if (!hit)
            return SIZE_MAX;
        if (is_head(hit, &kind))
            return (size_t)(hit - in.p);
        from = (size_t)(hit - in.p) + 1;
    }
    return SIZE_MAX;
}
