#include <criterion/criterion.h>

#include <stdlib.h>

#include "common/compiler.h"
#include "common/digest.h"

TestSuite(digest, .timeout = 20);

/* FIPS 180-4 examples, and the check value of CRC-32. */
static const struct {
    const char *text;
    const char *sha256;
    uint32_t crc;
} rows[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 0x352441c2},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 0x171a3f5f},
    {"123456789", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225", 0xcbf43926},
};

Test(digest, known_texts_have_known_digests)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sha256 s = sha256_of(span_of_str(rows[i].text));
        char hex[SHA256_HEX_BYTES + 1];

        sha256_hex(&s, hex);
        cr_assert(strcmp(hex, rows[i].sha256) == 0, "\"%s\": %s", rows[i].text, hex);
        cr_assert(crc32_of(span_of_str(rows[i].text)) == rows[i].crc, "\"%s\": %08x", rows[i].text,
                  crc32_of(span_of_str(rows[i].text)));
    }
}

Test(digest, pieces_give_what_the_whole_gives)
{
    struct span text = SPAN_LIT("The vote count was transparent at all polling stations visited.");
    struct sha256 whole = sha256_of(text);

    for (size_t cut = 0; cut <= text.n; cut++) {
        struct digest *d = digest_new();
        struct sha256 pieces;

        digest_add(d, span_of(text.p, cut));
        digest_add(d, span_from(text, cut));
        pieces = digest_end(d);
        cr_assert(memcmp(&pieces, &whole, sizeof whole) == 0, "cut at %zu", cut);
    }
}

Test(digest, an_identifier_is_prefix_and_16_digits)
{
    struct arena *a = arena_new();

    cr_assert(span_equal_str(digest_id(a, "st_", SPAN_LIT("abc")), "st_ba7816bf8f01cfea"));

    arena_free(a);
}

Test(digest, the_null_span_is_the_empty_text)
{
    struct sha256 a = sha256_of(SPAN_NULL);
    struct sha256 b = sha256_of(SPAN_LIT(""));

    cr_assert(memcmp(&a, &b, sizeof a) == 0);
    cr_assert(crc32_of(SPAN_NULL) == 0);
}
