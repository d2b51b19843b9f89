/*
 * The tables behind record.h: the names of every enum and the rows of every shape, in wire order,
 * and the check that binds a statement to its findings.
 */
#include "proto/record.h"

#include "proto/limits.h"
#include "proto/mp.h"
#include "proto/shape_table.h"

const char *const genre_names[] = {NULL,
                                   "press_release",
                                   "statement",
                                   "spokesperson_statement",
                                   "statement_to_body",
                                   "remarks",
                                   "news_item",
                                   "interim",
                                   "report",
                                   NULL};
const char *const issuer_role_names[] = {NULL,        "issuer",       "co_issuer",
                                         "publisher", "re_publisher", NULL};
const char *const date_precision_names[] = {NULL, "day", "month", "year", NULL};
const char *const date_basis_names[] = {NULL, "text", "metadata", "feed", "http", "relative", NULL};
const char *const section_kind_names[] = {NULL,       "headline",    "standfirst",
                                          "dateline", "body",        "signature",
                                          "contact",  "boilerplate", NULL};
const char *const uncoded_reason_names[] = {
    NULL,        "title",       "dateline", "courtesy",
    "platitude", "norm",        "signpost", "diplomatic_relations",
    "contact",   "boilerplate", "nav",      "no_rule",
    NULL};
const char *const topic_names[] = {NULL,
                                   "overall.assessment",
                                   "overall.reform",
                                   "ctx.environment",
                                   "ctx.pluralism",
                                   "law.framework",
                                   "law.disputes",
                                   "adm.conduct",
                                   "adm.independence",
                                   "adm.voter_reg",
                                   "cand.candidates",
                                   "cand.parties",
                                   "free.general",
                                   "free.assembly",
                                   "free.expression",
                                   "camp.conduct",
                                   "camp.resources",
                                   "camp.finance",
                                   "camp.violence",
                                   "med.environment",
                                   "med.coverage",
                                   "inc.women",
                                   "inc.minorities",
                                   "inc.disability",
                                   "eday.voting",
                                   "eday.count",
                                   "eday.results",
                                   "obs.access",
                                   "obs.mission",
                                   NULL};
const char *const finding_type_names[] = {NULL,          "assessment", "recommendation",
                                          "followup",    "commitment", "fact",
                                          "endorsement", "procedural", NULL};
const char *const polarity_names[] = {NULL, "positive", "negative", "mixed", "neutral", NULL};
const char *const topic_mode_names[] = {
    NULL,         "electoral_system", "boundaries", "suffrage", "transparency", "voter_education",
    "technology", "deregistration",   "online",     NULL};
const char *const intensity_names[] = {NULL, "low", "normal", "high", NULL};
const char *const trend_names[] = {NULL, "better", "worse", "unchanged", NULL};
const char *const weight_names[] = {NULL, "main", "conceded", NULL};
const char *const extent_names[] = {NULL,  "some",     "several",    "many",        "most",
                                    "all", "isolated", "widespread", "unspecified", NULL};
const char *const election_ref_names[] = {NULL, "main", "previous", "future", NULL};
const char *const phase_names[] = {NULL, "pre", "campaign", "eday", "post", "cycle", NULL};
const char *const voice_names[] = {NULL, "own", "direct_quote", "indirect", "endorsed", NULL};
const char *const stance_names[] = {NULL, "endorse", "relay", "relay_positive", "distance", NULL};
const char *const strength_names[] = {NULL, "demand", "standard", "soft", "implicit", NULL};
const char *const action_names[] = {NULL, "legal", "practice", "resources", "unspecified", NULL};
const char *const specificity_names[] = {NULL, "specific", "general", NULL};
const char *const followup_status_names[] = {NULL,
                                             "fully_implemented",
                                             "mostly_implemented",
                                             "partially_implemented",
                                             "not_implemented",
                                             "not_evaluated",
                                             "addressed_unspecified",
                                             NULL};
const char *const followup_scope_names[] = {NULL,   "one",      "some", "several", "many",
                                            "most", "majority", "all",  "set",     NULL};
const char *const unit_names[] = {NULL,       "count",    "percent", "ordinal",
                                  "duration", "currency", NULL};
const char *const approx_names[] = {NULL,       "exact",   "about",     "nearly",
                                    "at_least", "at_most", "more_than", NULL};
