/*
 * The thirty hard cases of the codebook (section 10), in order, each in words of our own and about
 * another country. A case expects the findings that the codebook lists, and no other.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "common/arena.h"
#include "parse_text.h"
#include "parser/code.h"
#include "parser/pipeline.h"

#define RULES TEST_SOURCE_DIR "/parser/rules"

static struct arena *arena;
static struct rules *rules;
static struct text text;
static struct coded_statement coded;

static void setup(void)
{
    struct error err = {0};

    arena = arena_new();
    cr_assert_eq(rules_load(RULES, &rules, &err), 0, "%s", err.message);
    coded.statement.statement_id = SPAN_LIT("st_0000000000000001");
    coded.statement.version_id = SPAN_LIT("ve_0000000000000001");
    coded.statement.language = SPAN_LIT("en");
}

static void teardown(void)
{
    rules_free(rules);
    arena_free(arena);
}

TestSuite(hard_cases, .init = setup, .fini = teardown, .timeout = 60);

/* ---- who speaks ---- */

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

static void joint_mission_reports_on(const char *country)
{
    coded.statement.genre = GENRE_PRESS_RELEASE;
    issuer_is("odihr");
    issuer_is("oscepa");
    speaker_is("Anna Lind", "odihr");
    speaker_is("Jan Berger", "oscepa");
    *LIST_ADD(arena, &coded.statement.countries) = span_of_str(country);
}

static void eu_speaks_on(const char *country)
{
    coded.statement.genre = GENRE_SPOKESPERSON_STATEMENT;
    issuer_is("eu-eeas");
    *LIST_ADD(arena, &coded.statement.countries) = span_of_str(country);
}

static void delegation_speaks_on(const char *issuer, const char *country)
{
    coded.statement.genre = GENRE_STATEMENT_TO_BODY;
    issuer_is(issuer);
    speaker_is("Mary Shore", issuer);
    *LIST_ADD(arena, &coded.statement.countries) = span_of_str(country);
}

static void code_under(const char *title, const char *body)
{
    parse_text(arena_printf(arena, "%s\n\n%s\n", title, body).p, arena, &text);
    coded.statement.text = text.text;
    code_findings(rules, &text, arena, &coded);
}

static void code(const char *body)
{
    code_under("Statement on the elections", body);
}

/* ---- what is expected ---- */

/* What is 0 or NULL is left open. */
struct want {
    enum finding_type type;
    enum topic topic;
    enum polarity polarity;
    enum weight weight;
    enum topic_mode mode;
    enum intensity intensity;
    enum trend trend;
    enum extent extent;
    enum truth implies_gap;
    enum election_ref election_ref;
    enum section_kind section;
    enum confidence confidence;
    enum stance stance;
    enum strength strength;
    enum followup_status status;
    enum followup_scope scope;
    const char *status_by;
    const char *speaker; /* NOBODY: must be null */
    const char *holder;
    const char *chain; /* "eu > odihr" */
    const char *about; /* "law.framework med.coverage", in the codebook's order */
};

#define NOBODY "(null)"

static struct span chain_shown(const struct finding *f)
{
    struct span shown = SPAN_NULL;

    for (size_t i = 0; i < f->attribution.chain.n; i++)
        shown = arena_printf(arena, "%.*s%s%.*s", SPAN_ARG(shown), i > 0 ? " > " : "",
                             SPAN_ARG(f->attribution.chain.items[i]));
    return shown;
}

static struct span about_shown(const struct finding *f)
{
    struct span shown = SPAN_LIT("");

    for (int topic = 1; topic < TOPIC_COUNT; topic++) {
        for (size_t i = 0; i < f->about_topic.n; i++) {
            if (f->about_topic.items[i] == topic)
                shown = arena_printf(arena, "%.*s%s%s", SPAN_ARG(shown), shown.n > 0 ? " " : "",
                                     topic_names[topic]);
        }
    }
    return shown;
}

static const char *name_of(const char *const *names, int value)
{
    return value ? names[value] : "-";
}

