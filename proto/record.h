/*
 * The records that leave the pipeline: statement/1 and finding/1.
 *
 * Plain data; {0} is a valid, empty record. Field names are the keys on the wire, in wire order.
 * Texts are lent. Offsets are byte offsets into the statement's `text`, half-open. An unknown
 * value is a null span, an enum's 0, NaN or TRUTH_UNKNOWN, and is written as null.
 * The JSON Schemas in proto/schema/ say the same in a form that other languages can check.
 */
#ifndef POLLWATCH_PROTO_RECORD_H
#define POLLWATCH_PROTO_RECORD_H

#include <stdint.h>

#include "proto/shape.h"

#define STATEMENT_SCHEMA "statement/1"
#define FINDING_SCHEMA   "finding/1"

enum genre {
    GENRE_NONE,
    GENRE_PRESS_RELEASE,
    GENRE_STATEMENT,
    GENRE_SPOKESPERSON_STATEMENT,
    GENRE_STATEMENT_TO_BODY,
    GENRE_REMARKS,
    GENRE_NEWS_ITEM,
    GENRE_INTERIM,
    GENRE_REPORT
};

enum issuer_role { ROLE_NONE, ROLE_ISSUER, ROLE_CO_ISSUER, ROLE_PUBLISHER, ROLE_RE_PUBLISHER };

enum date_precision { PRECISION_NONE, PRECISION_DAY, PRECISION_MONTH, PRECISION_YEAR };

enum date_basis { BASIS_NONE, BASIS_TEXT, BASIS_METADATA, BASIS_FEED, BASIS_HTTP, BASIS_RELATIVE };

enum section_kind {
    SECTION_NONE,
    SECTION_HEADLINE,
    SECTION_STANDFIRST,
    SECTION_DATELINE,
    SECTION_BODY,
    SECTION_SIGNATURE,
    SECTION_CONTACT,
    SECTION_BOILERPLATE
};

/* codebook section 1.5 */
enum uncoded_reason {
    UNCODED_NONE,
    UNCODED_TITLE,
    UNCODED_DATELINE,
    UNCODED_COURTESY,
    UNCODED_PLATITUDE,
    UNCODED_NORM,
    UNCODED_SIGNPOST,
    UNCODED_DIPLOMATIC_RELATIONS,
    UNCODED_CONTACT,
    UNCODED_BOILERPLATE,
    UNCODED_NAV,
    UNCODED_NO_RULE
};

/* codebook section 2, in its order */
enum topic {
    TOPIC_NONE,
    TOPIC_OVERALL_ASSESSMENT,
    TOPIC_OVERALL_REFORM,
    TOPIC_CTX_ENVIRONMENT,
    TOPIC_CTX_PLURALISM,
    TOPIC_LAW_FRAMEWORK,
    TOPIC_LAW_DISPUTES,
    TOPIC_ADM_CONDUCT,
    TOPIC_ADM_INDEPENDENCE,
    TOPIC_ADM_VOTER_REG,
    TOPIC_CAND_CANDIDATES,
    TOPIC_CAND_PARTIES,
    TOPIC_FREE_GENERAL,
    TOPIC_FREE_ASSEMBLY,
    TOPIC_FREE_EXPRESSION,
    TOPIC_CAMP_CONDUCT,
    TOPIC_CAMP_RESOURCES,
    TOPIC_CAMP_FINANCE,
    TOPIC_CAMP_VIOLENCE,
    TOPIC_MED_ENVIRONMENT,
    TOPIC_MED_COVERAGE,
    TOPIC_INC_WOMEN,
    TOPIC_INC_MINORITIES,
    TOPIC_INC_DISABILITY,
    TOPIC_EDAY_VOTING,
    TOPIC_EDAY_COUNT,
    TOPIC_EDAY_RESULTS,
    TOPIC_OBS_ACCESS,
    TOPIC_OBS_MISSION,
    TOPIC_COUNT /* one more than the last */
};

enum finding_type {
    TYPE_NONE,
    TYPE_ASSESSMENT,
    TYPE_RECOMMENDATION,
    TYPE_FOLLOWUP,
    TYPE_COMMITMENT,
    TYPE_FACT,
    TYPE_ENDORSEMENT,
    TYPE_PROCEDURAL
};

enum polarity {
    POLARITY_NONE,
    POLARITY_POSITIVE,
    POLARITY_NEGATIVE,
    POLARITY_MIXED,
    POLARITY_NEUTRAL
};

enum topic_mode {
    MODE_NONE,
    MODE_ELECTORAL_SYSTEM,
    MODE_BOUNDARIES,
    MODE_SUFFRAGE,
    MODE_TRANSPARENCY,
    MODE_VOTER_EDUCATION,
    MODE_TECHNOLOGY,
    MODE_DEREGISTRATION,
    MODE_ONLINE
};

