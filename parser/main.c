/* pollwatch-parser: the service, and the commands `extract`, `article` and `check-rules`. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/config.h"
#include "common/number.h"
#include "parser/article_command.h"
#include "parser/check_rules.h"
#include "parser/child.h"
#include "parser/extract.h"
#include "parser/rules_dir.h"
#include "parser/worker.h"

#define WORKERS_MAX 256

static const char usage[] =
    "Usage: pollwatch-parser [OPTION]...\n"
    "       pollwatch-parser extract|article|check-rules --help\n"
    "Takes documents from fetchers, codes them in caged children, hands the records to sinks.\n"
    "Any number may run, on any number of machines; each may be killed at any time.\n"
    "\n"
    "  -c, --config FILE    configuration (default: none, all defaults)\n"
    "  --fetcher ENDPOINT   a fetcher to work for; may be given again (default: as configured)\n"
    "  --sink ENDPOINT      a sink to hand results to; may be given again\n"
    "  --workers N          caged children (default: as configured)\n"
    "  --rules DIR          coding rules (default: those installed with the program)\n"
    "  --version, --help\n";

#define ENDPOINTS_MAX 64

struct options {
    const char *config;
    const char *rules;
    const char *fetchers[ENDPOINTS_MAX + 1];
    const char *sinks[ENDPOINTS_MAX + 1];
    uint64_t workers; /* 0: as configured */
};

static bool add_endpoint(const char **list, const char *endpoint)
{
    size_t n = 0;

    while (list[n])
        n++;
    if (n == ENDPOINTS_MAX)
        return false;
    list[n] = endpoint;
    return true;
}

/* Returns EX_OK to go on, or the exit status with `*done` set. */
static int read_options(struct options *o, int argc, char **argv, bool *done)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'}, {"fetcher", required_argument, NULL, 'f'},
        {"sink", required_argument, NULL, 's'},   {"workers", required_argument, NULL, 'w'},
        {"rules", required_argument, NULL, 'r'},  {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int c;

    *done = true;
    while ((c = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->config = optarg;
            break;
        case 'r':
            o->rules = optarg;
            break;
        case 'f':
        case 's':
            if (add_endpoint(c == 'f' ? o->fetchers : o->sinks, optarg))
                break;
            fprintf(stderr, "pollwatch-parser: over %d endpoints\n", ENDPOINTS_MAX);
            return EX_USAGE;
        case 'w':
            if (number_read(span_of_str(optarg), 1, WORKERS_MAX, &o->workers))
                break;
            fprintf(stderr, "pollwatch-parser: --workers %s: not 1 to %d\n", optarg, WORKERS_MAX);
            return EX_USAGE;
        case 'v':
            puts("pollwatch-parser " POLLWATCH_VERSION);
            return EX_OK;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            return EX_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "pollwatch-parser: unexpected argument \"%s\"; --help tells more\n",
                argv[optind]);
        return EX_USAGE;
    }
    *done = false;
    return EX_OK;
}

static int load_config(const struct options *o, struct config **config, struct error *err)
{
    struct buf problems;
    int rc;

    buf_init(&problems, (size_t)64 * 1024);
    rc = config_load(o->config, config, &problems, err);
    if (rc < 0)
        fprintf(stderr, "%.*s", SPAN_ARG(buf_span(&problems)));
    buf_fini(&problems);
    return rc;
}

static int serve(const struct options *o, struct config *config, struct error *err)
{
    struct config_parser parser = config->parser;
    char program[PATH_MAX];
    char rules[PATH_MAX];
    struct worker_options options = {.config = &parser, .program = program, .rules_dir = rules};
    int rc;

    if (o->fetchers[0])
        parser.fetchers = o->fetchers;
    if (o->sinks[0])
        parser.sinks = o->sinks;
    if (o->workers > 0)
        parser.workers = (uint32_t)o->workers;
    log_start("parser", config->log_level, config->log_format);
    rc = program_path(program, err);
    if (rc == 0)
        rc = rules_dir_find(o->rules ? o->rules : parser.rules, rules, err);
    if (rc == 0)
        rc = worker_run(&options, err);
    return rc;
}

static int service_main(int argc, char **argv)
{
    struct options o = {0};
    struct config *config = NULL;
    struct error err;
    bool done;
    int status = read_options(&o, argc, argv, &done);

    if (done)
        return status;
    if (load_config(&o, &config, &err) < 0 || serve(&o, config, &err) < 0) {
        fprintf(stderr, "pollwatch-parser: %s\n", err.message);
        status = error_exit_status(&err);
    }
    config_free(config);
    return status;
}

static int child_from_arguments(int argc, char **argv)
{
    uint64_t memory_bytes;

    if (argc != 4 || !number_read(span_of_str(argv[3]), 0, UINT64_MAX, &memory_bytes))
        return EX_USAGE;
    return child_main(argv[2], memory_bytes);
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (strcmp(command, "--child") == 0)
        return child_from_arguments(argc, argv);
    if (strcmp(command, "extract") == 0)
        return extract_command(argc - 1, argv + 1);
    if (strcmp(command, "article") == 0)
        return article_command(argc - 1, argv + 1);
    if (strcmp(command, "check-rules") == 0)
        return check_rules_command(argc - 1, argv + 1);
    return service_main(argc, argv);
}
