/*
 * The archive: every document exactly as it came, in WARC 1.1 files.
 *
 * archive/<UTC time>-<n>.warc.gz, one gzip member a record, so any WARC tool reads them and one
 * record can be read by its offset. The file being written ends in ".open". Bytes are durable only
 * after archive_sync(); only then may a task point to them.
 */
#ifndef POLLWATCH_FETCHER_ARCHIVE_H
#define POLLWATCH_FETCHER_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/span.h"

#define ARCHIVE_NAME_BYTES 64

struct archive;

/* Where a record stands. {0}: nowhere. The name is without ".open". */
struct archive_ref {
    char file[ARCHIVE_NAME_BYTES];
    uint64_t offset;
    uint64_t length; /* compressed */
};

struct archive_record {
    struct span url;
    struct span head; /* HTTP status line and headers, each ended by CRLF; null: a file's bytes */
    struct span body;
    struct span media_type; /* for a file's bytes; null: application/octet-stream */
    uint64_t fetched_ms;
    bool truncated; /* the body was cut at the cap */
};

/*
 * Opens the directory, made when it isn't there. Files that a crash left open lose a torn last
 * record and are closed. A new file begins with the first record.
 */
MUST_USE int archive_open(const char *dir, uint64_t rotate_bytes, struct archive **out,
                          struct error *err);

/* Closes the file in use properly. NULL is fine. */
void archive_close(struct archive *a);

/* On ERR_SYS (disk full) the file is as it was before. */
MUST_USE int archive_append(struct archive *a, const struct archive_record *record,
                            struct archive_ref *out, struct error *err);

/* fdatasync, if there is something to sync. */
MUST_USE int archive_sync(struct archive *a, struct error *err);

/*
 * Reads a record's body; `*data` is malloc'd and the caller's, never NULL. ERR_SYS: the file can't
 * be read; ERR_FORMAT: it is damaged there; ERR_LIMIT: larger than LIMIT_BODY_BYTES.
 */
MUST_USE int archive_read(struct archive *a, const struct archive_ref *ref, char **data, size_t *n,
                          struct error *err);

#endif
