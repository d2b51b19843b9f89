/* pollwatch-fetcher: the service, its caged child, and a look at the dead letters. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/log.h"
#include "fetcher/dlq.h"
#include "fetcher/feed_child.h"
#include "fetcher/service.h"

/* What the configuration's problems may come to; each is a line. */
#define PROBLEMS_MAX_BYTES ((size_t)256 * 1024)

/* Address space of the caged child: libraries included, with room for a 64 MB feed's tree. */
#ifdef POLLWATCH_SANITIZED
#define CHILD_SPACE_BYTES ((uint64_t)0)
#else
#define CHILD_SPACE_BYTES ((uint64_t)1024 * 1024 * 1024)
#endif

static const char help[] =
    "pollwatch-fetcher watches sources, keeps what they publish and hands it to parsers.\n"
    "\n"
    "  pollwatch-fetcher [-c FILE]              run the service\n"
    "  pollwatch-fetcher dlq [-c FILE] [--json] list the dead letters\n"
    "\n"
    "  -c, --config FILE  the configuration; without it all is at its default\n"
    "      --json         one JSON object a line\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "Exit codes are those of sysexits.h. SIGTERM drains.\n";

struct arguments {
    const char *program;
    const char *config;
    bool as_json;
};

static int load(const struct arguments *a, struct config **out)
{
    struct buf problems;
    struct error err;
    int rc;

    buf_init(&problems, PROBLEMS_MAX_BYTES);
    rc = config_load(a->config, out, &problems, &err);
    if (rc == ERR_CONFIG && problems.n > 0)
        fprintf(stderr, "%.*s", SPAN_ARG(buf_span(&problems)));
    else if (rc < 0)
        fprintf(stderr, "pollwatch-fetcher: %s\n", err.message);
    buf_fini(&problems);
    return rc < 0 ? error_exit_status(&err) : EX_OK;
}

static int finish(int rc, const struct error *err)
{
    if (rc >= 0)
        return EX_OK;
    fprintf(stderr, "pollwatch-fetcher: %s\n", err->message);
    return error_exit_status(err);
}

static int run_service(const struct arguments *a)
{
    struct config *config = NULL;
    struct error err;
    int status = load(a, &config);

    if (status != EX_OK)
        return status;
    log_start("fetcher", config->log_level, config->log_format);
    status = finish(service_run(config, a->program, &err), &err);
    config_free(config);
    return status;
}

static int run_dlq(const struct arguments *a)
{
    struct config *config = NULL;
    struct error err;
    int status = load(a, &config);

    if (status != EX_OK)
        return status;
    status = finish(dlq_list(config->fetcher.dir, a->as_json, &err), &err);
    config_free(config);
    return status;
}

static int usage(void)
{
    fputs("Try 'pollwatch-fetcher --help'.\n", stderr);
    return EX_USAGE;
}

/* Returns -1 to go on, or the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            a->config = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return EX_OK;
        case 'j':
            a->as_json = true;
            break;
        case 'V':
            puts("pollwatch-fetcher " POLLWATCH_VERSION);
            return EX_OK;
        default:
            return usage();
        }
    }
    return -1;
}

int main(int argc, char **argv)
{
    /* not argv[0], which may be a bare name that execv() can't find */
    struct arguments a = {.program = "/proc/self/exe"};
    int status;

    if (argc == 2 && strcmp(argv[1], "--child") == 0)
        return feed_child_main(CHILD_SPACE_BYTES);
    status = read_arguments(argc, argv, &a);
    if (status >= 0)
        return status;
    if (optind == argc)
        return run_service(&a);
    if (optind == argc - 1 && strcmp(argv[optind], "dlq") == 0)
        return run_dlq(&a);
    return usage();
}
