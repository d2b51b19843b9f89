#include <criterion/criterion.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file.h"

static char dir[] = "/tmp/test_file.XXXXXX";
static char path[64];
static struct error err;

static void setup(void)
{
    cr_assert(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/f", dir);
}

static void teardown(void)
{
    char command[96];

    snprintf(command, sizeof command, "rm -rf %s", dir);
    cr_assert(system(command) == 0);
}

TestSuite(file, .init = setup, .fini = teardown, .timeout = 20);
TestSuite(dir, .init = setup, .fini = teardown, .timeout = 20);

static const char *in_dir(const char *name)
{
    static char full[96];

    snprintf(full, sizeof full, "%s/%s", dir, name);
    return full;
}

static size_t entries(void)
{
    DIR *d = opendir(dir);
    size_t n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n - 2; /* . and .. */
}

Test(file, what_was_written_is_read)
{
    size_t n = 300000; /* over several chunks */
    char *bytes = malloc(n);
    struct buf got;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 >> 3);
    cr_assert(file_write_atomic(path, bytes, n, &err) == 0);
    buf_init(&got, n);
    cr_assert(file_read(path, &got, &err) == 0);

    cr_assert(got.n == n && memcmp(got.data, bytes, n) == 0);
    cr_assert(entries() == 1, "a temporary file was left");
    buf_fini(&got);
    free(bytes);
}

Test(file, reading_appends)
{
    struct buf got;

    cr_assert(file_write_atomic(path, "b", 1, &err) == 0);
    buf_init(&got, 10);
    buf_add_str(&got, "a");
    cr_assert(file_read(path, &got, &err) == 0);

    cr_assert(span_equal_str(buf_span(&got), "ab"));
    buf_fini(&got);
}

Test(file, one_byte_over_the_cap_is_a_limit)
{
    struct buf got;

    cr_assert(file_write_atomic(path, "abcd", 4, &err) == 0);
    buf_init(&got, 3);

    cr_assert(file_read(path, &got, &err) == ERR_LIMIT);

    cr_assert(strstr(err.message, "/f: over 3 bytes"), "%s", err.message);
    buf_fini(&got);
}

Test(file, an_empty_file_is_fine)
{
    struct buf got;

    cr_assert(file_write_atomic(path, "", 0, &err) == 0);
    buf_init(&got, 3);

    cr_assert(file_read(path, &got, &err) == 0 && got.n == 0);
}

Test(file, one_that_is_not_there_or_is_a_directory_says_so)
{
    struct buf got;

    buf_init(&got, 3);
    cr_assert(file_read(path, &got, &err) == ERR_SYS && err.sys == ENOENT);
    cr_assert(strstr(err.message, path), "%s", err.message);
    cr_assert(file_read(dir, &got, &err) == ERR_SYS && err.sys == EISDIR);
    buf_fini(&got);
}

Test(file, a_dash_is_standard_input)
{
    struct buf got;
    int pipes[2];

    cr_assert(pipe(pipes) == 0);
    cr_assert(write(pipes[1], "in", 2) == 2);
    close(pipes[1]);
    cr_assert(dup2(pipes[0], STDIN_FILENO) == STDIN_FILENO);
    buf_init(&got, 10);

    cr_assert(file_read("-", &got, &err) == 0);

    cr_assert(span_equal_str(buf_span(&got), "in"));
    buf_fini(&got);
}

Test(file, a_new_file_replaces_the_old_whole)
{
    struct buf got;

    cr_assert(file_write_atomic(path, "a longer text", 13, &err) == 0);
    cr_assert(file_write_atomic(path, "b", 1, &err) == 0);
    buf_init(&got, 100);
    cr_assert(file_read(path, &got, &err) == 0);

    cr_assert(span_equal_str(buf_span(&got), "b"));
    buf_fini(&got);
}

Test(file, a_write_that_fails_leaves_the_old_file_and_no_litter)
{
    struct buf got;

    cr_assert(file_write_atomic(in_dir("none/f"), "x", 1, &err) == ERR_SYS && err.sys == ENOENT);
    cr_assert(mkdir(path, 0755) == 0);
    cr_assert(file_write_atomic(path, "x", 1, &err) == ERR_SYS && err.sys == EISDIR);

    cr_assert(entries() == 1);
    buf_init(&got, 1);
    buf_fini(&got);
}

