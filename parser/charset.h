/*
 * Charsets: which ones there are, what a page says about its own, what its bytes look like, and
 * the conversion to UTF-8. Used by decode.c only.
 */
#ifndef POLLWATCH_PARSER_CHARSET_H
#define POLLWATCH_PARSER_CHARSET_H

#include "common/arena.h"
#include "common/error.h"
#include "common/span.h"

enum charset_family { CHARSET_UTF8, CHARSET_UTF16, CHARSET_SINGLE_BYTE, CHARSET_MULTI_BYTE };

struct charset {
    const char *name; /* lower-case IANA name */
    const char *icu;  /* the converter */
    enum charset_family family;
};

extern const struct charset charset_utf8;
extern const struct charset charset_utf16le;
extern const struct charset charset_utf16be;
extern const struct charset charset_windows_1252;

/* What the web means by a label (iso-8859-1 is windows-1252), or NULL for one that it doesn't know.
 */
const struct charset *charset_by_label(struct span label);

/* By its byte order mark; sets its length. NULL without one. */
const struct charset *charset_by_mark(struct span bytes, size_t *mark_bytes);

/* By the zeros that Latin letters and markup have in UTF-16. NULL when there are none. */
const struct charset *charset_by_zeros(struct span bytes);

/* By <meta> or the XML declaration near the start. NULL when they say nothing known. */
const struct charset *charset_by_declaration(struct span bytes);

/* By letter statistics; never NULL. */
const struct charset *charset_by_guess(struct span bytes);

/* Whether the bytes can be meant in this charset: whether they look like UTF-8 decides. */
bool charset_fits(const struct charset *c, struct span bytes);

/* To UTF-8 in the arena; what has no meaning becomes U+FFFD. ERR_LIMIT over LIMIT_TEXT_BYTES. */
MUST_USE int charset_convert(const struct charset *c, struct span bytes, struct arena *arena,
                             struct span *out, struct error *err);

/* Opens every converter once, so that ICU has read its tables. */
void charset_prepare(void);

#endif
