/* control.h: programs steer a world that is served (docs/control.md). */
#ifndef REPL_CONTROL_H
#define REPL_CONTROL_H

#include "gateway/control.h"
#include "repl/repl.h"

struct steering;

/* From here on lines are taken there. NULL: why. */
struct steering *steering_begin(struct repl *, struct gateway *, const struct control_place *,
                                struct error *why) MUST_CHECK;
uint16_t steering_port(const struct steering *);      /* 0: it is a path */
const char *steering_token(const struct steering *);
/* After each round of the gateway. False: the world cannot go on; why. */
bool steering_round(struct steering *, bool heard, struct error *why) MUST_CHECK;
void steering_end(struct steering *);                 /* NULL is allowed */

#endif
