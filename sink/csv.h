/* CSV by RFC 4180: one row a finding, with what its statement says of it. */
#ifndef POLLWATCH_SINK_CSV_H
#define POLLWATCH_SINK_CSV_H

#include "common/buf.h"
#include "proto/record.h"

void csv_header(struct buf *out);

/* `s` may be NULL: then its cells are empty. */
void csv_row(const struct statement *s, const struct finding *f, struct buf *out);

#endif
