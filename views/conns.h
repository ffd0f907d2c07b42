/* conns.h: who is connected to whom, read out of the trace: a trace record knows its
   connection's number only. Also the names people know machines by. */
#ifndef VIEWS_CONNS_H
#define VIEWS_CONNS_H

#include "servers/protocol.h"
#include "sim/shared.h"

struct conn {
    uint32_t number;                 /* 0: no such connection was seen to open */
    const struct protocol *protocol; /* NULL: none of ours */
    uint32_t client, server;         /* hosts' numbers */
    uint16_t port;
    bool typed;
    uint64_t opened_ns;
    /* What whoever watches has seen of it. */
    uint64_t shown_ns;               /* the last line's time; 0: nothing yet */
    uint64_t piece, line_piece;      /* SEGMENT records: the client's last, its last line's; + 1 */
    int64_t user;                    /* who is logged in; 0: nobody yet */
    uint8_t state;                   /* where it stands */
};

/* Zeroed at the start. */
struct conns {
    uint64_t read;                   /* trace records up to here are in it */
    struct conn *at;
    size_t count, cap;
};

void conns_read(struct conns *, const struct trace *);            /* up to the trace's end */
const struct conn *conns_find(const struct conns *, uint32_t conn); /* NULL: none */
struct conn *conns_entry(struct conns *, uint32_t conn);            /* the same, to note there */
void conns_free(struct conns *);

struct device *device_at(const struct world *, uint32_t host);    /* NULL: a server's host */
const char *machine_name(const struct world *, uint32_t host); /* "laptop", "mx.bakery.example" */
/* Its number, by its name or by what the "meanwhile" line calls it; 0: none, and `meant` may be the
   nearest. */
uint32_t machine_named(struct world *, slice name, slice *meant);
void machine_add_short(struct buf *, const struct world *, uint32_t host);  /* "mx.bakery" */
void time_add(struct buf *, const struct world *, uint64_t t_ns); /* "Mon 09:00:05" */
void time_add_ms(struct buf *, const struct world *, uint64_t t_ns); /* "09:00:05.120" */

#endif
