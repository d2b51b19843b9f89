/*
 * The rules that are shipped, on small texts. A case is a folder in tests/data/code: `in` is a
 * press release of ODIHR, `want` has a line for each finding of its body: type, topic, polarity,
 * weight.
 */
#include "parser/code.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"
#include "common/mem.h"
#include "common/utf8.h"
#include "parser/lexicon.h"
#include "proto/limits.h"

#define RULES TEST_SOURCE_DIR "/parser/rules"
#define CASES TEST_SOURCE_DIR "/tests/data/code"

static struct arena *arena;
static struct rules *rules;
static struct text text;
static struct coded_statement coded;

static void statement_new(void)
{
    text = (struct text){0};
    coded = (struct coded_statement){0};
    coded.statement.statement_id = SPAN_LIT("st_0000000000000001");
    coded.statement.version_id = SPAN_LIT("ve_0000000000000001");
    coded.statement.language = SPAN_LIT("en");
    coded.statement.genre = GENRE_PRESS_RELEASE;
}

static void setup(void)
{
    struct error err = {0};

    arena = arena_new();
    cr_assert_eq(rules_load(RULES, &rules, &err), 0, "%s", err.message);
    statement_new();
}

static void teardown(void)
{
    rules_free(rules);
    arena_free(arena);
}

TestSuite(code, .init = setup, .fini = teardown);

static void issuer_is(const char *slug)
{
    *LIST_ADD(arena, &coded.statement.issuers) =
        (struct issuer){.slug = span_of_str(slug), .role = ROLE_ISSUER};
}

static void speaker_is(const char *name, const char *body)
{
    *LIST_ADD(arena, &coded.statement.speakers) =
        (struct speaker){.name = span_of_str(name), .body = span_of_str(body)};
}

static void code_span(struct span in)
{
    struct decoded page = {.kind = DOCUMENT_TEXT, .text = in};
    struct article article = {0};
    struct error err = {0};

    cr_assert_eq(article_from_plain(&page, arena, &article, &err), 0, "%s", err.message);
    cr_assert_eq(text_build(&article, arena, &text, &err), 0, "%s", err.message);
    coded.statement.text = text.text;
    code_findings(rules, &text, arena, &coded);
}

/* Codes `body` under a headline that says nothing. */
static void code(const char *body)
{
    code_span(arena_printf(arena, "Statement on the elections\n\n%s\n", body));
}

static const struct finding *only_finding(void)
{
    cr_assert_eq(coded.findings.n, 1, "%zu findings", coded.findings.n);
    return &coded.findings.items[0];
}

static const struct finding *finding_on(enum topic topic)
{
    for (size_t i = 0; i < coded.findings.n; i++) {
        if (coded.findings.items[i].topic == topic)
            return &coded.findings.items[i];
    }
    cr_assert(false, "no finding on %s", topic_names[topic]);
    return NULL;
}

#define cr_assert_span(s, literal)                                                                 \
    cr_assert(span_equal((s), SPAN_LIT(literal)), "\"%.*s\"", SPAN_ARG(s))

/* ---- golden cases ---- */

static struct span case_read(const char *name, const char *file)
{
    struct error err = {0};
    struct buf content;
    struct span copy;

    buf_init(&content, 64 * 1024);
    cr_assert_eq(file_read(arena_printf(arena, CASES "/%s/%s", name, file).p, &content, &err), 0,
                 "%s", err.message);
    copy = arena_copy(arena, buf_span(&content));
    buf_fini(&content);
    return copy;
}

static const char *findings_shown(void)
{
    struct buf b;
    struct span shown;

    buf_init(&b, 64 * 1024);
    for (size_t i = 0; i < coded.findings.n; i++) {
        const struct finding *f = &coded.findings.items[i];

        if (f->evidence.section == SECTION_BODY)
            buf_printf(&b, "%s %s %s %s\n", finding_type_names[f->type], topic_names[f->topic],
                       polarity_names[f->polarity], weight_names[f->weight]);
    }
    shown = arena_copy(arena, buf_span(&b));
    buf_fini(&b);
    return shown.p;
}

static void case_check(const char *name)
{
    statement_new();
    issuer_is("odihr");
    code_span(case_read(name, "in"));
    cr_expect_str_eq(findings_shown(), case_read(name, "want").p, "%s", name);
}

Test(code, every_case_is_coded_as_it_wants)
{
    struct dirent *entry;
    DIR *dir = opendir(CASES);
    size_t n = 0;

    cr_assert(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        case_check(entry->d_name);
        n++;
    }
    closedir(dir);
    cr_assert_gt(n, 10);
}

/* ---- evidence ---- */

