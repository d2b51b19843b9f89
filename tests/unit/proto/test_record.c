#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>

#include "proto/record.h"

static struct arena *arena;
static struct buf packed;

static void setup(void)
{
    arena = arena_new();
    buf_init(&packed, 1 << 20);
}

static void teardown(void)
{
    buf_fini(&packed);
    arena_free(arena);
}

TestSuite(record, .init = setup, .fini = teardown);

static struct finding sample_finding(const struct statement *s)
{
    struct finding f = {
        .schema = SPAN_LIT(FINDING_SCHEMA),
        .finding_id = SPAN_LIT("fi_0000000000000001"),
        .statement_id = s->statement_id,
        .version_id = s->version_id,
        .ordinal = 1,
        .type = TYPE_ASSESSMENT,
        .topic = TOPIC_EDAY_VOTING,
        .polarity = POLARITY_POSITIVE,
        .confidence = CONFIDENCE_HIGH,
    };

    f.evidence = (struct evidence){.start = 0, .end = 6, .end_cp = 6, .exact = SPAN_LIT("Voting")};
    f.evidence.sentence_end = 16;
    return f;
}

static struct coded_statement sample(void)
{
    struct coded_statement c = {0};
    struct statement *s = &c.statement;

    s->schema = SPAN_LIT(STATEMENT_SCHEMA);
    s->statement_id = SPAN_LIT("st_0000000000000001");
    s->version_id = SPAN_LIT("ve_0000000000000001");
    s->work_id = SPAN_LIT("wk_0000000000000001");
    s->url = s->canonical_url = SPAN_LIT("file:///a.txt");
    s->source = SPAN_LIT("test");
    s->text = SPAN_LIT("Voting was calm.");
    s->provenance.raw_sha256 = s->provenance.rules_sha256 = SPAN_LIT("00");
    s->provenance.tool_version = SPAN_LIT("0");
    s->findings = 1;
    *LIST_ADD(arena, &c.findings) = sample_finding(s);
    return c;
}

static int round_trip(const struct coded_statement *in, struct coded_statement *out,
                      struct error *err)
{
    coded_statement_pack(in, &packed);
    return coded_statement_unpack(buf_span(&packed), arena, out, err);
}

Test(record, a_statement_and_its_findings_come_back)
{
    struct coded_statement in = sample();
    struct coded_statement out;
    struct error err;

    cr_assert_eq(round_trip(&in, &out, &err), 0, "%s", err.message);

    cr_assert(span_equal(out.statement.text, in.statement.text));
    cr_assert_eq(out.findings.n, 1);
    cr_assert_eq(out.findings.items[0].topic, TOPIC_EDAY_VOTING);
    cr_assert(span_equal(out.findings.items[0].evidence.exact, SPAN_LIT("Voting")));
}

Test(record, evidence_that_is_not_in_the_text_is_refused)
{
    struct coded_statement in = sample();
    struct coded_statement out;
    struct error err;

    in.findings.items[0].evidence.exact = SPAN_LIT("voting");
    cr_assert_eq(round_trip(&in, &out, &err), ERR_FORMAT);
    buf_clear(&packed);
    in.findings.items[0].evidence.exact = SPAN_LIT("Voting");
    in.findings.items[0].evidence.end = 4000000000u;
    cr_assert_eq(round_trip(&in, &out, &err), ERR_FORMAT);
}

Test(record, a_wrong_count_or_a_stranger_among_the_findings_is_refused)
{
    struct coded_statement in = sample();
    struct coded_statement out;
    struct error err;

    in.statement.findings = 2;
    cr_assert_eq(round_trip(&in, &out, &err), ERR_FORMAT);
    buf_clear(&packed);
    in.statement.findings = 0;
    cr_assert_eq(round_trip(&in, &out, &err), ERR_FORMAT);
    buf_clear(&packed);
    in.statement.findings = 1;
    in.findings.items[0].statement_id = SPAN_LIT("st_0000000000000002");
    cr_assert_eq(round_trip(&in, &out, &err), ERR_FORMAT);
}

Test(record, another_schema_is_another_version)
{
    struct coded_statement in = sample();
    struct coded_statement out;
    struct error err;

    in.statement.schema = SPAN_LIT("statement/2");

    cr_assert_eq(round_trip(&in, &out, &err), ERR_VERSION);
}

/* The schemas that other languages check are the tables that we write by. */
static void check_properties(const char *file, const struct shape *shape)
{
    json_error_t error;
    json_t *schema = json_load_file(file, 0, &error);
    json_t *properties = json_object_get(schema, "properties");
    size_t i = 0;
    const char *key;
    json_t *value;

    cr_assert_not_null(schema, "%s: %s", file, error.text);
    cr_assert_eq(json_object_size(properties), shape->n, "%s", file);
    json_object_foreach(properties, key, value)
    {
        const struct field *f = &shape->fields[i++];
        json_t *names = json_object_get(value, "enum");

        cr_assert_str_eq(key, f->key);
        if (f->kind != FIELD_NAME)
            continue;
        for (size_t j = 1; f->names[j]; j++)
            cr_assert_str_eq(json_string_value(json_array_get(names, j - 1)), f->names[j]);
    }
    json_decref(schema);
}

Test(record, the_json_schemas_have_the_fields_of_the_tables)
{
    check_properties(TEST_SOURCE_DIR "/proto/schema/statement-1.json", &statement_shape);
    check_properties(TEST_SOURCE_DIR "/proto/schema/finding-1.json", &finding_shape);
}

Test(record, every_topic_has_a_name)
{
    int n = 0;

    while (topic_names[n + 1])
        n++;

    cr_assert_eq(n, TOPIC_COUNT - 1);
}
