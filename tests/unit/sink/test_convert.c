#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/timestamp.h"
#include "proto/mp.h"
#include "sample.h"
#include "sink/commands.h"
#include "sink/store.h"

#define FIRST "findings/00000000000000000001"

static char dir[64];
static struct arena *arena;
static struct buf packed;
static struct buf out;
static struct error err;

/* Two sealed segments with NDJSON: seq 1 to 3, and 4 to 6. */
static void setup(void)
{
    struct store_options o = {.dir = NULL, .ndjson = true, .segment_bytes = 1 << 20};
    struct store *s;

    make_dir(dir);
    arena = arena_new();
    buf_init(&packed, 1 << 20);
    o.dir = in_dir(dir, "findings");
    cr_assert_eq(store_open(&o, 0, &s, &err), 0, "%s", err.message);
    for (int i = 1; i <= 2; i++) {
        struct coded_statement c;
        struct index_place place;

        sample_make(&(struct sample){i, i, i, i * 10, 2, NULL, NULL}, arena, &c);
        for (int f = -1; f < 2; f++) {
            buf_clear(&packed);
            if (f < 0) {
                c.statement.seq = store_next_seq(s);
                shape_pack(&statement_shape, &c.statement, &packed);
            } else {
                c.findings.items[f].seq = store_next_seq(s);
                shape_pack(&finding_shape, &c.findings.items[f], &packed);
            }
            cr_assert_eq(store_add(s, f < 0, buf_span(&packed), &place, &err), 0);
        }
        cr_assert_eq(store_sync(s, &err), 0, "%s", err.message);
        cr_assert_eq(store_seal(s, &err), 0, "%s", err.message);
    }
    store_close(s);
    fflush(stdout);
    cr_assert(freopen(in_dir(dir, "out"), "w", stdout));
    cr_assert(freopen(in_dir(dir, "err"), "w", stderr));
}

static void teardown(void)
{
    buf_fini(&packed);
    buf_fini(&out);
    arena_free(arena);
    remove_dir(dir);
}

TestSuite(convert, .init = setup, .fini = teardown, .timeout = 60);

static int run(const char *format, const char *path)
{
    char *argv[] = {(char *)"convert", (char *)"--to", (char *)format, (char *)path, NULL};
    int status = convert_main(4, argv);

    fflush(stdout);
    fflush(stderr);
    read_whole(in_dir(dir, "out"), &out);
    return status;
}

static size_t lines(void)
{
    size_t n = 0;

    for (size_t i = 0; i < out.n; i++)
        n += out.data[i] == '\n';
    return n;
}

static bool told(const char *text)
{
    struct buf errors;
    bool found;

    read_whole(in_dir(dir, "err"), &errors);
    found = span_find(buf_span(&errors), span_of_str(text), 0) != SIZE_MAX;
    buf_fini(&errors);
    return found;
}

Test(convert, json_of_a_segment_is_its_ndjson)
{
    struct buf ndjson;

    cr_assert_eq(run("json", in_dir(dir, FIRST ".msgpack")), EX_OK);

    read_whole(in_dir(dir, FIRST ".ndjson"), &ndjson);
    cr_assert(span_equal(buf_span(&out), buf_span(&ndjson)));
    buf_fini(&ndjson);
}

Test(convert, a_directory_is_all_its_segments_in_order)
{
    cr_assert_eq(run("json", dir), EX_OK);

    cr_assert_eq(lines(), 6);
    cr_assert_lt(span_find(buf_span(&out), SPAN_LIT("\"seq\":3,"), 0),
                 span_find(buf_span(&out), SPAN_LIT("\"seq\":4,"), 0));
}

Test(convert, csv_has_a_header_and_a_row_a_finding)
{
    cr_assert_eq(run("csv", dir), EX_OK);

    cr_assert_eq(lines(), 5);
    cr_assert(span_starts(buf_span(&out), SPAN_LIT("seq,finding_id,")));
}

Test(convert, msgpack_is_a_plain_stream_of_maps)
{
    struct span rest;
    int maps = 0;

    cr_assert_eq(run("msgpack", dir), EX_OK);

    for (rest = buf_span(&out); rest.n > 0; maps++) {
        size_t used;

        cr_assert_eq(mp_scan(rest, &used, &err), 0, "%s", err.message);
        rest = span_from(rest, used);
    }
    cr_assert_eq(maps, 6);
}

Test(convert, a_bad_record_is_told_with_its_place_and_the_rest_converted)
{
    const char *path = in_dir(dir, FIRST ".msgpack");
    struct buf bytes;

    read_whole(path, &bytes);
    bytes.data[100] ^= 1;
    write_whole(path, buf_span(&bytes));
    buf_fini(&bytes);

    cr_assert_eq(run("json", dir), EX_DATAERR);

    cr_assert_eq(lines(), 5);
    cr_assert(told(FIRST ".msgpack: offset 0: "));
}

Test(convert, a_segment_that_is_still_written_is_no_error)
{
    struct buf bytes;

    read_whole(in_dir(dir, FIRST ".msgpack"), &bytes);
    write_whole(in_dir(dir, "00000000000000000007.msgpack.open"), span_of(bytes.data, bytes.n / 2));
    buf_fini(&bytes);

    cr_assert_eq(run("json", in_dir(dir, "00000000000000000007.msgpack.open")), EX_OK);
    cr_assert_geq(lines(), 1);
}

Test(convert, a_segment_that_was_sealed_since_it_was_listed_is_found)
{
    cr_assert_eq(run("json", in_dir(dir, FIRST ".msgpack.open")), EX_OK);
    cr_assert_eq(lines(), 3);
}

Test(convert, a_missing_file_does_not_stop_the_others)
{
    char *argv[] = {(char *)"convert",
                    (char *)"--to",
                    (char *)"json",
                    (char *)"/nonexistent/a.msgpack",
                    (char *)in_dir(dir, FIRST ".msgpack"),
                    NULL};

    cr_assert_eq(convert_main(5, argv), EX_NOINPUT);

    fflush(stdout);
    fflush(stderr);
    read_whole(in_dir(dir, "out"), &out);
    cr_assert_eq(lines(), 3);
    cr_assert(told("/nonexistent/a.msgpack"));
}

Test(convert, what_is_no_segment_is_told)
{
    write_whole(in_dir(dir, "poem.msgpack"), SPAN_LIT("not a segment, not at all"));

    cr_assert_eq(run("json", in_dir(dir, "poem.msgpack")), EX_DATAERR);
    cr_assert(told("poem.msgpack: offset 0: "));
}

Test(convert, an_unknown_format_is_a_usage_error)
{
    cr_assert_eq(run("xml", dir), EX_USAGE);
    cr_assert(told("\"xml\""));
}
