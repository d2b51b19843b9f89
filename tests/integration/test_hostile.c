/* Documents that crash, hang, swell, or are no documents: a dead letter each, everything else done.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig, "  max_attempts: 1\n  max_body: 8MiB\n", "", "  child_time: 10s\n");
    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    rig_start_parser(&rig);
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

Test(hostile, a_crash_a_hang_and_an_open_cost_only_their_own_lives)
{
    rig_numbered_documents(&rig, 0, 20);
    document("crash.txt", "pollwatch-fault: crash\n");
    document("loop.txt", "pollwatch-fault: loop\n");
    document("open.txt", "pollwatch-fault: open\n");
    rig_numbered_documents(&rig, 20, 40);

    rig_wait_settled(&rig, 43, 120);

    rig_check_dead(&rig, "crash.txt", "crash");
    rig_check_dead(&rig, "loop.txt", "timeout");
    rig_check_dead(&rig, "open.txt", "syscall");
    rig_check_statements(&rig, 40);
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

    rig_check_dead(&rig, "empty.txt", "empty");
    rig_check_dead(&rig, "page-without-text.html", "no_text");
    rig_check_dead(&rig, "binary.txt", "binary");
    rig_check_dead(&rig, "pdf.html", "unsupported_media_type");
    rig_check_dead(&rig, "huge.txt", "too_large");
    rig_check_statements(&rig, 3);
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
