/* A directory of the test's own, and what is needed to fill it. Failures end the test. */
#ifndef TESTS_UNIT_FETCHER_SCRATCH_H
#define TESTS_UNIT_FETCHER_SCRATCH_H

#include <stddef.h>

#include "common/span.h"

void scratch_make(void);
void scratch_remove(void);

/* "<scratch>/<name>"; one of eight buffers that take turns. */
const char *scratch_path(const char *name);

void scratch_write(const char *name, struct span bytes);

/* The bytes of any file, terminated; free() them. */
char *scratch_read(const char *path, size_t *n);

#endif
