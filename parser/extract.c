#include "parser/extract.h"

#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/cage.h"
#include "common/file.h"
#include "common/mem.h"
#include "common/timestamp.h"
#include "parser/explain.h"
#include "parser/rules.h"
#include "parser/rules_dir.h"
#include "proto/limits.h"
#include "proto/message.h"
#include "proto/record.h"

#define CHILD_TIME_MS      30000
#define CHILD_MEMORY_BYTES ((uint64_t)1024 * 1024 * 1024)

static const char usage[] =
    "Usage: pollwatch extract [OPTION]... FILE...\n"
    "Codes local files into a statement and its findings, on standard output.\n"
    "A FILE \"-\" is standard input. No service is needed; nothing is kept.\n"
    "\n"
    "  --url URL           the document's address (default: its file: URL)\n"
    "  --source ID         the source that the records name (default: local)\n"
    "  --issuer SLUG       who issued it, when the text does not say\n"
    "  --media-type TYPE   text/html or text/plain (default: by name and content)\n"
    "  --fetched-at TIME   RFC 3339; relative dates count from here\n"
    "  --format FORMAT     json (one record a line) or msgpack (default: json)\n"
    "  --uncoded[=REASON]  instead of records: each sentence without a finding, one a line, those\n"
    "                      that no rule knew first (no_rule); or those of one reason\n"
    "  --explain           instead of records, for people: each sentence, the cues in it, its\n"
    "                      clauses and findings, and which cue led to which\n"
    "  --rules DIR         coding rules (default: those installed with the program)\n"
    "  --help              this text\n"
    "\n"
    "A file that can't be coded is named on standard error, the others are done, and the exit\n"
    "status is 65 (EX_DATAERR).\n";

enum output { OUTPUT_JSON, OUTPUT_MSGPACK, OUTPUT_UNCODED, OUTPUT_EXPLAIN };

struct extract {
    struct loop *loop;
    struct cage *cage;
    struct arena *arena;
    enum output output;
    enum uncoded_reason reason; /* that --uncoded asks for; NONE: all */
    struct explain_totals totals;
    struct rules *explaining; /* for OUTPUT_EXPLAIN, else NULL */
    const char *url;
    const char *source;
    const char *issuer;
    const char *media_type;
    const char *fetched_at;
    const char *rules;
    uint64_t seq;
    const char *file; /* at work */
    bool answered;
    bool failed; /* one file at least */
};

static void complain(struct extract *x, const char *message)
{
    fprintf(stderr, "pollwatch extract: %s: %s\n", x->file, message);
    x->failed = true;
}

static void print_record(const struct extract *x, const struct shape *shape, const void *record)
{
    struct buf out;

    buf_init(&out, 4 * LIMIT_RECORD_BYTES);
    if (x->output == OUTPUT_JSON) {
        shape_json(shape, record, &out);
        buf_add_char(&out, '\n');
    } else {
        shape_pack(shape, record, &out);
    }
    fwrite(out.data, 1, out.n, stdout);
    buf_fini(&out);
}

static void print_records(struct extract *x, struct coded_statement *coded)
{
    coded->statement.seq = ++x->seq;
    print_record(x, &statement_shape, &coded->statement);
    for (size_t i = 0; i < coded->findings.n; i++) {
        coded->findings.items[i].seq = ++x->seq;
        print_record(x, &finding_shape, &coded->findings.items[i]);
    }
}

static void print_coded(struct extract *x, struct span records)
{
    struct coded_statement coded;
    struct error err;

    if (coded_statement_unpack(records, x->arena, &coded, &err) < 0) {
        complain(x, err.message);
        return;
    }
    switch (x->output) {
    case OUTPUT_JSON:
    case OUTPUT_MSGPACK:
        print_records(x, &coded);
        break;
    case OUTPUT_UNCODED:
        explain_uncoded(&coded, x->file, x->reason, stdout);
        break;
    case OUTPUT_EXPLAIN:
        explain_statement(&coded, x->file, x->explaining, x->arena, stdout);
        break;
    }
    explain_add(&x->totals, &coded);
}

