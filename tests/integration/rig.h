/*
 * A pollwatch of its own for one test: a directory, a configuration, real processes, real sockets.
 *
 * Everything lives in one directory under /tmp that rig_close() removes; processes are started and
 * ended by their ids only. Waiting is always for a condition, with a deadline that fails the test.
 */
#ifndef POLLWATCH_TESTS_RIG_H
#define POLLWATCH_TESTS_RIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RIG_PROCESSES_MAX 16
#define RIG_PATH_BYTES    256

struct rig {
    char dir[64];
    char config[RIG_PATH_BYTES];
    char documents[RIG_PATH_BYTES]; /* the folder source */
    pid_t running[RIG_PROCESSES_MAX];
    size_t started; /* for names of log files */
};

/*
 * Makes the directory and a configuration with one folder source, polled each 200 ms, and short
 * leases. `more_fetcher` and `more_sources` are YAML lines put into those sections, or "".
 */
void rig_open(struct rig *r, const char *more_fetcher, const char *more_sources,
              const char *more_parser);

/* Ends what still runs and removes the directory. Prints the services' logs when `failed`. */
void rig_close(struct rig *r);

/* Starts build/…/bin/<argv[0]>; standard error goes to a log file. Returns its id. */
pid_t rig_start(struct rig *r, const char *const *argv);
pid_t rig_start_fetcher(struct rig *r);
pid_t rig_start_parser(struct rig *r);
pid_t rig_start_sink(struct rig *r);

/* Sends the signal and waits for the end. Returns the wait status. */
int rig_end(struct rig *r, pid_t pid, int signo);

/* Waits for it to end by itself. Returns its exit status, or -1 when it was killed. */
int rig_wait_exit(struct rig *r, pid_t pid, unsigned timeout_s);

/* Runs to the end; standard output and error land in malloc'd texts (NULL: not wanted). */
int rig_run(struct rig *r, const char *const *argv, char **out, char **err, unsigned timeout_s);

/* Writes documents/<name>. */
void rig_document(struct rig *r, const char *name, const char *text, size_t n);

/* Document number i: a statement of two sentences, no two alike, some KiB long. */
void rig_numbered_documents(struct rig *r, size_t from, size_t to);

/* What `pollwatch status --json` says, or NULL when it does not answer. */
json_t *rig_status(struct rig *r);

/* tasks.<name> of the fetcher; -1: no answer. */
long rig_tasks(struct rig *r, const char *name);

/* Until done + dead == n and nothing is pending or leased. */
void rig_wait_settled(struct rig *r, long n, unsigned timeout_s);

/* Until the sink has committed n statements at least. */
void rig_wait_statements(struct rig *r, long n, unsigned timeout_s);

/* All records of the NDJSON files, in order, as a JSON array. The caller's. */
json_t *rig_records(struct rig *r);

/* Fails unless seq runs 1, 2, 3, … and there are n statements, each once, each followed by its
 * findings. */
void rig_check_records(const json_t *records, size_t n);

/* The same for what the sink has written. */
void rig_check_statements(struct rig *r, size_t n);

/* Fails unless the document is a dead letter for that reason. */
void rig_check_dead(struct rig *r, const char *name, const char *reason);

/* Appends "path" to the rig's directory. */
void rig_path(const struct rig *r, const char *name, char out[RIG_PATH_BYTES]);

void rig_sleep_ms(unsigned ms); /* between two looks at a condition; never instead of one */

#endif
