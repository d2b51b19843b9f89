/*
 * The child of test_cage.c: does what the first frame of a job names. Arguments: how it starts
 * ("serve", "broken": exits at once, "silent": never gets ready), then the address space that its
 * sandbox allows (0: any).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cage.h"
#include "common/mem.h"
#include "common/sandbox.h"

#define MAX_JOB_BYTES (1024 * 1024)
#define EAT_STEP      (1024 * 1024)

static char reply_text[256];

/* --- what jobs ask for --- */

static void crash(void)
{
    abort();
}

static void leave(void)
{
    _exit(3);
}

static void spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void eat(void)
{
    for (;;)
        memset(xmalloc(EAT_STEP), 1, EAT_STEP);
}

static void give_up(void)
{
    _exit(MEM_EXIT_STATUS);
}

static void open_a_file(void)
{
    (void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void open_a_socket(void)
{
    (void)!socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void fork_off(void)
{
    if (fork() == 0)
        _exit(0);
}

static void execute(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

static void map_code(void)
{
    (void)!mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void kill_the_owner(void)
{
    kill(getppid(), SIGKILL);
}

static void shout(void)
{
    static const uint32_t too_many = CAGE_FRAMES_MAX + 1;

    (void)!write(CAGE_FD, &too_many, sizeof too_many);
    pause();
}

/* A whole second reply before the first. */
static void say_it_twice(void)
{
    static const uint32_t empty = 0;

    (void)!write(CAGE_FD, &empty, sizeof empty);
}

static void hang_up(void)
{
    close(CAGE_FD);
    spin();
}

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {
    {"crash", crash},
    {"leave", leave},
    {"spin", spin},
    {"eat", eat},
    {"give-up", give_up},
    {"open", open_a_file},
    {"socket", open_a_socket},
    {"fork", fork_off},
    {"exec", execute},
    {"map-code", map_code},
    {"kill", kill_the_owner},
    {"shout", shout},
    {"twice", say_it_twice},
    {"hang-up", hang_up},
};

/* --- jobs with an answer --- */

/* stdio and the calendar must work in here; a path must not be seen. */
static void look_around(struct span *reply, size_t *reply_n)
{
    struct stat st;
    struct tm day;
    time_t then = 0;
    int year = gmtime_r(&then, &day) && localtime_r(&then, &day) ? day.tm_year : -1;
    int sees = stat("/etc/passwd", &st) == 0;
    int n = snprintf(reply_text, sizeof reply_text, "null=%d path=%d year=%d",
                     write(STDOUT_FILENO, "", 1) == 1, sees, year);

    printf("%s\n", reply_text);
    fflush(stdout);
    reply[0] = span_of(reply_text, (size_t)n);
    *reply_n = 1;
}

static void send_much(struct span size, struct span *reply, size_t *reply_n)
{
    size_t n = 0;

    for (size_t i = 0; i < size.n; i++)
        n = n * 10 + (size_t)(size.p[i] - '0');
    reply[0] = span_of(xcalloc(1, n), n);
    *reply_n = 1;
}

static void on_job(void *arg, const struct span *frames, size_t n, struct span *reply,
                   size_t *reply_n)
{
    (void)arg;
    if (n > 1 && span_equal_str(frames[0], "much")) {
        send_much(frames[1], reply, reply_n);
        return;
    }
    if (n > 0 && span_equal_str(frames[0], "look")) {
        look_around(reply, reply_n);
        return;
    }
    for (size_t i = 0; n > 0 && i < ARRAY_LEN(acts); i++)
        if (span_equal_str(frames[0], acts[i].name))
            acts[i].act();
    for (size_t i = 0; i < n; i++)
        reply[i] = frames[i];
    *reply_n = n;
}

int main(int argc, char **argv)
{
    struct sandbox_limits limits = {0};
    struct error err;

    if (argc != 3 || strcmp(argv[1], "broken") == 0)
        return 4;
    if (strcmp(argv[1], "silent") == 0)
        pause();
    limits.memory_bytes = strtoull(argv[2], NULL, 10);
    if (sandbox_enter(&limits, CAGE_FD, &err) < 0 ||
        cage_serve(MAX_JOB_BYTES, on_job, NULL, &err) < 0) {
        fprintf(stderr, "cage_child: %s\n", err.message);
        return 5;
    }
    return 0;
}
