/*
 * The columns are one table. A cell that a spreadsheet would take for a formula gets an apostrophe
 * in front: the texts come from web pages.
 */
#include "sink/csv.h"

#include <assert.h>
#include <inttypes.h>

/* Which struct a column's offset refers to. */
enum base { IN_STATEMENT, IN_FINDING, IN_RECOMMENDATION, IN_FOLLOWUP };

enum cell_kind { CELL_TEXT, CELL_U32, CELL_U64, CELL_NAME, CELL_TRUTH, CELL_TEXTS, CELL_CALL };

typedef void cell_fn(const void *base, struct buf *out);

struct column {
    const char *name;
    enum base base;
    enum cell_kind kind;
    size_t offset;
    const char *const *names;
    cell_fn *call;
};

static void add_joined(struct buf *out, size_t i, struct span part)
{
    if (i > 0)
        buf_add_char(out, ' ');
    buf_add_span(out, part);
}

static void write_issuer(const void *base, struct buf *out)
{
    const struct statement *s = base;

    if (s->issuers.n > 0)
        buf_add_span(out, s->issuers.items[0].slug);
}

static void write_rules(const void *base, struct buf *out)
{
    const struct finding *f = base;

    for (size_t i = 0; i < f->rules.n; i++)
        add_joined(out, i, f->rules.items[i].id);
}

static void write_about(const void *base, struct buf *out)
{
    const struct finding *f = base;

    for (size_t i = 0; i < f->about_topic.n; i++)
        add_joined(out, i, span_of_str(topic_names[f->about_topic.items[i]]));
}

#define S(name, field, kind)                                                                       \
    {                                                                                              \
        name, IN_STATEMENT, kind, offsetof(struct statement, field), NULL, NULL                    \
    }
#define F(name, field, kind)                                                                       \
    {                                                                                              \
        name, IN_FINDING, kind, offsetof(struct finding, field), NULL, NULL                        \
    }
#define FN(name, field, names)                                                                     \
    {                                                                                              \
        name, IN_FINDING, CELL_NAME, offsetof(struct finding, field), names, NULL                  \
    }
#define CALL(name, base, fn)                                                                       \
    {                                                                                              \
        name, base, CELL_CALL, 0, NULL, fn                                                         \
    }
#define RN(name, field, names)                                                                     \
    {                                                                                              \
        name, IN_RECOMMENDATION, CELL_NAME, offsetof(struct recommendation, field), names, NULL    \
    }
#define UN(name, field, names)                                                                     \
    {                                                                                              \
        name, IN_FOLLOWUP, CELL_NAME, offsetof(struct followup, field), names, NULL                \
    }

static const struct column columns[] = {
    F("seq", seq, CELL_U64),
    F("finding_id", finding_id, CELL_TEXT),
    F("statement_id", statement_id, CELL_TEXT),
    F("version_id", version_id, CELL_TEXT),
    F("ordinal", ordinal, CELL_U32),
    S("url", url, CELL_TEXT),
    S("title", title, CELL_TEXT),
    CALL("issuer", IN_STATEMENT, write_issuer),
    S("date_published", date_published.value, CELL_TEXT),
    S("countries", countries, CELL_TEXTS),
    S("duplicate_of", duplicate_of, CELL_TEXT),
    F("election_id", election_id, CELL_TEXT),
    FN("election_ref", election_ref, election_ref_names),
    FN("phase", phase, phase_names),
    FN("type", type, finding_type_names),
    FN("topic", topic, topic_names),
    FN("mode", mode, topic_mode_names),
    FN("polarity", polarity, polarity_names),
    FN("intensity", intensity, intensity_names),
    FN("trend", trend, trend_names),
    FN("extent", extent, extent_names),
    FN("weight", weight, weight_names),
    F("implies_gap", implies_gap, CELL_TRUTH),
    F("holder", attribution.holder, CELL_TEXT),
    F("speaker", attribution.speaker, CELL_TEXT),
    FN("voice", attribution.mode, voice_names),
    FN("stance", attribution.stance, stance_names),
    F("actor", actor, CELL_TEXT),
    F("addressee", addressee, CELL_TEXT),
    RN("strength", strength, strength_names),
    RN("action", action, action_names),
    RN("specificity", specificity, specificity_names),
    UN("followup_status", status, followup_status_names),
    UN("followup_scope", scope, followup_scope_names),
    CALL("about_topic", IN_FINDING, write_about),
    F("exact", evidence.exact, CELL_TEXT),
    F("start", evidence.start, CELL_U32),
    F("end", evidence.end, CELL_U32),
    FN("section", evidence.section, section_kind_names),
    CALL("rules", IN_FINDING, write_rules),
    FN("confidence", confidence, confidence_names),
};

