#include "common/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <zlib.h>

struct digest *digest_new(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

    assert(ok);
    (void)ok;
    return (struct digest *)ctx;
}

void digest_add(struct digest *d, struct span data)
{
    EVP_DigestUpdate((EVP_MD_CTX *)d, data.p, data.n);
}

struct sha256 digest_end(struct digest *d)
{
    struct sha256 s;
    unsigned n = SHA256_BYTES;

    EVP_DigestFinal_ex((EVP_MD_CTX *)d, s.bytes, &n);
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
    return s;
}

struct sha256 sha256_of(struct span data)
{
    struct digest *d = digest_new();

    digest_add(d, data);
    return digest_end(d);
}

void sha256_hex(const struct sha256 *s, char out[SHA256_HEX_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[s->bytes[i] >> 4];
        out[2 * i + 1] = digits[s->bytes[i] & 15];
    }
    out[SHA256_HEX_BYTES] = '\0';
}

struct span digest_id(struct arena *a, const char *prefix, struct span data)
{
    struct sha256 s = sha256_of(data);
    char hex[SHA256_HEX_BYTES + 1];

    sha256_hex(&s, hex);
    return arena_printf(a, "%s%.16s", prefix, hex);
}

uint32_t crc32_more(uint32_t crc, struct span data)
{
    return (uint32_t)crc32_z(crc, (const unsigned char *)data.p, data.n);
}

uint32_t crc32_of(struct span data)
{
    return crc32_more(0, data);
}
