/* How many workers share the work changes when a record is written, never what it says. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

#define NUMBERED  20
#define SAMPLES   19
#define DOCUMENTS (NUMBERED + SAMPLES)

static struct rig rig;

static void setup(void)
{
    const char *copy[] = {"/bin/sh", "-c", NULL, NULL};
    char command[1024];

    rig_open(&rig, "", "", "");
    rig_numbered_documents(&rig, 0, NUMBERED);
    snprintf(command, sizeof command,
             "cp " TEST_SOURCE_DIR "/deploy/samples/*-*.html " TEST_SOURCE_DIR
             "/deploy/samples/*-*.txt %s",
             rig.documents);
    copy[2] = command;
    cr_assert_eq(rig_run(&rig, copy, NULL, NULL, 10), 0);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(workers, .init = setup, .fini = teardown, .timeout = 300);

/* What another hour or another order of arrival may change. */
static void forget_order_and_hour(json_t *record)
{
    json_t *provenance = json_object_get(record, "provenance");

    json_object_del(record, "seq");
    json_object_del(record, "duplicate_of");
    json_object_del(provenance, "fetched_at");
    json_object_del(provenance, "parsed_at");
}

/* statement_id -> its records in order. */
static json_t *by_statement(const json_t *records)
{
    json_t *statements = json_object();
    json_t *record;
    size_t i;

    json_array_foreach(records, i, record)
    {
        const char *id = json_string_value(json_object_get(record, "statement_id"));

        if (!json_object_get(statements, id))
            json_object_set_new(statements, id, json_array());
        forget_order_and_hour(record);
        json_array_append(json_object_get(statements, id), record);
    }
    return statements;
}

/* Runs all services on the documents until they are idle, and leaves no state behind. */
static json_t *statements_of(const char *workers)
{
    const char *run[] = {"pollwatch", "run", "-c", rig.config, "--until-idle", NULL};
    char state[RIG_PATH_BYTES];
    const char *clean[] = {"/bin/rm", "-r", state, NULL};
    json_t *statements;
    json_t *records;
    char *err;

    rig_path(&rig, "state", state);
    cr_assert_eq(setenv("POLLWATCH_PARSER_WORKERS", workers, 1), 0);
    cr_assert_eq(rig_run(&rig, run, NULL, &err, 120), 0, "%s", err);
    records = rig_records(&rig);
    rig_check_records(records, DOCUMENTS);
    cr_assert_eq(rig_run(&rig, clean, NULL, NULL, 10), 0);

    statements = by_statement(records);
    json_decref(records);
    free(err);
    return statements;
}

Test(workers, one_and_three_write_the_same_records)
{
    json_t *of_one = statements_of("1");
    json_t *of_three = statements_of("3");
    const char *id;
    json_t *records;

    cr_assert_eq(json_object_size(of_one), json_object_size(of_three));
    json_object_foreach(of_one, id, records)
    {
        cr_expect(json_equal(records, json_object_get(of_three, id)), "%s", id);
    }

    json_decref(of_one);
    json_decref(of_three);
}
