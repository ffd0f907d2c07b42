/* stage_style.h: how a step of a contrast looks from the last row of a room. */
#ifndef REPL_STAGE_STYLE_H
#define REPL_STAGE_STYLE_H

#include "base/buf.h"

/* Titles, questions, figures and what is gone are bold, what changed is reversed. Nothing is said
   by it that the signs do not say. */
void stage_style(struct buf *, slice drawn, bool colour);
/* "5 x18 \u2713, 0 x4 \u2717" of "5:18 0:4"; truth < 0: it is not known yet. */
void stage_votes(struct buf *, slice said, int64_t truth, bool utf8);

#endif
