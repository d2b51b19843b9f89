#include <criterion/criterion.h>
#include <math.h>

#include "proto/shape.h"
#include "proto/shape_table.h"

static const char *const colour_names[] = {NULL, "red", "green", NULL};

struct inner {
    struct span name;
    uint32_t size;
};

struct outer {
    struct span text;
    struct span bytes;
    uint64_t big;
    bool flag;
    enum truth maybe;
    double number;
    int colour;
    struct inner one;
    struct inner *optional;
    LIST_OF(struct inner) many;
    text_list texts;
    LIST_OF(int) colours;
    count_list counts;
};

static const struct field inner_fields[] = {R(inner, name, TEXT), F(inner, size, U32)};
static const struct shape inner_shape = SHAPE(inner, inner_fields);
static const struct field outer_fields[] = {
    F(outer, text, TEXT),
    F(outer, bytes, BYTES),
    R(outer, big, U64),
    R(outer, flag, BOOL),
    F(outer, maybe, TRUTH),
    F(outer, number, NUMBER),
    F(outer, colour, NAME, .names = colour_names),
    R(outer, one, MAP, .shape = &inner_shape),
    F(outer, optional, MAYBE, .shape = &inner_shape),
    R(outer, many, LIST, .shape = &inner_shape),
    R(outer, texts, TEXTS),
    R(outer, colours, NAMES, .names = colour_names),
    R(outer, counts, COUNTS),
};
static const struct shape outer_shape = SHAPE(outer, outer_fields);

static struct arena *arena;
static struct buf packed;

static void setup(void)
{
    arena = arena_new();
    buf_init(&packed, 1 << 20);
}

static void teardown(void)
{
    buf_fini(&packed);
    arena_free(arena);
}

TestSuite(shape, .init = setup, .fini = teardown);

static struct outer sample(void)
{
    struct outer o = {
        .text = SPAN_LIT("Wahl \xc3\xa4\n\"x\"\\"),
        .bytes = SPAN_LIT("\x00\xff"),
        .big = UINT64_MAX,
        .flag = true,
        .maybe = TRUTH_NO,
        .number = 12.5,
        .colour = 2,
        .one = {SPAN_LIT("one"), 1},
    };

    o.optional = arena_alloc(arena, sizeof *o.optional);
    *o.optional = (struct inner){SPAN_LIT("opt"), 7};
    *LIST_ADD(arena, &o.many) = (struct inner){SPAN_LIT("m0"), 0};
    *LIST_ADD(arena, &o.many) = (struct inner){SPAN_LIT(""), 4294967295u};
    *LIST_ADD(arena, &o.texts) = SPAN_LIT("t");
    *LIST_ADD(arena, &o.colours) = 1;
    *LIST_ADD(arena, &o.counts) = (struct count){SPAN_LIT("no_rule"), 3};
    return o;
}

Test(shape, what_is_packed_is_unpacked_the_same)
{
    struct outer in = sample();
    struct outer out;
    struct error err;

    shape_pack(&outer_shape, &in, &packed);
    cr_assert_eq(shape_unpack(&outer_shape, buf_span(&packed), arena, &out, &err), 0, "%s",
                 err.message);

    cr_assert(span_equal(out.text, in.text));
    cr_assert(span_equal(out.bytes, in.bytes));
    cr_assert_eq(out.big, in.big);
    cr_assert_eq(out.flag, true);
    cr_assert_eq(out.maybe, TRUTH_NO);
    cr_assert_eq(out.number, 12.5);
    cr_assert_eq(out.colour, 2);
    cr_assert(span_equal(out.one.name, in.one.name));
    cr_assert_eq(out.optional->size, 7);
    cr_assert_eq(out.many.n, 2);
    cr_assert_eq(out.many.items[1].size, 4294967295u);
    cr_assert_eq(out.texts.n, 1);
    cr_assert_eq(out.colours.items[0], 1);
    cr_assert_eq(out.counts.items[0].n, 3);
}

Test(shape, the_unknown_stays_unknown)
{
    struct outer in = {.number = NAN};
    struct outer out;
    struct error err;

    in.one.name = SPAN_LIT("n");
    shape_pack(&outer_shape, &in, &packed);
    cr_assert_eq(shape_unpack(&outer_shape, buf_span(&packed), arena, &out, &err), 0);

    cr_assert(span_is_null(out.text));
    cr_assert(isnan(out.number));
    cr_assert_eq(out.colour, 0);
    cr_assert_eq(out.maybe, TRUTH_UNKNOWN);
    cr_assert_null(out.optional);
}

Test(shape, json_carries_the_same_values)
{
    struct outer in = sample();

    shape_json(&outer_shape, &in, &packed);

    cr_assert_str_eq(
        (buf_add_char(&packed, 0), packed.data),
        "{\"text\":\"Wahl "
        "\xc3\xa4\\n\\\"x\\\"\\\\\",\"bytes\":\"00ff\",\"big\":18446744073709551615,"
        "\"flag\":true,\"maybe\":false,\"number\":12.5,\"colour\":\"green\","
        "\"one\":{\"name\":\"one\",\"size\":1},\"optional\":{\"name\":\"opt\",\"size\":7},"
        "\"many\":[{\"name\":\"m0\",\"size\":0},{\"name\":\"\",\"size\":4294967295}],"
        "\"texts\":[\"t\"],\"colours\":[\"red\"],\"counts\":{\"no_rule\":3}}");
}

struct refusal {
    size_t n;
    char bytes[32];
    char says[48];
};

static const struct refusal refusals[] = {
    {1, "\x80", "inner.name: missing"},
    {7, "\x81\xa4name\xc0", "inner.name: missing"},
    {7, "\x81\xa4name\x01", "inner.name: not a text"},
    {8, "\x81\xa4name\xa1\xff", "inner.name: not valid UTF-8"},
    {14, "\x82\xa4name\xa1x\xa4size\xff", "inner.size: not an unsigned number in range"},
    {18, "\x82\xa4name\xa1x\xa4size\xce\xff\xff\xff\xff", ""},
    {2, "\x91\x01", "inner: not a map"},
    {3, "\x81\x01\x02", "inner: a key is not a text"},
    {9, "\x81\xa4name\xa1x\x01", "inner: 1 bytes behind the map"},
};

Test(shape, a_wrong_value_is_refused_by_its_name)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct inner out;
        struct error err = {.message = ""};
        int rc = shape_unpack(&inner_shape, span_of(r->bytes, r->n), arena, &out, &err);

        cr_assert_eq(rc, r->says[0] ? ERR_FORMAT : 0, "row %zu: %d %s", i, rc, err.message);
        cr_assert_str_eq(err.message, r->says, "row %zu: %s", i, err.message);
    }
}

Test(shape, keys_in_any_order_and_unknown_keys_are_read)
{
    static const char in[] = "\x83\xa4size\x05\xa7unknown\x92\x01\x02\xa4name\xa1x";
    struct inner out;
    struct error err;

    cr_assert_eq(shape_unpack(&inner_shape, span_of(in, sizeof in - 1), arena, &out, &err), 0);

    cr_assert_eq(out.size, 5);
    cr_assert(span_equal(out.name, SPAN_LIT("x")));
}

Test(shape, a_buffer_over_its_cap_is_marked_and_not_overrun)
{
    struct outer in = sample();
    struct buf small;

    buf_init(&small, 20);
    shape_pack(&outer_shape, &in, &small);

    cr_assert(small.failed);
    cr_assert_leq(small.n, 20);
    buf_fini(&small);
}
