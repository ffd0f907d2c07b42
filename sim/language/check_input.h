/* check_input.h: `check typed …`, `check ran …`, `check answer …`: what a person did, by the
   trace. A lesson asks them to know which way somebody took; what has come of it is for the
   other checks. */
#ifndef SIM_CHECK_INPUT_H
#define SIM_CHECK_INPUT_H

#include "sim/language/command.h"

struct input_check {
    struct call *call;
    slice word;      /* "typed", "ran", "answer" */
    slice rest;      /* what stands behind it */
    uint64_t from;   /* the first record that counts */
    uint32_t host;   /* `ran`: at this device; 0: anywhere */
};

bool check_is_input(slice word);
/* False: unreadable, and the call says so; else *ok and found. */
bool check_input(const struct input_check *, bool *ok, struct buf *found);

#endif
