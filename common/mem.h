/*
 * Memory of the services: out of memory is not handled but ends the process, which its
 * supervisor starts again (a caged child dies with MEM_EXIT_STATUS, which its owner reports as
 * the document's fault). A size that came from input is checked against a cap before it gets here.
 */
#ifndef POLLWATCH_COMMON_MEM_H
#define POLLWATCH_COMMON_MEM_H

#include <stddef.h>

#include "common/span.h"

#define MEM_EXIT_STATUS 70

void *xmalloc(size_t n);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);

/* A terminated copy; the null span gives NULL. */
char *xspandup(struct span s);

/*
 * Makes room for at least `want` items of `size` bytes in a growing array; doubles.
 * `*cap` is in items.
 */
void *xgrow(void *p, size_t *cap, size_t want, size_t size);

#endif
