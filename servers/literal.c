/* literal.c: see literal.h. */
#include "servers/literal.h"

#define DIGITS_MAX 24 /* more than a number of 64 bits has, with + and } */

bool literal_announced(slice line, uint64_t *octets, bool *waits)
{
    if (line.len < 3 || line.at[line.len - 1] != '}')
        return false;
    size_t start = line.len - 1;
    while (start > 0 && line.at[start - 1] != '{' && line.len - start < DIGITS_MAX)
        start--;
    if (start == 0 || line.at[start - 1] != '{')
        return false;
    slice number = slice_upto(slice_from(line, start), line.len - 1 - start);
    if (!take_number(&number, UINT64_MAX / 2, octets))
        return false;
    *waits = !take_char(&number, '+');
    return number.len == 0;
}

bool literal_goes_on(slice line, uint64_t length, uint64_t *left)
{
    uint64_t octets = length + 2, before = *left;
    bool waits;
    *left = before > octets ? before - octets : 0;
    /* One that ends within the line may be followed by the next one's announcement. */
    if (before < octets && !literal_announced(line, left, &waits))
        *left = 0;
    return before > 0;
}
