/* policy.c: see policy.h. */
#include "servers/policy.h"

#include "servers/dialect.h"

bool policy_has_domain(const struct policy *policy, slice domain)
{
    for (size_t i = 0; i < policy->domain_count; i++)
        if (slice_is_nocase(domain, policy->domains[i]))
            return true;
    return slice_is_nocase(domain, policy->name);
}

const struct refusal *policy_refuses(struct policy *policy, slice verb)
{
    for (size_t i = 0; i < policy->refusal_count; i++) {
        struct refusal *refusal = &policy->refusals[i];
        if (refusal->left == 0 || !slice_is_nocase(verb, refusal->verb))
            continue;
        if (refusal->left > 0)
            refusal->left--;
        return refusal;
    }
    return NULL;
}

bool policy_is_without(const struct policy *policy, slice token)
{
    for (size_t i = 0; i < policy->without_count; i++)
        if (slice_is_nocase(token, policy->without[i]))
            return true;
    return false;
}

const struct dialect *policy_dialect(const struct policy *policy, const struct protocol *protocol)
{
    for (size_t i = 0; i < policy->dialect_count; i++)
        if (protocol_is(protocol, policy->dialects[i]->protocol))
            return policy->dialects[i];
    return NULL;
}

void policy_dialect_set(struct policy *policy, const struct protocol *protocol,
                        const struct dialect *dialect)
{
    size_t kept = 0;
    for (size_t i = 0; i < policy->dialect_count; i++)
        if (!protocol_is(protocol, policy->dialects[i]->protocol))
            policy->dialects[kept++] = policy->dialects[i];
    if (dialect)
        policy->dialects[kept++] = dialect;
    policy->dialect_count = kept;
}
