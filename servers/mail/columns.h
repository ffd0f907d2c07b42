/* columns.h: how many columns a character takes on a terminal, whatever the locale: the one
   measure of `mail list`, the board and the pages. Unicode's East Asian Width; what is ambiguous
   there takes one. A mark that stands with the character before it takes none, so who cuts a text
   where the columns end cuts no character from its marks. */
#ifndef SERVERS_MAIL_COLUMNS_H
#define SERVERS_MAIL_COLUMNS_H

#include <stdint.h>

unsigned character_columns(uint32_t character);    /* 0 to 2 */

#endif
