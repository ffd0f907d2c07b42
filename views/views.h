/* views.h: the commands that this folder brings: states why log tap more board story meter diff. */
#ifndef VIEWS_VIEWS_H
#define VIEWS_VIEWS_H

#include "sim/language/command.h"

extern const struct command view_commands[];

bool states_run(struct call *);
bool why_run(struct call *);
bool log_run(struct call *);
/* Says that there was none of that number, for those that take one. The result is call_fact's. */
bool connection_unknown(struct call *, uint32_t number);
bool tap_run(struct call *);
bool more_run(struct call *);
bool board_run(struct call *);
bool story_run(struct call *);
bool meter_run(struct call *);
bool diff_run(struct call *);
bool why_device_run(struct call *);  /* why phone B */

#endif
