/*
 * Four walls, each of which would do for most attacks, in the order in which they can be built:
 *
 *   descriptors     all above `keep_fd` are closed, so that there is nothing to reach for
 *   Landlock        no path can be opened, where the kernel has it (5.13); else the next ones do
 *   rlimits         no more memory, descriptors, files, processes or core dumps
 *   seccomp         a short list of system calls; any other kills the process at once
 *
 * The list is what an allocator, stdio on descriptors that are already open, and abort() need.
 * Memory may be mapped, but never executable, so injected code can't be run either.
 */
#include "common/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <malloc.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/compiler.h"

#ifdef POLLWATCH_SANITIZED
/* The leak check at exit starts a thread and reads /proc: seccomp would call it an attack. */
static int in_sandbox;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return in_sandbox;
}
#endif

/* --- Landlock --- */

/* Every right of version 1; those of later versions need no path that these would not need first.
 */
#define LANDLOCK_ALL_RIGHTS                                                                        \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
     LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |                                 \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* A ruleset without a rule allows nothing. A kernel without Landlock is no failure. */
static int forbid_paths(struct error *err)
{
    struct landlock_ruleset_attr rights = {.handled_access_fs = LANDLOCK_ALL_RIGHTS};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rights, sizeof rights, 0);
    long rc;

    if (fd < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
        return 0;
    if (fd < 0)
        return error_sys(err, "make a Landlock ruleset");
    rc = syscall(SYS_landlock_restrict_self, fd, 0);
    close(fd);
    return rc < 0 ? error_sys(err, "enter the Landlock ruleset") : 0;
}

/* --- rlimits --- */

static int set_limit(__rlimit_resource_t resource, uint64_t value, struct error *err)
{
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value};

    if (setrlimit(resource, &limit) < 0)
        return error_sys(err, "set resource limit %d to %llu", (int)resource,
                         (unsigned long long)value);
    return 0;
}

#ifdef POLLWATCH_SANITIZED
/* Shadow memory is terabytes of address space, and reports must reach a log file. */
static int limit_memory_and_files(const struct sandbox_limits *limits, struct error *err)
{
    (void)limits;
    (void)err;
    return 0;
}
#else
static int limit_memory_and_files(const struct sandbox_limits *limits, struct error *err)
{
    /* Standard error may be a file: a message is lost then, but not the process. */
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return error_sys(err, "ignore SIGXFSZ");
    if (set_limit(RLIMIT_FSIZE, 0, err) < 0)
        return err->code;
    return limits->memory_bytes ? set_limit(RLIMIT_AS, limits->memory_bytes, err) : 0;
}
#endif

static int set_limits(const struct sandbox_limits *limits, int keep_fd, struct error *err)
{
    uint64_t files = limits->files ? limits->files : (uint64_t)keep_fd + 1;
    int rc = set_limit(RLIMIT_CORE, 0, err);

    if (rc == 0)
        rc = set_limit(RLIMIT_NPROC, 0, err);
    if (rc == 0)
        rc = set_limit(RLIMIT_NOFILE, files, err);
    if (rc == 0)
        rc = limit_memory_and_files(limits, err);
    return rc;
}

/* --- seccomp --- */

static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(restart_syscall),
    /* memory; mmap and mprotect are below */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(sysinfo), /* qsort() asks how much there is */
    /* time and chance */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getrandom),
    /* locks, signals to itself (abort), and the end */
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* stdio asks what kind of file it writes to, and takes no for an answer. */
static const int refused[] = {
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat),
    SCMP_SYS(ioctl),
    SCMP_SYS(lseek),
};

/* Each returns 0 or a negative errno, as libseccomp does. */
static int add_plain_rules(scmp_filter_ctx filter)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(allowed); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(refused); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    return rc;
}

static int add_rules_on_arguments(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    struct scmp_arg_cmp to_itself = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable);

    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_executable);
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, to_itself);
    return rc;
}

static int forbid_system_calls(struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = filter ? 0 : -ENOMEM;

    if (rc == 0) /* the other architectures that this kernel runs, x32 say */
        rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (rc == 0)
        rc = add_plain_rules(filter);
    if (rc == 0)
        rc = add_rules_on_arguments(filter);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    if (rc == 0)
        return 0;
    errno = -rc;
    return error_sys(err, "load the seccomp filter");
}

/* --- all together --- */

static int give_up_privileges(struct error *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_sys(err, "set no-new-privs");
#ifndef POLLWATCH_SANITIZED
    /* No debugger of the same user, and no hostile memory for the system's collector of cores. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return error_sys(err, "become undumpable");
#endif
    return 0;
}

int sandbox_enter(const struct sandbox_limits *limits, int keep_fd, struct error *err)
{
    int rc;

    if (close_range((unsigned)keep_fd + 1, ~0U, 0) < 0)
        return error_sys(err, "close the descriptors above %d", keep_fd);
    tzset();                 /* gmtime(), too, reads the time zone's file when it is first called */
    mallopt(M_ARENA_MAX, 1); /* one thread; before a second arena, malloc() would count the CPUs */
    rc = give_up_privileges(err);
    if (rc == 0)
        rc = forbid_paths(err);
    if (rc == 0)
        rc = set_limits(limits, keep_fd, err);
    if (rc == 0)
        rc = forbid_system_calls(err);
#ifdef POLLWATCH_SANITIZED
    in_sandbox = rc == 0;
#endif
    return rc;
}
