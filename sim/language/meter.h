/* meter.h: what it costs to fetch mail: octets on the wire by direction and kind, round trips,
   connections and how long they were open, per connection. All of it is counted from the
   trace's OPEN, SEGMENT, LINE, STATE and CLOSE records as they come; nothing is estimated, and
   the sum of the octets is that of all segments that arrived. */
#ifndef SIM_METER_H
#define SIM_METER_H

#include "servers/protocol.h"
#include "sim/net/trace.h"

struct meter_count {
    uint64_t octets[2];      /* that arrived, by who said them: SIDE_CLIENT, SIDE_SERVER */
    uint64_t messages[2];     /* so many of them were messages or pieces of one, not talk: what
                                followed 354, +OK to RETR and TOP, BDAT, or a literal's {n} */
    uint64_t connections;    /* that opened */
    uint64_t round_trips;    /* one for opening; one each time the server spoke after the client */
    uint64_t open_ns;        /* from open to closed, or to the trace's end, idling apart */
    uint64_t idle_ns;        /* of IMAP: in IDLE */
};

struct meter_line;           /* meter.c: a connection that is being read */
struct metered {
    uint32_t client, server; /* hosts' numbers in the net */
    const struct protocol *protocol; /* NULL: none of ours */
    struct meter_count count;
    struct meter_line *line;
};

/* Zeroed at the start. at[N - 1] is connection N; one that never opened has no client. */
struct meter {
    uint64_t read;           /* trace records up to here are in it */
    uint64_t now_ns;
    struct metered *at;
    size_t count, cap;
};

void meter_read(struct meter *, const struct trace *); /* up to the trace's end */
void meter_free(struct meter *);
/* Added to `sum`: all connections, or (client not 0) those that this host has opened and, with
   a protocol, that speak it. */
void meter_sum(const struct meter *, uint32_t client, const struct protocol *,
               struct meter_count *sum);

#endif
