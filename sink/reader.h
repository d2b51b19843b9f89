/*
 * Reads a segment file, record by record, whatever state it is in.
 *
 * Damage costs what it touched: the reader says where and why, looks for the next frame and goes
 * on. It reads through a window, so a file that shrinks or grows meanwhile (the active one) is no
 * danger.
 */
#ifndef POLLWATCH_SINK_READER_H
#define POLLWATCH_SINK_READER_H

#include <stdint.h>

#include "common/error.h"
#include "common/span.h"

struct reader;

enum reader_item_kind { READER_END, READER_RECORD, READER_FOOTER, READER_DAMAGE };

struct reader_item {
    enum reader_item_kind kind;
    uint64_t offset;    /* in the file */
    uint64_t bytes;     /* of the frame, or of the damaged stretch */
    uint64_t seq;       /* RECORD, FOOTER */
    struct span map;    /* RECORD, FOOTER: good until the next call */
    const char *reason; /* DAMAGE: for people; good until the next call */
};

MUST_USE int reader_open(const char *path, struct reader **out, struct error *err);

/* NULL is fine. */
void reader_close(struct reader *r);

/* The next item starts at this offset of the file. */
void reader_seek(struct reader *r, uint64_t offset);

/* Returns 0, or ERR_SYS when reading itself fails. A damaged file is not a failure. */
MUST_USE int reader_next(struct reader *r, struct reader_item *out, struct error *err);

const char *reader_path(const struct reader *r);

#endif
