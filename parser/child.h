/*
 * The caged child: documents in, records out, nothing else in reach.
 *
 * Started by its worker as `pollwatch-parser --child RULES MEMORY_BYTES` with the job's descriptor
 * in place (common/cage.h). It loads rules and tables, closes the cage behind itself, and answers
 * each job, a WORK message, with a RESULT or a FAIL.
 */
#ifndef POLLWATCH_PARSER_CHILD_H
#define POLLWATCH_PARSER_CHILD_H

#include <stdint.h>

/* Returns the exit status. */
int child_main(const char *rules_dir, uint64_t memory_bytes);

#endif