Test(code, evidence_is_the_clause_byte_for_byte)
{
    const struct finding *f;

    issuer_is("odihr");
    code("In Galați – as elsewhere – voting was “orderly”.");
    f = finding_on(TOPIC_EDAY_VOTING);
    cr_assert(span_equal(span_slice(text.text, (struct range){f->evidence.start, f->evidence.end}),
                         f->evidence.exact));
    cr_assert_eq(f->evidence.start_cp, utf8_count(span_of(text.text.p, f->evidence.start)));
    cr_assert_eq(f->evidence.end_cp - f->evidence.start_cp, utf8_count(f->evidence.exact));
    cr_assert_leq(f->evidence.sentence_start, f->evidence.start);
    cr_assert_geq(f->evidence.sentence_end, f->evidence.end);
}

Test(code, context_stops_at_the_border_of_a_character)
{
    const struct finding *f;

    issuer_is("odihr");
    code("ăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăă is not a word that says a thing.\n\nVoting was orderly."
         "\n\nxăăăăăăăăăăăăăăăăăăăăăăăăăăăăăăă and so on.");
    f = finding_on(TOPIC_EDAY_VOTING);
    cr_assert_leq(f->evidence.prefix.n, 32);
    cr_assert_leq(f->evidence.suffix.n, 32);
    cr_assert(utf8_is_valid(f->evidence.prefix));
    cr_assert(utf8_is_valid(f->evidence.suffix));
    cr_assert_eq(f->evidence.suffix.p + 0, f->evidence.exact.p + f->evidence.exact.n);
}

Test(code, rules_that_fired_are_cited_where_they_stand)
{
    const struct finding *f;
    bool seen = false;

    issuer_is("odihr");
    code("The vote count was not transparent.");
    f = only_finding();
    for (size_t i = 0; i < f->rules.n; i++) {
        const struct fired_rule *r = &f->rules.items[i];

        seen |=
            span_equal_str(r->id, "polarity.good: transparent") &&
            span_equal_str(span_slice(text.text, (struct range){r->start, r->end}), "transparent");
    }
    cr_assert(seen);
}

/* ---- identity ---- */

Test(code, equal_findings_have_ids_of_their_own)
{
    issuer_is("odihr");
    code("The vote count was not transparent.\n\nThe vote count was not transparent.");
    cr_assert_eq(coded.findings.n, 2);
    cr_assert(!span_equal(coded.findings.items[0].finding_id, coded.findings.items[1].finding_id));
}

Test(code, same_text_has_the_same_ids)
{
    struct span first;

    issuer_is("odihr");
    code("The vote count was not transparent.");
    first = only_finding()->finding_id;
    coded.findings.n = 0;
    code("A word of courtesy.\n\nThe vote count was not transparent.");
    cr_assert(span_equal(finding_on(TOPIC_EDAY_COUNT)->finding_id, first));
}

Test(code, concession_points_at_the_main_clause)
{
    const struct finding *conceded;

    issuer_is("odihr");
    code("While voting was calm and orderly, the vote count was chaotic and lacked transparency.");
    conceded = finding_on(TOPIC_EDAY_VOTING);
    cr_assert_eq(conceded->relations.n, 1);
    cr_assert_eq(conceded->relations.items[0].kind, RELATION_CONCESSION);
    cr_assert(
        span_equal(conceded->relations.items[0].target, finding_on(TOPIC_EDAY_COUNT)->finding_id));
}

/* ---- attribution ---- */

Test(code, joint_mission_holds_its_views_as_one)
{
    issuer_is("odihr");
    issuer_is("oscepa");
    code("The vote count was not transparent.");
    cr_assert_span(only_finding()->attribution.holder, "ieom");
    cr_assert_span(only_finding()->attribution.issuer, "odihr");
}

Test(code, governments_body_judges_for_its_country)
{
    issuer_is("gb-fcdo");
    coded.statement.genre = GENRE_STATEMENT;
    code("The vote count was not transparent.");
    cr_assert_span(only_finding()->attribution.holder, "gb");
}

Test(code, quoted_person_speaks_for_the_body)
{
    const struct finding *f;

    issuer_is("odihr");
    issuer_is("oscepa");
    speaker_is("Maria Example", "oscepa");
    code("“The vote count was not transparent and lacked credibility,” said Maria Example.");
    f = finding_on(TOPIC_EDAY_COUNT);
    cr_assert_span(f->attribution.speaker, "Maria Example");
    cr_assert_span(f->attribution.holder, "oscepa");
    cr_assert_eq(f->attribution.mode, VOICE_DIRECT_QUOTE);
}

