/* casemap_table.h: what RFC 5051 makes of a character, where it is not the character itself
   (casemap_table.c, written by tests/setup/tables.py). For casemap.c only.
   An entry: the length of what it becomes, with the high bit if the next number has two octets;
   how much is added to the character before (nothing at a block's begin); the UTF-8. */
#ifndef SERVERS_MAIL_CASEMAP_TABLE_H
#define SERVERS_MAIL_CASEMAP_TABLE_H

#include "base/slice.h"

struct casemap_block {
    uint32_t character;       /* its first character */
    uint16_t at;           /* where its 16 entries begin */
};
extern const uint8_t casemap_octets[];
extern const size_t casemap_len;
extern const struct casemap_block casemap_blocks[];
extern const size_t casemap_block_count;

#endif
