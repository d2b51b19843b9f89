/*
 * The owner's end of the cage, which never blocks. The child's is in cage_serve.c, the framing of
 * both in cage_message.c, and cage_spawn.c starts the process.
 *
 * The states, and what moves it from one to the next:
 *
 *              spawned             greeting             job handed over
 *     DOWN ---------------> STARTING -------> IDLE -----------------------> WORKING
 *      ^                       |               |  ^          reply             |
 *      |                       |               |  +----------------------------+
 *      |    death, too late    |     death     |     death, too late, too much |
 *      +-----------------------+---------------+-------------------------------+
 *
 * A child greets its owner (a message of no frames) when it has loaded what it needs, so that
 * neither the time nor the failures of its start are a document's fault: a job that comes earlier
 * waits, and so does one of which a dead child had not got a byte. A child that dies of a document
 * is replaced at once; one that dies without having answered or tried anything, after a pause that
 * doubles. When START_TRIES of these have followed each other, a waiting job is answered all the
 * same, so that somebody hears of it.
 *
 * DOWN lasts no longer than a call when the next child is to start at once. Each state has at most
 * one timer: the pause, the time to start, the job's time.
 *
 * The owner's callback may close the cage or hand over the next job. So calling it is the last
 * thing that anything here does.
 */
#include "common/cage.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cage_internal.h"
#include "common/mem.h"
#include "common/number.h"

/* Compiling the rules takes a second or two; ten times that on a busy machine with sanitizers. */
#define START_MS 60000

#define START_TRIES    5
#define PAUSE_MIN_MS   100
#define PAUSE_MAX_MS   5000
#define MEMORY_LOOK_MS 50

/* AddressSanitizer keeps freed memory for a while, and a shadow of it all. */
#ifdef POLLWATCH_SANITIZED
#define MEMORY_SLACK_BYTES (UINT64_C(512) * 1024 * 1024)
#else
#define MEMORY_SLACK_BYTES UINT64_C(0)
#endif

/* Reads of CAGE_READ_BYTES in one turn, at most. */
#define READS_A_TURN 16

#define DETAIL_BYTES 200

enum state { STATE_DOWN, STATE_STARTING, STATE_IDLE, STATE_WORKING };

struct cage {
    struct loop *loop;
    struct cage_options options;
    cage_done_fn *fn;
    void *arg;

    enum state state;
    struct loop_watch *timer;        /* of the state */
    struct loop_watch *memory_timer; /* of WORKING */
    unsigned failed_starts;          /* in a row */
    uint64_t jobs_done;              /* by this child */

    pid_t pid; /* 0: none */
    int fd;
    int statm_fd;
    struct loop_watch *watch;

    bool has_job;
    struct buf out; /* the job, from `sent` on still to be written */
    size_t sent;
    struct buf in; /* of the greeting or reply, what has come */
};

/*
 * Opened while the child is still an ordinary process: a sandboxed one is not dumpable, and hidden
 * where /proc is mounted with hidepid. -1 leaves the child's own rlimit to watch its memory.
 */
