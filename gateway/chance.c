/* chance.c: see chance.h. */
#define _GNU_SOURCE /* getentropy, in musl */
#include "gateway/chance.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

bool chance_fill(void *octets, size_t count, struct error *why)
{
    return getentropy(octets, count) == 0 ||
           error_set(why, "the system gives no randomness: %s", strerror(errno));
}
