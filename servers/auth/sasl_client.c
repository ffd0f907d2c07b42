/* sasl_client.c: see sasl_client.h. PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login),
   CRAM-MD5 (RFC 2195), SCRAM-SHA-256 (RFC 5802, 7677; without channel binding). */
#include "servers/auth/sasl_client.h"

#include <string.h>

#include "base/words.h"
#include "servers/auth/digest.h"
#include "servers/auth/scram.h"
#include "servers/mail/encoding.h"

/* More would be a server that only wants to see the machine at work. */
#define ITERATIONS_MAX 1000000u

struct sasl_client_mechanism {
    const char *name;
    /* The challenge is decoded, and so is the answer. */
    bool (*answer)(struct sasl_client *, slice challenge, struct buf *answer);
};

static bool plain(struct sasl_client *client, slice challenge, struct buf *answer)
{
    (void)challenge;
    buf_add(answer, client->authzid);
    buf_add_char(answer, '\0');
    buf_add(answer, client->name);
    buf_add_char(answer, '\0');
    buf_add(answer, client->password);
    return client->steps == 1;
}

/* Servers ask "Username:" and "Password:", in words that differ. */
static bool login(struct sasl_client *client, slice challenge, struct buf *answer)
{
    (void)challenge;
    buf_add(answer, client->steps == 1 ? client->name : client->password);
    return client->steps <= 2;
}

static bool cram_md5(struct sasl_client *client, slice challenge, struct buf *answer)
{
    buf_add(answer, client->name);
    buf_add_char(answer, ' ');
    cram_hex(answer, challenge, client->password);
    return client->steps == 1;
}

/* --- SCRAM ---------------------------------------------------------------------------------- */

/* saslname, RFC 5802 5.1. */
static void saslname_add(struct buf *out, slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c == ',' || c == '=')
            buf_add_text(out, c == ',' ? "=2C" : "=3D");
        else
            buf_add_char(out, c);
    }
}

/* gs2-header, RFC 5802 7: without channel binding. */
static void header_add(const struct sasl_client *client, struct buf *out)
{
    buf_add_text(out, client->authzid.len ? "n,a=" : "n,");
    saslname_add(out, client->authzid);
    buf_add_char(out, ',');
}

static void scram_first(struct sasl_client *client, struct buf *answer)
{
    struct buf bare = BUF_MAX(sizeof client->first);
    buf_add_text(&bare, "n=");
    saslname_add(&bare, client->name);
    buf_format(&bare, ",r=%.*s", SLICE_ARG(client->nonce));
    if (bare.len)
        memcpy(client->first, bare.at, bare.len);
    client->first_len = bare.len;
    header_add(client, answer);
    buf_add(answer, buf_slice(&bare));
    buf_free(&bare);
}

struct server_first {
    slice nonce;
    struct buf salt;
    uint64_t iterations;
};

/* "r=…,s=…,i=…"; the nonce begins with ours. */
static bool server_first_read(const struct sasl_client *client, slice text,
                              struct server_first *first)
{
    slice nonce = take_until(&text, ','), salt = take_until(&text, ','),
          iterations = take_until(&text, ',');
    if (!take_prefix(&nonce, "r=") || !take_prefix(&salt, "s=") ||
        !take_prefix(&iterations, "i=") || nonce.len <= client->nonce.len ||
        !slice_equal(slice_upto(nonce, client->nonce.len), client->nonce))
        return false;
    first->nonce = nonce;
    return base64_decode(&first->salt, salt) && first->salt.len &&
           word_number(iterations, ITERATIONS_MAX, &first->iterations) && first->iterations;
}

static bool scram_final(const struct sasl_client *client, slice challenge, struct buf *answer)
{
    struct server_first first = { SLICE_EMPTY, BUF_MAX(SASL_CHALLENGE_MAX), 0 };
    struct buf message = BUF_MAX(3 * SASL_ANSWER_MAX), header = BUF_MAX(SASL_ANSWER_MAX);
    uint8_t proof[SCRAM_HASH_BYTES];
    bool read = server_first_read(client, challenge, &first);
    if (read) {
        header_add(client, &header);
        buf_add_text(answer, "c=");
        base64_encode(answer, buf_slice(&header));
        buf_format(answer, ",r=%.*s", SLICE_ARG(first.nonce));
        buf_add(&message, (slice){ client->first, client->first_len });
        buf_format(&message, ",%.*s,%.*s", SLICE_ARG(challenge), SLICE_ARG(buf_slice(answer)));
        scram_client_proof(client->password, buf_slice(&first.salt), (unsigned)first.iterations,
                           buf_slice(&message), proof);
        buf_add_text(answer, ",p=");
        base64_encode(answer, (slice){ (const char *)proof, sizeof proof });
    }
    buf_free(&first.salt);
    buf_free(&message);
    buf_free(&header);
    return read;
}

/* The server's own proof, "v=…", is not looked at: no mail program was seen to end for it. */
static bool scram(struct sasl_client *client, slice challenge, struct buf *answer)
{
    if (client->steps == 1)
        scram_first(client, answer);
    else if (client->steps == 2)
        return scram_final(client, challenge, answer);
    return client->steps == 1 || (client->steps == 3 && slice_starts(challenge, "v="));
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct sasl_client_mechanism mechanisms[] = {
    { "PLAIN", plain },
    { "LOGIN", login },
    { "CRAM-MD5", cram_md5 },
    { "SCRAM-SHA-256", scram },
};

bool sasl_client_begin(struct sasl_client *client, slice mechanism, slice name, slice password,
                       slice nonce)
{
    *client = (struct sasl_client){ .name = name, .password = password,
                                    .nonce = nonce, .authzid = SLICE_EMPTY };
    for (size_t i = 0; i < COUNT(mechanisms); i++)
        if (slice_is_nocase(mechanism, mechanisms[i].name))
            client->mechanism = &mechanisms[i];
    return client->mechanism != NULL;
}

bool sasl_client_answer(struct sasl_client *client, slice challenge, struct buf *out)
{
    struct buf asked = BUF_MAX(SASL_CHALLENGE_MAX), answer = BUF_MAX(SASL_ANSWER_MAX);
    client->steps++;
    bool ok = client->mechanism && base64_decode(&asked, challenge) &&
              client->mechanism->answer(client, buf_slice(&asked), &answer) && !answer.full;
    if (ok)
        base64_encode(out, buf_slice(&answer));
    buf_free(&asked);
    buf_free(&answer);
    return ok;
}
