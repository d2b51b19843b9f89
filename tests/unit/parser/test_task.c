#include <criterion/criterion.h>

#include "parser/task.h"

static struct tasks tasks;

static void teardown(void)
{
    tasks_clear(&tasks);
}

TestSuite(task, .fini = teardown);

static struct task *add(size_t fetcher, uint64_t id, uint32_t attempt)
{
    struct msg_work work = {.lease = {id, attempt, 1}, .url = SPAN_LIT("file:///a")};
    struct span frames[] = {SPAN_LIT("\x03\x01"), SPAN_LIT("\x80"), SPAN_LIT("body")};

    return tasks_add(&tasks, fetcher, &work, frames, 3);
}

Test(task, keeps_its_own_copy_of_the_document)
{
    char body[] = "body";
    struct msg_work work = {.lease = {1, 1, 1}, .url = SPAN_LIT("u")};
    struct span frames[] = {SPAN_LIT("t"), SPAN_LIT("h"), span_of(body, 4)};
    struct task *task = tasks_add(&tasks, 0, &work, frames, 3);

    body[0] = 'X';

    cr_assert(span_equal(task->frames[2], SPAN_LIT("body")));
    cr_assert_eq(task->body_bytes, 4);
}

Test(task, the_oldest_of_a_state_comes_first)
{
    struct task *first = add(0, 1, 1);
    struct task *second = add(0, 2, 1);

    cr_assert_eq(tasks_first(&tasks, TASK_QUEUED), first);
    task_set_state(first, TASK_PARSING);
    cr_assert_eq(tasks_first(&tasks, TASK_QUEUED), second);
    cr_assert_null(tasks_first(&tasks, TASK_RESULT));
}

Test(task, is_found_by_its_whole_lease_and_its_fetcher_only)
{
    struct task *task = add(1, 7, 2);

    cr_assert_eq(tasks_find(&tasks, 1, &(struct lease){7, 2, 1}), task);
    cr_assert_null(tasks_find(&tasks, 0, &(struct lease){7, 2, 1}));
    cr_assert_null(tasks_find(&tasks, 1, &(struct lease){7, 1, 1}));
    cr_assert_null(tasks_find(&tasks, 1, &(struct lease){7, 2, 2}));
}

Test(task, closing_drops_the_records_and_keeps_the_reason)
{
    struct task *task = add(0, 1, 1);

    task_close_failed(task, SPAN_LIT("crash"), SPAN_LIT("signal 11"), false);

    cr_assert_eq(task->state, TASK_CLOSING);
    cr_assert_eq(task->frames_n, 0);
    cr_assert_str_eq(task->reason, "crash");
    cr_assert_str_eq(task->detail, "signal 11");
}

Test(task, one_in_the_middle_can_be_removed)
{
    add(0, 1, 1);
    tasks_remove(&tasks, add(0, 2, 1));
    add(0, 3, 1);

    cr_assert_eq(tasks.n, 2);
    cr_assert_null(tasks_find(&tasks, 0, &(struct lease){2, 1, 1}));
    cr_assert_not_null(tasks_find(&tasks, 0, &(struct lease){3, 1, 1}));
}
