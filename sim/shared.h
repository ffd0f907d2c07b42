/* shared.h: what the rooms of sim/ share of one world: clock, network, names, trace, store, and
   where each room keeps its own. World = f(version, seed, inputs). Nobody but the room that is
   named may look into its part.
   Who may know whom: net <- shared.h <- hosts <- devices <- world.h <- language. */
#ifndef SIM_SHARED_H
#define SIM_SHARED_H

#include "sim/net/clock.h"
#include "sim/net/dns.h"
#include "sim/net/net.h"
#include "sim/net/random.h"
#include "sim/net/trace.h"

struct device;
struct host;
struct inbound;
struct script_state;
struct serving;
struct sitting;
struct store;

/* Of this sitting's trace, what is kept for the next ones. */
struct past_mark {
    uint64_t upto;               /* records before this one */
    uint64_t sitting;            /* its number among them; 0: nothing is kept yet */
    int64_t began_ms;
    bool under_way;              /* the table says that more may come */
    bool hole;                   /* something could not be written */
    bool typed;                  /* somebody has typed */
};

struct world {
    struct clock *clock;
    struct trace *trace;
    struct net *net;
    struct dns *dns;
    struct store *store;
    uint64_t seed;
    struct random ids;           /* of what is made by no host: messages of a world's sentences */
    uint64_t chance;             /* mixed into the hosts' ids, from outside; 0: none */
    int64_t epoch_ms;            /* since 1970, of virtual time 0 */
    bool goes_on;                /* it was there before this sitting, whose trace begins empty */
    bool failed;                 /* the store failed: what was to be said was not said */
    /* a turn's end does not commit: whoever set it does, before anything is said outside */
    bool holds_commits;

    struct host *hosts;          /* hosts/: in order of building */
    struct serving *servings;    /* hosts/: by connection number */
    struct serving *pieces;      /* hosts/: whose turn is next in long work */
    uint64_t chores_ns;          /* … not before this does the store what it has left */
    bool chore_is_booked;
    struct inbound *inbound;     /* hosts/: who comes through real sockets */
    uint32_t plain_only;         /* hosts/: a host whose connections can begin no TLS; 0: all can */
    struct device *devices, *last_device; /* devices/: in order of building */
    struct device *device_index; /* devices/: the same by name; never gone through */
    struct device *here;         /* the one that is `on` */
    struct script_state *script; /* language/ */
    void *front;                 /* the front end's own, for its commands (repl/) */
    struct sitting *sitting;     /* lessons/: the lesson that is under way here, or NULL */

    struct past_mark past;       /* hosts/past.h */

    /* The line that runs now, for whoever notes what happened during it. */
    slice line;                  /* else empty */
    uint64_t line_number;        /* who reads a script sets it before script_line; 0: typed */
    uint64_t input_number;       /* of the last INPUT record */

    /* world.c: SQLite's own randomness, and what the store has of the values that move. */
    struct random store_random;
    uint64_t kept_now_ms, kept_ids;
    struct device *kept_here;
};

uint64_t world_now_ms(const struct world *); /* since 1970 */

#endif
