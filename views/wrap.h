/* wrap.h: words of ours in lines of so many columns. Several blanks in a row stay, for
   they set a command apart, unless a line ends there. */
#ifndef VIEWS_WRAP_H
#define VIEWS_WRAP_H

#include "base/buf.h"
#include "base/slice.h"

/* Starts in `column` (something may stand before it); later lines begin with `indent`
   blanks. Ends with a line end. */
void wrap_add(struct buf *, slice words, size_t column, size_t indent, size_t columns);

#endif