const char *const relation_kind_names[] = {NULL,      "concession", "cause", "elaborates",
                                           "repeats", "endorses",   NULL};
const char *const confidence_names[] = {NULL, "high", "medium", "low", NULL};

static const struct field issuer_fields[] = {
    R(issuer, slug, TEXT),
    F(issuer, name_as_written, TEXT),
    R(issuer, role, NAME, .names = issuer_role_names),
    F(issuer, country, TEXT),
};
static const struct shape issuer_shape = SHAPE(issuer, issuer_fields);

static const struct field speaker_fields[] = {
    R(speaker, name, TEXT),
    F(speaker, role_as_written, TEXT),
    F(speaker, body, TEXT),
};
static const struct shape speaker_shape = SHAPE(speaker, speaker_fields);

static const struct field forum_fields[] = {
    F(forum, name, TEXT),
    F(forum, place, TEXT),
};
static const struct shape forum_shape = SHAPE(forum, forum_fields);

static const struct field dated_fields[] = {
    F(dated, value, TEXT),
    F(dated, precision, NAME, .names = date_precision_names),
    F(dated, basis, NAME, .names = date_basis_names),
    F(dated, exact, TEXT),
};
static const struct shape dated_shape = SHAPE(dated, dated_fields);

static const struct field election_fields[] = {
    R(election, id, TEXT),          F(election, type, TEXT),
    F(election, level, TEXT),       F(election, chamber, TEXT),
    F(election, early, TRUTH),      F(election, round, TEXT),
    F(election, date, TEXT),        F(election, date_basis, NAME, .names = date_basis_names),
    R(election, concurrent, TEXTS), F(election, exact, TEXT),
};
static const struct shape election_shape = SHAPE(election, election_fields);

static const struct field section_fields[] = {
    R(section, kind, NAME, .names = section_kind_names),
    R(section, start, U32),
    R(section, end, U32),
};
static const struct shape section_shape = SHAPE(section, section_fields);

static const struct field link_fields[] = {
    F(link, text, TEXT),
    R(link, href, TEXT),
};
static const struct shape link_shape = SHAPE(link, link_fields);

static const struct field coverage_fields[] = {
    R(coverage, sentences, U32),
    R(coverage, coded, U32),
    R(coverage, uncoded, COUNTS),
};
static const struct shape coverage_shape = SHAPE(coverage, coverage_fields);

static const struct field uncoded_fields[] = {
    R(uncoded, start, U32),
    R(uncoded, end, U32),
    R(uncoded, reason, NAME, .names = uncoded_reason_names),
};
static const struct shape uncoded_shape = SHAPE(uncoded, uncoded_fields);

static const struct field provenance_fields[] = {
    F(provenance, fetched_at, TEXT),    F(provenance, http_status, U32),
    F(provenance, etag, TEXT),          F(provenance, last_modified, TEXT),
    R(provenance, raw_sha256, TEXT),    F(provenance, media_type, TEXT),
    F(provenance, charset, TEXT),       R(provenance, tool_version, TEXT),
    F(provenance, rules_version, TEXT), R(provenance, rules_sha256, TEXT),
    F(provenance, parsed_at, TEXT),
};
static const struct shape provenance_shape = SHAPE(provenance, provenance_fields);

static const struct field statement_fields[] = {
    R(statement, schema, TEXT),
    R(statement, seq, U64),
    R(statement, statement_id, TEXT),
    R(statement, version_id, TEXT),
    R(statement, work_id, TEXT),
    F(statement, supersedes, TEXT),
    R(statement, retracted, TEXTS),
    F(statement, duplicate_of, TEXT),
    R(statement, url, TEXT),
    R(statement, canonical_url, TEXT),
    R(statement, source, TEXT),
    F(statement, language, TEXT),
    R(statement, translations, TEXTS),
    F(statement, title, TEXT),
    F(statement, title_raw, TEXT),
    F(statement, subtitle, TEXT),
    F(statement, genre, NAME, .names = genre_names),
    R(statement, issuers, LIST, .shape = &issuer_shape),
    R(statement, speakers, LIST, .shape = &speaker_shape),
    F(statement, forum, MAYBE, .shape = &forum_shape),
    F(statement, dateline_place, TEXT),
    R(statement, date_published, MAP, .shape = &dated_shape),
    R(statement, date_delivered, MAP, .shape = &dated_shape),
    R(statement, countries, TEXTS),
    R(statement, elections, LIST, .shape = &election_shape),
    R(statement, text, TEXT),
    R(statement, sections, LIST, .shape = &section_shape),
    R(statement, links, LIST, .shape = &link_shape),
    R(statement, coverage, MAP, .shape = &coverage_shape),
    R(statement, uncoded, LIST, .shape = &uncoded_shape),
    R(statement, quality, TEXTS),
    R(statement, provenance, MAP, .shape = &provenance_shape),
    R(statement, findings, U32),
};
const struct shape statement_shape = SHAPE(statement, statement_fields);

