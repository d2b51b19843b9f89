/* What the parts of the cage share; nobody else includes it. */
#ifndef POLLWATCH_COMMON_CAGE_INTERNAL_H
#define POLLWATCH_COMMON_CAGE_INTERNAL_H

#include "common/buf.h"
#include "common/cage.h"

/* Read at once, at either end. */
#define CAGE_READ_BYTES ((size_t)64 * 1024)

/* All that comes on top of the frames' bytes. */
#define CAGE_HEADER_BYTES (sizeof(uint32_t) * (1 + CAGE_FRAMES_MAX))

enum cage_parsed { CAGE_PARSED_WHOLE, CAGE_PARSED_PART, CAGE_PARSED_BAD };

/*
 * Finds the frames of the message that `bytes` are, or begin. Sizes are looked at as soon as they
 * are there, so that nobody waits for a message that is too big. More bytes than one message are
 * bad, too, for neither end speaks twice in a row.
 */
enum cage_parsed cage_parse(struct span bytes, size_t max_bytes, struct span *frames, size_t *n);

void cage_encode(struct buf *b, const struct span *frames, size_t n);

/*
 * Starts `argv` with `socket_fd` as CAGE_FD, standard error as it is, and nothing else open; it
 * dies when this process does. ERR_SYS names the program that can't be started.
 */
MUST_USE int cage_spawn(const char *const *argv, int socket_fd, pid_t *out, struct error *err);

/* Waits for this one child and returns its wait status. */
int cage_reap(pid_t pid);

#endif