enum intensity { INTENSITY_NONE, INTENSITY_LOW, INTENSITY_NORMAL, INTENSITY_HIGH };
enum trend { TREND_NONE, TREND_BETTER, TREND_WORSE, TREND_UNCHANGED };
enum weight { WEIGHT_NONE, WEIGHT_MAIN, WEIGHT_CONCEDED };

enum extent {
    EXTENT_NONE,
    EXTENT_SOME,
    EXTENT_SEVERAL,
    EXTENT_MANY,
    EXTENT_MOST,
    EXTENT_ALL,
    EXTENT_ISOLATED,
    EXTENT_WIDESPREAD,
    EXTENT_UNSPECIFIED
};

enum election_ref { REF_NONE, REF_MAIN, REF_PREVIOUS, REF_FUTURE };
enum phase { PHASE_NONE, PHASE_PRE, PHASE_CAMPAIGN, PHASE_EDAY, PHASE_POST, PHASE_CYCLE };

enum voice { VOICE_NONE, VOICE_OWN, VOICE_DIRECT_QUOTE, VOICE_INDIRECT, VOICE_ENDORSED };

enum stance { STANCE_NONE, STANCE_ENDORSE, STANCE_RELAY, STANCE_RELAY_POSITIVE, STANCE_DISTANCE };

enum strength {
    STRENGTH_NONE,
    STRENGTH_DEMAND,
    STRENGTH_STANDARD,
    STRENGTH_SOFT,
    STRENGTH_IMPLICIT
};

enum action { ACTION_NONE, ACTION_LEGAL, ACTION_PRACTICE, ACTION_RESOURCES, ACTION_UNSPECIFIED };
enum specificity { SPECIFICITY_NONE, SPECIFICITY_SPECIFIC, SPECIFICITY_GENERAL };

enum followup_status {
    STATUS_NONE,
    STATUS_FULLY,
    STATUS_MOSTLY,
    STATUS_PARTIALLY,
    STATUS_NOT,
    STATUS_NOT_EVALUATED,
    STATUS_ADDRESSED_UNSPECIFIED
};

enum followup_scope {
    SCOPE_NONE,
    SCOPE_ONE,
    SCOPE_SOME,
    SCOPE_SEVERAL,
    SCOPE_MANY,
    SCOPE_MOST,
    SCOPE_MAJORITY,
    SCOPE_ALL,
    SCOPE_SET
};

enum unit { UNIT_NONE, UNIT_COUNT, UNIT_PERCENT, UNIT_ORDINAL, UNIT_DURATION, UNIT_CURRENCY };

enum approx {
    APPROX_NONE,
    APPROX_EXACT,
    APPROX_ABOUT,
    APPROX_NEARLY,
    APPROX_AT_LEAST,
    APPROX_AT_MOST,
    APPROX_MORE_THAN
};

enum relation_kind {
    RELATION_NONE,
    RELATION_CONCESSION,
    RELATION_CAUSE,
    RELATION_ELABORATES,
    RELATION_REPEATS,
    RELATION_ENDORSES
};

enum confidence { CONFIDENCE_NONE, CONFIDENCE_HIGH, CONFIDENCE_MEDIUM, CONFIDENCE_LOW };

/* The names on the wire; names[0] is NULL and stands for null. */
extern const char *const genre_names[];
extern const char *const issuer_role_names[];
extern const char *const date_precision_names[];
extern const char *const date_basis_names[];
extern const char *const section_kind_names[];
extern const char *const uncoded_reason_names[];
extern const char *const topic_names[];
extern const char *const finding_type_names[];
extern const char *const polarity_names[];
extern const char *const topic_mode_names[];
extern const char *const intensity_names[];
extern const char *const trend_names[];
extern const char *const weight_names[];
extern const char *const extent_names[];
extern const char *const election_ref_names[];
extern const char *const phase_names[];
extern const char *const voice_names[];
extern const char *const stance_names[];
extern const char *const strength_names[];
extern const char *const action_names[];
extern const char *const specificity_names[];
extern const char *const followup_status_names[];
extern const char *const followup_scope_names[];
extern const char *const unit_names[];
extern const char *const approx_names[];
extern const char *const relation_kind_names[];
extern const char *const confidence_names[];

struct issuer {
    struct span slug;
    struct span name_as_written;
    enum issuer_role role;
    struct span country; /* ISO 3166-1 alpha-2, of a state's body */
};

struct speaker {
    struct span name;
    struct span role_as_written;
    struct span body; /* slug */
};

struct forum {
    struct span name;
    struct span place;
};

struct dated {
    struct span value; /* "2023-03-20", "2023-03", "2023" */
    enum date_precision precision;
    enum date_basis basis;
    struct span exact; /* the words that say so */
};