static const struct field cue_range_fields[] = {
    R(cue_range, start, U32),
    R(cue_range, end, U32),
};
static const struct shape cue_range_shape = SHAPE(cue_range, cue_range_fields);

static const struct field attribution_fields[] = {
    F(attribution, issuer, TEXT),
    F(attribution, speaker, TEXT),
    F(attribution, holder, TEXT),
    R(attribution, chain, TEXTS),
    F(attribution, mode, NAME, .names = voice_names),
    F(attribution, stance, NAME, .names = stance_names),
    F(attribution, cue, MAYBE, .shape = &cue_range_shape),
};
static const struct shape attribution_shape = SHAPE(attribution, attribution_fields);

static const struct field recommendation_fields[] = {
    F(recommendation, strength, NAME, .names = strength_names),
    F(recommendation, action, NAME, .names = action_names),
    F(recommendation, specificity, NAME, .names = specificity_names),
    F(recommendation, original_issuer, TEXT),
};
static const struct shape recommendation_shape = SHAPE(recommendation, recommendation_fields);

static const struct field followup_fields[] = {
    F(followup, status, NAME, .names = followup_status_names),
    F(followup, scope, NAME, .names = followup_scope_names),
    F(followup, status_by, TEXT),
};
static const struct shape followup_shape = SHAPE(followup, followup_fields);

static const struct field quantity_fields[] = {
    R(quantity, value, NUMBER),
    F(quantity, value_max, NUMBER),
    F(quantity, unit, NAME, .names = unit_names),
    F(quantity, approx, NAME, .names = approx_names),
    F(quantity, concept, TEXT),
    F(quantity, group, TEXT),
    F(quantity, of, TEXT),
    R(quantity, evidence, MAP, .shape = &cue_range_shape),
};
static const struct shape quantity_shape = SHAPE(quantity, quantity_fields);

static const struct field relation_fields[] = {
    R(relation, kind, NAME, .names = relation_kind_names),
    R(relation, target, TEXT),
};
static const struct shape relation_shape = SHAPE(relation, relation_fields);

static const struct field evidence_fields[] = {
    R(evidence, start, U32),        R(evidence, end, U32),
    R(evidence, start_cp, U32),     R(evidence, end_cp, U32),
    R(evidence, exact, TEXT),       F(evidence, prefix, TEXT),
    F(evidence, suffix, TEXT),      R(evidence, sentence_start, U32),
    R(evidence, sentence_end, U32), F(evidence, section, NAME, .names = section_kind_names),
};
static const struct shape evidence_shape = SHAPE(evidence, evidence_fields);

static const struct field fired_rule_fields[] = {
    R(fired_rule, id, TEXT),
    R(fired_rule, start, U32),
    R(fired_rule, end, U32),
};
static const struct shape fired_rule_shape = SHAPE(fired_rule, fired_rule_fields);

