/*
 * WARC 1.1 (ISO 28500:2017), written by one process, read by record.
 *
 * A file:    [warcinfo] [response or resource] [response or resource] …
 * A record:  one gzip member, whose extra field "sl" holds the member's compressed and uncompressed
 *            length (both u32, little-endian). Readers that don't know it skip it; recovery hops
 * from member to member by it and never inflates but the last one.
 *
 * A file is written as NAME.open and renamed when it is full or the service ends. At start each
 * .open file that is left is cut behind its last whole member and renamed. What is cut was never
 * synced, so no task points to it.
 *
 * HTTP bodies are kept decoded, as they go to the parsers; header fields that no longer fit
 * (Content-Encoding, Transfer-Encoding, Content-Length) are kept under "X-Archive-Orig-" names.
 */
#include "fetcher/archive.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/mem.h"
#include "common/timestamp.h"
#include "fetcher/member.h"
#include "proto/limits.h"

#define OPEN_SUFFIX ".open"

/* WARC fields and HTTP fields of one record. */
#define HEAD_MAX_BYTES ((size_t)512 * 1024)

#define RECORD_MAX_BYTES (LIMIT_BODY_BYTES + 2 * HEAD_MAX_BYTES)

#define UUID_TEXT_BYTES 37

struct archive {
    char *dir;
    uint64_t rotate_bytes;
    int fd;                        /* -1: no file yet */
    char name[ARCHIVE_NAME_BYTES]; /* without .open */
    uint64_t size;
    bool is_dirty;
    unsigned files; /* made by this process */
};

static char *path_of(const struct archive *a, const char *name, const char *suffix)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s%s", a->dir, name, suffix) < 0)
        abort();
    return path;
}

/* Random, version 4 (RFC 9562). */
static void make_uuid(char out[UUID_TEXT_BYTES])
{
    unsigned char u[16];

    if (getrandom(u, sizeof u, 0) != (ssize_t)sizeof u)
        abort(); /* can't fail for 16 bytes once the kernel is up */
    u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
    u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
    snprintf(out, UUID_TEXT_BYTES,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
             u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
             u[15]);
}

/* --- recovery --- */

/* Where the last whole member ends. */
static uint64_t whole_end(int fd, uint64_t size)
{
    unsigned char head[MEMBER_HEAD_BYTES];
    uint64_t last = 0;
    uint64_t at = 0;

    while (at < size) {
        uint64_t length = 0;

        if (pread(fd, head, sizeof head, (off_t)at) == (ssize_t)sizeof head)
            length = member_length(head);
        if (length < MEMBER_HEAD_BYTES || length > size - at)
            break;
        last = at;
        at += length;
    }
    if (at > last && !member_is_whole(fd, last, at - last))
        at = last;
    return at;
}

/* Cuts a file's torn tail and makes that durable; an empty one is removed by the caller. */
static int cut_tail(const char *path, uint64_t *end, struct error *err)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int rc = 0;

    if (fd < 0)
        return error_sys(err, "open %s", path);
    if (fstat(fd, &st) < 0) {
        rc = error_sys(err, "look at %s", path);
        goto out;
    }
    *end = whole_end(fd, (uint64_t)st.st_size);
    if (*end < (uint64_t)st.st_size && (ftruncate(fd, (off_t)*end) < 0 || fsync(fd) < 0))
        rc = error_sys(err, "cut the torn end of %s", path);
out:
    close(fd);
    return rc;
}

static int recover_file(struct archive *a, const char *name, struct error *err)
{
    char *open_path = path_of(a, name, OPEN_SUFFIX);
    char *path = path_of(a, name, "");
    uint64_t end = 0;
    int rc = cut_tail(open_path, &end, err);

    if (rc < 0)
        goto out;
    if (end == 0 && unlink(open_path) < 0)
        rc = error_sys(err, "remove the empty %s", open_path);
    else if (end > 0 && rename(open_path, path) < 0)
        rc = error_sys(err, "rename %s", open_path);
out:
    free(open_path);
    free(path);
    return rc;
}

