/* clock.h: virtual time and the queue of what will happen. Nothing here looks at a
   real clock. An event's key is (time, origin host, the origin's own sequence number);
   equal keys cannot be. Work is what a learner waits for after a line; a timer may
   stay pending when the work is done. */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include "base/error.h"
#include "base/slice.h"

#define NS_PER_MS 1000000ull
#define EPOCH_MS 1767603600000ll    /* Monday 2026-01-05 09:00 UTC: virtual time 0 */

enum event_class { WORK, TIMER };

typedef void happening(void *context, uint64_t argument);

struct clock;

struct clock *clock_new(void);
void clock_free(struct clock *);
uint64_t clock_ns(const struct clock *);             /* since the start of the world's trace */
/* Events are scheduled in the name of a host (its number), never before now.
   The returned ticket cancels it; 0 is no ticket. */
uint64_t clock_at(struct clock *, uint32_t origin, uint64_t at_ns, enum event_class, happening *,
                  void *context, uint64_t argument);
void clock_cancel(struct clock *, uint64_t ticket);  /* a ticket that has fired is ignored */
bool clock_step(struct clock *);                     /* runs the next event; false: none */
/* Somebody else's lines may cost so much: events of all clocks count it down, and at 0 nothing
   runs any more (why says so), whatever is turned back meanwhile. NULL: no limit. */
void clock_allow(uint64_t *events);
/* Runs until no work is left; timers that are due on the way fire. False: more than
   EVENTS_PER_INSTANT_MAX events without time moving (why names the place). */
bool clock_settle(struct clock *, struct error *why) MUST_CHECK;
/* Runs everything up to and including that moment, then work that it left. */
bool clock_run_until(struct clock *, uint64_t at_ns, struct error *why) MUST_CHECK;
/* Runs everything up to and including that moment and nothing after it: for a world that
   follows another clock. Work that is due later stays. */
bool clock_run_due(struct clock *, uint64_t at_ns, struct error *why) MUST_CHECK;
/* When the next event is due, of either class; false: none is pending. Not from an event. */
bool clock_next(struct clock *, uint64_t *at_ns);
uint64_t clock_events(const struct clock *);         /* run so far */
/* over the keys and classes of what is pending */
uint64_t clock_digest(const struct clock *);
/* Only for a world that is opened again: now is this. Nothing may be pending. */
void clock_set(struct clock *, uint64_t now_ns);

#endif
