/*
 * One record as it stands in a segment: a MessagePack array of fixed width.
 *
 *     94                      array of 4
 *     c4 04  c1 'P' 'W' 'R'   magic ('F' for the footer)
 *     cf     8 bytes          seq, big-endian
 *     ce     4 bytes          CRC-32 of those 8 bytes and the map
 *     …                       the record, a map
 *
 * Any unpacker can read a file of these. 0xC1 is no MessagePack type and no byte of UTF-8, so a
 * scanner that has lost its way finds the next record by the magic. Pure: no files here.
 */
#ifndef POLLWATCH_SINK_FRAME_H
#define POLLWATCH_SINK_FRAME_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/span.h"
#include "proto/limits.h"

#define FRAME_HEAD_BYTES ((size_t)21)
#define FRAME_MAX_BYTES  (FRAME_HEAD_BYTES + LIMIT_RECORD_BYTES)

enum frame_kind { FRAME_RECORD, FRAME_FOOTER };

struct frame {
    enum frame_kind kind;
    uint64_t seq;
    struct span map; /* inside the input */
    size_t bytes;    /* head and map */
};

/* `map` is one whole MessagePack map of at most LIMIT_RECORD_BYTES. */
void frame_put(enum frame_kind kind, uint64_t seq, struct span map, struct buf *out);

/*
 * Reads the frame at the start of `in`. Checks lengths and caps before anything else and the CRC
 * before it believes them. Returns 0, or ERR_FORMAT (no frame here, damaged, or cut short).
 */
MUST_USE int frame_read(struct span in, struct frame *out, struct error *err);

/* Offset of the first thing at or after `from` that looks like a frame's head, or SIZE_MAX. */
size_t frame_find(struct span in, size_t from);

#endif
