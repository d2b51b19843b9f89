/*
 * Starting the process that becomes a caged child. fork() and exec() rather than posix_spawn(),
 * which can't ask for the signal that ends the child with its owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cage_internal.h"

/*
 * What runs between fork() and exec() may call nothing that takes a lock. The descriptors are first
 * moved out of the way, for each may have any number, that of another's place, too.
 */
static int arrange_descriptors(int socket_fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high_null = fcntl(null_fd, F_DUPFD_CLOEXEC, CAGE_FD + 1);
    int high_socket = fcntl(socket_fd, F_DUPFD_CLOEXEC, CAGE_FD + 1);

    if (null_fd < 0 || high_null < 0 || high_socket < 0)
        return -1;
    if (dup2(high_null, STDIN_FILENO) < 0 || dup2(high_null, STDOUT_FILENO) < 0 ||
        dup2(high_socket, CAGE_FD) < 0)
        return -1;
    return close_range(CAGE_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* exec() keeps what is ignored or blocked, and a service ignores and blocks a few. */
static int reset_signals(void)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++)
        sigaction(signo, &by_default, NULL); /* SIGKILL, SIGSTOP and libc's own say no */
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* execv() changes nothing, but its type is older than const. */
static char *const *unconst(const char *const *argv)
{
    union {
        const char *const *from;
        char *const *to;
    } u = {argv};

    return u.to;
}

static _Noreturn void become_child(const char *const *argv, int socket_fd, int report_fd,
                                   pid_t owner)
{
    int high_report = fcntl(report_fd, F_DUPFD_CLOEXEC, CAGE_FD + 1);
    int sys;

    /* The owner may have died before the first line, and then nobody sends the signal. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == owner && reset_signals() == 0 &&
        arrange_descriptors(socket_fd) == 0)
        execv(argv[0], unconst(argv));
    sys = errno;
    if (write(high_report, &sys, sizeof sys) < 0)
        _exit(127);
    _exit(127);
}

/* Nothing to read: exec() has closed the other end, all is well. */
static int read_report(int fd)
{
    int sys = 0;
    ssize_t got;

    do
        got = read(fd, &sys, sizeof sys);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof sys ? sys : 0;
}

int cage_reap(pid_t pid)
{
    int status = 0;
    pid_t got;

    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    return status;
}

int cage_spawn(const char *const *argv, int socket_fd, pid_t *out, struct error *err)
{
    pid_t owner = getpid();
    int report[2];
    int sys;
    pid_t pid;

    if (pipe2(report, O_CLOEXEC) < 0)
        return error_sys(err, "make a pipe for %s", argv[0]);
    pid = fork();
    if (pid == 0)
        become_child(argv, socket_fd, report[1], owner);
    sys = pid < 0 ? errno : 0;
    close(report[1]);
    if (pid > 0)
        sys = read_report(report[0]);
    close(report[0]);
    if (sys == 0) {
        *out = pid;
        return 0;
    }
    if (pid > 0)
        cage_reap(pid);
    errno = sys;
    return error_sys(err, "start %s", argv[0]);
}
