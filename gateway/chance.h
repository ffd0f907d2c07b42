/* chance.h: the system's randomness. */
#ifndef GATEWAY_CHANCE_H
#define GATEWAY_CHANCE_H

#include <stddef.h>

#include "base/error.h"

/* At most 256 octets. False: the system gives none. */
bool chance_fill(void *octets, size_t count, struct error *why) MUST_CHECK;

#endif