static int recover(struct archive *a, struct error *err)
{
    DIR *dir = opendir(a->dir);
    struct dirent *entry;
    int rc = 0;

    if (!dir)
        return error_sys(err, "open %s", a->dir);
    while (rc == 0 && (entry = readdir(dir))) {
        struct span name = span_of_str(entry->d_name);
        char stem[ARCHIVE_NAME_BYTES];

        if (!span_ends(name, SPAN_LIT(OPEN_SUFFIX)))
            continue;
        name.n -= sizeof OPEN_SUFFIX - 1;
        if (name.n >= sizeof stem)
            continue; /* not one of ours */
        snprintf(stem, sizeof stem, "%.*s", SPAN_ARG(name));
        rc = recover_file(a, stem, err);
    }
    closedir(dir);
    return rc < 0 ? rc : dir_sync(a->dir, err);
}

int archive_open(const char *dir, uint64_t rotate_bytes, struct archive **out, struct error *err)
{
    struct archive *a = xcalloc(1, sizeof *a);
    int rc;

    *a = (struct archive){.dir = xstrdup(dir), .rotate_bytes = rotate_bytes, .fd = -1};
    rc = dir_make(dir, err);
    if (rc < 0)
        goto out;
    rc = recover(a, err);
    if (rc < 0)
        goto out;
    *out = a;
    a = NULL;
out:
    archive_close(a);
    return rc;
}

/* --- writing --- */

/* Ends the file in use: durable, then under its final name. */
static int finish_file(struct archive *a, struct error *err)
{
    char *open_path;
    char *path;
    int rc;

    if (a->fd < 0)
        return 0;
    rc = archive_sync(a, err);
    close(a->fd);
    a->fd = -1;
    if (rc < 0)
        return rc;
    open_path = path_of(a, a->name, OPEN_SUFFIX);
    path = path_of(a, a->name, "");
    rc = rename(open_path, path) < 0 ? error_sys(err, "rename %s", open_path)
                                     : dir_sync(a->dir, err);
    free(open_path);
    free(path);
    return rc;
}

void archive_close(struct archive *a)
{
    struct error ignored;

    if (!a)
        return;
    /* a file that stays .open is mended at the next start */
    if (finish_file(a, &ignored) < 0)
        a->is_dirty = false;
    free(a->dir);
    free(a);
}

/* Appends one compressed member whole, or leaves the file as it was. */
static int append_member(struct archive *a, const struct span *parts, size_t n,
                         struct archive_ref *out, struct error *err)
{
    size_t bytes = 0;
    unsigned char *member = member_new(parts, n, &bytes);
    int rc = file_write_all(a->fd, member, bytes, a->name, err);

    free(member);
    if (rc < 0) {
        if (ftruncate(a->fd, (off_t)a->size) < 0 || lseek(a->fd, (off_t)a->size, SEEK_SET) < 0) {
            /* half a record stands there: never write behind it */
            close(a->fd);
            a->fd = -1;
        }
        return rc;
    }
    *out = (struct archive_ref){.offset = a->size, .length = bytes};
    memcpy(out->file, a->name, sizeof out->file);
    a->size += bytes;
    a->is_dirty = true;
    return 0;
}

static void add_id_and_date(struct buf *head, uint64_t when_ms)
{
    char uuid[UUID_TEXT_BYTES];
    char date[TIMESTAMP_BYTES];

    make_uuid(uuid);
    timestamp_write(when_ms, date);
    buf_printf(head, "WARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: %s\r\n", uuid, date);
}

static int append_warcinfo(struct archive *a, struct error *err)
{
    static const char fields[] =
        "software: pollwatch/" POLLWATCH_VERSION "\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: "
        "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
        "\r\n";
    struct archive_ref ref;
    struct buf head;
    int rc;

    buf_init(&head, HEAD_MAX_BYTES);
    buf_add_str(&head, "WARC/1.1\r\nWARC-Type: warcinfo\r\n");
    add_id_and_date(&head, wall_ms());
    buf_printf(&head,
               "WARC-Filename: %s\r\nContent-Type: application/warc-fields\r\n"
               "Content-Length: %zu\r\n\r\n",
               a->name, sizeof fields - 1);
    rc = append_member(a,
                       (const struct span[]){buf_span(&head), span_of(fields, sizeof fields - 1),
                                             SPAN_LIT("\r\n\r\n")},
                       3, &ref, err);
    buf_fini(&head);
    return rc;
}

