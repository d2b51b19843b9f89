#include "common/number.h"

#include <stddef.h>

#include "common/compiler.h"

struct unit {
    const char *name;
    uint64_t factor;
};

bool number_read(struct span text, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.p[i] - '0'), &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

/* Digits and one of `units`, with nothing between or around them. */
static bool read_with_unit(struct span text, const struct unit *units, size_t units_n,
                           uint64_t *out)
{
    size_t digits = 0;
    struct span name;
    uint64_t value;

    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    if (!number_read(span_of(text.p, digits), 0, UINT64_MAX, &value))
        return false;
    name = span_from(text, digits);
    for (size_t i = 0; i < units_n; i++) {
        if (span_equal_str(name, units[i].name))
            return !__builtin_mul_overflow(value, units[i].factor, out);
    }
    return false;
}

bool duration_read(struct span text, uint64_t *out_ms)
{
    static const struct unit units[] = {
        {"ms", 1},
        {"s", 1000},
        {"m", UINT64_C(60000)},
        {"h", UINT64_C(3600000)},
        {"d", UINT64_C(86400000)},
    };
    uint64_t value;

    /* the one number that means the same in every unit */
    if (span_equal_str(text, "0")) {
        *out_ms = 0;
        return true;
    }
    if (!read_with_unit(text, units, ARRAY_LEN(units), &value))
        return false;
    *out_ms = value;
    return true;
}

bool size_read(struct span text, uint64_t *out_bytes)
{
    static const struct unit units[] = {
        {"", 1},
        {"KiB", UINT64_C(1) << 10},
        {"MiB", UINT64_C(1) << 20},
        {"GiB", UINT64_C(1) << 30},
    };
    uint64_t value;

    if (!read_with_unit(text, units, ARRAY_LEN(units), &value))
        return false;
    *out_bytes = value;
    return true;
}
