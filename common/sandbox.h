/*
 * The cage, seen from inside: a process gives up everything but memory, time and the descriptors
 * that it holds.
 *
 * After sandbox_enter() the process can read, write, map memory and exit. It can open nothing,
 * connect nowhere, start nothing and see no file; a system call outside the list kills it
 * (SIGSYS). Do all loading before.
 */
#ifndef POLLWATCH_COMMON_SANDBOX_H
#define POLLWATCH_COMMON_SANDBOX_H

#include <stdint.h>

#include "common/error.h"

struct sandbox_limits {
    uint64_t memory_bytes; /* address space; 0: none (sanitizers reserve terabytes) */
    uint64_t files;        /* descriptors at most; 0: those open now */
};

/* Closes every descriptor above `keep_fd`, sets rlimits, no-new-privileges and seccomp. */
MUST_USE int sandbox_enter(const struct sandbox_limits *limits, int keep_fd, struct error *err);

#endif
