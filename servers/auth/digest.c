/* digest.c: see digest.h. MD5 and HMAC are nettle's. */
#include "servers/auth/digest.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>

#define HEX_LEN (MD5_DIGEST_SIZE * 2)

bool secret_equal(slice a, slice b)
{
    size_t differs = a.len ^ b.len;
    if (a.len == 0) /* goes the same way, with something to compare */
        a = SLICE("?");
    for (size_t i = 0; i < b.len; i++)
        differs |= (size_t)((unsigned char)a.at[i % a.len] ^ (unsigned char)b.at[i]);
    return differs == 0;
}

static void hex_add(struct buf *out, const uint8_t *digest)
{
    for (size_t i = 0; i < MD5_DIGEST_SIZE; i++) {
        buf_add_char(out, "0123456789abcdef"[digest[i] >> 4]);
        buf_add_char(out, "0123456789abcdef"[digest[i] & 15]);
    }
}

static void update(struct md5_ctx *context, slice octets)
{
    if (octets.len)
        md5_update(context, octets.len, (const uint8_t *)octets.at);
}

void md5_hex(struct buf *out, slice octets)
{
    struct md5_ctx context;
    uint8_t digest[MD5_DIGEST_SIZE];
    md5_init(&context);
    update(&context, octets);
    md5_digest(&context, sizeof digest, digest);
    hex_add(out, digest);
}

/* Hexadecimal digits of either case. */
static bool hex_same(const uint8_t *digest, slice digest_hex)
{
    struct buf ours = BUF_MAX(HEX_LEN), theirs = BUF_MAX(HEX_LEN);
    hex_add(&ours, digest);
    for (size_t i = 0; i < digest_hex.len && i < HEX_LEN; i++)
        buf_add_char(&theirs, to_lower(digest_hex.at[i]));
    bool same = secret_equal(buf_slice(&ours), buf_slice(&theirs)) && digest_hex.len == HEX_LEN;
    buf_free(&ours);
    buf_free(&theirs);
    return same;
}

bool apop_verify(slice timestamp, slice password, slice digest_hex)
{
    struct md5_ctx context;
    uint8_t digest[MD5_DIGEST_SIZE];
    md5_init(&context);
    update(&context, timestamp);
    update(&context, password);
    md5_digest(&context, sizeof digest, digest);
    return hex_same(digest, digest_hex);
}

static void cram_digest(slice challenge, slice password, uint8_t digest[MD5_DIGEST_SIZE])
{
    struct hmac_md5_ctx context;
    hmac_md5_set_key(&context, password.len, (const uint8_t *)password.at);
    hmac_md5_update(&context, challenge.len, (const uint8_t *)challenge.at);
    hmac_md5_digest(&context, MD5_DIGEST_SIZE, digest);
}

bool cram_verify(slice challenge, slice password, slice digest_hex)
{
    uint8_t digest[MD5_DIGEST_SIZE];
    cram_digest(challenge, password, digest);
    return hex_same(digest, digest_hex);
}

void cram_hex(struct buf *out, slice challenge, slice password)
{
    uint8_t digest[MD5_DIGEST_SIZE];
    cram_digest(challenge, password, digest);
    hex_add(out, digest);
}
