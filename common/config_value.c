/* One text to one value, by the kind of its key: the table `readers`. */
#include <sys/un.h>

#include "common/config_internal.h"
#include "common/number.h"
#include "common/utf8.h"

#define TEXT_BYTES_MAX ((size_t)1024)
#define SLUG_BYTES_MAX ((size_t)64)
#define URL_BYTES_MAX  ((size_t)8192) /* LIMIT_URL_BYTES, which common may not see */

/* What fits into sockaddr_un with its NUL. */
#define SOCKET_PATH_BYTES_MAX (sizeof((struct sockaddr_un *)0)->sun_path - 1)

typedef int value_read_fn(const struct config_reader *r, const struct config_key *key,
                          struct span text, void *field, struct error *err);

static int fail(struct error *err, const char *expected, struct span text)
{
    return error_set(err, ERR_CONFIG, "expected %s, found \"%.*s\"", expected, SPAN_ARG(text));
}

static void put_text(const struct config_reader *r, struct span text, void *field)
{
    *(const char **)field = arena_copy(r->arena, text).p;
}

static bool is_plain(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    }
    return utf8_is_valid(text);
}

static int read_bool(const struct config_reader *r, const struct config_key *key, struct span text,
                     void *field, struct error *err)
{
    (void)r;
    (void)key;
    if (span_equal_str(text, "yes") || span_equal_str(text, "true"))
        *(bool *)field = true;
    else if (span_equal_str(text, "no") || span_equal_str(text, "false"))
        *(bool *)field = false;
    else
        return fail(err, "yes or no", text);
    return 0;
}

static int read_count(const struct config_reader *r, const struct config_key *key, struct span text,
                      void *field, struct error *err)
{
    uint64_t value;

    (void)r;
    if (!number_read(text, 0, UINT32_MAX, &value))
        return fail(err, "a whole number", text);
    if (value < key->min || value > key->max)
        return error_set(err, ERR_CONFIG, "expected %llu to %llu, found %llu",
                         (unsigned long long)key->min, (unsigned long long)key->max,
                         (unsigned long long)value);
    *(uint32_t *)field = (uint32_t)value;
    return 0;
}

struct unit {
    uint64_t factor;
    const char *name;
};

/* In the largest unit that divides it, as a person would have written it. */
static struct span write_with_unit(const struct config_reader *r, uint64_t value,
                                   const struct unit *units)
{
    while (value % units->factor != 0)
        units++;
    return arena_printf(r->arena, "%llu%s", (unsigned long long)(value / units->factor),
                        units->name);
}

static int check_range(const struct config_reader *r, const struct config_key *key, uint64_t value,
                       const struct unit *units, struct span text, struct error *err)
{
    if (value >= key->min && value <= key->max)
        return 0;
    return error_set(err, ERR_CONFIG, "expected %s to %s, found %.*s",
                     key->min ? write_with_unit(r, key->min, units).p : "0",
                     write_with_unit(r, key->max, units).p, SPAN_ARG(text));
}

