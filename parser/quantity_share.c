/*
 * Shares that are told in two numbers or by an ordinal: "one in eight", "nine payments in ten",
 * "every fourth one". They become percent (codebook section 9).
 */
#include "common/compiler.h"
#include "parser/quantity_parts.h"

/* Words between the parts of a share: "one polling station in three". */
#define SHARE_MAX_NOUNS 3

static double percent_of(double part, double whole)
{
    return (double)(long long)(part * 1000 / whole + 0.5) / 10;
}

/* Behind "one polling station in three" a sentence goes on; "two boys in three towns" does not. */
static bool ends_share(struct span s, size_t end)
{
    static const char *const verbs[] = {"is", "was", "has", "does"};
    struct span behind = around_behind(s, end);

    return behind.n == 0 || s.p[end] != ' ' || behind.p[behind.n - 1] != 's' ||
           around_is_one_of(behind, verbs, ARRAY_LEN(verbs));
}

/* The number behind "in", "out of" and the like at `at`; moves `*end` behind it. */
static bool read_whole(struct span s, size_t at, struct numeral *whole, size_t *end,
                       bool *is_out_of)
{
    static const char *const links[] = {" in ", " out of ", " in every ", " in a "};

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t start = at + span_of_str(links[i]).n;

        if (!around_begins(s, at, links[i]) || !numeral_read(s, start, whole))
            continue;
        *end = start + whole->bytes;
        *is_out_of = i == 1;
        return *end >= s.n || s.p[*end] != '%';
    }
    return false;
}

/*
 * Whether a part of `whole` is spoken of as a share: any "in", any out of ten or a hundred;
 * "seven out of eight candidates" gives both numbers instead.
 */
static bool is_share(const struct numeral *part, const struct numeral *whole, bool is_out_of)
{
    if (whole->value <= part->value || whole->value > 100 || whole->value < 2)
        return false;
    return !is_out_of || whole->value == 10 || whole->value == 100 ||
           (whole->is_spelled && (part->value == 1 || whole->value == 20));
}

/* "one in eight", "nine out of 10", "nine payments in ten": in percent; 0: no such thing. */
double quantity_share(struct span s, size_t end, const struct numeral *part, size_t *share_end)
{
    size_t at = end;

    for (size_t nouns = 0; nouns <= SHARE_MAX_NOUNS; nouns++) {
        struct numeral whole;
        struct span word;
        bool is_out_of = false;

        if (read_whole(s, at, &whole, share_end, &is_out_of) && is_share(part, &whole, is_out_of) &&
            (nouns == 0 || (part->is_spelled && whole.is_spelled && ends_share(s, *share_end))))
            return percent_of(part->value, whole.value);
        word = around_behind(s, at);
        if (word.n == 0 || !around_is_letter(word.p[0]))
            break;
        at = around_end(s, word);
    }
    return 0;
}

/* "every fourth one": 25 per cent. */
size_t quantity_read_every(struct quantifying *q, size_t at)
{
    struct span every = SPAN_LIT("every ");
    struct numeral nth;

    if (!around_begins(q->s, at, "every ") || !ordinal_read(q->s, at + every.n, &nth) ||
        around_begins(q->s, at + every.n + nth.bytes, " place"))
        return 0;
    quantity_add(q, at, at + every.n + nth.bytes, percent_of(1, nth.value), UNIT_PERCENT);
    return every.n + nth.bytes;
}
