/* policy.c: see policy.h. */
#include "servers/policy.h"

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
