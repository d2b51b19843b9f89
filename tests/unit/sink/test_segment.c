#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/digest.h"
#include "sample.h"
#include "sink/frame.h"
#include "sink/reader.h"
#include "sink/segment.h"

#define SEALED_FILE   "00000000000000000001.msgpack"
#define OPEN_FILE     "00000000000000000001.msgpack.open"
#define MANIFEST_FILE "00000000000000000001.json"

static char dir[64];
static struct arena *arena;
static struct buf packed;
static struct error err;

static void setup(void)
{
    make_fast_dir(dir);
    arena = arena_new();
    buf_init(&packed, 1 << 20);
}

static void teardown(void)
{
    buf_fini(&packed);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(segment, .init = setup, .fini = teardown, .timeout = 120);

/* Adds a statement with its findings; the next seq comes back. */
static uint64_t add_group(struct segment *s, int number, int findings, uint64_t seq)
{
    struct coded_statement c;

    sample_make(&(struct sample){number, number, number, number * 100, findings, NULL, NULL}, arena,
                &c);
    c.statement.seq = seq;
    buf_clear(&packed);
    shape_pack(&statement_shape, &c.statement, &packed);
    segment_add(s, seq++, true, buf_span(&packed));
    for (size_t i = 0; i < c.findings.n; i++) {
        c.findings.items[i].seq = seq;
        buf_clear(&packed);
        shape_pack(&finding_shape, &c.findings.items[i], &packed);
        segment_add(s, seq++, false, buf_span(&packed));
    }
    return seq;
}

/* An active segment, closed as a crash leaves it. */
static void leave_open_with(int groups, int findings)
{
    struct segment *s;
    uint64_t seq = 1;

    cr_assert_eq(segment_create(dir, 1, &s, &err), 0, "%s", err.message);
    for (int i = 0; i < groups; i++)
        seq = add_group(s, i + 1, findings, seq);
    cr_assert_eq(segment_sync(s, &err), 0, "%s", err.message);
    segment_close(s);
}

static void leave_open(int groups)
{
    leave_open_with(groups, 2);
}

static void make_sealed(int groups)
{
    struct segment *s;
    uint64_t seq = 1;

    cr_assert_eq(segment_create(dir, 1, &s, &err), 0, "%s", err.message);
    for (int i = 0; i < groups; i++)
        seq = add_group(s, i + 1, 2, seq);
    cr_assert_eq(segment_seal(s, &err), 0, "%s", err.message);
    segment_close(s);
}

/* Damage that segment_mend() told of. */
static int told;

static void count_told(void *arg, const char *path, uint64_t offset, const char *reason)
{
    (void)arg;
    (void)path;
    (void)offset;
    (void)reason;
    told++;
}

static struct segment_mended mend(uint64_t durable_seq)
{
    struct segment_mended m;

    told = 0;
    cr_assert_eq(segment_mend(dir, 1, durable_seq, count_told, NULL, &m, &err), 0, "%s",
                 err.message);
    return m;
}

Test(segment, what_is_added_comes_back)
{
    struct tally t;

    make_sealed(3);

    t = tally_file(in_dir(dir, SEALED_FILE));
    cr_assert_eq(t.groups, 3);
    cr_assert_eq(t.records, 9);
    cr_assert_eq(t.last_seq, 9);
    cr_assert_eq(t.damages, 0);
    cr_assert(!file_exists(in_dir(dir, OPEN_FILE)));
}

Test(segment, manifest_tells_the_truth)
{
    struct buf bytes;
    struct sha256 digest;
    char hex[SHA256_HEX_BYTES + 1];
    json_t *m;

    make_sealed(3);

    read_whole(in_dir(dir, SEALED_FILE), &bytes);
    digest = sha256_of(buf_span(&bytes));
    sha256_hex(&digest, hex);
    m = json_load_file(in_dir(dir, MANIFEST_FILE), 0, NULL);
    cr_assert(m);
    cr_assert_str_eq(json_string_value(json_object_get(m, "schema")), "segment/1");
    cr_assert_str_eq(json_string_value(json_object_get(m, "sha256")), hex);
    cr_assert_eq(json_integer_value(json_object_get(m, "bytes")), (json_int_t)bytes.n);
    cr_assert_eq(json_integer_value(json_object_get(m, "first_seq")), 1);
    cr_assert_eq(json_integer_value(json_object_get(m, "last_seq")), 9);
    cr_assert_eq(json_integer_value(json_object_get(m, "statements")), 3);
    cr_assert_eq(json_integer_value(json_object_get(m, "findings")), 6);
    json_decref(m);
    buf_fini(&bytes);
}

Test(segment, a_lost_manifest_is_written_again)
{
    struct buf before;
    struct buf after;

    make_sealed(2);
    read_whole(in_dir(dir, MANIFEST_FILE), &before);
    unlink(in_dir(dir, MANIFEST_FILE));

    cr_assert_eq(segment_write_manifest(dir, 1, &err), 0, "%s", err.message);

    read_whole(in_dir(dir, MANIFEST_FILE), &after);
    cr_assert(span_equal(buf_span(&before), buf_span(&after)));
    buf_fini(&before);
    buf_fini(&after);
}

Test(segment, a_tail_torn_at_any_byte_costs_only_its_group)
{
    struct buf whole;
    size_t ends[3] = {0};
    struct reader *r;
    struct reader_item item;
    int n = 0;

    leave_open_with(2, 1);
    read_whole(in_dir(dir, OPEN_FILE), &whole);
    cr_assert_eq(reader_open(in_dir(dir, OPEN_FILE), &r, &err), 0);
    while (reader_next(r, &item, &err) == 0 && item.kind == READER_RECORD) {
        if (++n % 2 == 0)
            ends[n / 2] = item.offset + item.bytes;
    }
    reader_close(r);
    cr_assert_eq(ends[2], whole.n);

    for (size_t cut = 0; cut <= whole.n; cut++) {
        int whole_groups = (cut >= ends[1]) + (cut >= ends[2]);
        struct segment_mended m;

        write_whole(in_dir(dir, OPEN_FILE), span_of(whole.data, cut));
        m = mend(0);

        cr_assert_eq(m.last_seq, (uint64_t)whole_groups * 2, "cut at %zu", cut);
        cr_assert_eq(m.cut_bytes, cut - ends[whole_groups], "cut at %zu", cut);
        cr_assert_eq(m.removed, whole_groups == 0, "cut at %zu", cut);
        cr_assert_eq(told, 0, "what is cut is no damage");
        cr_assert(!file_exists(in_dir(dir, OPEN_FILE)));
        if (whole_groups > 0) {
            struct tally t = tally_file(in_dir(dir, SEALED_FILE));

            cr_assert_eq(t.groups, whole_groups, "cut at %zu", cut);
            cr_assert_eq(t.damages, 0, "cut at %zu", cut);
        }
        unlink(in_dir(dir, SEALED_FILE));
    }
    buf_fini(&whole);
}

/* Overwrites one byte of a file. */
static void poke(int fd, size_t offset, char byte)
{
    cr_assert_eq(pwrite(fd, &byte, 1, (off_t)offset), 1);
}

Test(segment, any_flipped_bit_costs_at_most_one_record)
{
    const char *path = in_dir(dir, SEALED_FILE);
    struct buf whole;
    int fd;

    make_sealed(1);
    read_whole(path, &whole);
    fd = open(path, O_WRONLY | O_CLOEXEC);

    for (size_t bit = 0; bit < whole.n * 8; bit++) {
        struct reader *r;
        struct reader_item item;
        int intact = 0;
        int damages = 0;

        poke(fd, bit / 8, (char)(whole.data[bit / 8] ^ 1 << bit % 8));
        cr_assert_eq(reader_open(path, &r, &err), 0);
        while (reader_next(r, &item, &err) == 0 && item.kind != READER_END) {
            intact += item.kind == READER_RECORD || item.kind == READER_FOOTER;
            damages += item.kind == READER_DAMAGE;
        }
        reader_close(r);
        poke(fd, bit / 8, whole.data[bit / 8]);

        cr_assert_eq(intact, 3, "bit %zu: %d of 4 are intact", bit, intact);
        cr_assert_eq(damages, 1, "bit %zu: %d damages", bit, damages);
    }
    close(fd);
    buf_fini(&whole);
}

Test(segment, damage_is_told_with_its_place)
{
    struct buf whole;
    struct reader *r;
    struct reader_item items[8];
    int n = 0;

    make_sealed(2);
    read_whole(in_dir(dir, SEALED_FILE), &whole);
    cr_assert_eq(reader_open(in_dir(dir, SEALED_FILE), &r, &err), 0);
    while (reader_next(r, &items[n], &err) == 0 && items[n].kind != READER_END)
        n++;
    reader_close(r);
    cr_assert_eq(n, 7);
    whole.data[items[2].offset + items[2].bytes - 1] ^= 1;
    write_whole(in_dir(dir, SEALED_FILE), buf_span(&whole));

    cr_assert_eq(reader_open(in_dir(dir, SEALED_FILE), &r, &err), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(reader_next(r, &items[7], &err), 0);

    cr_assert_eq(items[7].kind, READER_DAMAGE);
    cr_assert_eq(items[7].offset, items[2].offset);
    cr_assert_eq(items[7].bytes, items[2].bytes);
    cr_assert(items[7].reason[0] != '\0');
    reader_close(r);
    buf_fini(&whole);
}

Test(segment, damage_further_up_is_not_cut)
{
    struct buf whole;
    struct segment_mended m;
    struct tally t;

    leave_open(3);
    read_whole(in_dir(dir, OPEN_FILE), &whole);
    whole.data[FRAME_HEAD_BYTES + 10] ^= 1; /* in the first statement */
    write_whole(in_dir(dir, OPEN_FILE), buf_span(&whole));

    m = mend(0);

    t = tally_file(in_dir(dir, SEALED_FILE));
    cr_assert_eq(m.cut_bytes, 0);
    cr_assert_eq(m.last_seq, 9);
    cr_assert_eq(told, 1);
    cr_assert_eq(t.groups, 2);
    cr_assert_eq(t.damages, 1);
    buf_fini(&whole);
}

Test(segment, a_damaged_tail_that_was_acknowledged_stays)
{
    struct buf whole;
    struct segment_mended m;

    leave_open(2);
    read_whole(in_dir(dir, OPEN_FILE), &whole);
    whole.data[whole.n - 1] ^= 1; /* in the last finding */
    write_whole(in_dir(dir, OPEN_FILE), buf_span(&whole));

    m = mend(6);

    cr_assert_eq(m.cut_bytes, 0);
    cr_assert_eq(m.last_seq, 6, "its seqs are not given out again");
    cr_assert_eq(tally_file(in_dir(dir, SEALED_FILE)).groups, 1);
    buf_fini(&whole);
}

Test(segment, a_crash_between_footer_and_rename_is_finished)
{
    struct buf sealed;
    struct buf again;

    make_sealed(2);
    read_whole(in_dir(dir, SEALED_FILE), &sealed);
    cr_assert_eq(rename(in_dir(dir, SEALED_FILE), in_dir(dir, OPEN_FILE)), 0);

    mend(0);

    read_whole(in_dir(dir, SEALED_FILE), &again);
    cr_assert(span_equal(buf_span(&sealed), buf_span(&again)), "one footer, the same one");
    buf_fini(&sealed);
    buf_fini(&again);
}

Test(segment, a_full_disk_closes_it_for_good)
{
    struct rlimit small = {.rlim_cur = 3000, .rlim_max = RLIM_INFINITY};
    struct rlimit large = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    struct segment *s;
    uint64_t seq = 1;

    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(segment_create(dir, 1, &s, &err), 0, "%s", err.message);
    seq = add_group(s, 1, 1, seq);
    cr_assert_eq(segment_sync(s, &err), 0, "%s", err.message);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);

    seq = add_group(s, 2, 9, seq);
    cr_assert_eq(segment_sync(s, &err), ERR_SYS);
    cr_assert(strstr(err.message, OPEN_FILE), "%s", err.message);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &large), 0);

    cr_assert_eq(segment_sync(s, &err), ERR_STATE, "room again does not open it again");
    cr_assert_eq(segment_seal(s, &err), ERR_STATE);
    segment_close(s);
    cr_assert_eq(mend(0).last_seq, 2, "what was synced is there");
}