static int read_duration(const struct config_reader *r, const struct config_key *key,
                         struct span text, void *field, struct error *err)
{
    static const struct unit units[] = {
        {86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"},
    };
    uint64_t value;
    int rc;

    if (!duration_read(text, &value))
        return fail(err, "a duration such as 250ms, 30s, 5m, 6h or 1d", text);
    rc = check_range(r, key, value, units, text, err);
    if (rc == 0)
        *(uint64_t *)field = value;
    return rc;
}

static int read_size(const struct config_reader *r, const struct config_key *key, struct span text,
                     void *field, struct error *err)
{
    static const struct unit units[] = {
        {UINT64_C(1) << 30, "GiB"},
        {UINT64_C(1) << 20, "MiB"},
        {UINT64_C(1) << 10, "KiB"},
        {1, ""},
    };
    uint64_t value;
    int rc;

    if (!size_read(text, &value))
        return fail(err, "a size such as 4096, 64KiB, 20MiB or 1GiB", text);
    rc = check_range(r, key, value, units, text, err);
    if (rc == 0)
        *(uint64_t *)field = value;
    return rc;
}

static struct span absolute(const struct config_reader *r, struct span path)
{
    if (path.p[0] == '/')
        return path;
    while (span_starts(path, SPAN_LIT("./")))
        path = span_from(path, 2);
    return arena_printf(r->arena, "%s/%.*s", strcmp(r->base, "/") == 0 ? "" : r->base,
                        SPAN_ARG(path));
}

static int read_path(const struct config_reader *r, const struct config_key *key, struct span text,
                     void *field, struct error *err)
{
    (void)key;
    if (!is_plain(text) || text.n > TEXT_BYTES_MAX)
        return error_set(err, ERR_CONFIG,
                         "expected a path of at most %zu bytes without control characters",
                         TEXT_BYTES_MAX);
    put_text(r, absolute(r, text), field);
    return 0;
}

static bool is_loopback(struct span host)
{
    return span_equal_str(host, "localhost") || span_equal_str(host, "[::1]") ||
           (span_starts(host, SPAN_LIT("127.")) && span_find(host, SPAN_LIT(":"), 0) == SIZE_MAX);
}

static int read_tcp(const struct config_reader *r, struct span text, void *field, struct error *err)
{
    struct span host = span_from(text, strlen("tcp://"));
    struct span port;
    size_t colon = host.n;
    uint64_t number;

    while (colon > 0 && host.p[colon - 1] != ':')
        colon--;
    port = span_from(host, colon);
    if (colon < 2 || (!number_read(port, 1, 65535, &number) && !span_equal_str(port, "*")))
        return fail(err, "an endpoint such as tcp://127.0.0.1:7001", text);
    host.n = colon - 1;
    if (!is_loopback(host))
        return error_set(err, ERR_CONFIG,
                         "%.*s: only loopback (127.0.0.1, [::1]) and ipc are allowed, as the "
                         "connection is not encrypted",
                         SPAN_ARG(text));
    put_text(r, text, field);
    return 0;
}

static int read_ipc(const struct config_reader *r, struct span text, void *field, struct error *err)
{
    struct span path = span_from(text, strlen("ipc://"));

    if (path.n == 0)
        return fail(err, "an endpoint such as ipc:///run/pollwatch/work.sock", text);
    path = absolute(r, path);
    if (path.n > SOCKET_PATH_BYTES_MAX)
        return error_set(err, ERR_CONFIG, "%.*s: a socket's path may have at most %zu bytes",
                         SPAN_ARG(path), SOCKET_PATH_BYTES_MAX);
    *(const char **)field = arena_printf(r->arena, "ipc://%.*s", SPAN_ARG(path)).p;
    return 0;
}

static int read_mem(const struct config_reader *r, struct span text, void *field, struct error *err)
{
    if (text.n == strlen("mem://"))
        return fail(err, "an endpoint such as mem://name", text);
    put_text(r, text, field);
    return 0;
}

static int read_endpoint(const struct config_reader *r, const struct config_key *key,
                         struct span text, void *field, struct error *err)
{
    (void)key;
    if (!is_plain(text) || span_find(text, SPAN_LIT(" "), 0) != SIZE_MAX)
        return fail(err, "an endpoint without white space", text);
    if (span_starts(text, SPAN_LIT("ipc://")))
        return read_ipc(r, text, field, err);
    if (span_starts(text, SPAN_LIT("tcp://")))
        return read_tcp(r, text, field, err);
    if (span_starts(text, SPAN_LIT("mem://")))
        return read_mem(r, text, field, err);
    return fail(err, "an endpoint: ipc://PATH or tcp://HOST:PORT", text);
}

static int read_name(const struct config_reader *r, const struct config_key *key, struct span text,
                     void *field, struct error *err)
{
    struct buf expected;
    int rc;

    (void)r;
    for (int i = 0; key->names[i]; i++) {
        if (span_equal_str(text, key->names[i])) {
            *(int *)field = i;
            return 0;
        }
    }
    buf_init(&expected, TEXT_BYTES_MAX);
    for (int i = 0; key->names[i]; i++) {
        const char *joint = i == 0 ? "" : key->names[i + 1] ? ", " : " or ";

        buf_printf(&expected, "%s%s", joint, key->names[i]);
    }
    buf_add_char(&expected, '\0');
    rc = fail(err, expected.data, text);
    buf_fini(&expected);
    return rc;
}

static int read_slug(const struct config_reader *r, const struct config_key *key, struct span text,
                     void *field, struct error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    bool fine = text.n <= SLUG_BYTES_MAX;

    (void)key;
    for (size_t i = 0; i < text.n; i++)
        fine = fine && memchr(allowed, text.p[i], sizeof allowed - 1);
    if (!fine)
        return fail(err, "at most 64 of a-z, 0-9, -, _ and .", text);
    put_text(r, text, field);
    return 0;
}

static int read_text(const struct config_reader *r, const struct config_key *key, struct span text,
                     void *field, struct error *err)
{
    (void)key;
    if (!is_plain(text) || text.n > TEXT_BYTES_MAX)
        return error_set(err, ERR_CONFIG,
                         "expected a text of at most %zu bytes without control characters",
                         TEXT_BYTES_MAX);
    put_text(r, text, field);
    return 0;
}

static int read_url(const struct config_reader *r, const struct config_key *key, struct span text,
                    void *field, struct error *err)
{
    struct span host;

    (void)key;
    if (span_starts(text, SPAN_LIT("https://")))
        host = span_from(text, strlen("https://"));
    else if (span_starts(text, SPAN_LIT("http://")))
        host = span_from(text, strlen("http://"));
    else
        return fail(err, "an http:// or https:// address", text);
    if (host.n == 0 || strchr("/:?#", host.p[0]))
        return fail(err, "an address with a host", text);
    if (!is_plain(text) || span_find(text, SPAN_LIT(" "), 0) != SIZE_MAX)
        return fail(err, "an address without white space", text);
    if (text.n > URL_BYTES_MAX)
        return error_set(err, ERR_CONFIG, "the address has over %zu bytes", URL_BYTES_MAX);
    put_text(r, text, field);
    return 0;
}

static value_read_fn *const readers[] = {
    [CONFIG_BOOL] = read_bool,          [CONFIG_COUNT] = read_count,
    [CONFIG_DURATION] = read_duration,  [CONFIG_ENDPOINT] = read_endpoint,
    [CONFIG_ENDPOINTS] = read_endpoint, [CONFIG_NAME] = read_name,
    [CONFIG_PATH] = read_path,          [CONFIG_SIZE] = read_size,
    [CONFIG_SLUG] = read_slug,          [CONFIG_SOURCES] = NULL,
    [CONFIG_TEXT] = read_text,          [CONFIG_URLS] = read_url,
};

int config_value_read(const struct config_reader *r, const struct config_key *key, struct span text,
                      void *field, struct error *err)
{
    if (text.n == 0)
        return error_set(err, ERR_CONFIG, "missing value");
    if (memchr(text.p, '\0', text.n))
        return error_set(err, ERR_CONFIG, "a NUL byte in the value");
    return readers[key->kind](r, key, text, field, err);
}
