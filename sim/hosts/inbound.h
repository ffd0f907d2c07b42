/* inbound.h: what comes into the world through real sockets, as inputs of the world: who
   connects, what a client says, what it takes of what it is told, how it leaves, and when. The
   gateway does these things to a living world. Each can be recorded, and whoever plays the
   record comes to the same trace: this file is the only way in for both. As lines of text they
   are language/arrive.h. */
#ifndef SIM_INBOUND_H
#define SIM_INBOUND_H

#include "sim/shared.h"

struct inbound;                              /* world->outside; NULL: nobody has come yet */

#define INBOUND_NAME "localhost"             /* the machine that they all come from */

#define INBOUND_CHANCE_MAX (UINT64_MAX / 2)

struct inbound_start {
    slice host;              /* whose servers */
    uint64_t now_ms;         /* the world's time from here on, if it is later; 0: leave it */
    uint64_t chance;         /* the system's randomness, so that no run repeats another's ids and
                                nonces; at most OUTSIDE_CHANCE_MAX; 0: none, the seed's alone */
    bool plain;              /* their connections can begin no TLS */
    bool real_link;          /* the host's own link takes no time: real lines bring their own */
};
/* One thing that was done, as it is recorded and played. */
enum arrival_what { ARRIVES_ON, OPENS, SAYS, TAKES, SECURES, FAILS, ENDS, BREAKS, HAPPENS,
                    WORKS, KEEPS, LOSES, REFUSES, RECOVERS, PARTS, ARRIVES_OFF };
struct arrival {
    enum arrival_what what;
    uint64_t at_ms;          /* of the trace's time */
    uint64_t conn;           /* OPENS to BREAKS: the connection's number; else 0 */
    uint64_t number;         /* OPENS: the port; TAKES: octets; REFUSES: for want of room? */
    slice octets;            /* SAYS; SECURES, FAILS: with what, or why */
    struct inbound_start start; /* ARRIVES_ON */
};
/* Every thing that was done, for whoever keeps a record; NULL ends it. */
typedef void inbound_record_fn(void *context, const struct arrival *);
void inbound_record(struct world *, inbound_record_fn *, void *context);
/* Does it. False: this world is not the one that was recorded, or as inbound_commit. */
bool inbound_play(struct world *, const struct arrival *, struct error *why) MUST_CHECK;

/* From here on commits are inbound_commit's. False: no such host, or no room in the net. */
bool inbound_on(struct world *, const struct inbound_start *, struct error *why) MUST_CHECK;
bool inbound_is_on(const struct world *);
uint32_t inbound_number(const struct world *);    /* of their machine; 0: none */
/* Breaks what is left, lets it happen, and keeps it; the caller has the world remember. False: as
   inbound_commit. */
bool inbound_off(struct world *, struct error *why) MUST_CHECK;

/* The same for a world that was set back to a moment when clients were connected that have gone
   meanwhile: they hear nothing of it. Off already: nothing. */
bool inbound_off_unheard(struct world *, struct error *why) MUST_CHECK;

/* What follows happens at that moment; is it later than the last one, what is due comes first:
   any connection may be over after it. */
void inbound_at(struct world *, uint64_t at_ms);
/* The client's end tells `own`; it calls none of these from there. */
struct connection *inbound_open(struct world *, uint16_t port, struct endpoint, void *own);
void inbound_say(struct world *, struct connection *, slice);     /* at most net_room's octets */
void inbound_take(struct world *, struct connection *, size_t octets);
void inbound_end(struct world *, struct connection *);
void inbound_break(struct world *, struct connection *);
/* The handshake on the real socket is done, or failed: for the trace. words: with what, or why. */
void inbound_tls(struct world *, const struct connection *, bool done, slice words);
void inbound_shutdown(struct world *);
/* May what waits for this client be said before the next inbound_commit? session_awaits_commit */
bool inbound_may_send(const struct world *, const struct connection *);
/* Its session has queued up for its turn, and has more to do behind it: what else it says can
   wait. */
bool inbound_is_behind(const struct world *, struct connection *);
/* One piece of long work (host_piece), if there is any. */
void inbound_work(struct world *);
/* Runs what is due. True: something has changed, and a commit has to wait for the disk. */
bool inbound_run_due(struct world *);
/* Runs what is due and commits. A turn that cannot be kept is lost: who did something in it is cut
   off, and from then on the store refuses changes. False: the world loops, and nothing that was
   said since the last time may leave. */
bool inbound_commit(struct world *, struct error *why) MUST_CHECK;
/* Between two turns. Refuses changes before a commit has to fail for want of room. */
void inbound_refuse(struct world *, const char *reason, bool room);
/* Tries to make a store that refuses take changes again. False: why. */
bool inbound_recover(struct world *, struct error *why) MUST_CHECK;
const char *inbound_trouble(const struct world *); /* why changes are refused; NULL: they are not */

void inbound_free(struct world *);

#endif
