/*
 * What the bytes are, then which characters they mean, then one clean-up that all later stages rely
 * on: valid UTF-8, LF line ends, no NUL.
 *
 * Media type and charset are claims. A claim is believed until the bytes contradict it: by their
 * first bytes (a PDF is a PDF whatever the server says), by markup at their start, or by not being
 * possible in the charset.
 */
#include "parser/decode.h"

#include <unicode/uclean.h>
#include <unicode/udata.h>
#include <unicode/utf8.h>

#include "parser/charset.h"
#include "proto/limits.h"

#define REPLACEMENT "\xEF\xBF\xBD"

/* More control characters than a few plus this share of all bytes are no text. */
#define CONTROLS_ALLOWED       8
#define CONTROLS_PER_TEXT_BYTE 64

enum claim { CLAIM_NONE, CLAIM_HTML, CLAIM_TEXT, CLAIM_XML, CLAIM_OTHER };

/* File signatures (WHATWG MIME Sniffing, section 6), and those of office files. */
static const struct signature {
    struct span bytes;
    const char *media_type;
} signatures[] = {
    {{"%PDF-", 5}, "application/pdf"},
    {{"\x89PNG\r\n\x1A\n", 8}, "image/png"},
    {{"\xFF\xD8\xFF", 3}, "image/jpeg"},
    {{"GIF8", 4}, "image/gif"},
    {{"PK\x03\x04", 4}, "application/zip"},
    {{"\x1F\x8B\x08", 3}, "application/gzip"},
    {{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8}, "application/x-ole-storage"},
    {{"{\\rtf", 5}, "application/rtf"},
    {{"RIFF", 4}, "application/octet-stream"},
    {{"ID3", 3}, "audio/mpeg"},
    {{"OggS", 4}, "application/ogg"},
    {{"7z\xBC\xAF\x27\x1C", 6}, "application/x-7z-compressed"},
    {{"\x7F"
      "ELF",
      4},
     "application/octet-stream"},
};

/* How an HTML page starts (WHATWG MIME Sniffing, section 7.1), after white space. */
static const struct span html_starts[] = {
    SPAN_INIT("<!doctype html"), SPAN_INIT("<html"),   SPAN_INIT("<head"),    SPAN_INIT("<body"),
    SPAN_INIT("<script"),        SPAN_INIT("<style"),  SPAN_INIT("<title"),   SPAN_INIT("<iframe"),
    SPAN_INIT("<table"),         SPAN_INIT("<div"),    SPAN_INIT("<h1"),      SPAN_INIT("<meta"),
    SPAN_INIT("<link"),          SPAN_INIT("<p>"),     SPAN_INIT("<br"),      SPAN_INIT("<article"),
    SPAN_INIT("<main"),          SPAN_INIT("<header"), SPAN_INIT("<section"), SPAN_INIT("<!--"),
};

/* The part before parameters. */
static struct span bare_type(struct span media_type)
{
    size_t semicolon = span_find(media_type, SPAN_LIT(";"), 0);

    if (semicolon != SIZE_MAX)
        media_type.n = semicolon;
    return span_trim(media_type);
}

static bool is_one_of(struct span type, const struct span *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_equal_nocase(type, list[i]))
            return true;
    }
    return false;
}

static enum claim read_claim(struct span type)
{
    static const struct span html[] = {SPAN_INIT("text/html"), SPAN_INIT("application/xhtml+xml")};
    static const struct span text[] = {SPAN_INIT("text/plain"), SPAN_INIT("text/markdown"),
                                       SPAN_INIT("text/x-markdown")};
    static const struct span xml[] = {SPAN_INIT("text/xml"), SPAN_INIT("application/xml")};
    static const struct span none[] = {
        SPAN_INIT(""), SPAN_INIT("*/*"), SPAN_INIT("unknown/unknown"),
        SPAN_INIT("application/octet-stream"), SPAN_INIT("binary/octet-stream")};

    if (is_one_of(type, html, ARRAY_LEN(html)))
        return CLAIM_HTML;
    if (is_one_of(type, text, ARRAY_LEN(text)))
        return CLAIM_TEXT;
    if (is_one_of(type, xml, ARRAY_LEN(xml)))
        return CLAIM_XML;
    return is_one_of(type, none, ARRAY_LEN(none)) ? CLAIM_NONE : CLAIM_OTHER;
}

