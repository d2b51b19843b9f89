/* What the sink's tests share: a directory of their own, made-up statements, files byte by byte. */
#ifndef POLLWATCH_TESTS_SINK_SAMPLE_H
#define POLLWATCH_TESTS_SINK_SAMPLE_H

#include <stdint.h>

#include "common/buf.h"
#include "proto/message.h"
#include "proto/record.h"
#include "sink/group.h"

/* mkdtemp() under /tmp; remove_dir() takes it away with all that is in it. */
void make_dir(char dir[64]);

/* The same in memory where that is to be had: for those who sync thousands of times. */
void make_fast_dir(char dir[64]);
void remove_dir(const char *dir);

/* dir/name, in one of a few static buffers. */
const char *in_dir(const char *dir, const char *name);

/* A statement whose ids are made of numbers, with findings numbered from `first_finding`. */
struct sample {
    int statement;
    int version;
    int work;
    int first_finding;
    int findings;
    const char *rules;      /* NULL: "rules" */
    const char *fetched_at; /* NULL: the same for all */
};

/* Fills in `out` and packs it. */
void sample_make(const struct sample *s, struct arena *arena, struct coded_statement *out);
void sample_pack(const struct sample *s, struct buf *packed, struct msg_result *head,
                 struct arena *arena);

/* The whole file; fails the test when it can't. */
void read_whole(const char *path, struct buf *out);
void write_whole(const char *path, struct span bytes);
int file_exists(const char *path);

/* Whole groups in a segment file, and what was passed over. */
struct tally {
    int groups;
    int damages;
    uint64_t records;
    uint64_t last_seq;
};
struct tally tally_file(const char *path);

#endif