static void finding_show(const struct finding *f, struct buf *out)
{
    const struct attribution *a = &f->attribution;

    buf_printf(
        out, "    %s %s %s %s, mode %s, %s, trend %s, extent %s, gap %d, ref %s, in %s, sure %s\n",
        finding_type_names[f->type], topic_names[f->topic], polarity_names[f->polarity],
        name_of(weight_names, f->weight), name_of(topic_mode_names, f->mode),
        name_of(intensity_names, f->intensity), name_of(trend_names, f->trend),
        name_of(extent_names, f->extent), f->implies_gap,
        name_of(election_ref_names, f->election_ref), section_kind_names[f->evidence.section],
        name_of(confidence_names, f->confidence));
    buf_printf(out, "        speaker %s, holder %s, chain [%.*s], stance %s, about [%.*s]",
               text_of(arena, a->speaker), text_of(arena, a->holder), SPAN_ARG(chain_shown(f)),
               name_of(stance_names, a->stance), SPAN_ARG(about_shown(f)));
    if (f->recommendation)
        buf_printf(out, ", %s", name_of(strength_names, f->recommendation->strength));
    if (f->followup)
        buf_printf(out, ", %s of %s by %s", name_of(followup_status_names, f->followup->status),
                   name_of(followup_scope_names, f->followup->scope),
                   text_of(arena, f->followup->status_by));
    buf_add_str(out, "\n");
}

static const char *all_shown(void)
{
    struct buf b;
    struct span shown;

    buf_init(&b, 64 * 1024);
    for (size_t i = 0; i < coded.findings.n; i++)
        finding_show(&coded.findings.items[i], &b);
    shown = arena_copy(arena, buf_span(&b));
    buf_fini(&b);
    return shown.p;
}

#define IS(wanted, is)      (!(wanted) || (wanted) == (is))
#define IS_TEXT(wanted, is) (!(wanted) || strcmp((wanted), text_of(arena, (is))) == 0)

static bool is_judged_so(const struct finding *f, const struct want *w)
{
    return IS(w->polarity, f->polarity) && IS(w->weight, f->weight) && IS(w->mode, f->mode) &&
           IS(w->intensity, f->intensity) && IS(w->trend, f->trend) && IS(w->extent, f->extent) &&
           IS(w->implies_gap, f->implies_gap) && IS(w->election_ref, f->election_ref) &&
           IS(w->section, f->evidence.section) && IS(w->confidence, f->confidence) &&
           IS_TEXT(w->about, about_shown(f));
}

static bool is_said_so(const struct finding *f, const struct want *w)
{
    return IS(w->stance, f->attribution.stance) && IS_TEXT(w->speaker, f->attribution.speaker) &&
           IS_TEXT(w->holder, f->attribution.holder) && IS_TEXT(w->chain, chain_shown(f));
}

static bool is_detailed_so(const struct finding *f, const struct want *w)
{
    if (w->strength && !(f->recommendation && f->recommendation->strength == w->strength))
        return false;
    if (!w->status && !w->scope && !w->status_by)
        return true;
    return f->followup && IS(w->status, f->followup->status) && IS(w->scope, f->followup->scope) &&
           IS_TEXT(w->status_by, f->followup->status_by);
}

#define FINDINGS_MAX 16

/* A finding fills one row. */
static bool find(const struct want *w, bool used[FINDINGS_MAX])
{
    for (size_t i = 0; i < coded.findings.n && i < FINDINGS_MAX; i++) {
        const struct finding *f = &coded.findings.items[i];

        if (!used[i] && f->type == w->type && f->topic == w->topic && is_judged_so(f, w) &&
            is_said_so(f, w) && is_detailed_so(f, w)) {
            used[i] = true;
            return true;
        }
    }
    return false;
}

/* Each row of `wanted` is found, and there are no more findings than rows. */
static void check(const struct want *wanted, size_t n)
{
    bool used[FINDINGS_MAX] = {false};
    bool is_met = coded.findings.n == n;

    for (size_t i = 0; i < n; i++) {
        const struct want *w = &wanted[i];
        bool is_found = find(w, used);

        cr_expect(is_found, "missing: row %zu, %s %s %s", i + 1, finding_type_names[w->type],
                  topic_names[w->topic], name_of(polarity_names, w->polarity));
        is_met &= is_found;
    }
    cr_expect(is_met, "%zu findings for %zu rows:\n%s", coded.findings.n, n, all_shown());
}

