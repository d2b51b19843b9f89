/*
 * The labels are those of the WHATWG Encoding Standard that pages still carry, compared without
 * case and punctuation, so that one row stands for "ISO-8859-1", "iso8859_1" and "ISO_8859-1". What
 * the standard refuses (UTF-7, HZ, ISO-2022-CN, UTF-32) is refused here: such converters exist to
 * smuggle markup past filters.
 *
 * Labels lie. Two lies are common and can be told from the bytes: legacy text labelled UTF-8, which
 * is not valid UTF-8, and UTF-8 labelled with a one-byte charset, which is valid UTF-8 as no legacy
 * text of a few words can be by chance. charset_fits() finds both.
 */
#include "parser/charset.h"

#include <stdlib.h>

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/utf8.h>

#include "proto/limits.h"

#define DECLARATION_BYTES 4096 /* the standard says 1024; content managers put scripts first */
#define GUESS_BYTES       ((size_t)64 * 1024)
#define LABEL_BYTES       32

const struct charset charset_utf8 = {"utf-8", "UTF-8", CHARSET_UTF8};
const struct charset charset_utf16le = {"utf-16le", "UTF-16LE", CHARSET_UTF16};
const struct charset charset_utf16be = {"utf-16be", "UTF-16BE", CHARSET_UTF16};
const struct charset charset_windows_1252 = {"windows-1252", "windows-1252", CHARSET_SINGLE_BYTE};

#define ONE(name, icu)                                                                             \
    {                                                                                              \
        name, icu, CHARSET_SINGLE_BYTE                                                             \
    }
#define MANY(name, icu)                                                                            \
    {                                                                                              \
        name, icu, CHARSET_MULTI_BYTE                                                              \
    }

static const struct charset legacy[] = {
    ONE("iso-8859-2", "ISO-8859-2"),
    ONE("iso-8859-3", "ISO-8859-3"),
    ONE("iso-8859-4", "ISO-8859-4"),
    ONE("iso-8859-5", "ISO-8859-5"),
    ONE("iso-8859-6", "ISO-8859-6"),
    ONE("iso-8859-7", "ISO-8859-7"),
    ONE("iso-8859-8", "ISO-8859-8"),
    ONE("iso-8859-10", "ISO-8859-10"),
    ONE("iso-8859-13", "ISO-8859-13"),
    ONE("iso-8859-14", "ISO-8859-14"),
    ONE("iso-8859-15", "ISO-8859-15"),
    ONE("ibm866", "ibm-866_P100-1995"),
    ONE("koi8-r", "KOI8-R"),
    ONE("koi8-u", "KOI8-U"),
    ONE("macintosh", "macintosh"),
    ONE("x-mac-cyrillic", "x-mac-cyrillic"),
    ONE("windows-874", "windows-874-2000"),
    ONE("windows-1250", "windows-1250"),
    ONE("windows-1251", "windows-1251"),
    ONE("windows-1253", "windows-1253"),
    ONE("windows-1254", "windows-1254"),
    ONE("windows-1255", "windows-1255"),
    ONE("windows-1256", "windows-1256"),
    ONE("windows-1257", "windows-1257"),
    ONE("windows-1258", "windows-1258"),
    MANY("gb18030", "gb18030"),
    MANY("gbk", "gb18030"),
    MANY("big5", "Big5"),
    MANY("euc-jp", "EUC-JP"),
    MANY("shift_jis", "ibm-943_P15A-2003"),
    MANY("iso-2022-jp", "ISO-2022-JP"),
    MANY("euc-kr", "windows-949-2000"),
};

/* Labels that are not the name of a charset above; without case and punctuation. Sorted. */
static const struct alias {
    const char *label;
    const char *name;
} aliases[] = {
    {"ascii", "windows-1252"},
    {"big5hkscs", "big5"},
    {"chinese", "gbk"},
    {"cp1250", "windows-1250"},
    {"cp1251", "windows-1251"},
    {"cp1252", "windows-1252"},
    {"cp1253", "windows-1253"},
    {"cp1254", "windows-1254"},
    {"cp1256", "windows-1256"},
    {"cp866", "ibm866"},
    {"cp936", "gbk"},
    {"cyrillic", "iso-8859-5"},
    {"gb2312", "gbk"},
    {"greek", "iso-8859-7"},
    {"iso88591", "windows-1252"},
    {"iso885911", "windows-874"},
    {"iso88598i", "iso-8859-8"},
    {"iso88599", "windows-1254"},
    {"koi8", "koi8-r"},
    {"koi8ru", "koi8-u"},
    {"korean", "euc-kr"},
    {"ksc56011987", "euc-kr"},
    {"l1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin2", "iso-8859-2"},
    {"latin5", "windows-1254"},
    {"mskanji", "shift_jis"},
    {"sjis", "shift_jis"},
    {"tis620", "windows-874"},
    {"unicode", "utf-16le"},
    {"usascii", "windows-1252"},
    {"utf16", "utf-16le"},
    {"win1250", "windows-1250"},
    {"win1251", "windows-1251"},
    {"windows31j", "shift_jis"},
    {"windows949", "euc-kr"},
    {"xcp1251", "windows-1251"},
    {"xcp1252", "windows-1252"},
    {"xeucjp", "euc-jp"},
    {"xgbk", "gbk"},
    {"xsjis", "shift_jis"},
};

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Lower-case letters and digits of a label; one that is too long to be one gives "". */
static void fold_label(struct span label, char out[LABEL_BYTES])
{
    size_t n = 0;

    for (size_t i = 0; i < label.n; i++) {
        char c = lower(label.p[i]);

        if (!is_alnum(c))
            continue;
        if (n == LABEL_BYTES - 1) {
            n = 0;
            break;
        }
        out[n++] = c;
    }
    out[n] = '\0';
}

