/* A child at work, seen by strace: after its set-up it opens, connects and executes nothing. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig, "", "", "");
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(cage_trace, .init = setup, .fini = teardown, .timeout = 240);

Test(cage_trace, a_child_opens_nothing_after_its_set_up)
{
    char command[2048];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    char *out;
    int status;

    if (access("/usr/bin/strace", X_OK) != 0)
        cr_skip_test("strace is not here");
    rig_numbered_documents(&rig, 0, 8);
    snprintf(
        command, sizeof command,
        "cd %s && export ASAN_OPTIONS=detect_leaks=0 && "
        "strace -ff -o trace -s 64 %s/pollwatch-parser extract documents/*.txt > out.ndjson && "
        "test $(wc -l < out.ndjson) -ge 8 && "
        "child=$(grep -l '^seccomp(' trace.*) && "
        "test -n \"$child\" && for f in $child; do awk '/^seccomp.SECCOMP_SET_MODE_FILTER, 0,/ "
        "{inside = 1; next} inside' $f; "
        "done > inside && test -s inside && "
        "grep -E '^(open|openat|creat|socket|connect|bind|execve|fork|vfork|clone|clone3|kill)\\(' "
        "inside; test $? -eq 1 && grep -c '^read' inside",
        rig.dir, TEST_BIN_DIR);
    status = rig_run(&rig, argv, &out, NULL, 120);

    cr_assert_eq(status, 0, "%s", out);
    cr_assert_geq(atoi(out), 8, "the child read its jobs in the trace: %s", out);
    free(out);
}