static void write_texts(const text_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->n; i++)
        add_joined(out, i, list->items[i]);
}

static void write_name(const struct column *c, int value, struct buf *out)
{
    buf_add_span(out, span_of_str(c->names[value]));
}

static void write_truth(enum truth value, struct buf *out)
{
    if (value != TRUTH_UNKNOWN)
        buf_add_str(out, value == TRUTH_YES ? "yes" : "no");
}

static void write_value(const struct column *c, const void *base, struct buf *out)
{
    const void *field = (const char *)base + c->offset;

    switch (c->kind) {
    case CELL_TEXT:
        buf_add_span(out, *(const struct span *)field);
        break;
    case CELL_U32:
        buf_printf(out, "%" PRIu32, *(const uint32_t *)field);
        break;
    case CELL_U64:
        buf_printf(out, "%" PRIu64, *(const uint64_t *)field);
        break;
    case CELL_NAME:
        write_name(c, *(const int *)field, out);
        break;
    case CELL_TRUTH:
        write_truth(*(const enum truth *)field, out);
        break;
    case CELL_TEXTS:
        write_texts(field, out);
        break;
    case CELL_CALL:
        c->call(base, out);
        break;
    }
}

static const void *base_of(const struct column *c, const struct statement *s,
                           const struct finding *f)
{
    switch (c->base) {
    case IN_STATEMENT:
        return s;
    case IN_FINDING:
        return f;
    case IN_RECOMMENDATION:
        return f->recommendation;
    case IN_FOLLOWUP:
        return f->followup;
    }
    return NULL;
}

static bool is_formula(struct span cell)
{
    return cell.n > 0 && memchr("=+-@\t\r", cell.p[0], 6) != NULL;
}

static bool needs_quotes(struct span cell)
{
    for (size_t i = 0; i < cell.n; i++) {
        if (memchr(",\"\r\n", cell.p[i], 4))
            return true;
    }
    return false;
}

/* Makes a cell of what stands in `out` from `start` on. */
static void quote_cell(struct buf *out, size_t start)
{
    struct span raw = span_from(buf_span(out), start);
    bool formula = is_formula(raw);
    bool quotes = needs_quotes(raw);
    struct buf cell;

    if (!formula && !quotes)
        return;
    buf_init(&cell, out->cap_bytes);
    if (quotes)
        buf_add_char(&cell, '"');
    if (formula)
        buf_add_char(&cell, '\'');
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '"')
            buf_add_char(&cell, '"');
        buf_add_char(&cell, raw.p[i]);
    }
    if (quotes)
        buf_add_char(&cell, '"');
    out->n = start;
    buf_add_span(out, buf_span(&cell));
    buf_fini(&cell);
}

void csv_header(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "", columns[i].name);
    buf_add_str(out, "\r\n");
}

void csv_row(const struct statement *s, const struct finding *f, struct buf *out)
{
    assert(f);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        const void *base = base_of(&columns[i], s, f);
        size_t start;

        if (i > 0)
            buf_add_char(out, ',');
        start = out->n;
        if (base)
            write_value(&columns[i], base, out);
        quote_cell(out, start);
    }
    buf_add_str(out, "\r\n");
}