Test(segment, a_plain_unpacker_reads_it)
{
    struct buf whole;
    struct frame f;
    struct span rest;
    int frames = 0;

    make_sealed(2);
    read_whole(in_dir(dir, SEALED_FILE), &whole);

    for (rest = buf_span(&whole); rest.n > 0; frames++) {
        cr_assert_eq(frame_read(rest, &f, &err), 0, "%s", err.message);
        cr_assert_eq((unsigned char)rest.p[0], 0x94, "an array of four");
        rest = span_from(rest, f.bytes);
    }
    cr_assert_eq(frames, 7);
    buf_fini(&whole);
}

Test(segment, any_garbage_is_read_to_its_end)
{
    char garbage[300];
    unsigned state = 7;

    for (int round = 0; round < 300; round++) {
        for (size_t i = 0; i < sizeof garbage; i++) {
            state = state * 1103515245 + 12345;
            garbage[i] = (char)(state >> 16);
        }
        if (round % 2)
            memcpy(garbage + round % 200,
                   "\x94\xc4\x04\xc1PWR\xcf\0\0\0\0\0\0\0\1\xce\0\0\0\0\xdf\xff\xff\xff\xff", 26);
        write_whole(in_dir(dir, SEALED_FILE), span_of(garbage, sizeof garbage));
        cr_assert_eq(tally_file(in_dir(dir, SEALED_FILE)).groups, 0);
    }
}
