#include "sink/topic.h"

#define PART_MAX_BYTES ((size_t)64)

/* One part, with what would break a topic apart replaced; cut, because it is only a filter. */
static void add_part(struct buf *out, struct span part, const char *unknown)
{
    if (span_is_null(part) || part.n == 0)
        part = span_of_str(unknown);
    buf_add_char(out, '/');
    for (size_t i = 0; i < part.n && i < PART_MAX_BYTES; i++) {
        unsigned char c = (unsigned char)part.p[i];

        buf_add_char(out, c <= ' ' || c == '/' || c == 0x7f ? '_' : (char)c);
    }
}

static void add_country(struct buf *out, const struct statement *s)
{
    add_part(out, s->countries.n > 0 ? s->countries.items[0] : SPAN_NULL, "xx");
}

void topic_of_statement(const struct statement *s, struct buf *out)
{
    buf_add_str(out, "statement");
    add_country(out, s);
    add_part(out, s->issuers.n > 0 ? s->issuers.items[0].slug : SPAN_NULL, "unknown");
}

void topic_of_finding(const struct statement *s, const struct finding *f, struct buf *out)
{
    buf_add_str(out, "finding");
    add_country(out, s);
    add_part(out, span_of_str(topic_names[f->topic]), "unknown");
    add_part(out, span_of_str(polarity_names[f->polarity]), "unknown");
}
