/* check_private.h: between check.c, check_session.c, check_rule.c and check_account.c. */
#ifndef SIM_CHECK_PRIVATE_H
#define SIM_CHECK_PRIVATE_H

#include "sim/language/commands.h"
#include "base/words.h"

/* One check while it is being read and answered. */
struct check {
    struct call *call;
    struct world *world;
    slice rest;
    uint64_t from;    /* what the trace tells counts from this record on */
    bool ok;
    struct buf found;
};

bool check_wrong(struct check *, slice where, const char *what); /* returns false */
bool check_ended(struct check *);        /* nothing may be left */
bool check_count_take(struct check *, uint64_t *count);  /* "4 messages", "1 message", the end */
void check_count_found(struct check *, uint64_t wanted, uint64_t count);
bool check_session(struct check *, const struct device *);
bool check_rule(struct check *, const struct device *);
bool check_account(struct check *, const struct device *);

#endif
