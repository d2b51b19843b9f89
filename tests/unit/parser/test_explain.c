/*
 * Records made by hand, so that what is shown does not depend on what the rules make of a text;
 * then the command around it.
 */
#include "parser/explain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "common/arena.h"

#define SHIPPED TEST_SOURCE_DIR "/parser/rules"

static const char text[] = "Parish vote\n"
                           "\n"
                           "Ballots ran out. Nobody minded much.\n"
                           "Phone 555.\n";

static struct arena *arena;
static struct coded_statement coded;
static char *shown;
static size_t shown_bytes;

static void setup(void)
{
    arena = arena_new();
    coded.statement.text = span_of_str(text);
    coded.statement.title = SPAN_LIT("Parish vote");
    coded.statement.language = SPAN_LIT("en");
    coded.statement.coverage = (struct coverage){.sentences = 4, .coded = 1};
}

static void teardown(void)
{
    free(shown);
    arena_free(arena);
}

TestSuite(explain, .init = setup, .fini = teardown, .timeout = 60);

static struct range range_of(const char *words)
{
    size_t at = span_find(coded.statement.text, span_of_str(words), 0);

    cr_assert_neq(at, SIZE_MAX, "%s", words);
    return (struct range){(uint32_t)at, (uint32_t)(at + strlen(words))};
}

static void uncoded(const char *words, enum uncoded_reason reason)
{
    struct range at = range_of(words);

    *LIST_ADD(arena, &coded.statement.uncoded) = (struct uncoded){at.start, at.end, reason};
}

static void three_uncoded(void)
{
    uncoded("Parish vote", UNCODED_TITLE);
    uncoded("Nobody minded much.", UNCODED_NO_RULE);
    uncoded("Phone 555.", UNCODED_CONTACT);
}

static struct finding *finding(uint32_t ordinal, const char *sentence, const char *clause)
{
    struct finding *f = LIST_ADD(arena, &coded.findings);
    struct range outer = range_of(sentence);
    struct range inner = range_of(clause);

    f->ordinal = ordinal;
    f->type = TYPE_ASSESSMENT;
    f->topic = TOPIC_EDAY_VOTING;
    f->polarity = POLARITY_NEGATIVE;
    f->attribution.holder = SPAN_LIT("parish-watch");
    f->confidence = CONFIDENCE_MEDIUM;
    f->evidence = (struct evidence){
        .start = inner.start,
        .end = inner.end,
        .exact = span_slice(coded.statement.text, inner),
        .sentence_start = outer.start,
        .sentence_end = outer.end,
    };
    return f;
}

static void cite(struct finding *f, const char *id, const char *words)
{
    struct range at = words ? range_of(words) : (struct range){0, 0};

    *LIST_ADD(arena, &f->rules) = (struct fired_rule){span_of_str(id), at.start, at.end};
}

static FILE *begin(void)
{
    FILE *out = open_memstream(&shown, &shown_bytes);

    cr_assert_not_null(out);
    return out;
}

static void show_uncoded(enum uncoded_reason only)
{
    FILE *out = begin();

    explain_uncoded(&coded, "parish.txt", only, out);
    fclose(out);
}

static void explain(void)
{
    struct rules *rules = NULL;
    struct error err;
    FILE *out = begin();

    cr_assert_eq(rules_load(SHIPPED, &rules, &err), 0, "%s", err.message);
    explain_statement(&coded, "parish.txt", rules, arena, out);
    fclose(out);
    rules_free(rules);
}

#define cr_assert_shows(words)                                                                     \
    cr_assert(strstr(shown, (words)) != NULL, "%s: not in \"%s\"", (words), shown)

/* ---- uncoded ---- */

Test(explain, what_no_rule_knew_comes_first)
{
    three_uncoded();

    show_uncoded(UNCODED_NONE);

    cr_assert_str_eq(shown, "parish.txt:3\t30-49\tno_rule\tNobody minded much.\n"
                            "parish.txt:1\t0-11\ttitle\tParish vote\n"
                            "parish.txt:4\t50-60\tcontact\tPhone 555.\n");
}

Test(explain, one_reason_alone_can_be_asked_for)
{
    three_uncoded();

    show_uncoded(UNCODED_CONTACT);

    cr_assert_str_eq(shown, "parish.txt:4\t50-60\tcontact\tPhone 555.\n");
}

Test(explain, sentence_is_one_line_and_safe_for_a_terminal)
{
    static const char wild[] = "\x1B[2Jone\n\ttwo\xC2\x9Bthree\xC2\xA0 f\xC3\xBCnf\x7F";

    coded.statement.text = span_of_str(wild);
    *LIST_ADD(arena, &coded.statement.uncoded) =
        (struct uncoded){0, sizeof wild - 1, UNCODED_NO_RULE};

    show_uncoded(UNCODED_NONE);

    cr_assert_str_eq(shown, "parish.txt:1\t0-28\tno_rule\t[2Jone two three f\xC3\xBCnf\n");
}

Test(explain, offsets_outside_the_text_show_nothing)
{
    *LIST_ADD(arena, &coded.statement.uncoded) = (struct uncoded){9, 9999, UNCODED_NO_RULE};
    *LIST_ADD(arena, &coded.statement.uncoded) = (struct uncoded){9, 3, UNCODED_NO_RULE};

    show_uncoded(UNCODED_NONE);

    cr_assert_str_eq(shown, "parish.txt:1\t9-9999\tno_rule\t\nparish.txt:1\t9-3\tno_rule\t\n");
}