static int refuse_other_kinds(struct span bytes, struct span type, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        if (span_starts(bytes, signatures[i].bytes))
            return error_set(err, ERR_UNSUPPORTED, "%s is not coded", signatures[i].media_type);
    }
    if (read_claim(type) == CLAIM_OTHER)
        return error_set(err, ERR_UNSUPPORTED, "%.*s is not coded", SPAN_ARG(type));
    return 0;
}

/* The first claim that the bytes don't contradict; else what they look like. */
static const struct charset *choose_charset(struct span bytes, struct span claim, bool *guessed)
{
    const struct charset *const claims[] = {charset_by_label(claim), charset_by_declaration(bytes)};
    const struct charset *c;

    *guessed = false;
    for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
        if (!claims[i] || !charset_fits(claims[i], bytes))
            continue;
        c = claims[i]->family == CHARSET_UTF16 ? charset_by_zeros(bytes) : NULL;
        return c ? c : claims[i]; /* "utf-16" doesn't say which byte is first; the zeros do */
    }
    *guessed = claims[0] || claims[1]; /* a claim was wrong */
    c = charset_by_zeros(bytes);
    if (c || charset_fits(&charset_utf8, bytes))
        return c ? c : &charset_utf8;
    *guessed = true;
    return charset_by_guess(bytes);
}

struct cleaning {
    char *out;
    size_t n;
    size_t controls;
    bool damaged;
};

static void put(struct cleaning *c, const char *p, size_t n)
{
    memcpy(c->out + c->n, p, n);
    c->n += n;
}

static void put_replacement(struct cleaning *c)
{
    put(c, REPLACEMENT, sizeof REPLACEMENT - 1);
    c->damaged = true;
}

/* One ASCII character at p[*i]. */
static void clean_ascii(struct cleaning *c, const char *p, size_t n, size_t *i)
{
    char ch = p[(*i)++];

    if (ch == '\r') {
        if (*i == n || p[*i] != '\n')
            put(c, "\n", 1);
    } else if (ch == '\0') {
        c->controls++;
        put_replacement(c);
    } else {
        c->controls += ch < ' ' && !memchr("\t\n\f\v\x1B", ch, 5);
        put(c, &ch, 1);
    }
}

/* One character beyond ASCII, or as much of one as is there. */
static void clean_wide(struct cleaning *c, const char *p, size_t n, size_t *i)
{
    const uint8_t *bytes = (const uint8_t *)p;
    size_t start = *i;
    size_t at = start;
    UChar32 code;

    U8_NEXT(bytes, at, n, code);
    if (code < 0) {
        put_replacement(c);
    } else {
        c->damaged |= code == 0xFFFD;
        put(c, p + start, at - start);
    }
    *i = at;
}

/* NULs and invalid sequences to U+FFFD, all line ends to LF. */
static struct cleaning clean(struct span text, struct arena *arena)
{
    struct cleaning c = {.out = arena_alloc(arena, text.n * 3 + 1)};
    size_t i = 0;

    while (i < text.n) {
        if ((unsigned char)text.p[i] < 0x80)
            clean_ascii(&c, text.p, text.n, &i);
        else
            clean_wide(&c, text.p, text.n, &i);
    }
    return c;
}

static struct span skip_space(struct span text)
{
    while (text.n > 0 && memchr(" \t\n\f", text.p[0], 4))
        text = span_from(text, 1);
    return text;
}

static bool starts_nocase(struct span text, struct span prefix)
{
    return text.n >= prefix.n && span_equal_nocase(span_of(text.p, prefix.n), prefix);
}

/* Past the XML declaration, comments and white space in front of a page. */
static struct span skip_prologue(struct span text)
{
    static const struct {
        struct span open;
        struct span close;
    } skipped[] = {{SPAN_INIT("<?xml"), SPAN_INIT("?>")}, {SPAN_INIT("<!--"), SPAN_INIT("-->")}};
    size_t i = 0;

