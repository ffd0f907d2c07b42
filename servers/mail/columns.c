/* columns.c: see columns.h. */
#include "servers/mail/columns.h"

#include "servers/mail/columns_table.h"

unsigned character_columns(uint32_t character)
{
    size_t low = 0, high = columns_run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (columns_runs[middle].first <= character)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? columns_runs[low - 1].columns : 1; /* before the first: Latin */
}
