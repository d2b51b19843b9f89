/*
 * The cage, seen from outside: a child process that turns hostile bytes into something safe.
 *
 * The owner starts `argv` with one end of a socket pair as descriptor 3 and sends it jobs, one at a
 * time; each is answered by one reply or by the child's death. A child that dies, hangs past
 * `time_ms` or outgrows `memory_bytes` is killed, its job is answered with the reason, and a new
 * child takes its place. So a document can cost its own life only. A child that does not come up at
 * all is tried again with growing pauses; a waiting job is told after the fifth time (CAGE_CRASH).
 *
 * Frames on the socket pair: count (u32), then each frame's length (u32) and bytes, in the
 * machine's byte order; both ends are the same binary. The child speaks first: a message of no
 * frames, when it is ready. Inside the child, use cage_serve(), which does all that.
 */
#ifndef POLLWATCH_COMMON_CAGE_H
#define POLLWATCH_COMMON_CAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/loop.h"
#include "common/span.h"

#define CAGE_FD         3
#define CAGE_FRAMES_MAX 4

struct cage;

struct cage_options {
    const char *const *argv; /* argv[0] is the program's path; NULL-terminated; lent for good */
    uint64_t time_ms;        /* wall clock a job */
    uint64_t memory_bytes;   /* resident memory, watched from here; 0: any */
    uint64_t jobs_per_child; /* a fresh child after so many; 0: never */
    size_t max_reply_bytes;
};

enum cage_outcome {
    CAGE_REPLY,    /* frames hold the answer */
    CAGE_CRASH,    /* died by a signal or an unexpected exit */
    CAGE_TIMEOUT,  /* killed: over time_ms */
    CAGE_MEMORY,   /* killed or gave up: over memory_bytes */
    CAGE_SYSCALL,  /* killed by seccomp */
    CAGE_BAD_REPLY /* over max_reply_bytes or not framed right; killed */
};

/* `detail` says what happened, for people: "killed by signal 11 (Segmentation fault)". */
typedef void cage_done_fn(void *arg, enum cage_outcome outcome, const char *detail,
                          const struct span *frames, size_t n);

/* Starts the first child. ERR_SYS when it can't be started. */
MUST_USE int cage_open(struct loop *loop, const struct cage_options *options, cage_done_fn *fn,
                       void *arg, struct cage **out, struct error *err);

/* Kills and reaps the child. A job at work is not answered. NULL is fine. */
void cage_close(struct cage *c);

bool cage_busy(const struct cage *c);

/* Hands over one job; the cage must not be busy. Frames are copied. The answer comes by `fn`. */
void cage_send(struct cage *c, const struct span *frames, size_t n);

/* 0 when there is no child at the moment. */
pid_t cage_pid(const struct cage *c);

/*
 * Inside the child: reads jobs from CAGE_FD and answers each with what `fn` puts into `reply`
 * frames (lent until the next call), until the owner goes away. Blocks. Returns 0 at the end.
 * `max_job_bytes` caps what is allocated for a job.
 */
typedef void cage_serve_fn(void *arg, const struct span *frames, size_t n, struct span *reply,
                           size_t *reply_n);
MUST_USE int cage_serve(size_t max_job_bytes, cage_serve_fn *fn, void *arg, struct error *err);

#endif
