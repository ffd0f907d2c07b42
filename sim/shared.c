/* shared.c: see shared.h. */
#include "sim/shared.h"

uint64_t world_now_ms(const struct world *world)
{
    return (uint64_t)world->epoch_ms + clock_ns(world->clock) / NS_PER_MS;
}
