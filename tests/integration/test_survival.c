/* Whoever is killed whenever: each document once, no gap. */
#include <criterion/criterion.h>
#include <signal.h>

#include "rig.h"

#define DOCUMENTS 240

static struct rig rig;

static void setup(void)
{
    rig_open(&rig, "", "", "");
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(survival, .init = setup, .fini = teardown, .timeout = 300);

static void check_all_done(void)
{
    json_t *records;

    rig_wait_settled(&rig, DOCUMENTS, 120);
    cr_assert_eq(rig_tasks(&rig, "dead"), 0);
    records = rig_records(&rig);
    rig_check_records(records, DOCUMENTS);
    json_decref(records);
}

Test(survival, parser_sink_and_fetcher_killed_in_turn_lose_and_repeat_nothing)
{
    pid_t fetcher = rig_start_fetcher(&rig);
    pid_t sink = rig_start_sink(&rig);
    pid_t parser = rig_start_parser(&rig);

    rig_start_parser(&rig);
    rig_numbered_documents(&rig, 0, DOCUMENTS / 3);
    rig_wait_statements(&rig, 10, 60);
    rig_end(&rig, parser, SIGKILL);
    rig_start_parser(&rig);

    rig_numbered_documents(&rig, DOCUMENTS / 3, 2 * DOCUMENTS / 3);
    rig_wait_statements(&rig, DOCUMENTS / 3 + 10, 60);
    rig_end(&rig, sink, SIGKILL);
    sink = rig_start_sink(&rig);

    rig_numbered_documents(&rig, 2 * DOCUMENTS / 3, DOCUMENTS);
    rig_wait_statements(&rig, 2 * DOCUMENTS / 3 + 10, 60);
    rig_end(&rig, fetcher, SIGKILL);
    fetcher = rig_start_fetcher(&rig);

    check_all_done();
}

Test(survival, all_three_killed_at_once_go_on_where_they_were)
{
    pid_t pids[] = {rig_start_fetcher(&rig), rig_start_sink(&rig), rig_start_parser(&rig)};

    rig_numbered_documents(&rig, 0, DOCUMENTS);
    rig_wait_statements(&rig, 20, 60);
    for (size_t i = 0; i < 3; i++)
        rig_end(&rig, pids[i], SIGKILL);
    rig_start_parser(&rig);
    rig_start_sink(&rig);
    rig_start_fetcher(&rig);

    check_all_done();
}

Test(survival, a_parser_that_wakes_after_its_lease_changes_nothing)
{
    pid_t parser;

    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    parser = rig_start_parser(&rig);
    rig_numbered_documents(&rig, 0, DOCUMENTS);
    rig_wait_statements(&rig, 5, 60);
    kill(parser, SIGSTOP);
    rig_start_parser(&rig);
    rig_wait_settled(&rig, DOCUMENTS, 120);
    kill(parser, SIGCONT);

    check_all_done();
}

Test(survival, sigterm_drains_and_seals)
{
    pid_t fetcher = rig_start_fetcher(&rig);
    pid_t sink = rig_start_sink(&rig);
    pid_t parser = rig_start_parser(&rig);
    const char *left[] = {"/bin/sh", "-c", "", NULL};
    char command[RIG_PATH_BYTES * 2];
    char *out;

    rig_numbered_documents(&rig, 0, 60);
    rig_wait_settled(&rig, 60, 60);
    cr_assert_eq(rig_end(&rig, parser, SIGTERM), 0);
    cr_assert_eq(rig_end(&rig, fetcher, SIGTERM), 0);
    cr_assert_eq(rig_end(&rig, sink, SIGTERM), 0);

    snprintf(command, sizeof command, "ls %s/state/sink/findings | grep -c '\\.open$'", rig.dir);
    left[2] = command;
    rig_run(&rig, left, &out, NULL, 10);
    cr_assert_str_eq(out, "0\n", "files left open: %s", out);
    free(out);
}
