/* states.h: a protocol's machine, drawn or in sentences, out of its rows. */
#ifndef VIEWS_STATES_H
#define VIEWS_STATES_H

#include "base/buf.h"
#include "servers/protocol.h"

#define STATES_COLUMNS 80

/* Draws it at up to STATES_COLUMNS; `here` is the state one is in, or -1. Every move that a
   row makes stands in it: as an arrow, or in a line below. */
void states_draw(struct buf *, const struct protocol *, int here);
/* The same moves as sentences: "From READY, MAIL leads to MAILED." */
void states_tell(struct buf *, const struct protocol *, int here);
/* The sentences for what the command `states` answered (its first line names the protocol
   and its brackets the state). False: it is no drawing, nothing was added. */
bool states_sentences(struct buf *, slice answer);

#endif
