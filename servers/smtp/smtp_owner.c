/* smtp_owner.c: see smtp_owner.h. */
#include "servers/smtp/smtp_owner.h"

#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/idna.h"
#include "servers/store/store.h"

/* `"b\o"` is bo. What is no quoted local part stays as it is. */
static void local_unquote(struct buf *out, slice local)
{
    if (!take_char(&local, '"')) {
        buf_add(out, local);
        return;
    }
    while (local.len && !take_char(&local, '"')) {
        if (local.len > 1)
            take_char(&local, '\\');
        buf_add_char(out, local.at[0]);
        local = slice_from(local, 1);
    }
}

static bool is_own_literal(const struct policy *policy, slice domain)
{
    return take_char(&domain, '[') && domain.len && domain.at[domain.len - 1] == ']' &&
           policy->address[0] &&
           slice_is(slice_upto(domain, domain.len - 1), policy->address);
}

struct first_user {
    slice host;
    int64_t user;
};

static bool user_first(void *context, const struct user *user)
{
    struct first_user *first = context;
    if (!slice_is_nocase(first->host, user->host))
        return true;
    first->user = user->id;
    return false;
}

/* Mail for it is kept; a password that two draws of chance make is known to nobody. */
static int64_t postmaster_make(struct services *services)
{
    const struct policy *policy = services->policy;
    struct buf address = BUF_MAX(ADDRESS_MAX), password = BUF_MAX(64);
    int64_t user = 0;
    buf_format(&address, "postmaster@%s", policy->domain_count ? policy->domains[0] : policy->name);
    buf_format(&password, "%llu", (unsigned long long)services->new_id(services));
    buf_format(&password, "-%llu", (unsigned long long)services->new_id(services));
    if (!store_user_add(services->store, buf_slice(&address), slice_of(policy->name),
                        buf_slice(&password), &user))
        user = 0;
    buf_free(&address);
    buf_free(&password);
    return user;
}

int64_t smtp_postmaster(struct services *services)
{
    slice host = slice_of(services->policy->name);
    struct first_user first = { host, 0 };
    struct user user;
    if (store_user_find(services->store, host, SLICE("postmaster"), &user))
        return user.id;
    store_users(services->store, user_first, &first);
    return first.user ? first.user : postmaster_make(services);
}

/* By the whole address in the host's domains; by the name alone where the domain is the host
   itself. A name with an @ in it, which quotes allow, is nobody's. */
static int64_t user_of(struct services *services, slice local, slice domain, bool by_host)
{
    struct buf plain = BUF_MAX(ADDRESS_MAX);
    struct user user = { .id = 0 };
    size_t at = 0;
    bool found = false;
    local_unquote(&plain, local);
    if (!slice_find(buf_slice(&plain), '@', &at)) {
        bool postmaster = slice_is_nocase(buf_slice(&plain), "postmaster");
        if (!by_host) {
            buf_add_char(&plain, '@');
            domain_ascii(&plain, domain);
        }
        found = store_user_find(services->store, slice_of(services->policy->name),
                                buf_slice(&plain), &user);
        if (!found && postmaster)
            user.id = smtp_postmaster(services);
    }
    buf_free(&plain);
    return user.id;
}

enum owner smtp_owner(struct services *services, slice address, int64_t *user)
{
    const struct policy *policy = services->policy;
    struct buf ascii = BUF_MAX(DOMAIN_MAX);
    slice local, domain;
    bool whole = address_split(address, &local, &domain);
    bool by_host = !whole || is_own_literal(policy, domain);
    if (!by_host && domain_ascii(&ascii, domain))
        by_host = slice_is_nocase(buf_slice(&ascii), policy->name);
    bool ours = by_host || policy_has_domain(policy, buf_slice(&ascii));
    buf_free(&ascii);
    *user = ours ? user_of(services, whole ? local : address, domain, by_host) : 0;
    return !ours ? OWNER_ELSEWHERE : *user ? OWNER_USER : OWNER_NOBODY;
}
