/* check-config: reads a configuration as the services would and says what is wrong with it. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "deploy/run/commands.h"

/* Far more than any file that a person wrote has problems. */
#define PROBLEMS_BYTES ((size_t)1024 * 1024)

static const char usage[] = "Usage: pollwatch check-config [-c FILE]\n"
                            "Says what is wrong in a configuration, one FILE:LINE: cause a line. "
                            "Exit status 78 if anything.\n"
                            "\n"
                            "  -c, --config FILE  the configuration (default: none, all defaults)\n"
                            "  -h, --help         this text\n";

int load_config(const char *path, struct config **out)
{
    struct buf problems;
    struct error err;
    int status = EX_OK;

    buf_init(&problems, PROBLEMS_BYTES);
    if (config_load(path, out, &problems, &err) < 0) {
        status = error_exit_status(&err);
        fprintf(stderr, "%.*s", SPAN_ARG(buf_span(&problems)));
    }
    buf_fini(&problems);
    return status;
}

static int check(const char *path)
{
    struct config *config = NULL;
    int status = load_config(path, &config);

    if (status != EX_OK)
        return status;
    printf("%s: ok, %zu source%s\n", config->file, config->fetcher.sources_n,
           config->fetcher.sources_n == 1 ? "" : "s");
    config_free(config);
    return EX_OK;
}

int check_config_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    const char *path = NULL;
    int c;

    while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            fputs(usage, stderr);
            return EX_USAGE;
        }
    }
    /* the file may also just be named */
    if (!path && optind + 1 == argc)
        path = argv[optind++];
    if (optind != argc) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    return check(path);
}
