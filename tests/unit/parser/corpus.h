/*
 * Whole documents for tests of the whole pipeline: the samples, and what else there is. Other
 * folders are used where they are; a test never depends on them, and says which it has skipped.
 */
#ifndef POLLWATCH_TESTS_CORPUS_H
#define POLLWATCH_TESTS_CORPUS_H

#include "common/arena.h"
#include "proto/message.h"

struct document {
    const char *name;
    struct span bytes;
};

typedef LIST_OF(struct document) document_list;

/*
 * Adds the .html and .txt files of a folder, in order of name; everything lives in the arena.
 * Returns false, having said "skipped", when there is no such folder.
 */
bool corpus_add(const char *folder, struct arena *arena, document_list *out);

/* The samples, the statements of tests/data, and the folders of TEST_MORE_TEXTS ("DIR:DIR…"). */
void corpus_add_all(struct arena *arena, document_list *out);

/* The job that a folder source makes of a document. */
struct msg_work corpus_job(const struct document *d, struct arena *arena);

#endif
