/* sasl.c: the mechanisms that need few words, one step function each, and the table of all.
   SCRAM's steps are scram.c's. */
#include "servers/auth/sasl.h"
#include "servers/auth/scram.h"
#include "servers/mail/encoding.h"

#include <string.h>

#define NAME_BYTES_MAX 255 /* RFC 4616 2: of each of the three */

bool sasl_is_typed(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (is_control((unsigned char)s.at[i]))
            return false;
    return s.len <= NAME_BYTES_MAX && utf8_valid(s);
}

void sasl_ask(struct sasl *sasl, slice octets)
{
    struct buf text = BUF_MAX(sizeof sasl->said);
    base64_encode(&text, octets);
    must(octets.len < sizeof sasl->asked && !text.full);
    if (octets.len) {
        memcpy(sasl->asked, octets.at, octets.len);
        memcpy(sasl->said, text.at, text.len);
    }
    sasl->asked[octets.len] = '\0';
    sasl->challenge = (slice){ sasl->said, text.len };
    buf_free(&text);
}

/* --- the password itself ------------------------------------------------------------ */

static bool password_proves(struct sasl *sasl, slice password)
{
    return secret_equal(password, sasl->password);
}

/* RFC 4616: [authzid] NUL authcid NUL passwd */
static enum sasl_result plain_step(struct sasl *sasl, slice answer)
{
    size_t first, second;
    if (!slice_find(answer, '\0', &first) ||
        !slice_find(slice_from(answer, first + 1), '\0', &second))
        return SASL_BAD;
    sasl->authzid = slice_upto(answer, first);
    sasl->name = slice_upto(slice_from(answer, first + 1), second);
    sasl->password = slice_from(answer, first + second + 2);
    bool good = sasl_is_typed(sasl->authzid) && sasl_is_typed(sasl->name) &&
                sasl_is_typed(sasl->password) && sasl->name.len && sasl->password.len;
    return good ? SASL_DONE : SASL_BAD;
}

static void login_first(struct sasl *sasl) { sasl_ask(sasl, SLICE("Username:")); }

/* No RFC: what clients have done since 1997. A name, then a password. */
static enum sasl_result login_step(struct sasl *sasl, slice answer)
{
    if (!sasl_is_typed(answer))
        return SASL_BAD;
    if (sasl->steps > 1) {
        sasl->password = answer;
        return SASL_DONE;
    }
    sasl->name = answer;
    sasl_ask(sasl, SLICE("Password:"));
    return SASL_CONTINUE;
}

/* --- CRAM-MD5 (RFC 2195) ------------------------------------------------------------ */

/* A question that was never asked before: an answer that was overheard is worth nothing. */
static void cram_first(struct sasl *sasl)
{
    struct buf text = BUF_MAX(sizeof sasl->asked);
    sasl->server.nonce(sasl->server.context, sasl->nonce);
    buf_format(&text, "<%s.%llu@%.*s>", sasl->nonce,
               (unsigned long long)(sasl->server.now_ms / 1000), SLICE_ARG(sasl->server.host));
    sasl_ask(sasl, buf_slice(&text));
    buf_free(&text);
}

/* name SP digest; the name may have spaces, the digest has none. */
static enum sasl_result cram_step(struct sasl *sasl, slice answer)
{
    size_t space = answer.len;
    while (space > 0 && answer.at[space - 1] != ' ')
        space--;
    if (space < 2)
        return SASL_BAD;
    sasl->name = slice_upto(answer, space - 1);
    sasl->digest_hex = slice_from(answer, space);
    return sasl_is_typed(sasl->name) && sasl->digest_hex.len == 32 ? SASL_DONE : SASL_BAD;
}

static bool cram_proves(struct sasl *sasl, slice password)
{
    return cram_verify(slice_of(sasl->asked), password, sasl->digest_hex);
}

/* --- the table ---------------------------------------------------------------------- */

static const struct sasl_mechanism mechanisms[] = {
    { "PLAIN", NULL, false, plain_step, password_proves },
    { "LOGIN", login_first, false, login_step, password_proves },
    { "CRAM-MD5", cram_first, true, cram_step, cram_proves },
    { "SCRAM-SHA-256", NULL, false, scram_step, scram_proves },
};

const struct sasl_mechanism *sasl_mechanisms(size_t *count)
{
    *count = COUNT(mechanisms);
    return mechanisms;
}

struct sasl *sasl_new(struct arena *arena) { return arena_take(arena, sizeof(struct sasl)); }

void sasl_forget(struct sasl *sasl) { *sasl = (struct sasl){ 0 }; }

/* The decoded answer is kept, since names are slices of it. */
static bool keep_answer(struct sasl *sasl, slice line, slice *answer)
{
    struct buf octets = BUF_MAX(SASL_ANSWER_MAX);
    bool good = base64_decode(&octets, line) && !octets.full &&
                octets.len <= sizeof sasl->kept - sasl->kept_len;
    if (good) {
        char *at = sasl->kept + sasl->kept_len;
        if (octets.len)
            memcpy(at, octets.at, octets.len);
        sasl->kept_len += octets.len;
        *answer = (slice){ at, octets.len };
    }
    buf_free(&octets);
    return good;
}

static enum sasl_result step(struct sasl *sasl, slice line)
{
    slice answer;
    sasl->challenge = SLICE_EMPTY;
    sasl->steps++;
    enum sasl_result result = SASL_BAD;
    if (keep_answer(sasl, line, &answer))
        result = sasl->mechanism->step(sasl, answer);
    if (result == SASL_BAD || result == SASL_UNKNOWN)
        sasl_forget(sasl);
    return result;
}

enum sasl_result sasl_start(struct sasl *sasl, const struct sasl_server *server, slice mechanism,
                            const slice *initial)
{
    sasl_forget(sasl);
    for (size_t i = 0; i < COUNT(mechanisms); i++)
        if (slice_is_nocase(mechanism, mechanisms[i].name))
            sasl->mechanism = &mechanisms[i];
    if (!sasl->mechanism)
        return SASL_UNKNOWN;
    sasl->server = *server;
    if (initial && sasl->mechanism->server_first) {
        sasl_forget(sasl);
        return SASL_BAD;
    }
    if (initial)
        return step(sasl, slice_is(*initial, "=") ? SLICE_EMPTY : *initial);
    if (sasl->mechanism->first)
        sasl->mechanism->first(sasl);
    return SASL_CONTINUE;
}

enum sasl_result sasl_answer(struct sasl *sasl, slice line)
{
    must(sasl->mechanism != NULL);
    if (slice_is(line, "*")) {
        sasl_forget(sasl);
        return SASL_CANCELLED;
    }
    return step(sasl, line);
}

bool sasl_proves(struct sasl *sasl, slice password)
{
    must(sasl->mechanism != NULL);
    sasl->proved = sasl->mechanism->proves(sasl, password);
    return sasl->proved;
}
