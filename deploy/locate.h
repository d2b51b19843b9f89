/* Where the other programs of pollwatch are. */
#ifndef POLLWATCH_DEPLOY_LOCATE_H
#define POLLWATCH_DEPLOY_LOCATE_H

#include <limits.h>

/*
 * Looks beside the running program, then in ../libexec/pollwatch of there, and otherwise leaves the
 * bare name, which execvp() searches in PATH.
 */
void program_locate(const char *name, char out[PATH_MAX]);

#endif
