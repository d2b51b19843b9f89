/* Child processes of the supervisor. */
#ifndef POLLWATCH_DEPLOY_RUN_PROCESS_H
#define POLLWATCH_DEPLOY_RUN_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/error.h"

/*
 * Starts `program` (see program_locate()) in a process group of its own, so that a Ctrl-C at the
 * terminal reaches the supervisor only, which then ends its children in order. The kernel sends it
 * SIGTERM when the supervisor dies. A program that is not there ends with EX_OSFILE.
 */
MUST_USE int process_start(const char *program, const char *const *argv, pid_t *out_pid,
                           struct error *err);

#define PROCESS_END_BYTES 96

/* "exit status 78 (the configuration is wrong)", "killed by signal 9 (Killed)". */
void process_describe_end(int wait_status, char out[PROCESS_END_BYTES]);

/*
 * Whether it ended by saying itself that it can't work: with a status of sysexits.h that trying
 * again does not cure. `*out_status` is the status.
 */
bool process_refused(int wait_status, int *out_status);

#endif
