/* Documents that crash, hang, swell, or are no documents: a dead letter each, everything else done.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

static struct rig rig;

static void start(const char *parser)
{
    rig_open(&rig, "  max_attempts: 1\n  max_body: 8MiB\n", "", parser);
    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    rig_start_parser(&rig);
}

static void setup(void)
{
    start("  child_time: 10s\n");
}

/* Time is no limit here, so that on a slow machine, too, memory is the one that is met. */
static void setup_patient(void)
{
    start("  child_time: 10m\n  child_memory: 384MiB\n");
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(hostile, .init = setup, .fini = teardown, .timeout = 240);

static void document(const char *name, const char *text)
{
    rig_document(&rig, name, text, strlen(text));
}

/* The reason that the dead letters keep for a file; "" when it is none of them. The caller's. */
static char *dead_reason(const char *name)
{
    const char *argv[] = {"pollwatch-fetcher", "dlq", "-c", rig.config, "--json", NULL};
    char *reason = strdup("");
    char *line;
    char *rest;
    char *out;

    cr_assert_eq(rig_run(&rig, argv, &out, NULL, 20), 0);
    for (line = strtok_r(out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        json_t *letter = json_loads(line, 0, NULL);
        const char *url = json_string_value(json_object_get(letter, "url"));

        cr_assert_not_null(url, "%s", line);
        if (strstr(url, name)) {
            free(reason);
            reason = strdup(json_string_value(json_object_get(letter, "reason")));
        }
        json_decref(letter);
    }
    free(out);
    return reason;
}

static void assert_dead(const char *name, const char *reason)
{
    char *is = dead_reason(name);

    cr_assert_str_eq(is, reason, "%s is dead of \"%s\", not \"%s\"", name, is, reason);
    free(is);
}

static void assert_statements(size_t n)
{
    json_t *records = rig_records(&rig);

    rig_check_records(records, n);
    json_decref(records);
}

Test(hostile, a_crash_a_hang_and_an_open_cost_only_their_own_lives)
{
    rig_numbered_documents(&rig, 0, 20);
    document("crash.txt", "pollwatch-fault: crash\n");
    document("loop.txt", "pollwatch-fault: loop\n");
    document("open.txt", "pollwatch-fault: open\n");
    rig_numbered_documents(&rig, 20, 40);

    rig_wait_settled(&rig, 43, 120);

    assert_dead("crash.txt", "crash");
    assert_dead("loop.txt", "timeout");
    assert_dead("open.txt", "syscall");
    assert_statements(40);
}

Test(hostile, a_glutton_costs_only_its_own_life, .init = setup_patient, .fini = teardown,
     .timeout = 300)
{
    document("memory.txt", "pollwatch-fault: memory\n");
    rig_numbered_documents(&rig, 0, 20);

    rig_wait_settled(&rig, 21, 250);

    assert_dead("memory.txt", "memory");
    assert_statements(20);
}

Test(hostile, what_is_no_statement_is_kept_with_its_reason)
{
    size_t big = (size_t)50 * 1024 * 1024;
    char *huge = malloc(big);

    memset(huge, 'x', big);
    document("empty.txt", "");
    document("page-without-text.html", "<html><body><script>1</script></body></html>");
    rig_document(
        &rig, "binary.txt",
        "\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1c\x1d\x1e",
        22);
    rig_document(&rig, "pdf.html", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", 24);
    rig_document(&rig, "huge.txt", huge, big);
    rig_numbered_documents(&rig, 0, 3);
    free(huge);

    rig_wait_settled(&rig, 8, 120);

    assert_dead("empty.txt", "empty");
    assert_dead("page-without-text.html", "no_text");
    assert_dead("binary.txt", "binary");
    assert_dead("pdf.html", "unsupported_media_type");
    assert_dead("huge.txt", "too_large");
    assert_statements(3);
}

Test(hostile, a_wrong_charset_is_read_and_flagged)
{
    static const char page[] =
        "<html><head><meta charset=\"utf-8\"><title>Wahlen in "
        "Elbonia</title></head><body><h1>Elections in "
        "Elbonia</h1><p>Election day in M\xfclldorf was calm and well organized, observers said on "
        "Monday in a statement. The count in K\xf6nigstal was slow but "
        "transparent.</p></body></html>";
    json_t *records;
    json_t *quality;

    rig_document(&rig, "latin1.html", page, sizeof page - 1);
    rig_wait_settled(&rig, 1, 60);

    records = rig_records(&rig);
    quality = json_object_get(json_array_get(records, 0), "quality");
    cr_assert_geq(json_array_size(quality), 1);
    cr_assert_not_null(strstr(
        json_string_value(json_object_get(json_array_get(records, 0), "text")), "M\u00fclldorf"));
    json_decref(records);
}
