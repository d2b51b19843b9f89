/*
 * Stage 1: bytes of unknown make -> valid UTF-8 text of a known kind.
 *
 * The kind comes from the media type, checked against the bytes themselves (a PDF served as
 * text/html is a PDF). The charset comes, in this order, from a byte order mark, the HTTP header,
 * <meta> or the XML declaration, valid UTF-8, and a guess that is flagged. ICU converts. Unmappable
 * bytes and NULs become U+FFFD, so that nothing behind this stage sees either.
 */
#ifndef POLLWATCH_PARSER_DECODE_H
#define POLLWATCH_PARSER_DECODE_H

#include "common/arena.h"
#include "common/error.h"

enum document_kind { DOCUMENT_HTML, DOCUMENT_TEXT };

struct decoded {
    enum document_kind kind;
    struct span text;       /* valid UTF-8, LF line ends, no NUL; not yet NFC */
    struct span media_type; /* what it is, not what was claimed */
    struct span charset;    /* lower-case IANA name */
    bool charset_guessed;
    bool damaged; /* something became U+FFFD */
};

/*
 * `media_type` and `charset` are claims and may be null. Returns 0, ERR_FORMAT (empty, or binary)
 * or ERR_UNSUPPORTED (a kind that is not coded: PDF, images, office files, JSON, …), ERR_LIMIT
 * (over LIMIT_TEXT_BYTES decoded).
 */
MUST_USE int decode(struct span bytes, struct span media_type, struct span charset,
                    struct arena *arena, struct decoded *out, struct error *err);

/* Loads what ICU needs before the cage closes (converters are data; files are out of reach later).
 */
void decode_prepare(void);

#endif
