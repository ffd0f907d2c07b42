/* columns_table.h: for columns.c only. */
#ifndef SERVERS_MAIL_COLUMNS_TABLE_H
#define SERVERS_MAIL_COLUMNS_TABLE_H

#include "base/slice.h"

/* From this character on, up to the next run, all take so many. */
struct columns_run {
    uint32_t first, columns;
};
extern const struct columns_run columns_runs[];
extern const size_t columns_run_count;

#endif
