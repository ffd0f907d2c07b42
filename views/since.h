/* since.h: what a world that goes on tells whoever comes back to it: what happened while nobody
   typed, through `pennypost serve`. */
#ifndef VIEWS_SINCE_H
#define VIEWS_SINCE_H

#include "base/buf.h"

struct world;

/* Sentences, or nothing. */
void since_write(struct buf *, struct world *);

#endif
