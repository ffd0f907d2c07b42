/* scram.c: see scram.h. The hash, HMAC and PBKDF2 are nettle's; the steps are ours.
     client-first   n,,n=ana,r=HERS
     server-first   r=HERSOURS,s=SALT,i=ITERATIONS
     client-final   c=biws,r=HERSOURS,p=PROOF          (biws is "n,," in base64)
     server-final   v=OUR PROOF
   Names of keys and messages are RFC 5802 3's. */
#include "servers/auth/scram.h"

#include <nettle/hmac.h>
#include <nettle/pbkdf2.h>
#include <string.h>

#include "servers/mail/encoding.h"

_Static_assert(SCRAM_HASH_BYTES == SHA256_DIGEST_SIZE, "it is SHA-256 that is offered");

typedef uint8_t hash[SCRAM_HASH_BYTES];

static void hmac(const hash key, slice text, hash out)
{
    struct hmac_sha256_ctx context;
    hmac_sha256_set_key(&context, SCRAM_HASH_BYTES, key);
    hmac_sha256_update(&context, text.len, (const uint8_t *)text.at);
    hmac_sha256_digest(&context, SCRAM_HASH_BYTES, out);
}

static void hash_of(const hash octets, hash out)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, SCRAM_HASH_BYTES, octets);
    sha256_digest(&context, SCRAM_HASH_BYTES, out);
}

void scram_salt(uint64_t secret, slice host, slice name, uint8_t salt[SCRAM_SALT_BYTES])
{
    struct hmac_sha256_ctx context;
    uint8_t key[8], nul = 0;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(secret >> (8 * i));
    hmac_sha256_set_key(&context, sizeof key, key);
    hmac_sha256_update(&context, host.len, (const uint8_t *)host.at);
    hmac_sha256_update(&context, 1, &nul);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = (uint8_t)to_lower(name.at[i]);
        hmac_sha256_update(&context, 1, &c);
    }
    hmac_sha256_digest(&context, SCRAM_SALT_BYTES, salt);
}

/* --- client-first ---------------------------------------------------------------------------- */

/* saslname: no comma, and "=2C" and "=3D" for a comma and an equals sign (RFC 5802 5.1).
   Decoded where it stands; it only gets shorter. */
static bool name_decode(slice *name)
{
    char *to = (char *)name->at;
    slice rest = *name;
    size_t len = 0;
    while (rest.len) {
        if (take_prefix(&rest, "=2C")) {
            to[len++] = ',';
        } else if (take_prefix(&rest, "=3D")) {
            to[len++] = '=';
        } else if (rest.at[0] == '=') {
            return false;
        } else {
            to[len++] = rest.at[0];
            rest = slice_from(rest, 1);
        }
    }
    name->len = len;
    return sasl_is_typed(*name);
}

/* Printable, no comma. */
static bool nonce_valid(slice nonce)
{
    for (size_t i = 0; i < nonce.len; i++)
        if (nonce.at[i] < '!' || nonce.at[i] > '~' || nonce.at[i] == ',')
            return false;
    return nonce.len > 0 && nonce.len <= SCRAM_NONCE_MAX;
}

/* "n,," or "y,,", perhaps with whom to act as between the commas. "y" is a client that can
   bind to the channel and has seen that we don't offer it. */
static enum sasl_result take_header(struct sasl *sasl, slice *rest, slice *authzid)
{
    slice whole = *rest, flag = take_until(rest, ',');
    if (slice_starts(flag, "p="))
        return SASL_UNKNOWN;
    if ((!slice_is(flag, "n") && !slice_is(flag, "y")) || whole.len == flag.len)
        return SASL_BAD;
    size_t before = rest->len;
    *authzid = take_until(rest, ',');
    if (before == authzid->len || (authzid->len && !take_prefix(authzid, "a=")))
        return SASL_BAD;
    sasl->scram.header = slice_upto(whole, whole.len - rest->len);
    return SASL_CONTINUE;
}

/* The names are decoded in a copy: what was sent is hashed as it was sent. */
static slice keep_copy(struct sasl *sasl, slice text)
{
    char *at = sasl->kept + sasl->kept_len;
    if (text.len > sizeof sasl->kept - sasl->kept_len)
        return SLICE_EMPTY;
    if (text.len)
        memcpy(at, text.at, text.len);
    sasl->kept_len += text.len;
    return (slice){ at, text.len };
}

static void say_server_first(struct sasl *sasl)
{
    struct scram *scram = &sasl->scram;
    struct buf text = BUF_MAX(sizeof sasl->asked - 1);
    buf_format(&text, "r=%.*s%s,s=", SLICE_ARG(scram->nonce), sasl->nonce);
    base64_encode(&text, (slice){ (const char *)scram->salt, SCRAM_SALT_BYTES });
    buf_format(&text, ",i=%d", SCRAM_ITERATIONS);
    must(!text.full);
    sasl_ask(sasl, buf_slice(&text));
    buf_free(&text);
    scram->nonce = (slice){ sasl->asked + 2, scram->nonce.len + strlen(sasl->nonce) };
}

