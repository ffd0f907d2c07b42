/* hash.h: uthash, with its tables where everything else of a world lives. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/error.h"
#include "base/heap.h"

#define uthash_malloc(bytes) heap_take(bytes)
#define uthash_free(at, bytes) heap_give(at)
#define uthash_fatal(text) must_failed(__FILE__, __LINE__, text)

#include <uthash.h>

#endif
