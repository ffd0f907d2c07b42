/* check_device.h: `check device NAME BOX …`: what lies on a device, by its own store. */
#ifndef SIM_CHECK_DEVICE_H
#define SIM_CHECK_DEVICE_H

#include "sim/language/command.h"

/* `rest` begins with the box. False: unreadable, and the call says so; else *ok and found. */
bool check_device_box(struct call *, slice rest, const struct device *, bool *ok,
                      struct buf *found);

#endif
