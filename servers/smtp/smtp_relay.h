/* smtp_relay.h: one host's queue runner: takes messages that wait, asks for the mail
   exchangers, hands them over, tries again later, warns, and in the end sends them back.
   RFC 5321 4.5.4, 5.1. Does no I/O: names, connections and delays are asked of the world,
   which answers later by the functions below, never inside its own calls. */
#ifndef SERVERS_SMTP_SMTP_RELAY_H
#define SERVERS_SMTP_SMTP_RELAY_H

#include "servers/services.h"

struct relay;
struct queued;
struct delivery;    /* one attempt for one message and one domain */

enum relay_names { NAMES_FOUND, NAMES_NONE /* no such domain */, NAMES_NO_MX, NAMES_NO_ANSWER };

struct exchanger {
    slice host;
    uint16_t preference;
};

/* What became of an entry of a queue. */
enum queue_fact {
    QUEUE_RETRY, QUEUE_WARNED /* its sender was told of the delay */, QUEUE_DELIVERED,
    QUEUE_BOUNCED, QUEUE_DROPPED /* given up, and nobody to tell */, QUEUE_FACTS
};
const char *queue_fact_name(enum queue_fact);       /* "retry" */

struct relay_world {
    void *context;
    void (*lookup)(void *context, struct delivery *, slice domain);     /* MX; then relay_names */
    /* port 25 of a name or an address literal, "[192.0.2.2]"; then relay_opened, relay_closed or
       relay_no_address */
    void (*connect)(void *context, struct delivery *, slice host);
    void (*send)(void *context, struct delivery *); /* relay_output has something */
    void (*hang_up)(void *context, struct delivery *);                  /* no more calls for it */
    void (*wake)(void *context, int64_t at_ms);                         /* call relay_look then */
    void (*note)(void *context, enum queue_fact, const struct queued *); /* for the trace */
};

struct relay *relay_new(struct services *, struct relay_world);
void relay_free(struct relay *);
/* Something may be due. Starts what is, and asks to be woken for the next. */
/* The store has lost what was done last: every delivery ends as if it had not begun, and nothing
   is settled. */
void relay_abandon(struct relay *);
void relay_look(struct relay *);
/* Answers. Exchangers are in order of preference, a single "." is a null MX (RFC 7505); equals
   are shuffled, and those that are no better than we are left out, by us. */
void relay_names(struct relay *, struct delivery *, enum relay_names, const struct exchanger *,
                 size_t count);
void relay_opened(struct relay *, struct delivery *);
void relay_input(struct relay *, struct delivery *, slice octets);
/* Refused, timed out, cut, or closed by both ends. `how` begins with an RFC 3463 code:
   "4.4.1 timed out". The next exchanger may be asked for from inside. */
void relay_closed(struct relay *, struct delivery *, const char *how);
void relay_no_address(struct relay *, struct delivery *);  /* the exchanger's name has none */
slice relay_output(struct delivery *);
void relay_sent(struct delivery *, size_t octets);
void *relay_own(struct delivery *);                 /* the world's own, NULL at first */
void relay_set_own(struct delivery *, void *own);

#endif
