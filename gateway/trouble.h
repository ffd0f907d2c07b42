/* trouble.h: what the gateway does about a disk that is full or fails: refuses changes before a
   commit has to fail for want of room, and tries again. What a lost turn means is
   sim/hosts/inbound.h's. */
#ifndef GATEWAY_TROUBLE_H
#define GATEWAY_TROUBLE_H

#include "sim/hosts/inbound.h"

#define ROOM_BYTES_MIN (4u << 20)   /* more than one turn is likely to need */
#define TROUBLE_AGAIN_MS 500        /* so often a store that refuses is tried again */

struct trouble {
    uint64_t again_ms;              /* not before this, by the wall */
    bool log_is_aside;
};

/* Between two turns. */
void trouble_look(struct trouble *, struct world *, uint64_t wall_ms);

#endif
