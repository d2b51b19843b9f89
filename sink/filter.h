/*
 * What of the stream somebody wants: "country=KZ,topic=eday.*,polarity=negative".
 *
 * All conditions must hold. Keys: country, issuer, topic, polarity, type; a key may come once. A
 * trailing * stands for any rest; letters match in either case. A condition on topic, polarity or
 * type never holds for a statement.
 */
#ifndef POLLWATCH_SINK_FILTER_H
#define POLLWATCH_SINK_FILTER_H

#include <stdbool.h>

#include "common/error.h"
#include "proto/record.h"
#include "sink/unpack.h"

enum filter_key {
    FILTER_COUNTRY,
    FILTER_ISSUER,
    FILTER_POLARITY,
    FILTER_TOPIC,
    FILTER_TYPE,
    FILTER_N
};

/* {0} wants everything. The patterns are lent. */
struct filter {
    struct span patterns[FILTER_N];
};

/* ERR_CONFIG says what is wrong with the text. */
MUST_USE int filter_read(struct span text, struct filter *out, struct error *err);

/*
 * `s` is the record's statement, or NULL when it is not at hand; then a finding is judged by its
 * own attribution and election.
 */
bool filter_matches(const struct filter *f, const struct unpacked *u, const struct statement *s);

#endif