#define expect_findings(...)                                                                       \
    check((const struct want[]){__VA_ARGS__},                                                      \
          sizeof((const struct want[]){__VA_ARGS__}) / sizeof(struct want))

/* Short for the rows below. */
#define A(topic, polarity) .type = TYPE_ASSESSMENT, TOPIC_##topic, POLARITY_##polarity
#define R(topic)           .type = TYPE_RECOMMENDATION, TOPIC_##topic, POLARITY_NEUTRAL
#define F(topic, polarity) .type = TYPE_FOLLOWUP, TOPIC_##topic, POLARITY_##polarity
#define C(topic)           .type = TYPE_COMMITMENT, TOPIC_##topic, POLARITY_NEUTRAL
#define E(topic, polarity) .type = TYPE_ENDORSEMENT, TOPIC_##topic, POLARITY_##polarity
#define FACT(topic)        .type = TYPE_FACT, TOPIC_##topic, POLARITY_NEUTRAL
#define MAIN               .weight = WEIGHT_MAIN
#define CONCEDED           .weight = WEIGHT_CONCEDED
#define HIGH               .intensity = INTENSITY_HIGH

/* ---- 1 to 10 ---- */

Test(hard_cases, relayed_need_is_one_recommendation_and_its_purposes_are_listed)
{
    eu_speaks_on("ME");
    code("The EU takes note of the conclusions of ODIHR, which state that additional amendments "
         "to the electoral code are required to secure the freedoms of association and peaceful "
         "assembly, freedom of expression and media freedom.");
    expect_findings({R(LAW_FRAMEWORK), MAIN, .implies_gap = TRUTH_YES, .stance = STANCE_RELAY,
                     .speaker = NOBODY, .holder = "odihr", .chain = "eu > odihr",
                     .about = "cand.parties free.assembly free.expression med.environment"});
}

Test(hard_cases, concession_leaves_two_main_judgements)
{
    joint_mission_reports_on("BG");
    code("Although the local elections brought elements of competitiveness, various bureaucratic "
         "obstacles hampered campaigning by smaller contestants, and the habit of deregistering "
         "candidates late caused uncertainty.");
    expect_findings({A(CTX_PLURALISM, POSITIVE), CONCEDED}, {A(CAMP_CONDUCT, NEGATIVE), MAIN},
                    {A(CAND_CANDIDATES, NEGATIVE), MAIN, .mode = MODE_DEREGISTRATION});
}

Test(hard_cases, variety_that_only_appeared_is_neutral)
{
    joint_mission_reports_on("TN");
    code("“While the number of lists appeared to offer voters a wide choice, the election lacked "
         "real competition,” said Anna Lind, Head of the ODIHR mission.");
    expect_findings(
        {A(CTX_PLURALISM, NEUTRAL), CONCEDED, .speaker = "Anna Lind", .holder = "odihr"},
        {A(CTX_PLURALISM, NEGATIVE), MAIN, .speaker = "Anna Lind", .holder = "odihr"});
}

Test(hard_cases, calm_voting_does_not_whiten_the_count)
{
    joint_mission_reports_on("AM");
    code("“On polling day, which passed peacefully, with voting conducted in an orderly manner, "
         "serious procedural violations were noted during the vote count,” said Anna Lind, Head "
         "of the ODIHR mission.");
    expect_findings({A(EDAY_VOTING, POSITIVE), .speaker = "Anna Lind", .holder = "odihr"},
                    {A(EDAY_COUNT, NEGATIVE), MAIN, .speaker = "Anna Lind", .holder = "odihr"});
}

