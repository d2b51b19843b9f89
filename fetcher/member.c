#include "fetcher/member.h"

#include <stdlib.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "common/mem.h"

/* What is above is compressed fast rather than well: 50 MB at level 6 would stop the loop for more
 * than a second. */
#define FAST_ABOVE_BYTES ((size_t)1024 * 1024)

/* The subfield's id and length, its two u32; and where these stand in the member. */
#define EXTRA_BYTES        12
#define EXTRA_VALUE_OFFSET 16

static void put_u32(unsigned char *p, uint64_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

static uint32_t get_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void feed(z_stream *z, struct span in, int flush)
{
    z->next_in = (const Bytef *)in.p;
    z->avail_in = (uInt)in.n;
    if (deflate(z, flush) == Z_STREAM_ERROR)
        abort(); /* a mistake of ours: the output always has room */
}

unsigned char *member_new(const struct span *parts, size_t n, size_t *out_bytes)
{
    unsigned char extra[EXTRA_BYTES] = {'s', 'l', 8, 0};
    gz_header header = {.os = 255, .extra = extra, .extra_len = sizeof extra};
    z_stream z = {0};
    unsigned char *out;
    uLong size;
    size_t total = 0;

    for (size_t i = 0; i < n; i++)
        total += parts[i].n;
    if (deflateInit2(&z, total > FAST_ABOVE_BYTES ? Z_BEST_SPEED : Z_DEFAULT_COMPRESSION,
                     Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    deflateSetHeader(&z, &header);
    size = deflateBound(&z, (uLong)total);
    out = xmalloc(size);
    z.next_out = out;
    z.avail_out = (uInt)size;
    for (size_t i = 0; i < n; i++)
        feed(&z, parts[i], Z_NO_FLUSH);
    feed(&z, SPAN_LIT(""), Z_FINISH);
    *out_bytes = z.total_out;
    deflateEnd(&z);
    put_u32(out + EXTRA_VALUE_OFFSET, *out_bytes);
    put_u32(out + EXTRA_VALUE_OFFSET + 4, total);
    return out;
}

uint64_t member_length(const unsigned char head[MEMBER_HEAD_BYTES])
{
    static const unsigned char magic[] = {0x1f, 0x8b, Z_DEFLATED, 4 /* FEXTRA */};
    static const unsigned char extra[] = {EXTRA_BYTES, 0, 's', 'l', 8, 0};

    if (memcmp(head, magic, sizeof magic) != 0 || memcmp(head + 10, extra, sizeof extra) != 0)
        return 0;
    return get_u32(head + EXTRA_VALUE_OFFSET);
}

bool member_is_whole(int fd, uint64_t offset, uint64_t length)
{
    static unsigned char in[64 * 1024];
    static unsigned char out[64 * 1024];
    z_stream z = {0};
    uint64_t at = 0;
    int rc = Z_OK;

    if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
        abort();
    while (rc == Z_OK || rc == Z_BUF_ERROR) {
        if (z.avail_in == 0) {
            size_t want = length - at < sizeof in ? (size_t)(length - at) : sizeof in;
            ssize_t got = want ? pread(fd, in, want, (off_t)(offset + at)) : 0;

            if (got <= 0)
                break;
            at += (uint64_t)got;
            z.next_in = in;
            z.avail_in = (uInt)got;
        }
        z.next_out = out;
        z.avail_out = sizeof out;
        rc = inflate(&z, Z_NO_FLUSH);
    }
    inflateEnd(&z);
    return rc == Z_STREAM_END && at == length;
}

int member_inflate(struct span member, size_t max_bytes, char **out, size_t *n, struct error *err)
{
    const unsigned char *bytes = (const unsigned char *)member.p;
    z_stream z = {.next_in = bytes, .avail_in = (uInt)member.n};
    size_t total;
    int code;

    if (member.n < MEMBER_HEAD_BYTES || member_length(bytes) != member.n)
        return error_set(err, ERR_FORMAT, "no record starts there");
    total = get_u32(bytes + EXTRA_VALUE_OFFSET + 4);
    if (total > max_bytes)
        return error_set(err, ERR_LIMIT, "a record of %zu bytes", total);
    if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
        abort();
    *out = xmalloc(total + 1);
    z.next_out = (Bytef *)*out;
    z.avail_out = (uInt)total + 1;
    code = inflate(&z, Z_FINISH);
    *n = z.total_out;
    inflateEnd(&z);
    if (code == Z_STREAM_END && *n == total)
        return 0;
    free(*out);
    *out = NULL;
    return error_set(err, ERR_FORMAT, "its bytes have changed");
}
