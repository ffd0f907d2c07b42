/* services.h: what an engine may ask of the world around it. The host (sim/), the
   gateway, the tests and the fuzzers each fill one in. Engines do no I/O: the store is
   called directly, everything else is told to the world, which acts on it after the
   event, never inside these calls. */
#ifndef SERVERS_SERVICES_H
#define SERVERS_SERVICES_H

#include "base/slice.h"
#include "servers/policy.h"
#include "servers/protocol.h"

struct store;
struct session;
struct throttle;
struct intake;

/* One event that the table answered. */
struct firing {
    int before, after;         /* states; equal when it stayed */
    int event;
    enum outcome outcome;
    const struct rule *rule;   /* never NULL */
};

struct services {
    struct store *store;
    struct policy *policy;
    uint64_t now_ms;           /* since 1970; set by the world before it calls an engine */
    void *context;             /* the world's own */
    uint64_t (*new_id)(struct services *); /* from the world's seed: ids, Message-IDs, boundaries */
    uint64_t secret;           /* from the world's seed too, and always the same: salts */
    void (*fired)(struct services *, struct session *, const struct firing *); /* may be NULL */
    struct throttle *throttle; /* failed logins by address; NULL: only a session's own count */
    struct intake *intake; /* what is being sent to this host; NULL: it has no bound */
    /* after so long call session_resume_delayed; NULL: nothing is ever delayed */
    void (*delay)(struct services *, struct session *, uint32_t ms);
    /* when others have had their turn call session_go_on; NULL: nobody else is there */
    void (*later)(struct services *, struct session *);
    void (*queued)(struct services *); /* a message stands in this host's queue */
    void (*changed)(struct services *, int64_t mailbox); /* tell other sessions after this turn */
    /* Behind what the session has said so far, TLS begins. After the event the world throws
       away all that came before and was not taken, in its buffers and on the line. NULL only
       where no session has FACT_STARTTLS. */
    void (*seal)(struct services *, struct session *);
    /* for the trace */
    void (*stored)(struct services *, int64_t mailbox, uint32_t uid, int64_t message_key);
    /* for the trace: this session's person has removed a message; may be NULL */
    void (*removed)(struct services *, struct session *, int64_t mailbox, uint32_t uid,
                    int64_t message_key);
};

#endif