Test(hard_cases, eased_requirement_is_praise_and_a_part_of_a_recommendation)
{
    joint_mission_reports_on("MN");
    code("“Last year the requirements for registering political parties were relaxed, partly "
         "meeting an earlier ODIHR recommendation,” said Anna Lind, Head of the ODIHR mission.");
    expect_findings({A(CAND_PARTIES, POSITIVE), .trend = TREND_BETTER, .holder = "odihr"},
                    {F(CAND_PARTIES, MIXED), .status = STATUS_PARTIALLY, .scope = SCOPE_ONE,
                     .status_by = "odihr", .speaker = "Anna Lind"});
}

Test(hard_cases, pending_recommendations_are_one_followup_a_subject)
{
    joint_mission_reports_on("AL");
    code("Earlier ODIHR recommendations concerning freedom of assembly, freedom of expression and "
         "the media have yet to be acted upon.");
    expect_findings({F(FREE_ASSEMBLY, NEGATIVE), .status = STATUS_NOT, .scope = SCOPE_SET},
                    {F(FREE_EXPRESSION, NEGATIVE), .status = STATUS_NOT, .scope = SCOPE_SET},
                    {F(MED_ENVIRONMENT, NEGATIVE), .status = STATUS_NOT, .scope = SCOPE_SET});
}

#define AGREES                                                                                     \
    "The United States agrees with the preliminary findings of the joint International Election "  \
    "Observation Mission, made up of the OSCE Office for Democratic Institutions and Human "       \
    "Rights, the OSCE Parliamentary Assembly and the Parliamentary Assembly of the Council of "    \
    "Europe, on the 9 June parliamentary elections in Mongolia."

static bool chain_has(const struct finding *f, const char *slug)
{
    for (size_t i = 0; i < f->attribution.chain.n; i++) {
        if (span_equal_str(f->attribution.chain.items[i], slug))
            return true;
    }
    return false;
}

Test(hard_cases, agreement_with_a_report_says_nothing_of_the_election)
{
    delegation_speaks_on("us-mission-osce", "MN");
    code(AGREES);
    expect_findings({E(OBS_MISSION, POSITIVE), MAIN, .stance = STANCE_ENDORSE, .holder = "us"});
    cr_assert_gt(coded.findings.n, 0);
    cr_expect(chain_has(&coded.findings.items[0], "odihr"), "%s", all_shown());
    cr_expect(chain_has(&coded.findings.items[0], "oscepa"), "%s", all_shown());
    cr_expect(chain_has(&coded.findings.items[0], "pace"), "%s", all_shown());
}

Test(hard_cases, what_endorsed_observers_found_is_theirs_and_shared)
{
#define SHARED                                                                                     \
    MAIN, HIGH, .trend = TREND_UNCHANGED, .holder = "ieom", .stance = STANCE_ENDORSE,              \
                .chain = "us > ieom"
    delegation_speaks_on("us-mission-osce", "MN");
    code(AGREES " However, the observers found a lack of real political choice and serious "
                "violations during voting, counting and tabulation, similar to those of previous "
                "elections.");
    expect_findings({E(OBS_MISSION, POSITIVE), .holder = "us"},
                    {A(CTX_PLURALISM, NEGATIVE), SHARED}, {A(EDAY_VOTING, NEGATIVE), SHARED},
                    {A(EDAY_COUNT, NEGATIVE), SHARED});
}

Test(hard_cases, welcome_step_to_come_is_a_recommendation)
{
    delegation_speaks_on("gb-fcdo", "AL");
    code("The publication of results broken down by polling station would be a welcome step.");
    expect_findings(
        {R(EDAY_RESULTS), .implies_gap = TRUTH_YES, .strength = STRENGTH_IMPLICIT, .holder = "gb"});
}

/* Not reached yet: the grounds of a recommendation are no finding of their own. */
Test(hard_cases, relayed_recommendation_and_what_observers_saw_have_two_holders, .disabled = true)
{
    delegation_speaks_on("gb-fcdo", "TJ");
    code("We also note ODIHR’s recommendation on greater transparency of the vote count, where "
         "observers reported cases of falsified protocols and a disregard for procedures.");
    expect_findings({R(EDAY_COUNT), .holder = "odihr", .stance = STANCE_RELAY},
                    {A(EDAY_COUNT, NEGATIVE), .holder = "observers"});
}

