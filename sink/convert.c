/*
 * pollwatch-sink convert: segments in, another form out.
 *
 * What can't be read is told on standard error, with file and offset; the rest is converted all the
 * same, and the exit status says that something was left out.
 */
#include "sink/commands.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "common/mem.h"
#include "proto/limits.h"
#include "sink/csv.h"
#include "sink/reader.h"
#include "sink/segment.h"
#include "sink/unpack.h"

/* A record in its longest form, JSON. */
#define OUT_MAX_BYTES (6 * LIMIT_RECORD_BYTES + (size_t)4096)

struct converter;

/* Appends one record to `out`. */
typedef int convert_fn(const struct unpacked *u, const struct statement *statement, struct span map,
                       struct buf *out, struct error *err);

struct format {
    const char *name;
    void (*header)(struct buf *out); /* may be NULL */
    convert_fn *record;
};

struct converter {
    const struct format *format;
    struct arena *arena;
    struct context *context;
    struct buf out;
    int status;
};

static int to_csv(const struct unpacked *u, const struct statement *statement, struct span map,
                  struct buf *out, struct error *err)
{
    (void)map;
    if (u->finding)
        csv_row(statement, u->finding, out);
    if (out->failed)
        return error_set(err, ERR_LIMIT, "a record is over the cap as CSV");
    return 0;
}

static int to_json(const struct unpacked *u, const struct statement *statement, struct span map,
                   struct buf *out, struct error *err)
{
    (void)statement;
    (void)map;
    return unpacked_json(u, out, err);
}

static int to_msgpack(const struct unpacked *u, const struct statement *statement, struct span map,
                      struct buf *out, struct error *err)
{
    (void)u;
    (void)statement;
    (void)err;
    buf_add_span(out, map);
    return 0;
}

static const struct format formats[] = {
    {"csv", csv_header, to_csv},
    {"json", NULL, to_json},
    {"msgpack", NULL, to_msgpack},
};

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (strcmp(name, formats[i].name) == 0)
            return &formats[i];
    }
    return NULL;
}

static void complain(struct converter *c, int status, const char *path, uint64_t offset,
                     const char *reason)
{
    fprintf(stderr, "%s: offset %" PRIu64 ": %s\n", path, offset, reason);
    if (status != EX_OK)
        c->status = status;
}

/* What was converted goes out at once, so that a pipe's reader sees whole records. */
static bool flush_out(struct converter *c)
{
    if (c->out.n == 0 || fwrite(c->out.data, 1, c->out.n, stdout) == c->out.n) {
        buf_clear(&c->out);
        return true;
    }
    fprintf(stderr, "pollwatch-sink: write standard output: %s\n", strerror(errno));
    c->status = EX_IOERR;
    return false;
}

static bool convert_record(struct converter *c, const char *path, const struct reader_item *item)
{
    struct unpacked u;
    struct error err;
    int rc;

    arena_reset(c->arena);
    rc = unpack_record(item->map, c->arena, &u, &err);
    if (rc == 0) {
        context_add(c->context, &u, item->map);
        rc = c->format->record(&u, context_find(c->context, &u), item->map, &c->out, &err);
    }
    if (rc < 0) {
        complain(c, EX_DATAERR, path, item->offset, err.message);
        buf_clear(&c->out);
    }
    return flush_out(c);
}

/* Does the damage reach the end of a file that is still being written? Then it is no damage. */
static bool is_still_written(struct reader *r, const struct reader_item *damage)
{
    struct stat st;

    return span_ends(span_of_str(reader_path(r)), SPAN_LIT(SEGMENT_OPEN)) &&
           stat(reader_path(r), &st) == 0 && damage->offset + damage->bytes >= (uint64_t)st.st_size;
}

/* The active segment may get its final name between being listed and being opened. */
static int open_segment(const char *path, struct reader **out, struct error *err)
{
    struct span name = span_of_str(path);
    char *sealed;
    int rc = reader_open(path, out, err);

    if (rc == 0 || err->sys != ENOENT || !span_ends(name, SPAN_LIT(SEGMENT_OPEN)))
        return rc;
    name.n -= sizeof SEGMENT_OPEN - sizeof SEGMENT_SEALED;
    sealed = xspandup(name);
    rc = reader_open(sealed, out, err);
    free(sealed);
    return rc;
}

