#include <criterion/criterion.h>
#include <unistd.h>

#include "common/timestamp.h"
#include "sample.h"
#include "sink/ndjson.h"
#include "sink/store.h"

static char dir[64];
static struct arena *arena;
static struct buf packed;
static struct error err;

static void setup(void)
{
    make_dir(dir);
    arena = arena_new();
    buf_init(&packed, 1 << 20);
}

static void teardown(void)
{
    buf_fini(&packed);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(store, .init = setup, .fini = teardown, .timeout = 60);

static struct store *open_store(uint64_t segment_bytes, bool ndjson)
{
    struct store_options o = {
        .dir = dir, .ndjson = ndjson, .segment_bytes = segment_bytes, .segment_age_ms = 3600000};
    struct store *s;

    cr_assert_eq(store_open(&o, 0, &s, &err), 0, "%s", err.message);
    return s;
}

static void add_one(struct store *s, int number)
{
    struct coded_statement c;
    struct index_place place;

    sample_make(&(struct sample){number, number, number, number, 0, NULL, NULL}, arena, &c);
    c.statement.seq = store_next_seq(s);
    buf_clear(&packed);
    shape_pack(&statement_shape, &c.statement, &packed);
    cr_assert_eq(store_add(s, true, buf_span(&packed), &place, &err), 0, "%s", err.message);
    cr_assert_eq(store_sync(s, &err), 0, "%s", err.message);
}

Test(store, a_segment_over_its_size_is_sealed)
{
    struct store *s = open_store(1000, true);

    for (int i = 1; i <= 4; i++) {
        add_one(s, i);
        cr_assert_eq(store_rotate(s, mono_ms(), &err), 0, "%s", err.message);
    }
    cr_assert_eq(store_seal(s, &err), 0, "%s", err.message);

    cr_assert_geq(store_segments(s), 2);
    for (size_t i = 0; i < store_segments(s); i++) {
        char *path;

        store_segment(s, i, &path);
        cr_assert(file_exists(path), "%s", path);
        cr_assert_eq(tally_file(path).damages, 0);
        free(path);
    }
    cr_assert(file_exists(in_dir(dir, "00000000000000000001.ndjson")));
    cr_assert(file_exists(in_dir(dir, "00000000000000000001.json")));
    store_close(s);
}

Test(store, an_old_segment_is_sealed)
{
    struct store *s = open_store(1 << 20, false);

    add_one(s, 1);
    cr_assert_eq(store_rotate(s, mono_ms(), &err), 0);
    cr_assert_eq(store_rotate(s, mono_ms() - 5000, &err), 0, "a clock read before it began");
    cr_assert(file_exists(in_dir(dir, "00000000000000000001.msgpack.open")));
    cr_assert_eq(store_rotate(s, mono_ms() + 3600001, &err), 0);

    cr_assert(file_exists(in_dir(dir, "00000000000000000001.msgpack")));
    cr_assert(!file_exists(in_dir(dir, "00000000000000000001.msgpack.open")));
    store_close(s);
}

Test(store, numbering_goes_on_after_sealed_and_unsealed_files)
{
    struct store *s = open_store(1 << 20, false);

    add_one(s, 1);
    cr_assert_eq(store_seal(s, &err), 0);
    add_one(s, 2);
    store_close(s); /* as a crash does */
    s = open_store(1 << 20, false);

    cr_assert_eq(store_next_seq(s), 3);
    cr_assert_eq(store_first_seq(s), 1);
    cr_assert_eq(store_segments(s), 2);
    cr_assert(!file_exists(in_dir(dir, "00000000000000000002.msgpack.open")));
    store_close(s);
}

Test(store, an_acknowledged_seq_is_never_given_again)
{
    struct store_options o = {.dir = dir, .segment_bytes = 1 << 20, .segment_age_ms = 3600000};
    struct store *s;

    cr_assert_eq(store_open(&o, 41, &s, &err), 0, "%s", err.message);

    cr_assert_eq(store_next_seq(s), 42);
    store_close(s);
}

Test(store, ndjson_has_the_same_records)
{
    struct store *s = open_store(1 << 20, true);
    struct buf lines;
    size_t n = 0;

    for (int i = 1; i <= 3; i++)
        add_one(s, i);
    cr_assert_eq(store_seal(s, &err), 0, "%s", err.message);
    store_close(s);

    read_whole(in_dir(dir, "00000000000000000001.ndjson"), &lines);
    for (size_t i = 0; i < lines.n; i++)
        n += lines.data[i] == '\n';
    cr_assert_eq(n, 3);
    cr_assert(span_starts(buf_span(&lines), SPAN_LIT("{\"schema\":\"statement/1\",\"seq\":1,")));
    buf_fini(&lines);
}

/* What may have become of the NDJSON of an active segment when the machine died. */
static const char *const accidents[] = {"cut", "longer", "changed", "gone", "fine"};

static void befall(const char *accident, const char *path, struct buf *good)
{
    if (strcmp(accident, "cut") == 0)
        write_whole(path, span_of(good->data, good->n / 2));
    if (strcmp(accident, "longer") == 0) {
        struct buf longer;

        buf_init(&longer, 1 << 20);
        buf_add_span(&longer, buf_span(good));
        buf_add_str(&longer, "{\"schema\":\"statement/1\",\"seq\":4}\n{\"sch");
        write_whole(path, buf_span(&longer));
        buf_fini(&longer);
    }
    if (strcmp(accident, "changed") == 0) {
        good->data[good->n / 2] ^= 1;
        write_whole(path, buf_span(good));
        good->data[good->n / 2] ^= 1;
    }
    if (strcmp(accident, "gone") == 0)
        unlink(path);
}

Test(store, ndjson_is_brought_in_line_at_start)
{
    for (size_t i = 0; i < ARRAY_LEN(accidents); i++) {
        struct store *s = open_store(1 << 20, true);
        struct buf good;
        struct buf mended;

        for (int n = 1; n <= 3; n++)
            add_one(s, n);
        store_close(s);
        read_whole(in_dir(dir, "00000000000000000001.ndjson.open"), &good);
        befall(accidents[i], in_dir(dir, "00000000000000000001.ndjson.open"), &good);

        store_close(open_store(1 << 20, true));

        read_whole(in_dir(dir, "00000000000000000001.ndjson"), &mended);
        cr_assert(span_equal(buf_span(&good), buf_span(&mended)), "%s", accidents[i]);
        cr_assert(!file_exists(in_dir(dir, "00000000000000000001.ndjson.open")));
        buf_fini(&good);
        buf_fini(&mended);
        remove_dir(dir);
        make_dir(dir);
    }
}

Test(store, a_directory_that_cannot_be_written_is_an_error_with_its_name)
{
    struct store_options o = {.dir = "/proc/pollwatch", .segment_bytes = 1, .segment_age_ms = 1};
    struct store *s;

    cr_assert_eq(store_open(&o, 0, &s, &err), ERR_SYS);
    cr_assert(strstr(err.message, "/proc/pollwatch"), "%s", err.message);
}