/* ---- 11 to 20 ---- */

Test(hard_cases, opposite_words_on_one_head_are_mixed)
{
    joint_mission_reports_on("BG");
    code("Most broadcasters monitored provided balanced, but only shallow coverage of the "
         "contestants.");
    expect_findings({A(MED_COVERAGE, MIXED), MAIN});
}

Test(hard_cases, efforts_that_were_not_matched_are_no_praise)
{
    joint_mission_reports_on("ME");
    code("The constrained environment for the media and the scarce coverage of the campaign did "
         "not match the efforts of candidates to reach out to voters.");
    expect_findings({A(MED_ENVIRONMENT, NEGATIVE), MAIN}, {A(MED_COVERAGE, NEGATIVE), MAIN});
}

Test(hard_cases, verdict_of_a_headline_stays_in_the_headline)
{
    joint_mission_reports_on("MN");
    code_under("Potential for reform wasted in Mongolia’s presidential election, marred by "
               "disregard for fundamental rights and widespread voting violations, observers say",
               "We thank our hosts for their hospitality.");
    expect_findings({A(OVERALL_REFORM, NEGATIVE), .section = SECTION_HEADLINE},
                    {A(FREE_GENERAL, NEGATIVE), .section = SECTION_HEADLINE},
                    {A(EDAY_VOTING, NEGATIVE), .section = SECTION_HEADLINE});
}

/* Not reached yet: a freedom is found in the conceded clause as well. */
Test(hard_cases, potential_is_hollow_and_its_spoilers_are_three, .disabled = true)
{
    joint_mission_reports_on("TN");
    code("While there was potential for the early election to become a force for renewal, a "
         "disregard for fundamental freedoms, including detentions of peaceful demonstrators, and "
         "widespread violations during voting showed scant respect for democratic standards.");
    expect_findings({A(OVERALL_REFORM, NEUTRAL), CONCEDED}, {A(FREE_GENERAL, NEGATIVE), MAIN, HIGH},
                    {A(FREE_ASSEMBLY, NEGATIVE), MAIN},
                    {A(EDAY_VOTING, NEGATIVE), MAIN, .extent = EXTENT_WIDESPREAD});
}

Test(hard_cases, who_was_told_is_the_source_and_who_ordered_is_the_actor)
{
    const struct finding *f;

    joint_mission_reports_on("AM");
    code("Observers were told by teachers and nurses that officials had ordered them to attend "
         "rallies and to vote for the incumbent.");
    expect_findings({A(CAMP_RESOURCES, NEGATIVE), MAIN, .holder = "ieom",
                     .chain = "ieom > teachers and nurses"});
    cr_assert_gt(coded.findings.n, 0);
    f = &coded.findings.items[0];
    cr_expect_str_eq(text_of(arena, f->actor), "officials");
}

Test(hard_cases, pronoun_takes_its_topic_from_the_conceded_clause)
{
    joint_mission_reports_on("TJ");
    code("While freedom of speech and access to information are enshrined in the constitution, "
         "they are restricted by several laws.");
    expect_findings({A(FREE_EXPRESSION, NEUTRAL), CONCEDED}, {A(FREE_EXPRESSION, NEGATIVE), MAIN});
}

Test(hard_cases, technical_basis_is_hollow)
{
    joint_mission_reports_on("AL");
    code("The electoral code provides a technical basis for holding elections. However, several "
         "of its provisions are at odds with international standards.");
    expect_findings({A(LAW_FRAMEWORK, NEUTRAL)}, {A(LAW_FRAMEWORK, NEGATIVE), MAIN});
}

static void check_share(const struct quantity *q, double value, const char *group)
{
    cr_expect_eq(q->value, value, "%g", q->value);
    cr_expect_eq(q->unit, UNIT_PERCENT);
    cr_expect_str_eq(text_of(arena, q->concept), "candidates");
    cr_expect_neq(span_find(span_of_str(text_of(arena, q->group)), span_of_str(group), 0), SIZE_MAX,
                  "\"%s\" is not %s", text_of(arena, q->group), group);
}

