/*
 * Sealing goes footer -> fsync -> rename -> directory fsync -> manifest. A crash between any two
 * leaves either an active file (segment_mend() cuts it behind its last whole group, a footer
 * included, and seals it again) or a sealed one without manifest (segment_write_manifest()).
 *
 * The digest runs along with the writes, so sealing does not read the file again.
 */
#include "sink/segment.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/file.h"
#include "common/mem.h"
#include "proto/shape.h"
#include "sink/frame.h"

/* One turn's records: commit settles far below this. */
#define PENDING_MAX_BYTES (4 * LIMIT_RESULT_BYTES)
#define FOOTER_MAX_BYTES  ((size_t)512)
#define COPY_CHUNK_BYTES  ((size_t)64 * 1024)

struct segment {
    int fd;
    char *dir;
    char *path;
    struct segment_summary sum;
    uint64_t written_bytes;
    struct buf pending; /* added, not yet written */
    struct digest *digest;
    bool failed;
};

/* The footer's fields are the first five; the manifest has all. */
static const struct field summary_fields[] = {
    {.key = "schema", .kind = FIELD_TEXT, .offset = offsetof(struct segment_summary, schema)},
    {.key = "first_seq", .kind = FIELD_U64, .offset = offsetof(struct segment_summary, first_seq)},
    {.key = "last_seq", .kind = FIELD_U64, .offset = offsetof(struct segment_summary, last_seq)},
    {.key = "statements",
     .kind = FIELD_U64,
     .offset = offsetof(struct segment_summary, statements)},
    {.key = "findings", .kind = FIELD_U64, .offset = offsetof(struct segment_summary, findings)},
    {.key = "bytes", .kind = FIELD_U64, .offset = offsetof(struct segment_summary, bytes)},
    {.key = "sha256", .kind = FIELD_TEXT, .offset = offsetof(struct segment_summary, sha256)},
};

static const struct shape footer_shape = {"footer", sizeof(struct segment_summary), summary_fields,
                                          5};
static const struct shape manifest_shape = {"manifest", sizeof(struct segment_summary),
                                            summary_fields, ARRAY_LEN(summary_fields)};

char *segment_path(const char *dir, uint64_t first_seq, const char *suffix)
{
    char *path;

    if (asprintf(&path, "%s/%020" PRIu64 "%s", dir, first_seq, suffix) < 0)
        abort();
    return path;
}

static struct segment *segment_new(const char *dir, uint64_t first_seq)
{
    struct segment *s = xcalloc(1, sizeof *s);

    s->fd = -1;
    s->dir = xstrdup(dir);
    s->path = segment_path(dir, first_seq, SEGMENT_OPEN);
    s->sum = (struct segment_summary){
        .schema = SPAN_LIT(SEGMENT_SCHEMA), .first_seq = first_seq, .last_seq = first_seq - 1};
    s->digest = digest_new();
    buf_init(&s->pending, PENDING_MAX_BYTES);
    return s;
}

void segment_close(struct segment *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    if (s->digest)
        digest_end(s->digest);
    buf_fini(&s->pending);
    free(s->path);
    free(s->dir);
    free(s);
}