static int open_statm(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* --- a child's life --- */

static void set_state(struct cage *c, enum state state);
static void on_ready(void *arg, int events);

static int start_child(struct cage *c, struct error *err)
{
    int ends[2];
    int rc;

    assert(c->state == STATE_DOWN);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_sys(err, "make a socket pair for %s", c->options.argv[0]);
    rc = fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0
             ? error_sys(err, "set O_NONBLOCK")
             : cage_spawn(c->options.argv, ends[1], &c->pid, err);
    close(ends[1]);
    if (rc < 0) {
        close(ends[0]);
        return rc;
    }
    c->fd = ends[0];
    c->statm_fd = open_statm(c->pid);
    c->watch = loop_add_fd(c->loop, c->fd, LOOP_READ, on_ready, c);
    c->jobs_done = 0;
    buf_clear(&c->in);
    set_state(c, STATE_STARTING);
    return 0;
}

/* Returns the wait status: that of its own death, if the child was dead or dying already. */
static int end_child(struct cage *c)
{
    int status;

    loop_remove(c->loop, c->watch);
    c->watch = NULL;
    if (c->statm_fd >= 0)
        close(c->statm_fd);
    close(c->fd);
    kill(c->pid, SIGKILL);
    status = cage_reap(c->pid);
    c->pid = 0;
    c->fd = c->statm_fd = -1;
    set_state(c, STATE_DOWN);
    return status;
}

/* --- answers and deaths --- */

/* Last, see above. */
static void answer(struct cage *c, enum cage_outcome outcome, const char *detail,
                   const struct span *frames, size_t n)
{
    c->has_job = false;
    c->fn(c->arg, outcome, detail, frames, n);
}

static void on_pause_over(void *arg);

/* PAUSE_MIN_MS after the first failure, then twice as long after each. */
static void pause_before_start(struct cage *c)
{
    uint64_t pause_ms = PAUSE_MAX_MS;

    if (c->failed_starts > 0 && c->failed_starts <= 6)
        pause_ms = PAUSE_MIN_MS << (c->failed_starts - 1);
    if (pause_ms > PAUSE_MAX_MS)
        pause_ms = PAUSE_MAX_MS;
    c->timer = loop_add_timer(c->loop, pause_ms, 0, on_pause_over, c);
}

/* Tries again later, and tells a waiting job when that has gone on for too long. */
static void start_failed(struct cage *c, const char *why)
{
    char detail[DETAIL_BYTES + 64];

    if (c->failed_starts < UINT_MAX)
        c->failed_starts++;
    pause_before_start(c);
    if (!c->has_job || c->failed_starts < START_TRIES)
        return;
    snprintf(detail, sizeof detail, "the child does not start: %s", why);
    answer(c, CAGE_CRASH, detail, NULL, 0);
}

static void start_again(struct cage *c)
{
    struct error err;

    if (start_child(c, &err) < 0)
        start_failed(c, err.message);
}

static void on_pause_over(void *arg)
{
    struct cage *c = arg;

    c->timer = NULL;
    start_again(c);
}

static enum cage_outcome outcome_of(int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return CAGE_SYSCALL;
    if (WIFEXITED(status) && WEXITSTATUS(status) == MEM_EXIT_STATUS)
        return CAGE_MEMORY;
    return CAGE_CRASH;
}

static void describe(int status, char detail[DETAIL_BYTES])
{
    if (WIFSIGNALED(status))
        snprintf(detail, DETAIL_BYTES, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == MEM_EXIT_STATUS)
        snprintf(detail, DETAIL_BYTES, "out of memory");
    else
        snprintf(detail, DETAIL_BYTES, "exited with status %d", WEXITSTATUS(status));
}

/* The child is gone for the reason given; the next one starts; the job that it had is answered. */
static void replace_child(struct cage *c, bool had_job, enum cage_outcome outcome,
                          const char *detail)
{
    if (!had_job && c->jobs_done == 0) {
        start_failed(c, detail);
        return;
    }
    c->failed_starts = 0;
    if (had_job)
        c->has_job = false; /* before the start, whose failure could answer it, too */
    start_again(c);
    if (had_job)
        answer(c, outcome, detail, NULL, 0);
}

static bool has_got_job(const struct cage *c)
{
    return c->state == STATE_WORKING && c->sent > 0;
}

static void child_died(struct cage *c)
{
    bool had_job = has_got_job(c);
    char detail[DETAIL_BYTES];
    int status = end_child(c);

    describe(status, detail);
    replace_child(c, had_job, outcome_of(status), detail);
}

static void kill_child(struct cage *c, enum cage_outcome outcome, const char *detail)
{
    bool had_job = has_got_job(c);

    end_child(c);
    replace_child(c, had_job, outcome, detail);
}

/* --- states --- */

static void on_start_too_slow(void *arg)
{
    struct cage *c = arg;

    c->timer = NULL;
    kill_child(c, CAGE_TIMEOUT, "not ready in time");
}

static void on_job_too_slow(void *arg)
{
    struct cage *c = arg;
    char detail[DETAIL_BYTES];

    c->timer = NULL;
    c->sent = c->out.n; /* a job that nobody reads had its chance, too */
    snprintf(detail, sizeof detail, "killed after %llu ms", (unsigned long long)c->options.time_ms);
    kill_child(c, CAGE_TIMEOUT, detail);
}

/* The second number of statm, in pages; 0 if it can't be read. */
static uint64_t resident_bytes(const struct cage *c)
{
    char text[128];
    ssize_t n = c->statm_fd < 0 ? 0 : pread(c->statm_fd, text, sizeof text, 0);
    struct span all = span_of(text, n > 0 ? (size_t)n : 0);
    size_t first = span_find(all, SPAN_LIT(" "), 0);
    size_t second = first == SIZE_MAX ? SIZE_MAX : span_find(all, SPAN_LIT(" "), first + 1);
    uint64_t pages = 0;

    if (second == SIZE_MAX)
        return 0;
    if (!number_read(span_of(text + first + 1, second - first - 1), 0, UINT32_MAX, &pages))
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void on_look_at_memory(void *arg)
{
    struct cage *c = arg;
    uint64_t bytes = resident_bytes(c);
    char detail[DETAIL_BYTES];

    if (bytes <= c->options.memory_bytes + MEMORY_SLACK_BYTES)
        return;
    snprintf(detail, sizeof detail, "killed at %llu bytes of memory, over %llu",
             (unsigned long long)bytes, (unsigned long long)c->options.memory_bytes);
    kill_child(c, CAGE_MEMORY, detail);
}

static void start_timers(struct cage *c)
{
    switch (c->state) {
    case STATE_DOWN: /* has its pause, if any, from start_failed() */
    case STATE_IDLE:
        return;
    case STATE_STARTING:
        c->timer = loop_add_timer(c->loop, START_MS, 0, on_start_too_slow, c);
        return;
    case STATE_WORKING:
        if (c->options.time_ms)
            c->timer = loop_add_timer(c->loop, c->options.time_ms, 0, on_job_too_slow, c);
        if (c->options.memory_bytes)
            c->memory_timer =
                loop_add_timer(c->loop, MEMORY_LOOK_MS, MEMORY_LOOK_MS, on_look_at_memory, c);
        return;
    }
}

static void set_state(struct cage *c, enum state state)
{
    loop_remove(c->loop, c->timer);
    loop_remove(c->loop, c->memory_timer);
    c->timer = c->memory_timer = NULL;
    c->state = state;
    start_timers(c);
    if (c->watch)
        loop_set_events(c->watch, LOOP_READ | (state == STATE_WORKING ? LOOP_WRITE : 0));
}

/* --- talking to the child --- */

static void become_idle(struct cage *c)
{
    set_state(c, STATE_IDLE);
    if (c->has_job)
        set_state(c, STATE_WORKING);
}

/* False when the child has closed its end. */
static bool write_job(struct cage *c)
{
    while (c->sent < c->out.n) {
        ssize_t n = send(c->fd, c->out.data + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        c->sent += (size_t)n;
    }
    loop_set_events(c->watch, LOOP_READ);
    return true;
}

/* 0, or -1 when the child has closed its end. */
static int read_reply(struct cage *c)
{
    char chunk[CAGE_READ_BYTES];

    for (int i = 0; i < READS_A_TURN; i++) {
        ssize_t n = read(c->fd, chunk, sizeof chunk);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n <= 0)
            return -1;
        buf_add(&c->in, chunk, (size_t)n);
    }
    return 0;
}

static void take_greeting(struct cage *c, size_t n)
{
    buf_clear(&c->in);
    if (n > 0)
        kill_child(c, CAGE_BAD_REPLY, "spoke before it was asked");
    else
        become_idle(c);
}

/* `frames` lie in c->in, which must outlive the callback, whatever that does to the cage. */
static void take_reply(struct cage *c, const struct span *frames, size_t n)
{
    struct buf reply = c->in;

    buf_init(&c->in, reply.cap_bytes);
    c->has_job = false;
    c->failed_starts = 0;
    c->jobs_done++;
    if (c->options.jobs_per_child && c->jobs_done >= c->options.jobs_per_child) {
        end_child(c);
        start_again(c);
    } else {
        set_state(c, STATE_IDLE);
    }
    answer(c, CAGE_REPLY, "", frames, n);
    buf_fini(&reply);
}

static void take_message(struct cage *c, const struct span *frames, size_t n)
{
    if (c->state == STATE_STARTING)
        take_greeting(c, n);
    else if (c->state == STATE_WORKING && c->sent == c->out.n)
        take_reply(c, frames, n);
    else
        kill_child(c, CAGE_BAD_REPLY, "spoke before it was asked");
}

static void on_ready(void *arg, int events)
{
    struct cage *c = arg;
    struct span frames[CAGE_FRAMES_MAX];
    enum cage_parsed parsed;
    bool alive = true;
    size_t n;

    if (events & LOOP_WRITE)
        alive = write_job(c);
    if (alive && (events & LOOP_READ))
        alive = read_reply(c) == 0;
    parsed = cage_parse(buf_span(&c->in), c->options.max_reply_bytes, frames, &n);
    if (parsed == CAGE_PARSED_BAD || c->in.failed)
        kill_child(c, CAGE_BAD_REPLY, "its answer is too big or not framed right");
    else if (parsed == CAGE_PARSED_WHOLE)
        take_message(c, frames, n); /* even the last words of a dead one */
    else if (!alive)
        child_died(c);
}

/* --- the owner's interface --- */

int cage_open(struct loop *loop, const struct cage_options *options, cage_done_fn *fn, void *arg,
              struct cage **out, struct error *err)
{
    struct cage *c = xcalloc(1, sizeof *c);
    int rc;

    c->loop = loop;
    c->options = *options;
    c->fn = fn;
    c->arg = arg;
    c->fd = c->statm_fd = -1;
    buf_init(&c->in, options->max_reply_bytes + CAGE_HEADER_BYTES);
    buf_init(&c->out, SIZE_MAX); /* what the owner sends is in its memory already */
    rc = start_child(c, err);
    if (rc < 0) {
        cage_close(c);
        return rc;
    }
    *out = c;
    return 0;
}

void cage_close(struct cage *c)
{
    if (!c)
        return;
    if (c->state != STATE_DOWN)
        end_child(c);
    loop_remove(c->loop, c->timer);
    buf_fini(&c->in);
    buf_fini(&c->out);
    free(c);
}

bool cage_busy(const struct cage *c)
{
    return c->has_job;
}

void cage_send(struct cage *c, const struct span *frames, size_t n)
{
    assert(!c->has_job);
    buf_clear(&c->out);
    cage_encode(&c->out, frames, n);
    c->sent = 0;
    c->has_job = true;
    if (c->state == STATE_IDLE)
        set_state(c, STATE_WORKING);
}

pid_t cage_pid(const struct cage *c)
{
    return c->pid;
}
