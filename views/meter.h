/* meter.h: what `meter` answered, for those who hear it. */
#ifndef VIEWS_METER_H
#define VIEWS_METER_H

#include "base/buf.h"

/* False: the text is no meter's. */
bool meter_sentences(struct buf *, slice answer);

#endif
