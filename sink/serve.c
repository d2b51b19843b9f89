/* The command line of the service, and its process: signals, loop, links. */
#include "sink/commands.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "common/config.h"
#include "common/log.h"
#include "sink/service.h"

#define LINGER_MS 1000

struct options {
    const char *config;
    const char *results;
    const char *stream;
    const char *dir;
    bool ndjson;
};

static const char usage[] =
    "usage: pollwatch-sink [-c FILE] [--results ENDPOINT] [--stream ENDPOINT] [--dir DIR] "
    "[--ndjson]\n"
    "       pollwatch-sink convert --to json|msgpack|csv FILE...\n"
    "       pollwatch-sink tail [--filter EXPR] [--from SEQ] [--follow] [--count N]\n"
    "\n"
    "Writes what parsers find to files that last, and publishes it. Options win over the file.\n"
    "\n"
    "  -c, --config FILE      pollwatch.yaml; none: defaults\n"
    "      --results ENDPOINT where parsers deliver\n"
    "      --stream ENDPOINT  where consumers subscribe\n"
    "      --dir DIR          holds findings/ and index.sqlite\n"
    "      --ndjson           write .ndjson beside each .msgpack\n"
    "  -h, --help             this text; also after a command\n"
    "\n"
    "SIGTERM and SIGINT end it cleanly. Exit status as in sysexits.h; 74: storage failed.\n";

enum { OPT_RESULTS = 256, OPT_STREAM, OPT_DIR, OPT_NDJSON };

/* Returns -1 to go on, or an exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"results", required_argument, NULL, OPT_RESULTS},
        {"stream", required_argument, NULL, OPT_STREAM},
        {"dir", required_argument, NULL, OPT_DIR},
        {"ndjson", no_argument, NULL, OPT_NDJSON},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int opt;

    while ((opt = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        switch (opt) {
        case 'c':
            o->config = optarg;
            break;
        case OPT_RESULTS:
            o->results = optarg;
            break;
        case OPT_STREAM:
            o->stream = optarg;
            break;
        case OPT_DIR:
            o->dir = optarg;
            break;
        case OPT_NDJSON:
            o->ndjson = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            fputs(usage, stderr);
            return EX_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "pollwatch-sink: unknown command \"%s\"\n%s", argv[optind], usage);
        return EX_USAGE;
    }
    return -1;
}

static void on_signal(void *arg, int signo)
{
    struct loop *loop = arg;

    log_info("sink.stopping", KV_U64("signal", (uint64_t)signo));
    loop_stop(loop);
}

/* Runs until a signal or until storage fails. */
static int serve(struct loop *loop, struct bus *bus, const struct config_sink *config)
{
    struct sink *s = NULL;
    struct error err;
    int rc = sink_open(loop, bus, config, &s, &err);

    if (rc < 0) {
        log_error("sink.not_started", KV_ERR(&err));
        return rc == ERR_STATE ? EX_UNAVAILABLE : error_exit_status(&err);
    }
    rc = loop_run(loop, &err);
    if (rc == 0)
        rc = sink_stop(s, &err);
    if (rc < 0)
        log_error("sink.stopped", KV_ERR(&err));
    else
        log_info("sink.stopped", KV_U64("last_seq", sink_last_seq(s)));
    sink_close(s);
    return rc < 0 ? EX_IOERR : EX_OK;
}

static int run(const struct config *config)
{
    struct loop *loop = loop_new();
    struct bus *bus = NULL;
    struct error err;
    int status;

    log_start("sink", config->log_level, config->log_format);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is an error of write(), not the end */
    signal(SIGPIPE, SIG_IGN);
    if (loop_add_signal(loop, SIGTERM, on_signal, loop, &err) < 0 ||
        loop_add_signal(loop, SIGINT, on_signal, loop, &err) < 0) {
        log_error("sink.not_started", KV_ERR(&err));
        status = EX_OSERR;
    } else {
        bus = bus_new(loop, "zmq");
        status = serve(loop, bus, &config->sink);
    }
    bus_free(bus, LINGER_MS);
    loop_free(loop);
    return status;
}

int service_main(int argc, char **argv)
{
    struct options o = {0};
    struct config *config = NULL;
    struct buf problems;
    struct error err;
    int status = read_options(argc, argv, &o);

    if (status >= 0)
        return status;
    buf_init(&problems, 64 * 1024);
    if (config_load(o.config, &config, &problems, &err) < 0) {
        fprintf(stderr, "%.*s", SPAN_ARG(buf_span(&problems)));
        if (problems.n == 0)
            fprintf(stderr, "pollwatch-sink: %s\n", err.message);
        status = error_exit_status(&err);
    } else {
        if (o.results)
            config->sink.results = o.results;
        if (o.stream)
            config->sink.stream = o.stream;
        if (o.dir)
            config->sink.dir = o.dir;
        config->sink.ndjson |= o.ndjson;
        status = run(config);
    }
    config_free(config);
    buf_fini(&problems);
    return status;
}