Test(file, a_full_disk_is_an_error_with_the_name)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    cr_assert(fd >= 0);
    cr_assert(file_write_all(fd, "x", 1, "segment", &err) == ERR_SYS);

    cr_assert(err.sys == ENOSPC && strstr(err.message, "write segment"));
    close(fd);
}

/* More than a pipe holds: the writer must go on after short writes, while a child reads slowly. */
Test(file, short_writes_go_on)
{
    size_t n = 1000000;
    char *bytes = calloc(n, 1);
    int pipes[2];
    int status;
    pid_t reader;

    cr_assert(pipe(pipes) == 0);
    reader = fork();
    if (reader == 0) {
        char chunk[1000];
        size_t left = n;

        close(pipes[1]);
        while (left > 0) {
            ssize_t got = read(pipes[0], chunk, sizeof chunk);

            if (got <= 0)
                _exit(1);
            left -= (size_t)got;
        }
        _exit(0);
    }
    close(pipes[0]);

    cr_assert(file_write_all(pipes[1], bytes, n, "pipe", &err) == 0);

    close(pipes[1]);
    cr_assert(waitpid(reader, &status, 0) == reader && status == 0);
    free(bytes);
}

Test(dir, parents_are_made_and_what_is_there_is_fine)
{
    struct stat st;

    cr_assert(dir_make(in_dir("a/b//c/"), &err) == 0, "%s", err.message);
    cr_assert(dir_make(in_dir("a/b/c"), &err) == 0);

    cr_assert(stat(in_dir("a/b/c"), &st) == 0 && S_ISDIR(st.st_mode));
    cr_assert(dir_sync(in_dir("a"), &err) == 0);
}

Test(dir, a_file_in_the_way_is_an_error)
{
    cr_assert(file_write_atomic(path, "x", 1, &err) == 0);

    cr_assert(dir_make(path, &err) == ERR_SYS && err.sys == EEXIST);
    cr_assert(dir_make(in_dir("f/g"), &err) == ERR_SYS);
    cr_assert(dir_sync(path, &err) == ERR_SYS && err.sys == ENOTDIR);
}

Test(dir, one_that_is_not_writable_is_an_error)
{
    if (geteuid() == 0)
        cr_assert(seteuid(65534) == 0); /* root may write everywhere */
    cr_assert(dir_make("/proc/1/x", &err) == ERR_SYS);
    cr_assert(dir_make("/usr", &err) == ERR_SYS && err.sys == EACCES, "%s", err.message);
    if (getuid() == 0)
        cr_assert(seteuid(0) == 0);
}

/* The lock of another process, which says when it has it and holds it until it is killed. */
static pid_t lock_elsewhere(void)
{
    int pipes[2];
    char byte = 0;
    pid_t pid;

    cr_assert(pipe(pipes) == 0);
    pid = fork();
    if (pid == 0) {
        int fd;

        byte = dir_lock(dir, &fd, &err) == 0 ? 'y' : 'n';
        if (write(pipes[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    cr_assert(read(pipes[0], &byte, 1) == 1 && byte == 'y');
    return pid;
}

Test(dir, a_lock_is_held_for_the_life_of_its_process)
{
    pid_t holder = lock_elsewhere();
    char who[32];
    int fd = -1;

    snprintf(who, sizeof who, "(pid %d)", (int)holder);
    cr_assert(dir_lock(dir, &fd, &err) == ERR_STATE);
    cr_assert(strstr(err.message, who), "%s", err.message);

    kill(holder, SIGKILL);
    cr_assert(waitpid(holder, NULL, 0) == holder);
    cr_assert(dir_lock(dir, &fd, &err) == 0, "%s", err.message);
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

Test(dir, a_lock_needs_its_directory)
{
    int fd;

    cr_assert(dir_lock(in_dir("none"), &fd, &err) == ERR_SYS && err.sys == ENOENT);
}
