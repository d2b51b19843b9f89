/* White space as a reader sees it: one space, however it was written. */
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "parser/article_parts.h"

/* Invisible and without meaning for the words: zero-width space, soft hyphen, byte order mark. */
static bool is_zero_width(UChar32 c)
{
    return c == 0x200B || c == 0xAD || c == 0xFEFF || c == 0x2060;
}

struct span text_fold(struct span text, struct arena *arena)
{
    const uint8_t *p = (const uint8_t *)text.p;
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    size_t at = 0;

    while (at < text.n) {
        size_t start = at;
        UChar32 c = p[at];

        if (c < 0x80)
            at++;
        else
            U8_NEXT(p, at, text.n, c);
        if (u_isUWhiteSpace(c)) {
            if (n > 0 && out[n - 1] != ' ')
                out[n++] = ' ';
        } else if (!is_zero_width(c)) {
            memcpy(out + n, text.p + start, at - start);
            n += at - start;
        }
    }
    if (n > 0 && out[n - 1] == ' ')
        n--;
    return text_nfc(span_of(out, n), arena);
}
