/* login.c: see login.h. */
#include "servers/login.h"
#include "servers/auth/scram.h"
#include "servers/mail/address.h"

typedef bool proof(const struct user *, const void *claim);

/* An unknown user is replaced by somebody, so that the same work is done; what is proved
   for her does not count. */
static bool login_prove(struct session *session, slice name, proof *proves, const void *claim,
                        struct user *out)
{
    static const struct user nobody = { .password = "nobody's" };
    struct user user = nobody;
    slice host = slice_of(session->services->policy->name);
    bool known = store_user_find(session->services->store, host, name, &user);
    if (!known)
        user = nobody;
    bool proved = proves(&user, claim);
    if (!known || !proved)
        return false;
    *out = user;
    return true;
}

static bool proves_password(const struct user *user, const void *claim)
{
    const slice *password = claim;
    return secret_equal(slice_of(user->password), *password);
}

struct apop {
    slice timestamp, digest_hex;
};

static bool proves_apop(const struct user *user, const void *claim)
{
    const struct apop *apop = claim;
    return apop_verify(apop->timestamp, slice_of(user->password), apop->digest_hex);
}

bool login_check(struct session *session, slice name, slice password, struct user *out)
{
    return login_prove(session, name, proves_password, &password, out);
}

/* Any of the forms in which she could have logged in. */
static bool is_herself(slice authzid, const struct user *user)
{
    slice local, domain;
    address_split(slice_of(user->address), &local, &domain);
    return slice_equal_nocase(authzid, local) || address_same(authzid, slice_of(user->address));
}

/* --- SASL ------------------------------------------------------------------------------------- */

static bool proves_sasl(const struct user *user, const void *claim)
{
    struct sasl *const *sasl = claim;
    return (*sasl)->proved || sasl_proves(*sasl, slice_of(user->password));
}

static bool check_sasl(struct session *session, struct sasl *sasl, struct user *out)
{
    struct user user;
    bool good = login_prove(session, sasl->name, proves_sasl, &sasl, &user) &&
                (sasl->authzid.len == 0 || is_herself(sasl->authzid, &user));
    if (good)
        *out = user;
    return good;
}

static enum outcome sasl_outcome(struct session *session, struct sasl *sasl,
                                 enum sasl_result result, struct user *out)
{
    switch (result) {
    case SASL_PROVE:
    case SASL_DONE:
        if (!check_sasl(session, sasl, out)) {
            sasl_forget(sasl);
            return OUT_BAD_LOGIN;
        }
        if (result == SASL_DONE) {
            sasl_forget(sasl);
            return OUT_OK;
        }
        session_detail(session, "%.*s", SLICE_ARG(sasl->challenge));
        return OUT_CONTINUE;
    case SASL_CONTINUE:
        session_detail(session, "%.*s", SLICE_ARG(sasl->challenge));
        return OUT_CONTINUE;
    case SASL_CANCELLED:
        return OUT_CANCELLED;
    case SASL_UNKNOWN:
        return OUT_UNSUPPORTED;
    default:
        return OUT_SYNTAX;
    }
}

/* "ana" and "ana@campus.example" are one person here, and salted alike, known or not. */
static void salt_of(void *context, slice name, uint8_t salt[SCRAM_SALT_BYTES])
{
    const struct services *services = context;
    slice local, domain;
    if (address_split(name, &local, &domain) && policy_has_domain(services->policy, domain))
        name = local;
    scram_salt(services->secret, slice_of(services->policy->name), name, salt);
}

static void nonce_new(void *context, char nonce[SASL_NONCE_BYTES])
{
    struct services *services = context;
    uint64_t id = services->new_id(services);
    for (size_t i = 16; i-- > 0; id >>= 4)
        nonce[i] = "0123456789abcdef"[id & 15];
    nonce[16] = '\0';
}

enum outcome login_sasl(struct session *session, struct sasl *sasl, slice mechanism,
                        const slice *initial, struct user *out)
{
    struct services *services = session->services;
    const struct sasl_server server = { .host = slice_of(services->policy->name),
                                        .now_ms = services->now_ms, .nonce = nonce_new,
                                        .salt = salt_of, .context = services };
    enum outcome outcome =
        sasl_outcome(session, sasl, sasl_start(sasl, &server, mechanism, initial), out);
    return outcome == OUT_CANCELLED ? OUT_SYNTAX : outcome;
}

enum outcome login_sasl_answer(struct session *session, struct sasl *sasl, slice line,
                               struct user *out)
{
    return sasl_outcome(session, sasl, sasl_answer(sasl, line), out);
}

bool login_check_apop(struct session *session, slice name, slice timestamp, slice digest_hex,
                      struct user *out)
{
    struct apop apop = { timestamp, digest_hex };
    return login_prove(session, name, proves_apop, &apop, out);
}