static void on_done(void *arg, enum cage_outcome outcome, const char *detail,
                    const struct span *frames, size_t n)
{
    struct extract *x = arg;
    union message_head head;
    enum message_kind kind;
    struct span bulk;
    struct error err;

    x->answered = true;
    if (outcome != CAGE_REPLY)
        complain(x, detail);
    else if (message_read(frames, n, x->arena, &kind, &head, &bulk, &err) < 0)
        complain(x, err.message);
    else if (kind == MSG_RESULT)
        print_coded(x, bulk);
    else if (kind == MSG_FAIL)
        complain(x, arena_printf(x->arena, "%.*s: %.*s", SPAN_ARG(head.fail.reason),
                                 SPAN_ARG(head.fail.detail))
                        .p);
    else
        complain(x, "the child answered neither RESULT nor FAIL");
}

static struct span media_type_of(const struct extract *x)
{
    struct span name = span_of_str(x->file);

    if (x->media_type)
        return span_of_str(x->media_type);
    if (span_ends(name, SPAN_LIT(".html")) || span_ends(name, SPAN_LIT(".htm")))
        return SPAN_LIT("text/html");
    if (span_ends(name, SPAN_LIT(".txt")))
        return SPAN_LIT("text/plain");
    return SPAN_NULL;
}

static struct span url_of(struct extract *x)
{
    char *real;
    struct span url;

    if (x->url)
        return span_of_str(x->url);
    real = realpath(x->file, NULL);
    url = arena_printf(x->arena, "file://%s", real ? real : x->file);
    free(real);
    return url;
}

static int code_file(struct extract *x, struct error *err)
{
    struct msg_work work = {0};
    struct message m;
    struct buf body;
    int rc;

    buf_init(&body, LIMIT_BODY_BYTES);
    message_init(&m);
    rc = file_read(x->file, &body, err);
    if (rc == 0) {
        work.url = url_of(x);
        work.source = span_of_str(x->source);
        work.issuer = span_of_str(x->issuer);
        work.media_type = media_type_of(x);
        work.fetched_at = span_of_str(x->fetched_at);
        message_write(&m, MSG_WORK, &work, buf_span(&body));
        x->answered = false;
        cage_send(x->cage, m.frames, m.n);
        while (rc == 0 && !x->answered)
            rc = loop_turn(x->loop, 1000, err);
    }
    message_fini(&m);
    buf_fini(&body);
    return rc;
}

static int code_files(struct extract *x, char **files, struct error *err)
{
    char program[PATH_MAX];
    char rules[PATH_MAX];
    char memory[24];
    const char *argv[] = {program, "--child", rules, memory, NULL};
    struct cage_options options = {
        .argv = argv,
        .time_ms = CHILD_TIME_MS,
        .memory_bytes = CHILD_MEMORY_BYTES,
        .max_reply_bytes = LIMIT_RESULT_BYTES + LIMIT_HEAD_BYTES + 64,
    };
    int rc = program_path(program, err);

    snprintf(memory, sizeof memory, "%" PRIu64, CHILD_MEMORY_BYTES);
    if (rc == 0)
        rc = rules_dir_find(x->rules, rules, err);
    if (rc == 0 && x->output == OUTPUT_EXPLAIN)
        rc = rules_load(rules, &x->explaining, err);
    if (rc == 0)
        rc = cage_open(x->loop, &options, on_done, x, &x->cage, err);
    if (rc < 0)
        return rc;
    for (; *files; files++) {
        arena_reset(x->arena);
        x->file = *files;
        if (code_file(x, err) < 0)
            complain(x, err->message);
    }
    cage_close(x->cage);
    return 0;
}

/* ---- options ---- */

static bool read_format(const char *name, enum output *out)
{
    if (span_equal_str(span_of_str(name), "json"))
        *out = OUTPUT_JSON;
    else if (span_equal_str(span_of_str(name), "msgpack"))
        *out = OUTPUT_MSGPACK;
    else
        return false;
    return true;
}