Test(hard_cases, two_shares_of_women_are_one_fact)
{
    const struct finding *f;

    joint_mission_reports_on("MN");
    code("Women accounted for 31 per cent of the candidates in the proportional race and 18 per "
         "cent in the majoritarian ones.");
    expect_findings({FACT(INC_WOMEN), MAIN});
    cr_assert_gt(coded.findings.n, 0);
    f = &coded.findings.items[0];
    cr_assert_eq(f->quantities.n, 2);
    check_share(&f->quantities.items[0], 31, "proportional");
    check_share(&f->quantities.items[1], 18, "majoritarian");
}

Test(hard_cases, three_clauses_on_women_are_judged_each)
{
    joint_mission_reports_on("AM");
    code("Issues of gender equality did not feature prominently in the campaign, while several "
         "well-known women ran for office, but the attempts of parties to promote women were "
         "limited.");
    expect_findings({A(INC_WOMEN, NEGATIVE), MAIN}, {A(INC_WOMEN, POSITIVE), CONCEDED},
                    {A(INC_WOMEN, NEGATIVE), MAIN});
}

Test(hard_cases, cause_of_poor_access_is_not_coded)
{
    joint_mission_reports_on("BG");
    code("The accreditation of observers was inclusive and smooth. although effective observation "
         "was not always possible, due to restrictions during the tabulation.");
    expect_findings({A(OBS_ACCESS, POSITIVE)}, {A(OBS_ACCESS, NEGATIVE)});
}

/* ---- 21 to 30 ---- */

Test(hard_cases, amendments_answer_recommendations_and_widen_choice)
{
    joint_mission_reports_on("MN");
    code("Amendments to the election law addressed several earlier recommendations and gave voters "
         "a wider choice.");
    expect_findings({F(LAW_FRAMEWORK, POSITIVE), .status = STATUS_ADDRESSED_UNSPECIFIED,
                     .scope = SCOPE_SEVERAL},
                    {A(CTX_PLURALISM, POSITIVE)});
}

Test(hard_cases, majority_left_unaddressed_is_one_followup_on_reform)
{
    joint_mission_reports_on("TJ");
    code("The majority of the priority recommendations offered after previous elections have still "
         "not been acted upon.");
    expect_findings({F(OVERALL_REFORM, NEGATIVE), .status = STATUS_NOT, .scope = SCOPE_MAJORITY,
                     .trend = TREND_UNCHANGED, .election_ref = REF_PREVIOUS});
}

Test(hard_cases, relay_goes_on_in_the_next_sentence)
{
#define STILL_RELAYED .holder = "odihr", .stance = STANCE_RELAY, .confidence = CONFIDENCE_MEDIUM
    eu_speaks_on("AL");
    code("The EU takes note of the preliminary conclusions of ODIHR, which state that amendments "
         "to the electoral code are required to secure freedom of assembly. More work is needed to "
         "remove obstacles to campaigning, and to avoid serious irregularities in voting.");
    expect_findings({R(LAW_FRAMEWORK), .holder = "odihr", .about = "free.assembly"},
                    {R(CAMP_CONDUCT), STILL_RELAYED}, {R(EDAY_VOTING), STILL_RELAYED});
}

/* Not reached yet: elections don't list what is held on the same day. */
Test(hard_cases, note_of_results_is_procedure_and_yesterday_is_a_date, .disabled = true)
{
    static const char page[] =
        "Montenegro: Statement by the Spokesperson on the presidential election\n\n"
        "Brussels, 7 October 2030\n\n"
        "The European Union takes note of the preliminary results of yesterday’s presidential "
        "election in Montenegro, held along with the local elections.\n";
    struct msg_work job = {.url = SPAN_LIT("file:///a.txt"), .issuer = SPAN_LIT("eu-eeas")};
    const struct election *e;
    const char *reason = NULL;
    struct error err = {0};

    cr_assert_eq(pipeline_run(rules, &job, span_of_str(page), arena, &coded, &reason, &err), 0,
                 "%s", err.message);
    expect_findings({.type = TYPE_PROCEDURAL,
                     .topic = TOPIC_EDAY_RESULTS,
                     .polarity = POLARITY_NEUTRAL,
                     .holder = "eu"});
    cr_assert_eq(coded.statement.elections.n, 1);
    e = &coded.statement.elections.items[0];
    cr_expect_str_eq(text_of(arena, e->type), "presidential");
    cr_expect_str_eq(text_of(arena, e->date), "2030-10-06");
    cr_expect_eq(e->date_basis, BASIS_RELATIVE);
    cr_assert_eq(e->concurrent.n, 1);
    cr_expect_str_eq(text_of(arena, e->concurrent.items[0]), "local");
}

