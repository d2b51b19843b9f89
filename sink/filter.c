#include "sink/filter.h"

#define COUNTRY_BYTES 2

/* In the order of enum filter_key. */
static const char *const key_names[FILTER_N] = {"country", "issuer", "polarity", "topic", "type"};

static int read_condition(struct span text, struct filter *out, struct error *err)
{
    size_t equals = span_find(text, SPAN_LIT("="), 0);
    struct span key;

    if (equals == SIZE_MAX || equals + 1 == text.n)
        return error_set(err, ERR_CONFIG, "filter \"%.*s\" is not key=value", SPAN_ARG(text));
    key = span_trim(span_of(text.p, equals));
    for (int i = 0; i < FILTER_N; i++) {
        if (!span_equal_str(key, key_names[i]))
            continue;
        if (!span_is_null(out->patterns[i]))
            return error_set(err, ERR_CONFIG, "filter has \"%s\" twice", key_names[i]);
        out->patterns[i] = span_trim(span_from(text, equals + 1));
        return 0;
    }
    return error_set(err, ERR_CONFIG,
                     "filter has no key \"%.*s\"; there are country, issuer, polarity, topic, type",
                     SPAN_ARG(key));
}

int filter_read(struct span text, struct filter *out, struct error *err)
{
    *out = (struct filter){0};
    for (size_t at = 0; at <= text.n;) {
        size_t comma = span_find(text, SPAN_LIT(","), at);
        size_t end = comma == SIZE_MAX ? text.n : comma;
        int rc = read_condition(span_trim(span_of(text.p + at, end - at)), out, err);

        if (rc < 0)
            return rc;
        at = end + 1;
    }
    return 0;
}

static bool fits(struct span pattern, struct span value)
{
    if (span_is_null(value))
        return false;
    if (span_ends(pattern, SPAN_LIT("*"))) {
        pattern.n--;
        return value.n >= pattern.n && span_equal_nocase(span_of(value.p, pattern.n), pattern);
    }
    return span_equal_nocase(value, pattern);
}

static bool any_country(struct span pattern, const struct finding *f, const struct statement *s)
{
    if (!s) /* an election's id begins with its country */
        return f && f->election_id.n > COUNTRY_BYTES &&
               fits(pattern, span_of(f->election_id.p, COUNTRY_BYTES));
    for (size_t i = 0; i < s->countries.n; i++) {
        if (fits(pattern, s->countries.items[i]))
            return true;
    }
    return false;
}

static bool any_issuer(struct span pattern, const struct finding *f, const struct statement *s)
{
    if (!s)
        return f && fits(pattern, f->attribution.issuer);
    for (size_t i = 0; i < s->issuers.n; i++) {
        if (fits(pattern, s->issuers.items[i].slug))
            return true;
    }
    return false;
}

static bool holds(enum filter_key key, struct span pattern, const struct finding *f,
                  const struct statement *s)
{
    switch (key) {
    case FILTER_COUNTRY:
        return any_country(pattern, f, s);
    case FILTER_ISSUER:
        return any_issuer(pattern, f, s);
    case FILTER_POLARITY:
        return f && fits(pattern, span_of_str(polarity_names[f->polarity]));
    case FILTER_TOPIC:
        return f && fits(pattern, span_of_str(topic_names[f->topic]));
    case FILTER_TYPE:
        return f && fits(pattern, span_of_str(finding_type_names[f->type]));
    case FILTER_N:
        break;
    }
    return false;
}

bool filter_matches(const struct filter *f, const struct unpacked *u, const struct statement *s)
{
    for (enum filter_key key = 0; key < FILTER_N; key++) {
        if (!span_is_null(f->patterns[key]) && !holds(key, f->patterns[key], u->finding, s))
            return false;
    }
    return true;
}
