#include "deploy/run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* EX_UNAVAILABLE and EX_TEMPFAIL are missing: those are cured by trying again. */
static const struct {
    int status;
    const char *meaning;
} refusals[] = {
    {EX_USAGE, "wrong arguments"},
    {EX_DATAERR, "wrong data"},
    {EX_NOINPUT, "a file or directory is missing"},
    {EX_SOFTWARE, "can't go on; it may be running already"},
    {EX_OSERR, "the system refused; a port may be taken"},
    {EX_OSFILE, "the program is not installed"},
    {EX_CANTCREAT, "can't create a file"},
    {EX_IOERR, "can't read or write; the disk may be full"},
    {EX_PROTOCOL, "another version"},
    {EX_NOPERM, "not permitted"},
    {EX_CONFIG, "the configuration is wrong"},
};

/* Only what is safe between fork() and exec() in a program that has threads (ZeroMQ's). */
static void prepare_child(pid_t parent)
{
    sigset_t none;
    int null;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it died before we asked to be told */
        _exit(EX_TEMPFAIL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    null = open("/dev/null", O_RDONLY);
    if (null >= 0)
        dup2(null, STDIN_FILENO);
}

static _Noreturn void fail_child(const char *program)
{
    const char *cause = strerror(errno);
    const char *const parts[] = {"pollwatch run: start ", program, ": ", cause, "\n"};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        (void)!write(STDERR_FILENO, parts[i], strlen(parts[i]));
    _exit(EX_OSFILE);
}

int process_start(const char *program, const char *const *argv, pid_t *out_pid, struct error *err)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid < 0)
        return error_sys(err, "fork for %s", program);
    if (pid == 0) {
        union {
            const char *const *lent;
            char *const *wanted; /* as POSIX has it, which changes nothing either */
        } arguments = {.lent = argv};

        prepare_child(parent);
        execvp(program, arguments.wanted);
        fail_child(program);
    }
    *out_pid = pid;
    return 0;
}

void process_describe_end(int wait_status, char out[PROCESS_END_BYTES])
{
    int status = WEXITSTATUS(wait_status);

    if (WIFSIGNALED(wait_status)) {
        snprintf(out, PROCESS_END_BYTES, "killed by signal %d (%s)", WTERMSIG(wait_status),
                 strsignal(WTERMSIG(wait_status)));
        return;
    }
    snprintf(out, PROCESS_END_BYTES, "exit status %d", status);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (refusals[i].status == status)
            snprintf(out, PROCESS_END_BYTES, "exit status %d (%s)", status, refusals[i].meaning);
    }
}

bool process_refused(int wait_status, int *out_status)
{
    if (!WIFEXITED(wait_status))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (refusals[i].status == WEXITSTATUS(wait_status)) {
            *out_status = refusals[i].status;
            return true;
        }
    }
    return false;
}