static bool folds_to(const char *name, const char *folded)
{
    char own[LABEL_BYTES];

    fold_label(span_of_str(name), own);
    return strcmp(own, folded) == 0;
}

static const struct charset *by_folded_name(const char *folded)
{
    static const struct charset *const main_ones[] = {&charset_utf8, &charset_windows_1252,
                                                      &charset_utf16le, &charset_utf16be};

    for (size_t i = 0; i < ARRAY_LEN(main_ones); i++) {
        if (folds_to(main_ones[i]->name, folded))
            return main_ones[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(legacy); i++) {
        if (folds_to(legacy[i].name, folded))
            return &legacy[i];
    }
    return NULL;
}

static int compare_alias(const void *key, const void *item)
{
    return strcmp(key, ((const struct alias *)item)->label);
}

const struct charset *charset_by_label(struct span label)
{
    char folded[LABEL_BYTES];
    const struct alias *alias;

    fold_label(label, folded);
    alias = bsearch(folded, aliases, ARRAY_LEN(aliases), sizeof aliases[0], compare_alias);
    if (alias)
        fold_label(span_of_str(alias->name), folded);
    return by_folded_name(folded);
}

const struct charset *charset_by_mark(struct span bytes, size_t *mark_bytes)
{
    static const struct {
        struct span mark;
        const struct charset *charset;
    } marks[] = {
        {{"\xEF\xBB\xBF", 3}, &charset_utf8},
        {{"\xFF\xFE", 2}, &charset_utf16le},
        {{"\xFE\xFF", 2}, &charset_utf16be},
    };

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        if (span_starts(bytes, marks[i].mark)) {
            *mark_bytes = marks[i].mark.n;
            return marks[i].charset;
        }
    }
    return NULL;
}

const struct charset *charset_by_zeros(struct span bytes)
{
    size_t n = bytes.n < DECLARATION_BYTES ? bytes.n & ~(size_t)1 : DECLARATION_BYTES;
    size_t even = 0;
    size_t odd = 0;

    for (size_t i = 0; i < n; i += 2) {
        even += bytes.p[i] == '\0';
        odd += bytes.p[i + 1] == '\0';
    }
    /* an eighth of the units: spaces and markup alone give that in any script */
    if (odd * 16 > n && even * 4 < odd)
        return &charset_utf16le;
    if (even * 16 > n && odd * 4 < even)
        return &charset_utf16be;
    return NULL;
}

static struct span head_of(struct span bytes, size_t n)
{
    return span_of(bytes.p, bytes.n < n ? bytes.n : n);
}

/* The value after `key` and an equals sign, with or without quotes. Null when there is none. */
static struct span value_of(struct span tag, struct span key)
{
    size_t at = span_find_nocase(tag, key, 0);
    struct span value;
    size_t n = 0;

    if (at == SIZE_MAX)
        return SPAN_NULL;
    value = span_trim(span_from(tag, at + key.n));
    if (value.n == 0 || value.p[0] != '=')
        return SPAN_NULL;
    value = span_trim(span_from(value, 1));
    while (value.n > 0 && (value.p[0] == '"' || value.p[0] == '\''))
        value = span_from(value, 1);
    while (n < value.n && !memchr("\"' ;>/?\t\n\r", value.p[n], 11))
        n++;
    return span_of(value.p, n);
}

static const struct charset *by_xml_declaration(struct span head)
{
    size_t end = span_find(head, SPAN_LIT("?>"), 0);

    if (!span_starts(head, SPAN_LIT("<?xml")) || end == SIZE_MAX)
        return NULL;
    return charset_by_label(value_of(span_of(head.p, end), SPAN_LIT("encoding")));
}

