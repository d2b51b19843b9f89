#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/number.h"

#define CHUNK_BYTES ((size_t)64 * 1024)

/* Bytes read, 0 at the end, or -1 with errno. */
static ssize_t read_some(int fd, char *chunk, size_t n)
{
    ssize_t got;

    do {
        got = read(fd, chunk, n);
    } while (got < 0 && errno == EINTR);
    return got;
}

static int read_to_end(int fd, const char *path, struct buf *out, struct error *err)
{
    char *chunk = xmalloc(CHUNK_BYTES);
    ssize_t got;
    int rc = 0;

    while ((got = read_some(fd, chunk, CHUNK_BYTES)) > 0) {
        buf_add(out, chunk, (size_t)got);
        if (out->failed) {
            rc = error_set(err, ERR_LIMIT, "%s: over %zu bytes", path, out->cap_bytes);
            break;
        }
    }
    if (got < 0)
        rc = error_sys(err, "read %s", path);
    free(chunk);
    return rc;
}

int file_read(const char *path, struct buf *out, struct error *err)
{
    int fd;
    int rc;

    if (strcmp(path, "-") == 0)
        return read_to_end(STDIN_FILENO, "standard input", out, err);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_sys(err, "open %s", path);
    rc = read_to_end(fd, path, out, err);
    close(fd);
    return rc;
}

int file_write_all(int fd, const void *p, size_t n, const char *name, struct error *err)
{
    const char *at = p;

    while (n > 0) {
        ssize_t put = write(fd, at, n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_sys(err, "write %s", name);
        at += put;
        n -= (size_t)put;
    }
    return 0;
}

/* The directory that `path` stands in; free() it. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return xstrdup(".");
    if (slash == path)
        return xstrdup("/");
    return xspandup(span_of(path, (size_t)(slash - path)));
}

static int write_synced(const char *path, const void *p, size_t n, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    int rc;

    if (fd < 0)
        return error_sys(err, "create %s", path);
    rc = file_write_all(fd, p, n, path, err);
    if (rc == 0 && fsync(fd) < 0)
        rc = error_sys(err, "fsync %s", path);
    /* network file systems report a failed write as late as here */
    if (close(fd) < 0 && rc == 0)
        rc = error_sys(err, "close %s", path);
    return rc;
}

int file_write_atomic(const char *path, const void *p, size_t n, struct error *err)
{
    size_t temporary_bytes = strlen(path) + sizeof ".tmp.4294967295";
    char *temporary = xmalloc(temporary_bytes);
    char *parent = parent_of(path);
    int rc;

    /* the process id, so that two processes never write into one half-made file */
    snprintf(temporary, temporary_bytes, "%s.tmp.%u", path, (unsigned)getpid());
    rc = write_synced(temporary, p, n, err);
    if (rc == 0 && rename(temporary, path) < 0)
        rc = error_sys(err, "rename %s to %s", temporary, path);
    if (rc < 0)
        unlink(temporary);
    else
        rc = dir_sync(parent, err);
    free(parent);
    free(temporary);
    return rc;
}

int dir_sync(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = 0;

    if (fd < 0)
        return error_sys(err, "open %s", path);
    if (fsync(fd) < 0)
        rc = error_sys(err, "fsync %s", path);
    close(fd);
    return rc;
}

static int make_one(const char *path, struct error *err)
{
    struct stat st;

    if (mkdir(path, 0755) == 0)
        return 0;
    /* whatever mkdir says of what is there (EEXIST, EROFS, EACCES), a directory is fine */
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return error_sys(err, "make directory %s", path);
}

int dir_make(const char *path, struct error *err)
{
    char *copy = xstrdup(path);
    int rc = 0;

    for (char *slash = strchr(copy + 1, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        rc = make_one(copy, err);
        *slash = '/';
    }
    if (rc == 0)
        rc = make_one(copy, err);
    if (rc == 0 && faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
        rc = error_sys(err, "write into %s", path);
    free(copy);
    return rc;
}

/* Who holds the lock, as far as the file tells; 0 is unknown. */
static uint64_t read_holder(int fd)
{
    char text[24];
    ssize_t got = pread(fd, text, sizeof text, 0);
    uint64_t pid;

    if (got <= 0 || !number_read(span_trim(span_of(text, (size_t)got)), 1, INT32_MAX, &pid))
        return 0;
    return pid;
}

/* For people only: the lock itself is what counts, so failures are of no consequence. */
static void write_holder(int fd)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%u\n", (unsigned)getpid());

    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) < 0)
        return;
}

static int lock_file(const char *path, int *out_fd, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    int rc;

    if (fd < 0)
        return error_sys(err, "open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_holder(fd);
        *out_fd = fd;
        return 0;
    }
    if (errno == EWOULDBLOCK)
        rc = error_set(err, ERR_STATE, "%s: held by another process (pid %llu)", path,
                       (unsigned long long)read_holder(fd));
    else
        rc = error_sys(err, "lock %s", path);
    close(fd);
    return rc;
}

int dir_lock(const char *path, int *out_fd, struct error *err)
{
    size_t file_bytes = strlen(path) + sizeof "/lock";
    char *file = xmalloc(file_bytes);
    int rc;

    snprintf(file, file_bytes, "%s/lock", path);
    rc = lock_file(file, out_fd, err);
    free(file);
    return rc;
}
