/* sasl.c: the mechanisms, one step function each, and the table of them. */
#include "servers/auth/sasl.h"
#include "servers/mail/encoding.h"

#include <string.h>

#define NAME_BYTES_MAX 255 /* RFC 4616 2: of each of the three */

/* A name or password that somebody could have typed: RFC 4616's SAFE, no controls. */
static bool is_typed(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (is_control((unsigned char)s.at[i]))
            return false;
    return s.len <= NAME_BYTES_MAX && utf8_valid(s);
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
    bool good = is_typed(sasl->authzid) && is_typed(sasl->name) && is_typed(sasl->password) &&
                sasl->name.len && sasl->password.len;
    return good ? SASL_DONE : SASL_BAD;
}

/* No RFC: what clients have done since 1997. A name, then a password. */
static enum sasl_result login_step(struct sasl *sasl, slice answer)
{
    if (!is_typed(answer))
        return SASL_BAD;
    if (sasl->steps > 1) {
        sasl->password = answer;
        return SASL_DONE;
    }
    sasl->name = answer;
    sasl->challenge = SLICE("UGFzc3dvcmQ6"); /* "Password:" */
    return SASL_CONTINUE;
}

static const struct sasl_mechanism mechanisms[] = {
    { "PLAIN", "", plain_step },
    { "LOGIN", "VXNlcm5hbWU6", login_step }, /* "Username:" */
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
    if (result == SASL_BAD)
        sasl_forget(sasl);
    return result;
}

enum sasl_result sasl_start(struct sasl *sasl, slice mechanism, const slice *initial)
{
    sasl_forget(sasl);
    for (size_t i = 0; i < COUNT(mechanisms); i++)
        if (slice_is_nocase(mechanism, mechanisms[i].name))
            sasl->mechanism = &mechanisms[i];
    if (!sasl->mechanism)
        return SASL_UNKNOWN;
    if (initial)
        return step(sasl, slice_is(*initial, "=") ? SLICE_EMPTY : *initial);
    sasl->challenge = slice_of(sasl->mechanism->first);
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