static enum sasl_result client_first(struct sasl *sasl, slice message)
{
    struct scram *scram = &sasl->scram;
    slice authzid = SLICE_EMPTY;
    enum sasl_result result = take_header(sasl, &message, &authzid);
    if (result != SASL_CONTINUE)
        return result;
    scram->first_bare = message;
    slice name = take_until(&message, ',');   /* "m=…" here is an extension we must know */
    slice nonce = take_until(&message, ',');  /* and what follows, one we need not */
    if (!take_prefix(&name, "n=") || name.len == 0 || !take_prefix(&nonce, "r=") ||
        !nonce_valid(nonce))
        return SASL_BAD;
    sasl->authzid = keep_copy(sasl, authzid);
    sasl->name = keep_copy(sasl, name);
    if (sasl->name.len == 0 || !name_decode(&sasl->name) || !name_decode(&sasl->authzid))
        return SASL_BAD;
    scram->nonce = nonce;
    sasl->server.nonce(sasl->server.context, sasl->nonce);
    sasl->server.salt(sasl->server.context, sasl->name, scram->salt);
    say_server_first(sasl);
    return SASL_CONTINUE;
}

/* --- client-final ---------------------------------------------------------------------------- */

static bool take_base64(slice text, struct buf *octets)
{
    return text.len && base64_decode(octets, text) && !octets->full;
}

/* What is bound is the header alone, and the nonce must be this exchange's. */
static bool is_sound(const struct sasl *sasl, slice binding, slice nonce)
{
    struct buf octets = BUF_MAX(SASL_ANSWER_MAX);
    bool sound = take_base64(binding, &octets) &&
                 slice_equal(buf_slice(&octets), sasl->scram.header) &&
                 slice_equal(nonce, sasl->scram.nonce);
    buf_free(&octets);
    return sound;
}

static enum sasl_result client_final(struct sasl *sasl, slice message)
{
    struct scram *scram = &sasl->scram;
    struct buf proof = BUF_MAX(SCRAM_HASH_BYTES);
    slice whole = message, binding = take_until(&message, ','),
          nonce = take_until(&message, ',');
    slice last = take_until(&message, ',');
    while (message.len && !slice_starts(last, "p=")) /* extensions that we need not know */
        last = take_until(&message, ',');
    bool good = message.len == 0 && take_prefix(&binding, "c=") && take_prefix(&nonce, "r=") &&
                take_prefix(&last, "p=") && take_base64(last, &proof) &&
                proof.len == SCRAM_HASH_BYTES;
    if (good) {
        memcpy(scram->proof, proof.at, SCRAM_HASH_BYTES);
        scram->without_proof = slice_upto(whole, whole.len - last.len - 3);
        scram->sound = is_sound(sasl, binding, nonce);
    }
    buf_free(&proof);
    return good ? SASL_PROVE : SASL_BAD;
}

enum sasl_result scram_step(struct sasl *sasl, slice answer)
{
    if (sasl->steps == 1)
        return client_first(sasl, answer);
    if (sasl->steps == 2)
        return client_final(sasl, answer);
    return answer.len == 0 && sasl->proved ? SASL_DONE : SASL_BAD; /* she has seen our proof */
}

/* --- proofs ---------------------------------------------------------------------------------- */

static void auth_message(const struct sasl *sasl, struct buf *out)
{
    buf_add(out, sasl->scram.first_bare);
    buf_add_char(out, ',');
    buf_add_text(out, sasl->asked); /* still server-first */
    buf_add_char(out, ',');
    buf_add(out, sasl->scram.without_proof);
}

static void say_server_final(struct sasl *sasl, const hash salted, slice message)
{
    hash server_key, signature;
    struct buf text = BUF_MAX(128);
    hmac(salted, SLICE("Server Key"), server_key);
    hmac(server_key, message, signature);
    buf_add_text(&text, "v=");
    base64_encode(&text, (slice){ (const char *)signature, SCRAM_HASH_BYTES });
    sasl_ask(sasl, buf_slice(&text));
    buf_free(&text);
}

void scram_client_proof(slice password, slice salt, unsigned iterations, slice message,
                        uint8_t proof[SCRAM_HASH_BYTES])
{
    hash salted, stored_key, signature;
    pbkdf2_hmac_sha256(password.len, (const uint8_t *)password.at, iterations, salt.len,
                       (const uint8_t *)salt.at, SCRAM_HASH_BYTES, salted);
    hmac(salted, SLICE("Client Key"), proof);
    hash_of(proof, stored_key);
    hmac(stored_key, message, signature);
    for (size_t i = 0; i < SCRAM_HASH_BYTES; i++)
        proof[i] ^= signature[i];
}

bool scram_proves(struct sasl *sasl, slice password)
{
    struct scram *scram = &sasl->scram;
    struct buf message = BUF_MAX(sizeof sasl->kept + sizeof sasl->asked + 2);
    hash salted, client_key, stored_key, signature, claimed;
    auth_message(sasl, &message);
    pbkdf2_hmac_sha256(password.len, (const uint8_t *)password.at, SCRAM_ITERATIONS,
                       SCRAM_SALT_BYTES, scram->salt, SCRAM_HASH_BYTES, salted);
    hmac(salted, SLICE("Client Key"), client_key);
    hash_of(client_key, stored_key);
    hmac(stored_key, buf_slice(&message), signature);
    for (size_t i = 0; i < SCRAM_HASH_BYTES; i++) /* her proof is the key, hidden by it */
        client_key[i] = scram->proof[i] ^ signature[i];
    hash_of(client_key, claimed);
    say_server_final(sasl, salted, buf_slice(&message));
    buf_free(&message);
    bool same = secret_equal((slice){ (const char *)stored_key, SCRAM_HASH_BYTES },
                             (slice){ (const char *)claimed, SCRAM_HASH_BYTES });
    return same && scram->sound;
}
