/* table.h: a drawn table that has a head, column by column: for those who hear it, and for windows
   that are too narrow. */
#ifndef VIEWS_TABLE_H
#define VIEWS_TABLE_H

#include "base/buf.h"

/* "imap: messages on server 5, 3.7 kB; lost 0." and what stands under the table. Its columns begin
   where those of its first line do, two blanks apart. False: the text is no such table. */
bool table_sentences(struct buf *out, slice drawn);

#endif