/* Returns false when going on makes no sense: nobody takes the output. */
static bool convert_file(struct converter *c, const char *path)
{
    struct reader *r = NULL;
    struct reader_item item;
    struct error err;
    bool go_on = true;
    int rc = open_segment(path, &r, &err);

    while (rc == 0 && go_on && (rc = reader_next(r, &item, &err)) == 0 && item.kind != READER_END) {
        if (item.kind == READER_RECORD)
            go_on = convert_record(c, path, &item);
        else if (item.kind == READER_DAMAGE)
            complain(c, is_still_written(r, &item) ? EX_OK : EX_DATAERR, path, item.offset,
                     item.reason);
    }
    if (rc < 0) {
        fprintf(stderr, "pollwatch-sink: %s\n", err.message);
        c->status = error_exit_status(&err);
    }
    reader_close(r);
    return go_on;
}

static int is_segment(const struct dirent *entry)
{
    struct span name = span_of_str(entry->d_name);

    return span_ends(name, SPAN_LIT(SEGMENT_SEALED)) || span_ends(name, SPAN_LIT(SEGMENT_OPEN));
}

static bool convert_dir(struct converter *c, const char *dir)
{
    struct dirent **entries = NULL;
    bool go_on = true;
    int n = scandir(dir, &entries, is_segment, alphasort);

    if (n < 0) {
        fprintf(stderr, "pollwatch-sink: open %s: %s\n", dir, strerror(errno));
        c->status = EX_NOINPUT;
        return true;
    }
    for (int i = 0; i < n; i++) {
        char *path;

        if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
            abort();
        go_on = go_on && convert_file(c, path);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return go_on;
}

static bool is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A file, a directory of segments, or a sink's directory, which holds one called findings. */
static bool convert_path(struct converter *c, const char *path)
{
    char *findings;
    bool go_on;

    if (!is_dir(path))
        return convert_file(c, path);
    if (asprintf(&findings, "%s/findings", path) < 0)
        abort();
    go_on = convert_dir(c, is_dir(findings) ? findings : path);
    free(findings);
    return go_on;
}

static int convert_all(const struct format *format, char **paths, int n)
{
    struct converter c = {.format = format, .arena = arena_new(), .context = context_new()};

    buf_init(&c.out, OUT_MAX_BYTES);
    if (format->header)
        format->header(&c.out);
    for (int i = 0; flush_out(&c) && i < n; i++) {
        if (!convert_path(&c, paths[i]))
            break;
    }
    if (fflush(stdout) != 0 && c.status != EX_IOERR) {
        fprintf(stderr, "pollwatch-sink: write standard output: %s\n", strerror(errno));
        c.status = EX_IOERR;
    }
    arena_free(c.arena);
    context_free(c.context);
    buf_fini(&c.out);
    return c.status;
}

static const char usage[] =
    "usage: pollwatch-sink convert --to json|msgpack|csv FILE...\n"
    "\n"
    "Reads segments (.msgpack, or .msgpack.open while they are written) or directories of them\n"
    "and writes all records to standard output.\n"
    "\n"
    "  --to json     NDJSON, one record a line\n"
    "  --to msgpack  the records as a plain stream of maps\n"
    "  --to csv      one row a finding\n"
    "  -h, --help    this text\n"
    "\n"
    "Damaged records are told on standard error with file and offset, the rest is converted,\n"
    "and the exit status is 65.\n";

int convert_main(int argc, char **argv)
{
    static const struct option known[] = {
        {"to", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct format *format = NULL;
    int opt;

    while ((opt = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (opt == 'h') {
            fputs(usage, stdout);
            return EX_OK;
        }
        if (opt == 't' && !(format = find_format(optarg)))
            fprintf(stderr, "pollwatch-sink: no format \"%s\"\n", optarg);
        if (!format) {
            fputs(usage, stderr);
            return EX_USAGE;
        }
    }
    if (!format || optind == argc) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    return convert_all(format, argv + optind, argc - optind);
}
