/* reflow.h: text that was drawn for 80 columns, in a narrower window: a line that is too wide
   breaks at blanks and goes on under its own beginning, a second column under its own if there is
   room for it. Colours (ESC [ … m) take no columns. */
#ifndef VIEWS_REFLOW_H
#define VIEWS_REFLOW_H

#include "base/buf.h"

void reflow_add(struct buf *out, slice drawn, size_t columns);
/* Sentences that were broken at COMMAND_COLUMNS, a line each: to be broken anew. */
void reflow_join(struct buf *out, slice answer);
/* For listening: no columns and no indents, ", " where a gap was; without pictures, whose lines
   begin with "  | ". */
void reflow_plain(struct buf *out, slice drawn);

#endif
