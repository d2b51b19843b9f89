/* The commands of pollwatch-run. Each takes its own arguments and returns an exit status. */
#ifndef POLLWATCH_DEPLOY_RUN_COMMANDS_H
#define POLLWATCH_DEPLOY_RUN_COMMANDS_H

#include "common/compiler.h"
#include "common/config.h"

int run_main(int argc, char **argv);
int check_config_main(int argc, char **argv);
int status_main(int argc, char **argv);

/* Loads it, or prints every problem to standard error. Returns EX_OK or the exit status. */
int load_config(const char *path, struct config **out);

#endif
