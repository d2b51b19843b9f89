/*
 * Reads a segment group by group: a statement with all the findings that follow it.
 *
 * A group counts only whole. What is not part of a whole group (damage, a group cut short, findings
 * whose statement is lost) is reported once and passed over.
 */
#ifndef POLLWATCH_SINK_GROUP_H
#define POLLWATCH_SINK_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"

struct group {
    uint64_t first_seq;
    uint32_t records;
    uint64_t offset;  /* of the statement's frame in the file */
    uint64_t end;     /* behind the last finding's frame */
    struct span maps; /* as coded_statement_unpack() takes them; good until the next call */
};

/* Called for each stretch that is passed over. */
typedef void damage_fn(void *arg, const char *path, uint64_t offset, const char *reason);

struct group_reader;

/* `fn` may be NULL. */
MUST_USE int group_reader_open(const char *path, damage_fn *fn, void *arg,
                               struct group_reader **out, struct error *err);

/* NULL is fine. */
void group_reader_close(struct group_reader *g);

/* Returns 1 (a group), 0 (the end), or ERR_SYS. */
MUST_USE int group_read_next(struct group_reader *g, struct group *out, struct error *err);

/* After the end: the highest seq of any intact record, whole group or not; 0: none. */
uint64_t group_reader_highest_seq(const struct group_reader *g);

/* After the end: where a footer stands that is the last thing in the file, or 0. */
uint64_t group_reader_footer_offset(const struct group_reader *g);

#endif
