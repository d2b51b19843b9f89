/*
 * A document that misbehaves on purpose, for tests of the cage.
 *
 * Only in builds with POLLWATCH_FAULTS: a document that begins with "pollwatch-fault: crash",
 * "… loop", "… memory" or "… open" makes its child do that. In other builds this is nothing.
 */
#ifndef POLLWATCH_PARSER_FAULT_H
#define POLLWATCH_PARSER_FAULT_H

#include "common/span.h"

#ifdef POLLWATCH_FAULTS
void fault_in_document(struct span body);
#else
static inline void fault_in_document(struct span body)
{
    (void)body;
}
#endif

#endif
