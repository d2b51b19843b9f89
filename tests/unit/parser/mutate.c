#include "mutate.h"

#include <stdint.h>

#include "common/utf8.h"

const char *const mutation_names[MUTATION_COUNT] = {
    [MUTATE_NOTHING] = "nothing",
    [MUTATE_MARKS] = "combining marks",
    [MUTATE_DOTLESS] = "dotless i",
    [MUTATE_CURLY] = "curly quotes",
    [MUTATE_SOFT_HYPHEN] = "soft hyphens",
    [MUTATE_CRLF] = "CRLF",
    [MUTATE_NBSP] = "no-break spaces",
    [MUTATE_ZERO_WIDTH] = "zero width",
    [MUTATE_EMOJI] = "emoji",
    [MUTATE_SPACES] = "doubled spaces",
    [MUTATE_CUT] = "cut inside a character",
    [MUTATE_ALL] = "everything",
};

/* splitmix64 (Steele, Lea, Flood 2014): three lines, and the same on every machine. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static bool one_in(uint64_t *state, unsigned n)
{
    return random_next(state) % n == 0;
}

#define PICK(state, table) ((table)[random_next(state) % (sizeof(table) / sizeof((table)[0]))])

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- one character each ---- */

static void add_marked(uint64_t *state, char c, struct buf *out)
{
    /* acute, grave, diaeresis, cedilla, ring, and one that composes with nothing */
    static const char *const marks[] = {"\xcc\x81", "\xcc\x80", "\xcc\x88",
                                        "\xcc\xa7", "\xcc\x8a", "\xcc\xbd"};

    buf_add_char(out, c);
    while (is_letter(c) && one_in(state, 12))
        buf_add_str(out, PICK(state, marks));
}

static void add_dotless(uint64_t *state, char c, struct buf *out)
{
    if (c == 'i' && one_in(state, 8))
        buf_add_str(out, "ı");
    else if (c == 'I' && one_in(state, 2))
        buf_add_str(out, "İ");
    else
        buf_add_char(out, c);
}

static void add_curly(uint64_t *state, char c, struct buf *out)
{
    static const char *const quotes[] = {"“", "”", "„", "«", "»"};

    if (c == '"')
        buf_add_str(out, PICK(state, quotes));
    else if (c == '\'')
        buf_add_str(out, "’");
    else
        buf_add_char(out, c);
}

static void add_soft_hyphen(uint64_t *state, char c, struct buf *out)
{
    buf_add_char(out, c);
    if (is_letter(c) && one_in(state, 10))
        buf_add_str(out, "\xc2\xad");
}

static void add_crlf(uint64_t *state, char c, struct buf *out)
{
    if (c == '\n')
        buf_add_str(out, one_in(state, 16) ? "\r" : "\r\n");
    else
        buf_add_char(out, c);
}

static void add_nbsp(uint64_t *state, char c, struct buf *out)
{
    static const char *const spaces[] = {"\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89"};

    if (c == ' ' && one_in(state, 4))
        buf_add_str(out, PICK(state, spaces));
    else
        buf_add_char(out, c);
}

static void add_zero_width(uint64_t *state, char c, struct buf *out)
{
    static const char *const nothings[] = {"\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d",
                                           "\xef\xbb\xbf"};

    buf_add_char(out, c);
    if (one_in(state, 20))
        buf_add_str(out, PICK(state, nothings));
}

static void add_emoji(uint64_t *state, char c, struct buf *out)
{
    static const char *const emoji[] = {"🗳", "👩‍⚖️", "🇫🇮", "👍🏽"};

    buf_add_char(out, c);
    if (c == ' ' && one_in(state, 8))
        buf_add_str(out, PICK(state, emoji));
}

static void add_doubled(uint64_t *state, char c, struct buf *out)
{
    buf_add_char(out, c);
    if (c == ' ' && one_in(state, 4))
        buf_add_str(out, one_in(state, 4) ? "\t" : "  ");
}

typedef void add_fn(uint64_t *state, char c, struct buf *out);

static add_fn *const adds[MUTATION_COUNT] = {
    [MUTATE_MARKS] = add_marked,
    [MUTATE_DOTLESS] = add_dotless,
    [MUTATE_CURLY] = add_curly,
    [MUTATE_SOFT_HYPHEN] = add_soft_hyphen,
    [MUTATE_CRLF] = add_crlf,
    [MUTATE_NBSP] = add_nbsp,
    [MUTATE_ZERO_WIDTH] = add_zero_width,
    [MUTATE_EMOJI] = add_emoji,
    [MUTATE_SPACES] = add_doubled,
};

/* ---- whole documents ---- */

/* Bytes of longer characters and of tags go through as they are. */
static void strew(add_fn *add, uint64_t *state, struct span in, struct buf *out)
{
    bool in_tag = false;

    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];

        in_tag |= c == '<';
        if (in_tag || (unsigned char)c >= 0x80)
            buf_add_char(out, c);
        else
            add(state, c, out);
        in_tag &= c != '>';
    }
}

/* Keeps the first half at least, and ends in the first byte of a character of four. */
static void cut(uint64_t *state, struct span in, struct buf *out)
{
    size_t keep = in.n / 2 + random_next(state) % (in.n / 2 + 1);

    buf_add(out, in.p, utf8_floor(in, keep));
    buf_add_char(out, '\xf0');
}

static void strew_all(uint64_t *state, struct span in, struct buf *out)
{
    struct buf before;

    buf_init(&before, out->cap_bytes);
    buf_add_span(out, in);
    for (size_t m = 0; m < MUTATION_COUNT; m++) {
        if (!adds[m])
            continue;
        buf_clear(&before);
        buf_add_span(&before, buf_span(out));
        buf_clear(out);
        strew(adds[m], state, buf_span(&before), out);
    }
    buf_clear(&before);
    buf_add_span(&before, buf_span(out));
    buf_clear(out);
    cut(state, buf_span(&before), out);
    buf_fini(&before);
}

void mutate(enum mutation m, uint64_t seed, struct span in, struct buf *out)
{
    uint64_t state = seed;

    buf_clear(out);
    if (m == MUTATE_NOTHING)
        buf_add_span(out, in);
    else if (m == MUTATE_CUT)
        cut(&state, in, out);
    else if (m == MUTATE_ALL)
        strew_all(&state, in, out);
    else
        strew(adds[m], &state, in, out);
}
