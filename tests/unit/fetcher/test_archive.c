#include "fetcher/archive.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/digest.h"
#include "scratch.h"

static struct archive *archive;
static struct error err;

static void reopen(uint64_t rotate_bytes)
{
    archive_close(archive);
    archive = NULL;
    cr_assert_eq(archive_open(scratch_path("archive"), rotate_bytes, &archive, &err), 0, "%s",
                 err.message);
}

static void start(void)
{
    scratch_make();
    reopen(1 << 20);
}

static void end(void)
{
    archive_close(archive);
    scratch_remove();
}

TestSuite(archive, .init = start, .fini = end, .timeout = 60);

static struct archive_record file_record(struct span body)
{
    return (struct archive_record){
        .url = SPAN_LIT("file:///srv/in/a.txt"),
        .body = body,
        .media_type = SPAN_LIT("text/plain"),
        .fetched_ms = 1764064809000,
    };
}

static struct archive_ref append(struct archive_record record)
{
    struct archive_ref ref;

    cr_assert_eq(archive_append(archive, &record, &ref, &err), 0, "%s", err.message);
    return ref;
}

static void assert_body(const struct archive_ref *ref, struct span want)
{
    char *data = NULL;
    size_t n = 0;

    cr_assert_eq(archive_read(archive, ref, &data, &n, &err), 0, "%s", err.message);
    cr_assert(span_equal(span_of(data, n), want), "got %zu bytes: %.*s", n, (int)n, data);
    free(data);
}

static const char *path_of(const struct archive_ref *ref, const char *suffix)
{
    char name[128];

    snprintf(name, sizeof name, "archive/%s%s", ref->file, suffix);
    return scratch_path(name);
}

/* All records of a file, as zcat shows them. */
static char *inflate_all(const char *path)
{
    gzFile f = gzopen(path, "rb");
    char *out = calloc(1, 1 << 20);
    int n;

    cr_assert_not_null(f);
    n = gzread(f, out, (1 << 20) - 1);
    cr_assert_geq(n, 0, "%s is not whole gzip", path);
    gzclose(f);
    return out;
}

Test(archive, gives_back_the_body_of_a_file)
{
    struct archive_ref a = append(file_record(SPAN_LIT("first\r\n\r\nwith a gap")));
    struct archive_ref b = append(file_record(SPAN_LIT("")));

    assert_body(&a, SPAN_LIT("first\r\n\r\nwith a gap"));
    assert_body(&b, SPAN_LIT(""));
}

Test(archive, gives_back_the_decoded_body_of_a_response)
{
    struct archive_record r = file_record(SPAN_LIT("<p>decoded</p>"));
    struct archive_ref ref;

    r.url = SPAN_LIT("https://observers.example/1");
    r.head = SPAN_LIT("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\n");
    ref = append(r);

    assert_body(&ref, SPAN_LIT("<p>decoded</p>"));
}

Test(archive, records_are_warc_1_1_and_describe_the_decoded_body)
{
    struct archive_record r = file_record(SPAN_LIT("<p>decoded</p>"));
    struct archive_ref ref;
    char *text;

    r.head = SPAN_LIT("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nX-Other: y\r\n\r\n");
    r.truncated = true;
    ref = append(r);
    reopen(1 << 20); /* closes the file */
    text = inflate_all(path_of(&ref, ""));

    cr_assert_eq(strncmp(text, "WARC/1.1\r\nWARC-Type: warcinfo\r\n", 31), 0);
    cr_assert_not_null(strstr(text, "\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n"));
    cr_assert_not_null(strstr(text, "WARC-Truncated: length\r\n"));
    cr_assert_not_null(strstr(text, "WARC-Date: 2025-11-25T10:00:09Z\r\n"));
    cr_assert_not_null(strstr(text, "X-Archive-Orig-content-encoding: gzip\r\nX-Other: y\r\n"
                                    "Content-Length: 14\r\n\r\n<p>decoded</p>\r\n\r\n"));
    free(text);
}

Test(archive, block_digest_is_sha256_of_the_block)
{
    struct archive_ref ref = append(file_record(SPAN_LIT("abc")));
    struct sha256 sum = sha256_of(SPAN_LIT("abc"));
    char want[128] = "WARC-Block-Digest: sha256:";
    char *text;

    sha256_hex(&sum, want + strlen(want));
    reopen(1 << 20);
    text = inflate_all(path_of(&ref, ""));

    cr_assert_not_null(strstr(text, want));
    free(text);
}

Test(archive, a_file_is_closed_when_it_is_over_its_size)
{
    struct archive_ref a;
    struct archive_ref b;

    reopen(1);
    a = append(file_record(SPAN_LIT("one")));
    b = append(file_record(SPAN_LIT("two")));

    cr_assert_str_neq(a.file, b.file);
    cr_assert_eq(access(path_of(&a, ""), F_OK), 0);
    cr_assert_eq(access(path_of(&b, ".open"), F_OK), 0);
    assert_body(&a, SPAN_LIT("one"));
    assert_body(&b, SPAN_LIT("two"));
}

Test(archive, closing_gives_the_file_its_final_name)
{
    struct archive_ref ref = append(file_record(SPAN_LIT("one")));

    reopen(1 << 20);

    cr_assert_eq(access(path_of(&ref, ""), F_OK), 0);
    cr_assert_neq(access(path_of(&ref, ".open"), F_OK), 0);
    assert_body(&ref, SPAN_LIT("one"));
}

