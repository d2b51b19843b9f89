/* Unicode NFC by ICU. Nearly all text is in it already, so the check comes first and copies
 * nothing. */
#include <stdlib.h>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "parser/article.h"

/* The normaliser is compiled into ICU: without it nothing of this program can work. */
static const UNormalizer2 *nfc(void)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *n = unorm2_getNFCInstance(&status);

    if (U_FAILURE(status))
        abort();
    return n;
}

/* Everything below U+0300 is in NFC, and in UTF-8 all of it starts with a byte under 0xCC. */
static bool is_trivially_nfc(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c >= 0xCC)
            return false;
    }
    return true;
}

static UChar *to_utf16(struct span text, struct arena *arena, int32_t *n)
{
    UErrorCode status = U_ZERO_ERROR;
    /* UTF-16 never has more units than UTF-8 has bytes */
    UChar *wide = arena_calloc(arena, text.n + 1, sizeof *wide);

    u_strFromUTF8(wide, (int32_t)text.n + 1, n, text.p, (int32_t)text.n, &status);
    return U_SUCCESS(status) ? wide : NULL;
}

static struct span to_utf8(const UChar *wide, int32_t n, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    size_t size = (size_t)n * 3 + 1;
    char *text = arena_alloc(arena, size);
    int32_t used = 0;

    u_strToUTF8(text, (int32_t)size, &used, wide, n, &status);
    return U_SUCCESS(status) ? span_of(text, (size_t)used) : SPAN_NULL;
}

static struct span normalize(const UChar *wide, int32_t n, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = n * 3 + 1; /* the largest growth under NFC (Unicode FAQ, Normalization) */
    UChar *out = arena_calloc(arena, (size_t)size, sizeof *out);
    int32_t used = unorm2_normalize(nfc(), wide, n, out, size, &status);

    return U_SUCCESS(status) ? to_utf8(out, used, arena) : SPAN_NULL;
}

struct span text_nfc(struct span text, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    struct span normal;
    UChar *wide;
    int32_t n = 0;

    if (is_trivially_nfc(text) || text.n > INT32_MAX / 16)
        return text;
    wide = to_utf16(text, arena, &n);
    if (!wide || unorm2_isNormalized(nfc(), wide, n, &status))
        return text;
    normal = normalize(wide, n, arena);
    return span_is_null(normal) ? text : normal;
}