static const struct field finding_fields[] = {
    R(finding, schema, TEXT),
    R(finding, seq, U64),
    R(finding, finding_id, TEXT),
    R(finding, statement_id, TEXT),
    R(finding, version_id, TEXT),
    R(finding, ordinal, U32),
    R(finding, type, NAME, .names = finding_type_names),
    R(finding, topic, NAME, .names = topic_names),
    F(finding, mode, NAME, .names = topic_mode_names),
    R(finding, polarity, NAME, .names = polarity_names),
    F(finding, intensity, NAME, .names = intensity_names),
    F(finding, trend, NAME, .names = trend_names),
    F(finding, extent, NAME, .names = extent_names),
    F(finding, weight, NAME, .names = weight_names),
    F(finding, implies_gap, TRUTH),
    F(finding, election_id, TEXT),
    F(finding, election_ref, NAME, .names = election_ref_names),
    F(finding, phase, NAME, .names = phase_names),
    R(finding, attribution, MAP, .shape = &attribution_shape),
    F(finding, actor, TEXT),
    F(finding, addressee, TEXT),
    F(finding, recommendation, MAYBE, .shape = &recommendation_shape),
    F(finding, followup, MAYBE, .shape = &followup_shape),
    R(finding, quantities, LIST, .shape = &quantity_shape),
    R(finding, about_topic, NAMES, .names = topic_names),
    R(finding, relations, LIST, .shape = &relation_shape),
    R(finding, evidence, MAP, .shape = &evidence_shape),
    R(finding, rules, LIST, .shape = &fired_rule_shape),
    R(finding, confidence, NAME, .names = confidence_names),
};
const struct shape finding_shape = SHAPE(finding, finding_fields);

void coded_statement_pack(const struct coded_statement *c, struct buf *out)
{
    shape_pack(&statement_shape, &c->statement, out);
    for (size_t i = 0; i < c->findings.n; i++)
        shape_pack(&finding_shape, &c->findings.items[i], out);
}

/* Reads the next map of the stream. */
static int next_record(struct span *in, const struct shape *shape, struct arena *arena, void *out,
                       struct error *err)
{
    size_t used = 0;
    int rc = mp_scan(*in, &used, err);

    if (rc < 0)
        return rc;
    rc = shape_unpack(shape, span_of(in->p, used), arena, out, err);
    *in = span_from(*in, used);
    return rc;
}

static int check_evidence(const struct statement *s, const struct finding *f, struct error *err)
{
    const struct evidence *e = &f->evidence;

    if (e->start > e->end || e->end > s->text.n ||
        !span_equal(span_slice(s->text, (struct range){e->start, e->end}), e->exact))
        return error_set(err, ERR_FORMAT, "finding %.*s: evidence is not what stands at [%u, %u)",
                         SPAN_ARG(f->finding_id), e->start, e->end);
    return 0;
}

static int check_finding(const struct statement *s, const struct finding *f, struct error *err)
{
    if (!span_equal_str(f->schema, FINDING_SCHEMA))
        return error_set(err, ERR_VERSION, "record schema \"%.*s\" is not " FINDING_SCHEMA,
                         SPAN_ARG(f->schema));
    if (!span_equal(f->statement_id, s->statement_id) || !span_equal(f->version_id, s->version_id))
        return error_set(err, ERR_FORMAT, "finding %.*s is of another statement",
                         SPAN_ARG(f->finding_id));
    return check_evidence(s, f, err);
}

static int read_findings(struct span in, struct arena *arena, struct coded_statement *out,
                         struct error *err)
{
    for (uint32_t i = 0; i < out->statement.findings; i++) {
        struct finding *f = LIST_ADD(arena, &out->findings);
        int rc = next_record(&in, &finding_shape, arena, f, err);

        if (rc < 0)
            return rc;
        rc = check_finding(&out->statement, f, err);
        if (rc < 0)
            return rc;
    }
    if (in.n > 0)
        return error_set(err, ERR_FORMAT, "%zu bytes behind the last of %u findings", in.n,
                         out->statement.findings);
    return 0;
}

int coded_statement_unpack(struct span in, struct arena *arena, struct coded_statement *out,
                           struct error *err)
{
    int rc;

    *out = (struct coded_statement){0};
    if (in.n > LIMIT_RESULT_BYTES)
        return error_set(err, ERR_LIMIT, "%zu bytes of records, %zu at most", in.n,
                         LIMIT_RESULT_BYTES);
    rc = next_record(&in, &statement_shape, arena, &out->statement, err);
    if (rc < 0)
        return rc;
    if (!span_equal_str(out->statement.schema, STATEMENT_SCHEMA))
        return error_set(err, ERR_VERSION, "record schema \"%.*s\" is not " STATEMENT_SCHEMA,
                         SPAN_ARG(out->statement.schema));
    if (out->statement.findings > LIMIT_FINDINGS)
        return error_set(err, ERR_LIMIT, "%u findings, %d at most", out->statement.findings,
                         LIMIT_FINDINGS);
    return read_findings(in, arena, out, err);
}