struct election {
    struct span id;   /* KZ-2023-03-19-parliamentary-lower-r1, unknown parts "x" */
    struct span type; /* parliamentary, presidential, local, general, referendum, … */
    struct span level;
    struct span chamber;
    enum truth early;
    struct span round;
    struct span date; /* YYYY-MM-DD */
    enum date_basis date_basis;
    text_list concurrent;
    struct span exact;
};

struct section {
    enum section_kind kind;
    uint32_t start;
    uint32_t end;
};

struct link {
    struct span text;
    struct span href;
};

struct coverage {
    uint32_t sentences;
    uint32_t coded;
    count_list uncoded; /* reason -> sentences */
};

struct uncoded {
    uint32_t start;
    uint32_t end;
    enum uncoded_reason reason;
};

struct provenance {
    struct span fetched_at;
    uint32_t http_status; /* 0: not from HTTP */
    struct span etag;
    struct span last_modified;
    struct span raw_sha256;
    struct span media_type;
    struct span charset;
    struct span tool_version;
    struct span rules_version;
    struct span rules_sha256;
    struct span parsed_at;
};

struct statement {
    struct span schema;
    uint64_t seq; /* 0 until the sink sets it */
    struct span statement_id;
    struct span version_id;
    struct span work_id;
    struct span supersedes;   /* set by the sink */
    text_list retracted;      /* set by the sink */
    struct span duplicate_of; /* set by the sink */
    struct span url;
    struct span canonical_url;
    struct span source;
    struct span language;
    text_list translations;
    struct span title;
    struct span title_raw;
    struct span subtitle;
    enum genre genre;
    LIST_OF(struct issuer) issuers;
    LIST_OF(struct speaker) speakers;
    struct forum *forum;
    struct span dateline_place;
    struct dated date_published;
    struct dated date_delivered;
    text_list countries;
    LIST_OF(struct election) elections;
    struct span text;
    LIST_OF(struct section) sections;
    LIST_OF(struct link) links;
    struct coverage coverage;
    LIST_OF(struct uncoded) uncoded;
    text_list quality;
    struct provenance provenance;
    uint32_t findings; /* how many finding records follow this one */
};

struct cue_range {
    uint32_t start;
    uint32_t end;
};

struct attribution {
    struct span issuer;
    struct span speaker;
    struct span holder;
    text_list chain; /* outermost first */
    enum voice mode;
    enum stance stance;
    struct cue_range *cue;
};

struct recommendation {
    enum strength strength;
    enum action action;
    enum specificity specificity;
    struct span original_issuer;
};

struct followup {
    enum followup_status status;
    enum followup_scope scope;
    struct span status_by;
};

struct quantity {
    double value;
    double value_max; /* NaN: none */
    enum unit unit;
    enum approx approx;
    struct span concept;
    struct span group;
    struct span of;
    struct cue_range evidence;
};

struct relation {
    enum relation_kind kind;
    struct span target; /* finding_id */
};

struct evidence {
    uint32_t start;
    uint32_t end;
    uint32_t start_cp;
    uint32_t end_cp;
    struct span exact;
    struct span prefix;
    struct span suffix;
    uint32_t sentence_start;
    uint32_t sentence_end;
    enum section_kind section;
};

struct fired_rule {
    struct span id;
    uint32_t start;
    uint32_t end;
};

struct finding {
    struct span schema;
    uint64_t seq;
    struct span finding_id;
    struct span statement_id;
    struct span version_id;
    uint32_t ordinal; /* 1-based order in the text */
    enum finding_type type;
    enum topic topic;
    enum topic_mode mode;
    enum polarity polarity;
    enum intensity intensity;
    enum trend trend;
    enum extent extent;
    enum weight weight;
    enum truth implies_gap;
    struct span election_id;
    enum election_ref election_ref;
    enum phase phase;
    struct attribution attribution;
    struct span actor;
    struct span addressee;
    struct recommendation *recommendation;
    struct followup *followup;
    LIST_OF(struct quantity) quantities;
    LIST_OF(int) about_topic; /* enum topic */
    LIST_OF(struct relation) relations;
    struct evidence evidence;
    LIST_OF(struct fired_rule) rules;
    enum confidence confidence;
};

extern const struct shape statement_shape;
extern const struct shape finding_shape;

/* What the parser makes of one document: a statement and its findings, in order of the text. */
struct coded_statement {
    struct statement statement;
    LIST_OF(struct finding) findings;
};

/* Appends the statement and its findings as consecutive MessagePack maps. */
void coded_statement_pack(const struct coded_statement *c, struct buf *out);

/*
 * Reads what coded_statement_pack() wrote: one statement, then exactly statement.findings
 * findings, all of them of that statement and version. Checks that each evidence slice equals its
 * `exact`. Texts point into `in`. Returns 0, ERR_FORMAT, ERR_LIMIT or ERR_VERSION (another schema).
 */
MUST_USE int coded_statement_unpack(struct span in, struct arena *arena,
                                    struct coded_statement *out, struct error *err);

#endif
