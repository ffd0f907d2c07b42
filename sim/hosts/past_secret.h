/* past_secret.h: of what a real client and its server said, what the next sittings do not get: no
   password, no text of a message. A world's file outlasts both: a password may be another
   service's, and a message may have been removed. */
#ifndef SIM_HOSTS_PAST_SECRET_H
#define SIM_HOSTS_PAST_SECRET_H

#include "servers/protocol.h"
#include "sim/net/trace.h"

/* Where a conversation is, line by line. Zero: nobody knows, and all is secret until a row
   fires. */
struct secret {
    const struct protocol *protocol; /* NULL: not known, all is secret */
    bool known;
    uint8_t state;
    bool literal;          /* the client sends one, up to the next row */
    bool text, in_text;    /* POP3: a message is asked for; its lines come */
    uint64_t octets;       /* of the server's literal, still to come */
};

/* Takes in the next OPEN, LINE or STATE of a connection. Of a LINE: so many octets of its text may
   be kept, SIZE_MAX: the whole line. Else SIZE_MAX. */
size_t secret_take(struct secret *, const struct trace_record *);

#endif