    text = skip_space(text);
    while (i < ARRAY_LEN(skipped)) {
        size_t end =
            span_starts(text, skipped[i].open) ? span_find(text, skipped[i].close, 0) : SIZE_MAX;

        if (end == SIZE_MAX) {
            i++;
            continue;
        }
        text = skip_space(span_from(text, end + skipped[i].close.n));
        i = 0;
    }
    return text;
}

static bool looks_like_html(struct span text)
{
    text = skip_prologue(text);
    for (size_t i = 0; i < ARRAY_LEN(html_starts); i++) {
        if (starts_nocase(text, html_starts[i]))
            return true;
    }
    return false;
}

static bool looks_like_json(struct span text)
{
    struct span body = skip_space(text);
    struct span second;

    if (body.n < 2 || (body.p[0] != '{' && body.p[0] != '['))
        return false;
    second = skip_space(span_from(body, 1));
    return second.n > 0 && memchr("{\"}", second.p[0], 3) != NULL;
}

static int find_kind(struct span text, enum claim claim, struct decoded *out, struct error *err)
{
    static const struct span whole_page[] = {SPAN_INIT("<!doctype html"), SPAN_INIT("<html")};
    struct span start = skip_prologue(text);
    bool is_page = starts_nocase(start, whole_page[0]) || starts_nocase(start, whole_page[1]);

    if (claim == CLAIM_XML && !is_page)
        return error_set(err, ERR_UNSUPPORTED, "XML that is no page is not coded");
    if (claim == CLAIM_NONE && looks_like_json(text))
        return error_set(err, ERR_UNSUPPORTED, "application/json is not coded");
    if (claim == CLAIM_NONE && span_starts(skip_space(text), SPAN_LIT("<?xml")) && !is_page)
        return error_set(err, ERR_UNSUPPORTED, "XML that is no page is not coded");
    if (claim == CLAIM_HTML || is_page || (claim == CLAIM_NONE && looks_like_html(text))) {
        out->kind = DOCUMENT_HTML;
        out->media_type = SPAN_LIT("text/html");
    } else {
        out->kind = DOCUMENT_TEXT;
        out->media_type = SPAN_LIT("text/plain");
    }
    return 0;
}

/* Bytes of any charset as clean UTF-8. */
static int convert(struct span bytes, const struct charset *c, struct arena *arena,
                   struct decoded *out, struct error *err)
{
    struct span text = bytes;
    struct cleaning cleaned;

    if (c->family != CHARSET_UTF8) {
        int rc = charset_convert(c, bytes, arena, &text, err);

        if (rc < 0)
            return rc;
    }
    if (text.n > LIMIT_TEXT_BYTES)
        return error_set(err, ERR_LIMIT, "over %zu bytes of text", LIMIT_TEXT_BYTES);
    cleaned = clean(text, arena);
    if (cleaned.controls > CONTROLS_ALLOWED + text.n / CONTROLS_PER_TEXT_BYTE)
        return error_set(err, ERR_FORMAT, "binary: %zu control characters", cleaned.controls);
    out->text = span_of(cleaned.out, cleaned.n);
    out->damaged = cleaned.damaged;
    out->charset = span_of_str(c->name);
    return 0;
}

int decode(struct span bytes, struct span media_type, struct span charset, struct arena *arena,
           struct decoded *out, struct error *err)
{
    struct span type = bare_type(media_type);
    const struct charset *c;
    size_t mark_bytes = 0;
    int rc;

    *out = (struct decoded){0};
    if (bytes.n > LIMIT_BODY_BYTES)
        return error_set(err, ERR_LIMIT, "over %zu bytes", LIMIT_BODY_BYTES);
    rc = refuse_other_kinds(bytes, type, err);
    if (rc < 0)
        return rc;
    c = charset_by_mark(bytes, &mark_bytes);
    bytes = span_from(bytes, mark_bytes);
    if (bytes.n == 0)
        return error_set(err, ERR_FORMAT, "empty");
    if (!c)
        c = choose_charset(bytes, charset, &out->charset_guessed);
    rc = convert(bytes, c, arena, out, err);
    if (rc < 0)
        return rc;
    return find_kind(out->text, read_claim(type), out, err);
}

void decode_prepare(void)
{
    UErrorCode status = U_ZERO_ERROR;

    u_init(&status);
    charset_prepare();
    udata_setFileAccess(UDATA_NO_FILES, &status);
}
