/* The way of one statement, from a folder to the files and to the stream. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

#define DOCUMENTS 30

static struct rig rig;

static void setup(void)
{
    rig_open(&rig, "", "", "");
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(pipeline, .init = setup, .fini = teardown, .timeout = 240);

static const char python[] = "/usr/bin/python3";

static char *stream_endpoint(void)
{
    char *endpoint;

    cr_assert_gt(asprintf(&endpoint, "ipc://%s/state/stream.sock", rig.dir), 0);
    return endpoint;
}

/* Lines of a file, each as JSON, as an array. */
static json_t *json_lines(const char *text)
{
    json_t *lines = json_array();
    char *copy = strdup(text);
    char *rest;

    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        json_t *record = json_loads(line, 0, NULL);

        cr_assert_not_null(record, "%.200s", line);
        json_array_append_new(lines, record);
    }
    free(copy);
    return lines;
}

static pid_t start_follower(const char *out)
{
    char *endpoint = stream_endpoint();
    char command[1024];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};

    snprintf(command, sizeof command, "exec %s/pollwatch-sink tail --endpoint %s > %s",
             TEST_BIN_DIR, endpoint, out);
    free(endpoint);
    return rig_start(&rig, argv);
}

static size_t lines_in(const char *path)
{
    const char *argv[] = {"/bin/sh", "-c", NULL, NULL};
    char command[512];
    size_t n;
    char *out;

    snprintf(command, sizeof command, "wc -l < %s", path);
    argv[2] = command;
    rig_run(&rig, argv, &out, NULL, 10);
    n = strtoul(out, NULL, 10);
    free(out);
    return n;
}

static void wait_lines(const char *path, size_t n)
{
    for (int i = 0; i < 600; i++) {
        if (lines_in(path) >= n)
            return;
        rig_sleep_ms(100);
    }
    cr_assert_fail("%zu of %zu records reached the follower", lines_in(path), n);
}

Test(pipeline, files_and_stream_carry_the_same_records)
{
    char followed[RIG_PATH_BYTES];
    const char *cat[] = {"/bin/cat", followed, NULL};
    json_t *written;
    json_t *streamed;
    char *text;

    rig_path(&rig, "followed.ndjson", followed);
    rig_start_sink(&rig);
    start_follower(followed);
    rig_start_fetcher(&rig);
    rig_numbered_documents(&rig, 0, 1);
    /* the follower is ready when the stream's heartbeat is: give it a second of heartbeats */
    rig_sleep_ms(2500);
    rig_start_parser(&rig);
    rig_numbered_documents(&rig, 1, DOCUMENTS);
    rig_wait_settled(&rig, DOCUMENTS, 60);
    written = rig_records(&rig);
    wait_lines(followed, json_array_size(written));

    rig_run(&rig, cat, &text, NULL, 10);
    streamed = json_lines(text);

    rig_check_records(written, DOCUMENTS);
    cr_assert(json_equal(written, streamed));
    free(text);
    json_decref(written);
    json_decref(streamed);
}

Test(pipeline, every_line_satisfies_the_json_schema)
{
    char command[1024];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    char *out;
    char *err;
    int status;

    rig_start_sink(&rig);
    rig_start_fetcher(&rig);
    rig_start_parser(&rig);
    rig_numbered_documents(&rig, 0, 5);
    rig_wait_settled(&rig, 5, 60);

    snprintf(command, sizeof command,
             "%s " TEST_SOURCE_DIR "/deploy/examples/validate.py %s/state/sink/findings/*.ndjson*",
             python, rig.dir);
    status = rig_run(&rig, argv, &out, &err, 60);

    cr_assert_eq(status, 0, "%s%s", out, err);
    free(out);
    free(err);
}

Test(pipeline, a_stranger_reads_the_segment_with_plain_messagepack)
{
    char command[1024];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    json_t *written;
    json_t *read;
    char *out;

    rig_start_sink(&rig);
    rig_start_fetcher(&rig);
    rig_start_parser(&rig);
    rig_numbered_documents(&rig, 0, 5);
    rig_wait_settled(&rig, 5, 60);

    snprintf(command, sizeof command,
             "%s " TEST_SOURCE_DIR
             "/deploy/examples/read_segment.py %s/state/sink/findings/*.msgpack*",
             python, rig.dir);
    cr_assert_eq(rig_run(&rig, argv, &out, NULL, 60), 0);

    written = rig_records(&rig);
    read = json_lines(out);
    cr_assert(json_equal(written, read));
    free(out);
    json_decref(written);
    json_decref(read);
}

Test(pipeline, the_front_command_extracts_the_same_records_without_services)
{
    char document[RIG_PATH_BYTES * 2];
    const char *argv[] = {"pollwatch", "extract", document, NULL};
    json_t *extracted;
    char *out;

    rig_numbered_documents(&rig, 0, 1);
    snprintf(document, sizeof document, "%s/doc-00000.txt", rig.documents);
    cr_assert_eq(rig_run(&rig, argv, &out, NULL, 60), 0);

    extracted = json_lines(out);
    rig_check_records(extracted, 1);
    cr_assert_gt(json_array_size(extracted), 1);
    free(out);
    json_decref(extracted);
}

Test(pipeline, run_until_idle_does_everything_and_ends)
{
    const char *argv[] = {"pollwatch", "run", "-c", rig.config, "--until-idle", NULL};
    json_t *records;
    char *err;
    int status;

    rig_numbered_documents(&rig, 0, DOCUMENTS);
    status = rig_run(&rig, argv, NULL, &err, 120);

    cr_assert_eq(status, 0, "%s", err);
    records = rig_records(&rig);
    rig_check_records(records, DOCUMENTS);
    json_decref(records);
    free(err);
}

Test(pipeline, an_edited_document_supersedes_its_version)
{
    static const char before[] = "Elections in Freedonia\n\nElection day was calm.\n";
    static const char after[] = "Elections in Freedonia\n\nElection day was violent.\n";
    json_t *records;
    json_t *last = NULL;
    json_t *record;
    size_t i;

    rig_start_sink(&rig);
    rig_start_fetcher(&rig);
    rig_start_parser(&rig);
    rig_document(&rig, "a.txt", before, sizeof before - 1);
    rig_wait_settled(&rig, 1, 60);
    rig_document(&rig, "a.txt", after, sizeof after - 1);
    rig_wait_settled(&rig, 2, 60);

    records = rig_records(&rig);
    json_array_foreach(records, i, record)
    {
        if (strcmp(json_string_value(json_object_get(record, "schema")), "statement/1") == 0)
            last = record;
    }
    cr_assert_str_eq(json_string_value(json_object_get(last, "supersedes")),
                     json_string_value(json_object_get(json_array_get(records, 0), "version_id")));
    json_decref(records);
}
