/* Where the rules are when nobody says so: ../share/pollwatch/rules beside the program's folder. */
#ifndef POLLWATCH_PARSER_RULES_DIR_H
#define POLLWATCH_PARSER_RULES_DIR_H

#include <limits.h>

#include "common/error.h"

/* Writes the program's own path. */
MUST_USE int program_path(char out[PATH_MAX], struct error *err);

/* `configured` when it is not NULL. */
MUST_USE int rules_dir_find(const char *configured, char out[PATH_MAX], struct error *err);

#endif