int segment_create(const char *dir, uint64_t first_seq, struct segment **out, struct error *err)
{
    struct segment *s = segment_new(dir, first_seq);
    int rc;

    s->fd = open(s->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (s->fd < 0) {
        rc = error_sys(err, "create %s", s->path);
        goto out;
    }
    rc = dir_sync(dir, err);
    if (rc < 0)
        goto out;
    *out = s;
    s = NULL;
out:
    segment_close(s);
    return rc;
}

uint64_t segment_first_seq(const struct segment *s)
{
    return s->sum.first_seq;
}

uint64_t segment_last_seq(const struct segment *s)
{
    return s->sum.last_seq;
}

uint64_t segment_bytes(const struct segment *s)
{
    return s->written_bytes + s->pending.n;
}

uint64_t segment_add(struct segment *s, uint64_t seq, bool is_statement, struct span map)
{
    uint64_t offset = segment_bytes(s);

    frame_put(FRAME_RECORD, seq, map, &s->pending);
    s->sum.last_seq = seq;
    if (is_statement)
        s->sum.statements++;
    else
        s->sum.findings++;
    return offset;
}

/* Appends what is pending and syncs it. */
static int write_pending(struct segment *s, struct error *err)
{
    struct span bytes = buf_span(&s->pending);
    int rc;

    if (s->pending.failed)
        return error_set(err, ERR_LIMIT, "%s: too much was added in one turn", s->path);
    rc = file_write_all(s->fd, bytes.p, bytes.n, s->path, err);
    if (rc < 0)
        return rc;
    if (fdatasync(s->fd) < 0)
        return error_sys(err, "sync %s", s->path);
    digest_add(s->digest, bytes);
    s->written_bytes += bytes.n;
    buf_clear(&s->pending);
    return 0;
}

int segment_sync(struct segment *s, struct error *err)
{
    int rc;

    if (s->failed)
        return error_set(err, ERR_STATE, "%s is closed to writes", s->path);
    if (s->pending.n == 0 && !s->pending.failed)
        return 0;
    rc = write_pending(s, err);
    s->failed = rc < 0;
    return rc;
}

static void add_footer(struct segment *s)
{
    struct buf footer;

    buf_init(&footer, FOOTER_MAX_BYTES);
    shape_pack(&footer_shape, &s->sum, &footer);
    frame_put(FRAME_FOOTER, s->sum.last_seq, buf_span(&footer), &s->pending);
    buf_fini(&footer);
}

static int write_manifest(const char *dir, struct segment_summary *sum, const struct sha256 *digest,
                          struct error *err)
{
    char *path = segment_path(dir, sum->first_seq, SEGMENT_MANIFEST);
    char hex[SHA256_HEX_BYTES + 1];
    struct buf json;
    int rc;

    sha256_hex(digest, hex);
    sum->sha256 = span_of(hex, SHA256_HEX_BYTES);
    buf_init(&json, FOOTER_MAX_BYTES);
    shape_json(&manifest_shape, sum, &json);
    buf_add_char(&json, '\n');
    rc = file_write_atomic(path, json.data, json.n, err);
    sum->sha256 = SPAN_NULL;
    buf_fini(&json);
    free(path);
    return rc;
}

static int give_final_name(struct segment *s, struct error *err)
{
    char *sealed = segment_path(s->dir, s->sum.first_seq, SEGMENT_SEALED);
    int rc = 0;

    if (rename(s->path, sealed) < 0)
        rc = error_sys(err, "rename %s", s->path);
    free(sealed);
    return rc < 0 ? rc : dir_sync(s->dir, err);
}

static int seal(struct segment *s, struct error *err)
{
    struct sha256 digest;
    int rc = segment_sync(s, err);

    if (rc < 0)
        return rc;
    add_footer(s);
    rc = write_pending(s, err);
    if (rc < 0)
        return rc;
    if (fsync(s->fd) < 0)
        return error_sys(err, "sync %s", s->path);
    rc = give_final_name(s, err);
    if (rc < 0)
        return rc;
    digest = digest_end(s->digest);
    s->digest = NULL;
    s->sum.bytes = s->written_bytes;
    return write_manifest(s->dir, &s->sum, &digest, err);
}

int segment_seal(struct segment *s, struct error *err)
{
    int rc = seal(s, err);

    s->failed = true; /* sealed or broken: nothing is written to it any more */
    return rc;
}

/* Digests the first `bytes` bytes of the file, which become what was written. */
static int adopt(struct segment *s, uint64_t bytes, struct error *err)
{
    char chunk[COPY_CHUNK_BYTES];

    while (s->written_bytes < bytes) {
        uint64_t left = bytes - s->written_bytes;
        size_t want = left < sizeof chunk ? (size_t)left : sizeof chunk;
        ssize_t n = pread(s->fd, chunk, want, (off_t)s->written_bytes);

        if (n < 0)
            return error_sys(err, "read %s", s->path);
        if (n == 0)
            return error_set(err, ERR_STATE, "%s became shorter while it was read", s->path);
        digest_add(s->digest, span_of(chunk, (size_t)n));
        s->written_bytes += (uint64_t)n;
    }
    return 0;
}

/* Where the file's whole groups end, and what it holds up to there. */
struct survey {
    uint64_t groups_end;
    uint64_t end; /* the footer's place, if it has one, else the file's end */
    uint64_t last_group_seq;
    uint64_t highest_seq;
    uint64_t statements;
    uint64_t findings;
    struct damage *damages;
    size_t damages_n;
    size_t damages_cap;
};

/* Held back until it is known whether it is cut anyway. */
struct damage {
    uint64_t offset;
    char reason[128];
};

static void hold_damage(void *arg, const char *path, uint64_t offset, const char *reason)
{
    struct survey *found = arg;
    struct damage *d;

    (void)path;
    found->damages = xgrow(found->damages, &found->damages_cap, found->damages_n + 1, sizeof *d);
    d = &found->damages[found->damages_n++];
    d->offset = offset;
    snprintf(d->reason, sizeof d->reason, "%s", reason);
}

static void tell_damage(const struct survey *found, uint64_t before, const char *path,
                        damage_fn *fn, void *arg)
{
    for (size_t i = 0; fn && i < found->damages_n; i++) {
        if (found->damages[i].offset < before)
            fn(arg, path, found->damages[i].offset, found->damages[i].reason);
    }
}

static int survey_groups(const char *path, struct survey *out, struct error *err)
{
    struct group_reader *g = NULL;
    struct group group;
    int rc = group_reader_open(path, hold_damage, out, &g, err);

    if (rc < 0)
        return rc;
    while ((rc = group_read_next(g, &group, err)) > 0) {
        out->groups_end = group.end;
        out->last_group_seq = group.first_seq + group.records - 1;
        out->statements++;
        out->findings += group.records - 1;
    }
    out->highest_seq = group_reader_highest_seq(g);
    out->end = group_reader_footer_offset(g);
    group_reader_close(g);
    return rc;
}

/* The caller frees out->damages. */
static int survey_file(const char *path, struct survey *out, struct error *err)
{
    struct stat st;
    int rc;

    *out = (struct survey){0};
    rc = survey_groups(path, out, err);
    if (rc < 0 || out->end > 0)
        return rc;
    if (stat(path, &st) < 0)
        return error_sys(err, "stat %s", path);
    out->end = (uint64_t)st.st_size;
    return 0;
}

/* Cuts the file and continues it from there. */
static int reopen(struct segment *s, uint64_t bytes, struct error *err)
{
    s->fd = open(s->path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (s->fd < 0)
        return error_sys(err, "open %s", s->path);
    if (ftruncate(s->fd, (off_t)bytes) < 0)
        return error_sys(err, "cut %s", s->path);
    return adopt(s, bytes, err);
}

static int remove_file(const char *dir, const char *path, struct error *err)
{
    if (unlink(path) < 0)
        return error_sys(err, "remove %s", path);
    return dir_sync(dir, err);
}

/* Decides what of the file stays. */
static struct segment_mended judge(const struct survey *found, uint64_t first_seq,
                                   uint64_t durable_seq)
{
    bool acknowledged = durable_seq >= first_seq && found->last_group_seq < durable_seq;
    uint64_t last_seq = found->last_group_seq;

    if (acknowledged)
        last_seq = found->highest_seq > durable_seq ? found->highest_seq : durable_seq;
    if (last_seq == 0)
        last_seq = first_seq - 1;
    return (struct segment_mended){
        .last_seq = last_seq,
        .cut_bytes = acknowledged ? 0 : found->end - found->groups_end,
        .removed = !acknowledged && found->groups_end == 0,
    };
}

/* Cuts what is not to stay and seals the rest. */
static int cut_and_seal(struct segment *s, const struct survey *found,
                        const struct segment_mended *m, struct error *err)
{
    int rc = reopen(s, found->end - m->cut_bytes, err);

    if (rc < 0)
        return rc;
    s->sum.last_seq = m->last_seq;
    s->sum.statements = found->statements;
    s->sum.findings = found->findings;
    return segment_seal(s, err);
}

int segment_mend(const char *dir, uint64_t first_seq, uint64_t durable_seq, damage_fn *fn,
                 void *arg, struct segment_mended *out, struct error *err)
{
    struct segment *s = segment_new(dir, first_seq);
    struct survey found;
    int rc = survey_file(s->path, &found, err);

    if (rc < 0)
        goto out;
    *out = judge(&found, first_seq, durable_seq);
    tell_damage(&found, found.end - out->cut_bytes, s->path, fn, arg);
    rc = out->removed ? remove_file(dir, s->path, err) : cut_and_seal(s, &found, out, err);
out:
    free(found.damages);
    segment_close(s);
    return rc;
}

/* Makes a manifest of the sealed file as it is. */
static int describe(struct segment *s, const char *path, const struct survey *found,
                    struct error *err)
{
    struct sha256 digest;
    struct stat st;
    int rc;

    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &st) < 0)
        return error_sys(err, "open %s", path);
    rc = adopt(s, (uint64_t)st.st_size, err);
    if (rc < 0)
        return rc;
    s->sum.last_seq = found->highest_seq;
    s->sum.statements = found->statements;
    s->sum.findings = found->findings;
    s->sum.bytes = s->written_bytes;
    digest = digest_end(s->digest);
    s->digest = NULL;
    return write_manifest(s->dir, &s->sum, &digest, err);
}

int segment_write_manifest(const char *dir, uint64_t first_seq, struct error *err)
{
    char *path = segment_path(dir, first_seq, SEGMENT_SEALED);
    struct segment *s = segment_new(dir, first_seq);
    struct survey found;
    int rc = survey_file(path, &found, err);

    if (rc == 0)
        rc = describe(s, path, &found, err);
    free(found.damages);
    segment_close(s);
    free(path);
    return rc;
}
