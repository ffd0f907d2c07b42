/* throttle.c: see throttle.h. */
#include "servers/auth/throttle.h"

#include <string.h>

static struct throttle_entry *entry_for(struct throttle *throttle, slice address)
{
    struct throttle_entry *oldest = &throttle->entries[0];
    for (size_t i = 0; i < THROTTLE_ADDRESSES_MAX; i++) {
        struct throttle_entry *entry = &throttle->entries[i];
        if (entry->failures && slice_is(address, entry->address))
            return entry;
        if (entry->last_ms < oldest->last_ms)
            oldest = entry;
    }
    *oldest = (struct throttle_entry){ .failures = 0 };
    memcpy(oldest->address, address.at, address.len);
    return oldest;
}

uint32_t throttle_failed(struct throttle *throttle, slice address, uint64_t now_ms)
{
    address = slice_upto(address, sizeof throttle->entries[0].address - 1);
    struct throttle_entry *entry = entry_for(throttle, address);
    if (now_ms - entry->last_ms > THROTTLE_FORGET_MS)
        entry->failures = 0;
    entry->last_ms = now_ms;
    return ++entry->failures;
}

void throttle_succeeded(struct throttle *throttle, slice address)
{
    address = slice_upto(address, sizeof throttle->entries[0].address - 1);
    for (size_t i = 0; i < THROTTLE_ADDRESSES_MAX; i++)
        if (slice_is(address, throttle->entries[i].address))
            throttle->entries[i] = (struct throttle_entry){ .failures = 0 };
}

uint32_t throttle_delay_ms(uint32_t failures)
{
    uint32_t delay = THROTTLE_FIRST_MS;
    if (failures <= THROTTLE_FREE)
        return 0;
    while (--failures > THROTTLE_FREE && delay < THROTTLE_LONGEST_MS)
        delay *= 2;
    return delay < THROTTLE_LONGEST_MS ? delay : THROTTLE_LONGEST_MS;
}
