/* tap.h: the octets on the wire, segment by segment, CR and LF made visible. */
#ifndef VIEWS_TAP_H
#define VIEWS_TAP_H

#include "views/conns.h"

/* The segments among the records from..to of connections that were typed at the device. */
void tap_add(struct buf *, const struct world *, const struct conns *, uint64_t from, uint64_t to,
             uint32_t device, bool utf8);

#endif
