/* charset_table.h: the characters of the sets that are tables, packed (charset_table.c, written
   by tests/setup/tables.py). For charset*.c only. */
#ifndef SERVERS_MAIL_CHARSET_TABLE_H
#define SERVERS_MAIL_CHARSET_TABLE_H

#include "base/slice.h"

/* 64 cells are read from a block's begin to find one of them: 16 would need 9 KB more of begins. */
#define CHARSET_BLOCK 64

/* A cell is what it adds to the last character before it: 0 no character; 1 to 63 the sum; 64
   and more a difference with the next octet's 8 bits, 0 standing at 24576; 255 255 the character
   itself, in two octets. */
struct charset_block {
    uint16_t at;       /* the place of its first cell's octets */
    uint16_t last;     /* the last character before it */
};
struct charset_grid {
    const uint8_t *octets;
    const struct charset_block *blocks;
    uint32_t cells;
};

enum charset_grid_name {
    GRID_SINGLE,       /* 128 cells a set, for the octets 128 to 255: enum charset_page */
    GRID_JIS,          /* 120 rows of 94: JIS X 0208, Windows' additions, in Shift_JIS's order */
    GRID_JIS_0212,     /* 94 columns */
    GRID_GBK,          /* 126 rows of 190 */
    GRID_BIG5,         /* 89 rows of 157 */
    GRID_KOREAN,       /* 125 rows of 190: Unified Hangul Code */
    GRIDS
};
extern const struct charset_grid charset_grids[GRIDS];

/* In the order of SINGLE in tests/setup/tables.py. */
enum charset_page {
    PAGE_ISO8859_2, PAGE_ISO8859_3, PAGE_ISO8859_4, PAGE_ISO8859_5, PAGE_ISO8859_6,
    PAGE_ISO8859_7, PAGE_ISO8859_8, PAGE_ISO8859_9, PAGE_ISO8859_10, PAGE_ISO8859_13,
    PAGE_ISO8859_14, PAGE_ISO8859_15, PAGE_ISO8859_16, PAGE_WINDOWS_874, PAGE_WINDOWS_1250,
    PAGE_WINDOWS_1251, PAGE_WINDOWS_1252, PAGE_WINDOWS_1253, PAGE_WINDOWS_1254,
    PAGE_WINDOWS_1255, PAGE_WINDOWS_1256, PAGE_WINDOWS_1257, PAGE_WINDOWS_1258, PAGE_KOI8_R,
    PAGE_KOI8_U, PAGE_IBM437, PAGE_IBM850, PAGE_IBM852, PAGE_IBM866, PAGE_MACINTOSH,
    PAGE_MAC_CE, PAGE_MAC_CYRILLIC
};

/* GB 18030's four octets count from 0: from `number` on they are `letter` and what follows it. */
struct charset_range {
    uint16_t number, character;
};
extern const struct charset_range gb18030_ranges[];
extern const size_t gb18030_range_count;

/* 0: the cell is none of the grid's, or empty. */
uint32_t charset_cell(enum charset_grid_name, size_t cell);
/* 128 cells at once. */
void charset_page(enum charset_page, uint16_t characters[128]);

#endif
