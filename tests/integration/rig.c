#include "rig.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void rig_path(const struct rig *r, const char *name, char out[RIG_PATH_BYTES])
{
    cr_assert_lt(snprintf(out, RIG_PATH_BYTES, "%s/%s", r->dir, name), RIG_PATH_BYTES);
}

void rig_sleep_ms(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static void write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "w");

    cr_assert_not_null(f, "%s: %s", path, strerror(errno));
    cr_assert_eq(fwrite(text, 1, n, f), n);
    cr_assert_eq(fclose(f), 0);
}

void rig_open(struct rig *r, const char *more_fetcher, const char *more_sources,
              const char *more_parser)
{
    char text[4096];
    int n;

    memset(r, 0, sizeof *r);
    snprintf(r->dir, sizeof r->dir, "/tmp/pollwatch-test-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    rig_path(r, "pollwatch.yaml", r->config);
    rig_path(r, "documents", r->documents);
    cr_assert_eq(mkdir(r->documents, 0755), 0);
    n = snprintf(text, sizeof text,
                 "dir: %s/state\n"
                 "log: {level: debug}\n"
                 "fetcher:\n"
                 "  lease: 3s\n"
                 "  retry: 100ms\n"
                 "%s"
                 "  sources:\n"
                 "    - {id: documents, kind: folder, path: documents, every: 200ms}\n"
                 "%s"
                 "parser:\n"
                 "  workers: 2\n"
                 "%s"
                 "sink:\n"
                 "  ndjson: yes\n",
                 r->dir, more_fetcher, more_sources, more_parser);
    cr_assert_lt(n, (int)sizeof text);
    write_file(r->config, text, (size_t)n);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static void forget(struct rig *r, pid_t pid)
{
    for (size_t i = 0; i < RIG_PROCESSES_MAX; i++) {
        if (r->running[i] == pid)
            r->running[i] = 0;
    }
}

void rig_close(struct rig *r)
{
    for (size_t i = 0; i < RIG_PROCESSES_MAX; i++) {
        if (r->running[i] > 0)
            rig_end(r, r->running[i], SIGKILL);
    }
    nftw(r->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void remember(struct rig *r, pid_t pid)
{
    for (size_t i = 0; i < RIG_PROCESSES_MAX; i++) {
        if (r->running[i] == 0) {
            r->running[i] = pid;
            return;
        }
    }
    cr_assert_fail("too many processes");
}

static void redirect(const char *path, int to)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(126);
    close(fd);
}

/* argv[0] with a slash is a path, else one of our programs. */
static pid_t spawn(const char *const *argv, const char *out, const char *err)
{
    char program[1024];
    pid_t pid;

    snprintf(program, sizeof program, strchr(argv[0], '/') ? "%s" : TEST_BIN_DIR "/%s", argv[0]);
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves nothing behind */
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    execv(program, (char *const *)(uintptr_t)argv);
    _exit(127);
}

pid_t rig_start(struct rig *r, const char *const *argv)
{
    const char *name = strrchr(argv[0], '/');
    char file[RIG_PATH_BYTES];
    char log[RIG_PATH_BYTES];
    pid_t pid;

    snprintf(file, sizeof file, "%s-%zu.log", name ? name + 1 : argv[0], ++r->started);
    rig_path(r, file, log);
    pid = spawn(argv, log, log);
    remember(r, pid);
    return pid;
}

static pid_t start_service(struct rig *r, const char *program)
{
    const char *argv[] = {program, "-c", r->config, NULL};

    return rig_start(r, argv);
}

pid_t rig_start_fetcher(struct rig *r)
{
    return start_service(r, "pollwatch-fetcher");
}

pid_t rig_start_parser(struct rig *r)
{
    return start_service(r, "pollwatch-parser");
}

pid_t rig_start_sink(struct rig *r)
{
    return start_service(r, "pollwatch-sink");
}

int rig_end(struct rig *r, pid_t pid, int signo)
{
    int status = 0;

    kill(pid, signo);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    forget(r, pid);
    return status;
}

int rig_wait_exit(struct rig *r, pid_t pid, unsigned timeout_s)
{
    int status = 0;

    for (unsigned i = 0; i < timeout_s * 20; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid) {
            forget(r, pid);
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        rig_sleep_ms(50);
    }
    cr_assert_fail("process %ld did not end within %u s", (long)pid, timeout_s);
    return -1;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t n = 0;

    if (!f)
        return strdup("");
    if (getdelim(&text, &n, '\0', f) < 0) {
        free(text);
        text = strdup("");
    }
    fclose(f);
    return text;
}

int rig_run(struct rig *r, const char *const *argv, char **out, char **err, unsigned timeout_s)
{
    char file[64];
    char out_path[RIG_PATH_BYTES];
    char err_path[RIG_PATH_BYTES];
    pid_t pid;
    int status;

    r->started++;
    snprintf(file, sizeof file, "run-%zu.out", r->started);
    rig_path(r, file, out_path);
    snprintf(file, sizeof file, "run-%zu.err", r->started);
    rig_path(r, file, err_path);
    pid = spawn(argv, out_path, err_path);
    remember(r, pid);
    status = rig_wait_exit(r, pid, timeout_s);
    if (out)
        *out = read_file(out_path);
    if (err)
        *err = read_file(err_path);
    unlink(out_path);
    unlink(err_path);
    return status;
}

void rig_document(struct rig *r, const char *name, const char *text, size_t n)
{
    char path[2 * RIG_PATH_BYTES];
    char hidden[2 * RIG_PATH_BYTES];

    snprintf(path, sizeof path, "%s/%s", r->documents, name);
    snprintf(hidden, sizeof hidden, "%s/.%s", r->documents, name);
    write_file(hidden, text, n);
    cr_assert_eq(rename(hidden, path), 0); /* the fetcher sees it whole or not at all */
}

void rig_numbered_documents(struct rig *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        char name[32];
        char text[1024];
        int n;

        snprintf(name, sizeof name, "doc-%05zu.txt", i);
        n = snprintf(text, sizeof text,
                     "Statement number %zu on the elections in Freedonia\n\n"
                     "FREEDOM CITY, 3 May 2031 - Voting in district %zu was calm and well "
                     "organized, international observers said.\n\n"
                     "However, the counting was not transparent in %zu of the polling stations "
                     "observed. The authorities should publish results by polling station.\n",
                     i, i, i % 97 + 2);
        rig_document(r, name, text, (size_t)n);
    }
}

json_t *rig_status(struct rig *r)
{
    const char *argv[] = {"pollwatch-run", "status", "-c", r->config, "--json", NULL};
    json_t *status;
    char *out;

    rig_run(r, argv, &out, NULL, 30);
    status = json_loads(out, 0, NULL);
    free(out);
    return status;
}

static long status_number(struct rig *r, const char *service, const char *group, const char *name)
{
    json_t *status = rig_status(r);
    json_t *at = json_object_get(status, service);
    long value = -1;

    if (group)
        at = json_object_get(at, group);
    at = json_object_get(at, name);
    if (json_is_integer(at))
        value = (long)json_integer_value(at);
    json_decref(status);
    return value;
}

long rig_tasks(struct rig *r, const char *name)
{
    return status_number(r, "fetcher", "tasks", name);
}

void rig_wait_settled(struct rig *r, long n, unsigned timeout_s)
{
    for (unsigned i = 0; i < timeout_s * 5; i++) {
        json_t *status = rig_status(r);
        json_t *tasks = json_object_get(json_object_get(status, "fetcher"), "tasks");
        json_int_t done = json_integer_value(json_object_get(tasks, "done"));
        json_int_t dead = json_integer_value(json_object_get(tasks, "dead"));
        json_int_t open = json_integer_value(json_object_get(tasks, "pending")) +
                          json_integer_value(json_object_get(tasks, "leased"));
        bool settled = tasks && done + dead == n && open == 0;

        json_decref(status);
        if (settled)
            return;
        rig_sleep_ms(200);
    }
    cr_assert_fail("not settled within %u s: done %ld, dead %ld, pending %ld, leased %ld",
                   timeout_s, rig_tasks(r, "done"), rig_tasks(r, "dead"), rig_tasks(r, "pending"),
                   rig_tasks(r, "leased"));
}

void rig_wait_statements(struct rig *r, long n, unsigned timeout_s)
{
    for (unsigned i = 0; i < timeout_s * 20; i++) {
        if (status_number(r, "sink", NULL, "statements") >= n)
            return;
        rig_sleep_ms(20);
    }
    cr_assert_fail("fewer than %ld statements within %u s", n, timeout_s);
}

static int is_ndjson(const struct dirent *entry)
{
    return strstr(entry->d_name, ".ndjson") != NULL;
}

static void add_lines(json_t *records, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;

    cr_assert_not_null(f, "%s", path);
    while (getline(&line, &size, f) > 0) {
        json_t *record = json_loads(line, 0, NULL);

        cr_assert_not_null(record, "%s: not JSON: %.200s", path, line);
        json_array_append_new(records, record);
    }
    free(line);
    fclose(f);
}

json_t *rig_records(struct rig *r)
{
    json_t *records = json_array();
    struct dirent **names = NULL;
    char dir[RIG_PATH_BYTES];
    int n;

    rig_path(r, "state/sink/findings", dir);
    n = scandir(dir, &names, is_ndjson, alphasort);
    cr_assert_geq(n, 0, "%s", dir);
    for (int i = 0; i < n; i++) {
        char path[2 * RIG_PATH_BYTES + 256];

        snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        add_lines(records, path);
        free(names[i]);
    }
    free(names);
    return records;
}

static const char *text_of(const json_t *record, const char *key)
{
    const char *text = json_string_value(json_object_get(record, key));

    return text ? text : "";
}

void rig_check_records(const json_t *records, size_t n)
{
    json_t *seen = json_object();
    const char *statement = "";
    size_t statements = 0;
    json_int_t findings_left = 0;
    size_t i;
    json_t *record;

    json_array_foreach(records, i, record)
    {
        cr_assert_eq(json_integer_value(json_object_get(record, "seq")), (json_int_t)i + 1,
                     "record %zu has seq %lld", i,
                     (long long)json_integer_value(json_object_get(record, "seq")));
        if (strcmp(text_of(record, "schema"), "statement/1") == 0) {
            cr_assert_eq(findings_left, 0, "a statement began before the last was whole");
            statement = text_of(record, "statement_id");
            cr_assert_null(json_object_get(seen, statement), "%s twice", statement);
            json_object_set_new(seen, statement, json_true());
            findings_left = json_integer_value(json_object_get(record, "findings"));
            statements++;
        } else {
            cr_assert_str_eq(text_of(record, "statement_id"), statement);
            findings_left--;
        }
    }
    cr_assert_eq(findings_left, 0);
    cr_assert_eq(statements, n, "%zu statements, not %zu", statements, n);
    json_decref(seen);
}

/* The reason that the dead letters keep for a file; "" when it is none of them. The caller's. */
static char *dead_reason(struct rig *r, const char *name)
{
    const char *argv[] = {"pollwatch-fetcher", "dlq", "-c", r->config, "--json", NULL};
    char *reason = strdup("");
    char *line;
    char *rest;
    char *out;

    cr_assert_eq(rig_run(r, argv, &out, NULL, 20), 0);
    for (line = strtok_r(out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        json_t *letter = json_loads(line, 0, NULL);
        const char *url = json_string_value(json_object_get(letter, "url"));

        cr_assert_not_null(url, "%s", line);
        if (strstr(url, name)) {
            free(reason);
            reason = strdup(json_string_value(json_object_get(letter, "reason")));
        }
        json_decref(letter);
    }
    free(out);
    return reason;
}

void rig_check_dead(struct rig *r, const char *name, const char *reason)
{
    char *is = dead_reason(r, name);

    cr_assert_str_eq(is, reason, "%s is dead of \"%s\", not \"%s\"", name, is, reason);
    free(is);
}

void rig_check_statements(struct rig *r, size_t n)
{
    json_t *records = rig_records(r);

    rig_check_records(records, n);
    json_decref(records);
}
