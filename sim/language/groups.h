/* groups.h: the commands of the prompt by what one wants to do, for `help` and for TAB. A line
   shows a command as one would type it; that it is there, and what it does, its own table says. */
#ifndef SIM_LANGUAGE_GROUPS_H
#define SIM_LANGUAGE_GROUPS_H

#include "base/slice.h"

#define GROUP_TITLE_COLUMN 13

struct help_group {
    const char *title;            /* "Your mail" */
    const char *word;             /* `help time` tells more about it; NULL: no word */
    bool turns;                   /* only where time can be turned */
    bool apart;                   /* bare `help` leaves it out, and TAB before a key too */
    const char *const *lines;     /* "mail read 1"; ends with NULL */
};
/* Ends with one without a title. */
extern const struct help_group help_groups[];
/* What one types while connected, behind a colon; ends with NULL. */
extern const char *const help_colon[];
/* By title or word, in any case; NULL: there is none. */
const struct help_group *help_group_find(slice);
/* The first group with a line of that command; NULL: none has. */
const struct help_group *help_group_of(slice command);

#endif