Test(explain, totals_add_up_over_statements)
{
    struct explain_totals totals = {0};
    FILE *out = begin();

    three_uncoded();
    explain_add(&totals, &coded);
    explain_add(&totals, &coded);
    explain_print_totals(&totals, out);
    fclose(out);

    cr_assert_str_eq(
        shown,
        "statements: 2, sentences: 8, coded: 2, uncoded: 6, no_rule: 2, contact: 2, title: 2\n");
}

/* ---- explain ---- */

Test(explain, sentences_come_in_order_with_findings_or_a_reason)
{
    const char *ballots;
    const char *minded;

    three_uncoded();
    finding(1, "Ballots ran out.", "Ballots ran out.");

    explain();

    cr_assert_shows("parish.txt: Parish vote; sentences coded: 1 of 4; findings: 1\n");
    cr_assert_shows("    clause   Ballots ran out.\n"
                    "    1        assessment eday.voting negative; holder parish-watch; "
                    "confidence medium\n");
    cr_assert_shows("    uncoded  no_rule\n");
    ballots = strstr(shown, "\nparish.txt:3 (13-29)\n  Ballots ran out.\n");
    minded = strstr(shown, "\nparish.txt:3 (30-49)\n  Nobody minded much.\n");
    cr_assert(ballots && minded && ballots < minded, "%s", shown);
}

Test(explain, cue_points_at_the_findings_that_cite_it)
{
    struct finding *first = finding(1, "Ballots ran out.", "Ballots");
    struct finding *second;

    cite(first, "topics.eday.voting: ballots", "Ballots");
    cite(first, "scorer: something learned", NULL);
    second = finding(2, "Ballots ran out.", "ran out");
    second->weight = WEIGHT_CONCEDED;
    cite(second, "topics.eday.voting: ballots", "Ballots");

    explain();

    cr_assert_shows("    cue      \"Ballots\" topics.eday.voting: ballots");
    cr_assert_shows(" -> 1 2\n");
    cr_assert_shows("    cited    scorer: something learned -> 1\n");
    cr_assert_shows("    clause   (conceded) ran out\n    2        assessment");
}

Test(explain, clause_of_two_findings_is_shown_once)
{
    const char *clause;

    finding(1, "Ballots ran out.", "Ballots");
    finding(2, "Ballots ran out.", "Ballots")->topic = TOPIC_ADM_CONDUCT;

    explain();

    clause = strstr(shown, "    clause   Ballots\n    1 ");
    cr_assert(clause, "%s", shown);
    cr_assert_null(strstr(strchr(clause, '\n'), "    clause "));
}

Test(explain, cues_of_an_uncoded_sentence_are_shown_as_well)
{
    coded.statement.text = SPAN_LIT("The ballot boxes were a fine shade of blue.");
    *LIST_ADD(arena, &coded.statement.uncoded) = (struct uncoded){0, 43, UNCODED_NO_RULE};

    explain();

    cr_assert_shows("    cue      \"ballot");
    cr_assert_shows("topics.eday.");
    cr_assert_null(strstr(shown, "->"));
    cr_assert_shows("    uncoded  no_rule\n");
}

/* ---- the command ---- */

/* Runs `pollwatch-parser extract` in a shell; what it prints comes back in `shown`. */
static int extract(const char *arguments)
{
    const char *command =
        arena_printf(arena, TEST_BIN_DIR "/pollwatch-parser extract %s", arguments).p;
    FILE *pipe = popen(command, "r");
    FILE *out = begin();
    int c;

    cr_assert_not_null(pipe);
    while ((c = getc(pipe)) != EOF)
        putc(c, out);
    fclose(out);
    return WEXITSTATUS(pclose(pipe));
}

Test(explain, command_lists_sentences_on_stdout_and_totals_on_stderr)
{
    cr_assert_eq(extract("--uncoded=title - 2>/dev/null <<'.'\n"
                         "Parish vote\n\nFor more, please contact the press office.\n.\n"),
                 EX_OK);
    cr_assert_str_eq(shown, "-:1\t0-11\ttitle\tParish vote\n");
    free(shown);

    cr_assert_eq(extract("--uncoded - 2>&1 >/dev/null <<'.'\n"
                         "Parish vote\n\nFor more, please contact the press office.\n.\n"),
                 EX_OK);
    cr_assert_str_eq(shown,
                     "statements: 1, sentences: 2, coded: 0, uncoded: 2, contact: 1, title: 1\n");
}

Test(explain, command_explains_with_the_rules_that_it_is_given)
{
    cr_assert_eq(extract("--explain --rules " SHIPPED " - <<'.'\n"
                         "Parish vote\n\nThe vote count was not transparent.\n.\n"),
                 EX_OK);
    cr_assert_shows("-: Parish vote");
    cr_assert_shows("    cue      \"transparent\" polarity.good: transparent");
}

Test(explain, command_refuses_what_does_not_go_together)
{
    cr_assert_eq(extract("--explain --uncoded - 2>&1"), EX_USAGE);
    cr_assert_eq(strcmp(shown, "pollwatch extract: --format, --uncoded and --explain exclude each "
                               "other\n"),
                 0, "%s", shown);
    free(shown);

    cr_assert_eq(extract("--uncoded=boredom - 2>&1"), EX_USAGE);
    cr_assert_shows("--uncoded=boredom: must be one of title dateline");
}