Test(code, resumed_quotation_has_the_same_speaker)
{
    const struct finding *f;

    issuer_is("odihr");
    issuer_is("oscepa");
    speaker_is("Maria Example", "oscepa");
    code("“Voters came in large numbers and voting was orderly,” said Maria Example. “The vote "
         "count, "
         "by contrast, was not transparent.”");
    f = finding_on(TOPIC_EDAY_COUNT);
    cr_assert_span(f->attribution.speaker, "Maria Example");
    cr_assert_span(f->attribution.holder, "oscepa");
}

Test(code, named_source_holds_what_is_relayed)
{
    const struct finding *f;

    issuer_is("gb-fcdo");
    coded.statement.genre = GENRE_STATEMENT;
    code("ODIHR noted that the vote count was not transparent.");
    f = finding_on(TOPIC_EDAY_COUNT);
    cr_assert_span(f->attribution.holder, "odihr");
    cr_assert_eq(f->attribution.stance, STANCE_RELAY);
    cr_assert_eq(f->attribution.mode, VOICE_INDIRECT);
    cr_assert_eq(f->attribution.chain.n, 2);
    cr_assert_not_null(f->attribution.cue);
}

Test(code, text_as_delivered_is_spoken_by_who_delivers_it)
{
    issuer_is("us-mission-osce");
    speaker_is("Jane Example", "us-mission-osce");
    coded.statement.genre = GENRE_REMARKS;
    code("The vote count was not transparent.");
    cr_assert_span(only_finding()->attribution.speaker, "Jane Example");
    cr_assert_span(only_finding()->attribution.holder, "us");
}

/* ---- types ---- */

Test(code, recommendation_has_strength_and_a_gap)
{
    const struct finding *f;

    issuer_is("odihr");
    code("The mission urges the authorities to publish results by polling station.");
    f = finding_on(TOPIC_EDAY_RESULTS);
    cr_assert_eq(f->type, TYPE_RECOMMENDATION);
    cr_assert_eq(f->implies_gap, TRUTH_YES);
    cr_assert_not_null(f->recommendation);
    cr_assert_eq(f->recommendation->strength, STRENGTH_DEMAND);
}

Test(code, purpose_goes_to_about_topic)
{
    const struct finding *f;

    issuer_is("odihr");
    code("Further amendments to the electoral code are needed to guarantee freedom of assembly.");
    f = only_finding();
    cr_assert_eq(f->topic, TOPIC_LAW_FRAMEWORK);
    cr_assert_eq(f->about_topic.n, 1);
    cr_assert_eq(f->about_topic.items[0], TOPIC_FREE_ASSEMBLY);
}

Test(code, followup_tells_status)
{
    const struct finding *f;

    issuer_is("odihr");
    code("Previous recommendations on the disclosure of campaign donations remain unaddressed.");
    f = finding_on(TOPIC_CAMP_FINANCE);
    cr_assert_eq(f->type, TYPE_FOLLOWUP);
    cr_assert_not_null(f->followup);
    cr_assert_eq(f->followup->status, STATUS_NOT);
}

/* ---- coverage ---- */

Test(code, every_sentence_is_coded_or_has_a_reason)
{
    const struct coverage *c = &coded.statement.coverage;
    uint64_t uncoded = 0;

    issuer_is("odihr");
    code(
        "The vote count was not transparent. We thank our hosts for their hospitality. The weather "
        "was of the kind that comes in March.");
    for (size_t i = 0; i < c->uncoded.n; i++)
        uncoded += c->uncoded.items[i].n;
    cr_assert_eq(c->sentences, text.sentences.n);
    cr_assert_eq(c->coded + uncoded, c->sentences);
    cr_assert_eq(coded.statement.uncoded.n, uncoded);
    cr_assert_eq(coded.statement.findings, coded.findings.n);
}

Test(code, sentence_that_no_rule_knows_is_a_gap)
{
    issuer_is("odihr");
    code("The weather was of the kind that comes in March.");
    cr_assert_eq(coded.findings.n, 0);
    cr_assert_eq(coded.statement.uncoded.items[coded.statement.uncoded.n - 1].reason,
                 UNCODED_NO_RULE);
}

Test(code, text_without_issuer_is_coded_too)
{
    code("The vote count was not transparent.");
    cr_assert(span_is_null(only_finding()->attribution.holder));
}

Test(code, many_findings_stop_at_the_cap, .timeout = 120)
{
    struct buf b;

    issuer_is("odihr");
    buf_init(&b, LIMIT_TEXT_BYTES);
    for (int i = 0; i < LIMIT_FINDINGS + 10; i++)
        buf_add_str(&b, "The vote count was not transparent.\n\n");
    code_span(buf_span(&b));
    cr_assert_eq(coded.findings.n, LIMIT_FINDINGS);
    buf_fini(&b);
}
