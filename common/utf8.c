#include "common/utf8.h"

#include "common/compiler.h"

/*
 * The well-formed sequences of RFC 3629, by their first byte. The second byte's range is what keeps
 * out overlong forms (E0, F0), surrogates (ED) and what is beyond U+10FFFF (F4).
 */
struct sequence {
    unsigned char first_min;
    unsigned char first_max;
    unsigned char bytes;
    unsigned char second_min;
    unsigned char second_max;
};

static const struct sequence sequences[] = {
    {0x00, 0x7f, 1, 0x80, 0xbf}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the valid sequence at the start of `s`, or 0. */
static size_t sequence_bytes(const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(sequences); i++) {
        const struct sequence *q = &sequences[i];

        if (s[0] < q->first_min || s[0] > q->first_max)
            continue;
        if (n < q->bytes || (q->bytes > 1 && (s[1] < q->second_min || s[1] > q->second_max)))
            return 0;
        for (size_t k = 2; k < q->bytes; k++) {
            if (!is_continuation(s[k]))
                return 0;
        }
        return q->bytes;
    }
    return 0;
}

size_t utf8_valid_prefix(struct span s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;

    while (i < s.n) {
        size_t step = p[i] < 0x80 ? 1 : sequence_bytes(p + i, s.n - i);

        if (step == 0)
            break;
        i += step;
    }
    return i;
}

uint32_t utf8_next(struct span s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p;
    uint32_t code_point;

    if (*at >= s.n)
        return 0;
    code_point = p[(*at)++];
    if (code_point < 0x80)
        return code_point;
    /* the first byte of a sequence of n bytes carries 7 - n bits */
    code_point &= code_point >= 0xf0 ? 0x07 : code_point >= 0xe0 ? 0x0f : 0x1f;
    while (*at < s.n && is_continuation(p[*at]))
        code_point = code_point << 6 | (p[(*at)++] & 0x3f);
    return code_point;
}

size_t utf8_count(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += !is_continuation((unsigned char)s.p[i]);
    return n;
}

size_t utf8_put(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

size_t utf8_floor(struct span s, size_t at)
{
    if (at >= s.n)
        return s.n;
    while (at > 0 && is_continuation((unsigned char)s.p[at]))
        at--;
    return at;
}
