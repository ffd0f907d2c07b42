/* earlier.h: what is said of earlier sittings. A *sight* is a trace and how its numbers are to be
   read: this sitting's own, or what earlier ones have kept (sim/hosts/past.h). Both are told by the
   same words, and what is not known is said to be unknown. */
#ifndef VIEWS_EARLIER_H
#define VIEWS_EARLIER_H

#include "sim/hosts/past.h"
#include "views/conns.h"

struct call;

struct sight {
    const struct world *world;
    const struct trace *trace;
    const struct past *past;         /* NULL: this sitting */
    struct conns conns;
};
/* To be freed by sight_end; the past must live as long. */
void sight_begin(struct sight *, const struct world *, const struct past *);
void sight_end(struct sight *);
/* Begins the sight where the connection of that number is: in this sitting, else in the last one
   that had one. NULL: in none. */
const struct conn *sight_conn(struct sight *, const struct world *, const struct past *,
                              uint32_t number);
int64_t sight_ms(const struct sight *, uint64_t t_ns);                /* since 1970 */
uint32_t sight_machine(const struct sight *, uint32_t host); /* its number today; 0: none */
uint32_t sight_number(const struct sight *, const struct conn *); /* its own, in its sitting */
/* "laptop", "mx.bakery.example"; safe for a terminal. */
const char *sight_name(const struct sight *, uint32_t host);

/* "ana's INBOX"; "a mailbox that is gone" */
void mailbox_owned_add(struct buf *, const struct world *, int64_t mailbox);
/* "in an earlier sitting, 30 Nov 14:02": its beginning; what this one's trace has forgotten is
   "earlier in this sitting". Of a sight of the past. */
void earlier_add(struct buf *, const struct sight *, uint64_t sitting);
/* A sentence for each thing that is not known: what was before the first sitting that is kept,
   what was lost, what is damaged. False: nothing was said, all is known. */
bool earlier_unknown(struct call *, const struct past *);
/* What is kept no more of threads that begin so ("mailbox ", "client "); what: "events". False:
   nothing is. */
bool earlier_left_out(struct call *, const struct past *, slice threads, const char *what);

#endif
