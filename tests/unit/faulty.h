/* faulty.h: what can fail below the store, failed on purpose and counted: reads, writes and syncs
   of files, allocations of SQLite's and of base/, statements. One store at a time is watched. */
#ifndef TESTS_UNIT_FAULTY_H
#define TESTS_UNIT_FAULTY_H

#include <stdbool.h>
#include <stdint.h>

enum faulty { FAULTY_READ, FAULTY_WRITE, FAULTY_SYNC, FAULTY_ALLOCATION, FAULTY_KINDS };

/* Before SQLite's first use: its default file system and allocator are these from here on. */
void faulty_begin(void);
/* The n-th from now fails, once; 0: none. Counting begins anew. */
void faulty_at(enum faulty, uint64_t n);
uint64_t faulty_count(enum faulty);
bool faulty_has_failed(void);   /* since the last faulty_at */

#endif
