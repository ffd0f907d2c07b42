/* spare.h: memory from the system, and what happens when it has none. Who serves others puts some
   by beforehand. When the system refuses, that is given back to it and it is asked again: what was
   begun can be finished. Memory is short from then until it was put by anew; meanwhile what needs
   much is refused, and who holds much is let go. Nothing put by, or not enough: NULL. */
#ifndef BASE_SPARE_H
#define BASE_SPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

void *spare_take(size_t bytes);             /* zeroed; free() gives it back */
void *spare_resize(void *, size_t bytes);   /* as realloc; what is new is not zeroed */

/* So much, or a half, a quarter … a sixteenth of it is put by; 0: what was is given back. False:
   memory is (still) short. Only between pieces of work: what it was needed for may still be
   held. */
bool spare_put_by(size_t bytes);
bool spare_is_used(void);                   /* memory is short */

/* For tests: the n-th request from now on is refused, once; 0: none. Counting begins anew. */
void spare_fail_at(uint64_t n);
uint64_t spare_count(void);

#endif
