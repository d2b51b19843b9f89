#include "parser/task.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/mem.h"

bool lease_equal(const struct lease *a, const struct lease *b)
{
    return a->task_id == b->task_id && a->attempt == b->attempt && a->epoch == b->epoch;
}

void task_set_frames(struct task *task, const struct span *frames, size_t n)
{
    for (size_t i = 0; i < task->frames_n; i++)
        free((void *)(uintptr_t)task->frames[i].p);
    for (size_t i = 0; i < n; i++)
        task->frames[i] = span_of(xspandup(frames[i]), frames[i].n);
    task->frames_n = n;
}

struct task *tasks_add(struct tasks *t, size_t fetcher, const struct msg_work *work,
                       const struct span *frames, size_t n)
{
    struct task *task = xcalloc(1, sizeof *task);
    struct task **end = &t->head;

    task->fetcher = fetcher;
    task->lease = work->lease;
    task->body_bytes = frames[n - 1].n;
    task->url = xspandup(work->url);
    task_set_frames(task, frames, n);
    while (*end)
        end = &(*end)->next;
    *end = task;
    t->n++;
    return task;
}

static void task_free(struct task *task)
{
    task_set_frames(task, NULL, 0);
    free(task->url);
    free(task->reason);
    free(task->detail);
    free(task);
}

void tasks_remove(struct tasks *t, struct task *task)
{
    struct task **at = &t->head;

    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
    t->n--;
    task_free(task);
}

void tasks_clear(struct tasks *t)
{
    while (t->head)
        tasks_remove(t, t->head);
}

struct task *tasks_first(const struct tasks *t, enum task_state state)
{
    for (struct task *task = t->head; task; task = task->next) {
        if (task->state == state)
            return task;
    }
    return NULL;
}

struct task *tasks_find(const struct tasks *t, size_t fetcher, const struct lease *lease)
{
    for (struct task *task = t->head; task; task = task->next) {
        if (task->fetcher == fetcher && lease_equal(&task->lease, lease))
            return task;
    }
    return NULL;
}

void task_set_state(struct task *task, enum task_state state)
{
    static const char *const names[] = {"queued", "parsing", "result", "closing"};

    task->state = state;
    log_debug("task.state", KV_U64("task_id", task->lease.task_id), KV_STR("state", names[state]));
}

void task_close_done(struct task *task, uint64_t first_seq, uint32_t records)
{
    task_set_frames(task, NULL, 0);
    task->first_seq = first_seq;
    task->records = records;
    task_set_state(task, TASK_CLOSING);
}

void task_close_failed(struct task *task, struct span reason, struct span detail, bool permanent)
{
    task_set_frames(task, NULL, 0);
    task->failed = true;
    task->reason = xspandup(reason);
    task->detail = xspandup(detail);
    task->permanent = permanent;
    task_set_state(task, TASK_CLOSING);
}
