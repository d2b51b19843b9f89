/*
 * A document that eats memory. A program of its own, because its parser is given all the time it
 * wants: on a slow machine, too, memory must be the limit that is met.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig, "  max_attempts: 1\n", "", "  child_time: 10m\n  child_memory: 384MiB\n");
    rig_start_fetcher(&rig);
    rig_start_sink(&rig);
    rig_start_parser(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(glutton, .init = setup, .fini = teardown, .timeout = 300);

Test(glutton, costs_only_its_own_life)
{
    static const char glutton[] = "pollwatch-fault: memory\n";

    rig_document(&rig, "memory.txt", glutton, strlen(glutton));
    rig_numbered_documents(&rig, 0, 20);

    rig_wait_settled(&rig, 21, 250);

    rig_check_dead(&rig, "memory.txt", "memory");
    rig_check_statements(&rig, 20);
}