static void make_name(struct archive *a)
{
    time_t now = (time_t)(wall_ms() / 1000);
    struct tm tm;

    gmtime_r(&now, &tm);
    snprintf(a->name, sizeof a->name, "%04d%02d%02dT%02d%02d%02dZ-%05u.warc.gz",
             (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
             tm.tm_sec, a->files++ % 100000);
}

/* A name that nothing has yet, neither open nor closed (two starts may fall into one second). */
static int create_file(struct archive *a, struct error *err)
{
    for (;;) {
        char *path;
        char *open_path;
        bool taken;

        make_name(a);
        path = path_of(a, a->name, "");
        open_path = path_of(a, a->name, OPEN_SUFFIX);
        taken = access(path, F_OK) == 0;
        if (!taken)
            a->fd = open(open_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        taken = taken || (a->fd < 0 && errno == EEXIST);
        if (!taken && a->fd < 0)
            error_sys(err, "create %s", open_path);
        free(path);
        free(open_path);
        if (!taken)
            return a->fd < 0 ? ERR_SYS : 0;
    }
}

static int start_file(struct archive *a, struct error *err)
{
    int rc = create_file(a, err);

    if (rc < 0)
        return rc;
    a->size = 0;
    rc = dir_sync(a->dir, err);
    if (rc == 0)
        rc = append_warcinfo(a, err);
    if (rc < 0 && a->fd >= 0) {
        close(a->fd); /* every file begins with its warcinfo; the next start removes this one */
        a->fd = -1;
    }
    return rc;
}

static int make_room(struct archive *a, struct error *err)
{
    if (a->fd >= 0 && a->size >= a->rotate_bytes) {
        int rc = finish_file(a, err);

        if (rc < 0)
            return rc;
    }
    return a->fd >= 0 ? 0 : start_file(a, err);
}

static bool describes_transfer(struct span line)
{
    static const struct span names[] = {SPAN_INIT("content-encoding:"),
                                        SPAN_INIT("transfer-encoding:"),
                                        SPAN_INIT("content-length:")};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (line.n >= names[i].n &&
            span_equal_nocase(span_slice(line, (struct range){0, (uint32_t)names[i].n}), names[i]))
            return true;
    }
    return false;
}

/* The HTTP head as it fits the decoded body that follows it. */
static void add_http_head(struct buf *out, struct span head, size_t body_bytes)
{
    size_t at = 0;

    while (at < head.n) {
        size_t end = span_find(head, SPAN_LIT("\r\n"), at);
        struct span line = span_from(head, at);

        if (end == SIZE_MAX)
            break;
        line.n = end - at;
        at = end + 2;
        if (line.n == 0)
            break;
        if (describes_transfer(line))
            buf_add_str(out, "X-Archive-Orig-");
        buf_add_span(out, line);
        buf_add_str(out, "\r\n");
    }
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body_bytes);
}

static void add_digest(struct buf *out, const char *field, struct span first, struct span second)
{
    struct digest *d = digest_new();
    char hex[SHA256_HEX_BYTES + 1];
    struct sha256 sum;

    digest_add(d, first);
    digest_add(d, second);
    sum = digest_end(d);
    sha256_hex(&sum, hex);
    buf_printf(out, "%s: sha256:%s\r\n", field, hex);
}

static void add_record_head(struct buf *out, const struct archive_record *r, struct span http)
{
    bool is_http = !span_is_null(r->head);
    struct span type =
        span_is_null(r->media_type) ? SPAN_LIT("application/octet-stream") : r->media_type;

    if (is_http)
        type = SPAN_LIT("application/http;msgtype=response");
    buf_printf(out, "WARC/1.1\r\nWARC-Type: %s\r\n", is_http ? "response" : "resource");
    add_id_and_date(out, r->fetched_ms);
    buf_printf(out, "WARC-Target-URI: %.*s\r\nContent-Type: %.*s\r\n", SPAN_ARG(r->url),
               SPAN_ARG(type));
    add_digest(out, "WARC-Block-Digest", http, r->body);
    add_digest(out, "WARC-Payload-Digest", SPAN_LIT(""), r->body);
    if (r->truncated)
        buf_add_str(out, "WARC-Truncated: length\r\n");
    buf_printf(out, "Content-Length: %zu\r\n\r\n", http.n + r->body.n);
}

int archive_append(struct archive *a, const struct archive_record *record, struct archive_ref *out,
                   struct error *err)
{
    struct buf http;
    struct buf head;
    int rc;