Test(hard_cases, only_if_is_a_recommendation_behind_the_praise)
{
    joint_mission_reports_on("MN");
    code("“We have seen some welcome improvements in the electoral law, but Mongolia will only "
         "reach its goals if far-reaching reforms go on,” said Jan Berger, Special Co-ordinator.");
    expect_findings({A(LAW_FRAMEWORK, POSITIVE), CONCEDED, .speaker = "Jan Berger"},
                    {R(OVERALL_REFORM), MAIN, .speaker = "Jan Berger", .holder = "oscepa"});
}

Test(hard_cases, what_will_be_important_is_an_implicit_recommendation)
{
    joint_mission_reports_on("AM");
    code("“In future, publishing the results of each polling station will be important,” said Jan "
         "Berger, head of the delegation.");
    expect_findings({R(EDAY_RESULTS), .strength = STRENGTH_IMPLICIT, .speaker = "Jan Berger",
                     .holder = "oscepa"});
}

Test(hard_cases, pledge_that_an_ambassador_gave_is_noted_with_favour)
{
    delegation_speaks_on("us-mission-osce", "AL");
    code("We took positive note of the Albanian Ambassador’s statement that Albania would take "
         "seriously the recommendations of the observation mission.");
    expect_findings(
        {C(OVERALL_REFORM), .holder = "al", .chain = "us > al", .stance = STANCE_RELAY_POSITIVE},
        {E(OVERALL_REFORM, POSITIVE), .holder = "us", .stance = STANCE_RELAY_POSITIVE});
}

Test(hard_cases, welcomed_commitment_is_the_presidents_and_the_welcome_ours)
{
    delegation_speaks_on("gb-fcdo", "MN");
    code(
        "We strongly welcome President Ganbold’s speech to the new parliament, in which he renewed "
        "his commitment to continue political reform.");
    expect_findings({C(OVERALL_REFORM), .holder = "mn"},
                    {A(OVERALL_REFORM, POSITIVE), .holder = "gb"});
}

Test(hard_cases, concern_put_first_and_a_quotation_resumed)
{
#define LIND .speaker = "Anna Lind", .holder = "odihr"
    joint_mission_reports_on("TN");
    code(
        "“Voting was orderly,” said Anna Lind, Head of the ODIHR mission. “Of even greater concern "
        "were the limits on the rights to peaceful assembly and free expression, with "
        "demonstrators facing detention and heavy fines.”");
    expect_findings({A(EDAY_VOTING, POSITIVE), LIND}, {A(FREE_ASSEMBLY, NEGATIVE), HIGH, LIND},
                    {A(FREE_EXPRESSION, NEGATIVE), LIND});
}

Test(hard_cases, compliment_in_quotation_marks_is_courtesy)
{
    const struct uncoded *last;

    delegation_speaks_on("us-mission-osce", "AM");
    code("There is a reason why the observers of the OSCE are often called the \"gold standard\".");
    cr_expect_eq(coded.findings.n, 0, "%s", all_shown());
    cr_assert_gt(coded.statement.uncoded.n, 0);
    last = &coded.statement.uncoded.items[coded.statement.uncoded.n - 1];
    cr_expect_eq(last->reason, UNCODED_COURTESY, "%s", uncoded_reason_names[last->reason]);
    cr_assert_eq(text.quotes.n, 1);
    cr_expect(text.quotes.items[0].is_scare);
}
