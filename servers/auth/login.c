/* login.c: see login.h. */
#include "servers/auth/login.h"
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

static bool check_sasl(struct session *session, struct sasl *sasl, struct user *out)
{
    struct user user;
    bool good = login_check(session, sasl->name, sasl->password, &user) &&
                (sasl->authzid.len == 0 || is_herself(sasl->authzid, &user));
    sasl_forget(sasl);
    if (good)
        *out = user;
    return good;
}

enum outcome login_sasl(struct session *session, struct sasl *sasl, enum sasl_result result,
                        struct user *out)
{
    switch (result) {
    case SASL_CONTINUE:
        session_detail(session, "%.*s", SLICE_ARG(sasl->challenge));
        return OUT_CONTINUE;
    case SASL_DONE:
        return check_sasl(session, sasl, out) ? OUT_OK : OUT_BAD_LOGIN;
    case SASL_CANCELLED:
        return OUT_CANCELLED;
    case SASL_UNKNOWN:
        return OUT_UNSUPPORTED;
    default:
        return OUT_SYNTAX;
    }
}

bool login_check_apop(struct session *session, slice name, slice timestamp, slice digest_hex,
                      struct user *out)
{
    struct apop apop = { timestamp, digest_hex };
    return login_prove(session, name, proves_apop, &apop, out);
}
