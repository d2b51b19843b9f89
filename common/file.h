/* Files that appear complete, are read with a cap, and are made durable with their directory. */
#ifndef POLLWATCH_COMMON_FILE_H
#define POLLWATCH_COMMON_FILE_H

#include <stddef.h>

#include "common/buf.h"
#include "common/error.h"

/* Appends the whole file to `out`; over out->cap_bytes is ERR_LIMIT. "-" is standard input. */
MUST_USE int file_read(const char *path, struct buf *out, struct error *err);

/* Temporary name, write, fsync, rename, directory fsync. */
MUST_USE int file_write_atomic(const char *path, const void *p, size_t n, struct error *err);

/* Writes all of it, going on after short writes and EINTR. */
MUST_USE int file_write_all(int fd, const void *p, size_t n, const char *name, struct error *err);

/* Makes the directory's entries durable. */
MUST_USE int dir_sync(const char *path, struct error *err);

/* Makes `path` and its parents, mode 0755; fine when it is there and writable. */
MUST_USE int dir_make(const char *path, struct error *err);

/*
 * Takes an exclusive lock on `path`/lock for the life of the process. ERR_STATE: another process
 * holds it. Returns the descriptor in `*out_fd`.
 */
MUST_USE int dir_lock(const char *path, int *out_fd, struct error *err);

#endif