/* What a crash leaves: the file is still called .open. The archive is abandoned, not closed. */
static void crash(const struct archive_ref *ref, const char *as)
{
    size_t n;
    char *bytes = scratch_read(path_of(ref, ".open"), &n);
    char name[128];

    snprintf(name, sizeof name, "archive/%s.open", as);
    scratch_write(name, span_of(bytes, n));
    free(bytes);
}

#define CRASHED "20200101T000000Z-00000.warc.gz"

static struct archive_ref as_crashed(struct archive_ref ref)
{
    snprintf(ref.file, sizeof ref.file, "%s", CRASHED);
    return ref;
}

Test(archive, torn_last_record_is_cut_at_start_wherever_it_was_torn)
{
    struct archive_ref a = append(file_record(SPAN_LIT("whole")));
    struct archive_ref b = append(file_record(SPAN_LIT("torn")));

    for (uint64_t kept = 0; kept < b.length; kept += 7) {
        struct archive_ref whole = as_crashed(a);
        struct stat st;

        crash(&a, CRASHED);
        cr_assert_eq(truncate(scratch_path("archive/" CRASHED ".open"), (off_t)(b.offset + kept)),
                     0);
        {
            struct archive *again = NULL;

            cr_assert_eq(archive_open(scratch_path("archive"), 1 << 20, &again, &err), 0);
            archive_close(again);
        }
        cr_assert_eq(stat(scratch_path("archive/" CRASHED), &st), 0);
        cr_assert_eq((uint64_t)st.st_size, b.offset, "kept %llu", (unsigned long long)kept);
        assert_body(&whole, SPAN_LIT("whole"));
        cr_assert_eq(unlink(scratch_path("archive/" CRASHED)), 0);
        /* the abandoned archive's own file was closed by the recovery: bring it back */
        cr_assert_eq(rename(path_of(&a, ""), path_of(&a, ".open")), 0);
    }
}

Test(archive, last_record_whose_bytes_were_lost_is_cut_at_start)
{
    struct archive_ref a = append(file_record(SPAN_LIT("whole")));
    struct archive_ref b = append(file_record(SPAN_LIT("never reached the disk")));
    struct archive *again = NULL;
    struct stat st;
    int fd;

    crash(&a, CRASHED);
    fd = open(scratch_path("archive/" CRASHED ".open"), O_WRONLY);
    cr_assert_eq(pwrite(fd, "\0\0\0\0\0\0\0\0", 8, (off_t)(b.offset + b.length - 12)), 8);
    close(fd);
    cr_assert_eq(archive_open(scratch_path("archive"), 1 << 20, &again, &err), 0);
    archive_close(again);

    cr_assert_eq(stat(scratch_path("archive/" CRASHED), &st), 0);
    cr_assert_eq((uint64_t)st.st_size, b.offset);
}

Test(archive, open_file_without_a_whole_record_is_removed_at_start)
{
    scratch_write("archive/" CRASHED ".open", SPAN_LIT("\x1f\x8b\x08"));

    reopen(1 << 20);

    cr_assert_neq(access(scratch_path("archive/" CRASHED), F_OK), 0);
    cr_assert_neq(access(scratch_path("archive/" CRASHED ".open"), F_OK), 0);
}

Test(archive, every_flipped_bit_of_a_record_is_noticed_or_harmless)
{
    struct archive_ref ref = append(file_record(SPAN_LIT("The count was transparent.")));
    int fd;

    fd = open(path_of(&ref, ".open"), O_RDWR);
    for (uint64_t at = ref.offset; at < ref.offset + ref.length; at++) {
        unsigned char byte;
        unsigned char flipped;
        char *data = NULL;
        size_t n = 0;

        cr_assert_eq(pread(fd, &byte, 1, (off_t)at), 1);
        flipped = byte ^ 0x10;
        cr_assert_eq(pwrite(fd, &flipped, 1, (off_t)at), 1);
        if (archive_read(archive, &ref, &data, &n, &err) == 0)
            cr_assert(span_equal(span_of(data, n), SPAN_LIT("The count was transparent.")));
        else
            cr_assert(err.code == ERR_FORMAT || err.code == ERR_LIMIT);
        free(data);
        cr_assert_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
    }
    close(fd);
}

Test(archive, reading_where_nothing_is_says_so)
{
    struct archive_ref ref = append(file_record(SPAN_LIT("x")));
    struct archive_ref wrong = ref;
    char *data = NULL;
    size_t n = 0;

    wrong.offset += 3;
    cr_assert_eq(archive_read(archive, &wrong, &data, &n, &err), ERR_FORMAT);
    cr_assert_not_null(strstr(err.message, ref.file));
    snprintf(wrong.file, sizeof wrong.file, "gone.warc.gz");
    cr_assert_eq(archive_read(archive, &wrong, &data, &n, &err), ERR_SYS);
}

Test(archive, fifty_megabytes_come_back)
{
    size_t n = (size_t)50 * 1024 * 1024;
    char *body = malloc(n);
    struct archive_ref ref;

    for (size_t i = 0; i < n; i++)
        body[i] = (char)(i * 2654435761u >> 24);
    ref = append(file_record(span_of(body, n)));

    assert_body(&ref, span_of(body, n));
    free(body);
}