    if (record->body.n > LIMIT_BODY_BYTES)
        return error_set(err, ERR_LIMIT, "a body of %zu bytes is not archived", record->body.n);
    buf_init(&http, HEAD_MAX_BYTES);
    buf_init(&head, HEAD_MAX_BYTES);
    if (!span_is_null(record->head))
        add_http_head(&http, record->head, record->body.n);
    add_record_head(&head, record, buf_span(&http));
    if (http.failed || head.failed) {
        rc = error_set(err, ERR_LIMIT, "the head of the record is over %zu bytes", HEAD_MAX_BYTES);
        goto out;
    }
    rc = make_room(a, err);
    if (rc < 0)
        goto out;
    rc = append_member(
        a,
        (const struct span[]){buf_span(&head), buf_span(&http), record->body, SPAN_LIT("\r\n\r\n")},
        4, out, err);
out:
    buf_fini(&http);
    buf_fini(&head);
    return rc;
}

int archive_sync(struct archive *a, struct error *err)
{
    if (!a->is_dirty)
        return 0;
    if (fdatasync(a->fd) < 0)
        return error_sys(err, "sync %s/%s", a->dir, a->name);
    a->is_dirty = false;
    return 0;
}

/* --- reading --- */

static int damaged(const struct archive_ref *ref, struct error *err, const char *what)
{
    return error_at(err, ERR_FORMAT, ref->offset, "%s at byte %" PRIu64 ": %s", ref->file,
                    ref->offset, what);
}

static int open_file(const struct archive *a, const char *name, int *fd, struct error *err)
{
    char *path = path_of(a, name, "");

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT) {
        char *open_path = path_of(a, name, OPEN_SUFFIX);

        *fd = open(open_path, O_RDONLY | O_CLOEXEC);
        free(open_path);
    }
    if (*fd < 0)
        error_sys(err, "open %s", path);
    free(path);
    return *fd < 0 ? ERR_SYS : 0;
}

static int read_member(const struct archive *a, const struct archive_ref *ref, unsigned char *out,
                       struct error *err)
{
    size_t at = 0;
    int fd = -1;
    int rc = open_file(a, ref->file, &fd, err);

    if (rc < 0)
        return rc;
    while (at < ref->length) {
        ssize_t got = pread(fd, out + at, ref->length - at, (off_t)(ref->offset + at));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            rc = got < 0 ? error_sys(err, "read %s", ref->file) : damaged(ref, err, "cut short");
            break;
        }
        at += (size_t)got;
    }
    close(fd);
    return rc;
}

static int inflate_record(const struct archive_ref *ref, struct span member, char **block,
                          size_t *n, struct error *err)
{
    struct error why = {0};
    int rc = member_inflate(member, RECORD_MAX_BYTES, block, n, &why);

    if (rc == ERR_LIMIT)
        return error_set(err, ERR_LIMIT, "%s at byte %" PRIu64 ": %s", ref->file, ref->offset,
                         why.message);
    return rc < 0 ? damaged(ref, err, why.message) : 0;
}

/* The payload: behind the WARC head, and behind the HTTP head when there is one. */
static int find_body(const struct archive_ref *ref, struct span block, struct range *body,
                     struct error *err)
{
    const struct span gap = SPAN_LIT("\r\n\r\n");
    size_t start = span_find(block, gap, 0);
    size_t http = span_find(block, SPAN_LIT("WARC-Type: response\r\n"), 0);

    if (start == SIZE_MAX || !span_ends(block, gap))
        return damaged(ref, err, "not a WARC record");
    if (http < start)
        start = span_find(block, gap, start + gap.n);
    if (start == SIZE_MAX || start + gap.n > block.n - gap.n)
        return damaged(ref, err, "not a whole HTTP response");
    *body = (struct range){(uint32_t)(start + gap.n), (uint32_t)(block.n - gap.n)};
    return 0;
}

int archive_read(struct archive *a, const struct archive_ref *ref, char **data, size_t *n,
                 struct error *err)
{
    unsigned char *member = NULL;
    char *block = NULL;
    size_t block_bytes = 0;
    struct range body = {0};
    int rc;

    if (ref->length < MEMBER_HEAD_BYTES || ref->length > RECORD_MAX_BYTES)
        return damaged(ref, err, "a record can't have that length");
    member = xmalloc(ref->length);
    rc = read_member(a, ref, member, err);
    if (rc < 0)
        goto out;
    rc = inflate_record(ref, span_of(member, ref->length), &block, &block_bytes, err);
    if (rc < 0)
        goto out;
    assert(block);
    rc = find_body(ref, span_of(block, block_bytes), &body, err);
    if (rc < 0)
        goto out;
    *n = body.end - body.start;
    memmove(block, block + body.start, *n);
    *data = block;
    block = NULL;
out:
    free(member);
    free(block);
    return rc;
}
