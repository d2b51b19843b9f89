#include "parser/identity.h"

#include <assert.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "common/digest.h"
#include "common/utf8.h"

/* What a work id is made of: the words themselves, not where they are posted or by whom. */
static bool is_of_the_work(enum section_kind section)
{
    return section == SECTION_BODY || section == SECTION_STANDFIRST;
}

/*
 * ICU works on UTF-16. Of valid UTF-8 there are never more units than bytes; NFKC with case folding
 * lengthens a text at most 18-fold (U+FDFA), and that one sign at a time, so the size is asked for.
 */
static UChar *to_utf16(struct span s, struct arena *arena, int32_t *n)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar *units = arena_calloc(arena, s.n + 1, sizeof *units);

    u_strFromUTF8(units, (int32_t)s.n + 1, n, s.p, (int32_t)s.n, &code);
    assert(U_SUCCESS(code));
    return units;
}

static UChar *normalize(const UChar *in, int32_t n, struct arena *arena, int32_t *out_n)
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfkc_casefold = unorm2_getNFKCCasefoldInstance(&code);
    UChar *out;

    assert(U_SUCCESS(code));
    *out_n = unorm2_normalize(nfkc_casefold, in, n, NULL, 0, &code);
    out = arena_calloc(arena, (size_t)*out_n + 1, sizeof *out);
    code = U_ZERO_ERROR;
    unorm2_normalize(nfkc_casefold, in, n, out, *out_n + 1, &code);
    assert(U_SUCCESS(code));
    return out;
}

/* Letters and digits, and the marks that belong to a letter. */
static bool counts(UChar32 c)
{
    return u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK;
}

struct span identity_fold(struct span s, struct arena *arena)
{
    int32_t n;
    int32_t folded_n;
    const UChar *units;
    const UChar *folded;
    char *out;
    size_t used = 0;

    if (s.n == 0)
        return SPAN_LIT("");
    units = to_utf16(s, arena, &n);
    folded = normalize(units, n, arena, &folded_n);
    out = arena_alloc(arena, (size_t)folded_n * 3 + 1); /* a unit is at most three bytes */
    for (int32_t i = 0; i < folded_n;) {
        UChar32 c;

        U16_NEXT(folded, i, folded_n, c);
        if (counts(c))
            used += utf8_put((uint32_t)c, out + used);
    }
    return span_of(out, used);
}

static struct span work_text(const struct text *text, struct arena *arena)
{
    char *p = arena_alloc(arena, text->text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text->sections.n; i++) {
        const struct section *section = &text->sections.items[i];

        if (!is_of_the_work(section->kind))
            continue;
        memcpy(p + n, text->text.p + section->start, section->end - section->start);
        n += section->end - section->start;
    }
    return identity_fold(span_of(p, n), arena);
}

void identity_of_statement(const struct text *text, struct arena *arena, struct statement *s)
{
    struct span work = work_text(text, arena);

    if (work.n == 0) /* a text without a body is its own work */
        work = identity_fold(text->text, arena);
    s->statement_id = digest_id(arena, "st_", s->canonical_url);
    s->version_id = digest_id(arena, "ve_", text->text);
    s->work_id = digest_id(arena, "wk_", work);
}

static const char *name_or_empty(const char *name)
{
    return name ? name : "";
}

struct span identity_of_finding(const struct finding *f, uint32_t ordinal_among_equals,
                                struct arena *arena)
{
    struct span exact = identity_fold(f->evidence.exact, arena);
    /* a line end can be in none of the parts, so no two lists of parts read the same */
    struct span key = arena_printf(arena, "%.*s\n%.*s\n%s\n%s\n%.*s\n%u", SPAN_ARG(f->statement_id),
                                   SPAN_ARG(exact), name_or_empty(topic_names[f->topic]),
                                   name_or_empty(finding_type_names[f->type]),
                                   SPAN_ARG(f->attribution.holder), (unsigned)ordinal_among_equals);

    return digest_id(arena, "fi_", key);
}