static void refuse_reason(const char *reason)
{
    fprintf(stderr, "pollwatch extract: --uncoded=%s: must be one of", reason);
    for (int r = UNCODED_NONE + 1; uncoded_reason_names[r]; r++)
        fprintf(stderr, " %s", uncoded_reason_names[r]);
    putc('\n', stderr);
}

/* NULL: all reasons. */
static bool read_reason(const char *reason, enum uncoded_reason *out)
{
    if (!reason)
        return true;
    *out = (enum uncoded_reason)name_value(uncoded_reason_names, span_of_str(reason));
    if (*out == UNCODED_NONE)
        refuse_reason(reason);
    return *out != UNCODED_NONE;
}

/* The options whose text is checked. */
static bool read_checked(struct extract *x, int option)
{
    uint64_t ignored;

    switch (option) {
    case 't':
        x->fetched_at = optarg;
        if (timestamp_read(span_of_str(optarg), &ignored))
            return true;
        fprintf(stderr, "pollwatch extract: --fetched-at %s: not an RFC 3339 time\n", optarg);
        return false;
    case 'f':
        if (read_format(optarg, &x->output))
            return true;
        fprintf(stderr, "pollwatch extract: --format %s: json or msgpack\n", optarg);
        return false;
    case 'n':
        x->output = OUTPUT_UNCODED;
        return read_reason(optarg, &x->reason);
    default:
        return false; /* getopt has said what is wrong */
    }
}

static int check_usage(const struct extract *x, int files, int outputs)
{
    const char *wrong = NULL;

    if (files == 0)
        wrong = "no FILE; --help tells more";
    else if (x->url && files > 1)
        wrong = "--url goes with one FILE only";
    else if (outputs > 1)
        wrong = "--format, --uncoded and --explain exclude each other";
    if (!wrong)
        return EX_OK;
    fprintf(stderr, "pollwatch extract: %s\n", wrong);
    return EX_USAGE;
}

/* Returns EX_OK to go on, or the exit status with `*done` set. */
static int read_options(struct extract *x, int argc, char **argv, bool *done)
{
    static const struct option options[] = {
        {"url", required_argument, NULL, 'u'},
        {"source", required_argument, NULL, 's'},
        {"issuer", required_argument, NULL, 'i'},
        {"media-type", required_argument, NULL, 'm'},
        {"fetched-at", required_argument, NULL, 't'},
        {"format", required_argument, NULL, 'f'},
        {"rules", required_argument, NULL, 'r'},
        {"uncoded", optional_argument, NULL, 'n'},
        {"explain", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int outputs = 0; /* options that say what to print */
    int status;
    int c;

    *done = true;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        outputs += c == 'f' || c == 'n' || c == 'x';
        switch (c) {
        case 'u':
            x->url = optarg;
            break;
        case 's':
            x->source = optarg;
            break;
        case 'i':
            x->issuer = optarg;
            break;
        case 'm':
            x->media_type = optarg;
            break;
        case 'r':
            x->rules = optarg;
            break;
        case 'x':
            x->output = OUTPUT_EXPLAIN;
            break;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            if (!read_checked(x, c))
                return EX_USAGE;
        }
    }
    status = check_usage(x, argc - optind, outputs);
    *done = status != EX_OK;
    return status;
}

int extract_command(int argc, char **argv)
{
    struct extract x = {.source = "local"};
    struct error err;
    bool done;
    int status = read_options(&x, argc, argv, &done);

    if (done)
        return status;
    x.loop = loop_new();
    x.arena = arena_new();
    if (code_files(&x, argv + optind, &err) < 0) {
        fprintf(stderr, "pollwatch extract: %s\n", err.message);
        status = error_exit_status(&err);
    } else if (x.failed) {
        status = EX_DATAERR;
    }
    if (x.output == OUTPUT_UNCODED)
        explain_print_totals(&x.totals, stderr);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("pollwatch extract: standard output");
        status = EX_IOERR;
    }
    rules_free(x.explaining);
    loop_free(x.loop);
    arena_free(x.arena);
    return status;
}