static const struct charset *by_meta(struct span head)
{
    static const struct span meta = SPAN_INIT("<meta");
    size_t at = 0;

    while ((at = span_find_nocase(head, meta, at)) != SIZE_MAX) {
        struct span tag = span_from(head, at);
        size_t end = span_find(tag, SPAN_LIT(">"), 0);
        const struct charset *c;

        if (end == SIZE_MAX)
            return NULL;
        c = charset_by_label(value_of(span_of(tag.p, end), SPAN_LIT("charset")));
        if (c)
            return c;
        at += meta.n;
    }
    return NULL;
}

const struct charset *charset_by_declaration(struct span bytes)
{
    struct span head = head_of(bytes, DECLARATION_BYTES);
    const struct charset *c = by_xml_declaration(head);

    if (!c)
        c = by_meta(head);
    /* read as bytes, so it can't be UTF-16 (HTML standard, prescan, step 16) */
    return c && c->family == CHARSET_UTF16 ? &charset_utf8 : c;
}

const struct charset *charset_by_guess(struct span bytes)
{
    const struct charset *found = NULL;
    struct span head = head_of(bytes, GUESS_BYTES);
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    const UCharsetMatch **matches = NULL;
    int32_t n = 0;

    if (U_FAILURE(status))
        return &charset_windows_1252;
    ucsdet_enableInputFilter(detector, true); /* tags are not text */
    ucsdet_setText(detector, head.p, (int32_t)head.n, &status);
    matches = ucsdet_detectAll(detector, &n, &status);
    for (int32_t i = 0; U_SUCCESS(status) && i < n && !found; i++) {
        const char *name = ucsdet_getName(matches[i], &status);
        const struct charset *c = U_SUCCESS(status) ? charset_by_label(span_of_str(name)) : NULL;

        if (c && c->family != CHARSET_UTF16 && charset_fits(c, bytes))
            found = c;
    }
    ucsdet_close(detector);
    return found ? found : &charset_windows_1252;
}

/* Counts the characters beyond ASCII, and the byte sequences that are none. */
static void count_utf8(struct span bytes, size_t *good, size_t *bad)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    size_t i = 0;

    *good = 0;
    *bad = 0;
    while (i < bytes.n) {
        UChar32 c = p[i];

        if (c < 0x80) {
            i++;
            continue;
        }
        U8_NEXT(p, i, bytes.n, c);
        if (c < 0)
            (*bad)++;
        else
            (*good)++;
    }
}

bool charset_fits(const struct charset *c, struct span bytes)
{
    size_t good;
    size_t bad;

    count_utf8(bytes, &good, &bad);
    switch (c->family) {
    case CHARSET_UTF8:
        return bad == 0 || good > bad; /* a cut or a spoilt character doesn't make it another */
    case CHARSET_UTF16:
        return bad > 0 || charset_by_zeros(bytes) != NULL;
    case CHARSET_SINGLE_BYTE:
        return good == 0 || bad > 0;
    case CHARSET_MULTI_BYTE:
        return true; /* short legal GBK may be legal UTF-8 */
    }
    return true;
}

static UConverter *open_converter(const char *name)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *c = ucnv_open(name, &status);

    return U_SUCCESS(status) ? c : NULL;
}

int charset_convert(const struct charset *c, struct span bytes, struct arena *arena,
                    struct span *out, struct error *err)
{
    /* no charset above takes more than three bytes of UTF-8 for one of its own */
    size_t size = bytes.n < LIMIT_TEXT_BYTES / 3 ? bytes.n * 3 + 8 : LIMIT_TEXT_BYTES;
    UConverter *from = open_converter(c->icu);
    UConverter *to = open_converter("UTF-8");
    UErrorCode status = U_ZERO_ERROR;
    const char *source = bytes.p;
    char *text = arena_alloc(arena, size);
    char *target = text;
    int rc = 0;

    if (from && to)
        ucnv_convertEx(to, from, &target, text + size, &source, bytes.p + bytes.n, NULL, NULL, NULL,
                       NULL, true, true, &status);
    if (!from || !to)
        rc = error_set(err, ERR_UNSUPPORTED, "no converter for charset %s", c->name);
    else if (status == U_BUFFER_OVERFLOW_ERROR)
        rc = error_set(err, ERR_LIMIT, "over %zu bytes of text", LIMIT_TEXT_BYTES);
    else if (U_FAILURE(status))
        rc = error_set(err, ERR_FORMAT, "charset %s: %s", c->name, u_errorName(status));
    else
        *out = span_of(text, (size_t)(target - text));
    ucnv_close(from);
    ucnv_close(to);
    return rc;
}

void charset_prepare(void)
{
    static const char sample[] = "a\xC0\xE0";
    struct span bytes = span_of(sample, sizeof sample - 1);

    for (size_t i = 0; i < ARRAY_LEN(legacy); i++)
        ucnv_close(open_converter(legacy[i].icu));
    ucnv_close(open_converter(charset_windows_1252.icu));
    charset_by_guess(bytes);
}
