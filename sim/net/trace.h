/* trace.h: everything that happened, in order, append-only. The prompt, the pictures,
   the checks and the tests read the trace and the store, and nothing else.
   A running digest covers every field of every record. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "base/buf.h"
#include "base/slice.h"

enum trace_kind {
    TRACE_INPUT,    /* host: the device; text: the line as typed */
    TRACE_OPEN,     /* conn, host (client), peer (server), port, typed; text: protocol or "" */
    TRACE_SEGMENT,  /* conn, side (sender); text: octets that arrived; sealed: empty, and bytes
                       how many. Not in JSON */
    TRACE_LINE,     /* conn, side (who said it); text: between CRLFs; bytes: its length if cut. With
                       bytes and no text it stands for several that are left out */
    TRACE_STATE,    /* conn, before, event, outcome, after, rule (index in the protocol's rows) */
    TRACE_CLOSE,    /* conn, by */
    TRACE_LOST,     /* conn, side, host (sender), peer: a segment that did not arrive; bytes */
    TRACE_LOOKUP,   /* host asked; name: "MX bakery.example"; text: the answer, lines; ok */
    TRACE_STORED,   /* host; mailbox, uid, message */
    TRACE_REMOVED,  /* conn, host; mailbox, uid, message: a person's session removes it there */
    TRACE_DEVICE,   /* host: the device; fact: what its program did (enum device_fact), name: its
                       name; bytes: the message's number. Not in JSON */
    TRACE_QUEUE,    /* host; fact: what became of an entry (servers/smtp/smtp_relay.h: enum
                       queue_fact), name: its name; queued: whose; text: the same in a sentence */
    TRACE_NETWORK,  /* host; ok: it is online now; name: "online", "offline" */
    TRACE_ANSWER,   /* host: the device; name: the command; text; ok */
    TRACE_CHECK,    /* name: what was checked; text: what was found; ok */
    TRACE_END,      /* text: the digest in hex; bytes: the exit code */
    TRACE_TLS       /* conn, ok: a real client's handshake is done, or has failed; text: version
                       and cipher, or why */
};
enum side { SIDE_CLIENT, SIDE_SERVER };
enum trace_by { BY_CLIENT, BY_SERVER, BY_CUT, BY_TIMEOUT };

/* What a device's own program did with a message. */
enum device_fact {
    DID_FETCH, DID_FETCH_HEADER, DID_DROP /* the server has it no more */,
    DID_DELETE /* its person did; the next sync tells */, DID_SEND,
    DID_LOSE /* with the device */, DID_IMPORT /* from a file */,
    DID_MISS /* could not be read: only its header is there */, DEVICE_FACTS
};
const char *device_fact_name(enum device_fact);     /* "fetched" */

/* An entry of a queue. */
struct trace_queued {
    slice sender;         /* "": a report */
    slice recipient, reply;
};

struct trace_record {
    uint64_t number;      /* from 0 */
    uint64_t t_ns;
    uint8_t kind, side, by, ok, typed;
    uint8_t before, event, outcome, after;
    uint8_t fact;         /* not in the digest: its name is, in `name` */
    uint16_t rule, port;
    uint32_t host, peer;  /* numbers in the net */
    uint32_t conn;        /* from 1; 0: none */
    uint32_t uid;
    int64_t mailbox, message_key;
    uint64_t bytes;
    slice name, text;     /* owned by the trace, until it forgets the record */
    const struct trace_queued *queued; /* the same; NULL but in a QUEUE, whose text has it all */
};

struct trace;

struct trace *trace_new(void);
void trace_free(struct trace *);
/* number and t_ns are filled in; name and text are copied. */
void trace_add(struct trace *, uint64_t t_ns, const struct trace_record *);
uint64_t trace_end(const struct trace *);             /* one past the last number */
uint64_t trace_first(const struct trace *);           /* the oldest that is kept */
/* valid until forgotten */
const struct trace_record *trace_at(const struct trace *, uint64_t number);
/* Of a LINE: its length on the wire, without its CRLF. */
uint64_t trace_line_length(const struct trace_record *);
bool trace_line_is_sum(const struct trace_record *);  /* a LINE that stands for several */
/* A move puts a message into the other mailbox right before it takes it out of this one: is this
   REMOVED the second half of one? */
bool trace_is_move(const struct trace *, const struct trace_record *);
/* For those who have read on: frees memory, some hundred records at a time. A record is
   forgotten with its text; nothing kept points into it. The digest stays. */
void trace_forget_before(struct trace *, uint64_t number);
/* For a world whose heap is set back (base/heap.h): from here on nothing is forgotten; said
   again before each image that is to be kept. */
void trace_hold_all(struct trace *);
/* The heap was set back: the trace ends where it did then. What came after stays for the images
   that know it, and is not written over. */
void trace_was_set_back(struct trace *);
/* Nobody will read what is said: no SEGMENT and no LINE from here on, which is most of the
   work, and the digest is no longer that of what happened. */
void trace_leave_out_octets(struct trace *);
/* Only lines: no SEGMENT, and of something long no more than its beginning and its end; an empty
   LINE between them says how many octets are left out. The digest is that of what is noted. */
void trace_shorten(struct trace *);
uint64_t trace_digest(const struct trace *);

/* The lines of one direction of a connection, from the segments as they arrive. Adds a
   SEGMENT (for no octets: nothing) and a LINE for each CRLF-ended line (a lone LF or CR
   does not end one). Lines over TRACE_LINE_MAX are cut and counted. */
struct trace_wire {
    struct buf partial;   /* zeroed at the start; freed by trace_wire_free */
    uint64_t length;      /* of the partial line, also what was not kept */
    bool after_cr;        /* its last octet is a CR */
    uint64_t left_out;    /* trace_shorten: octets that no line has, since the last one */
};
void trace_octets(struct trace *, uint64_t t_ns, struct trace_wire *, uint32_t conn,
                  enum side from, slice octets);
/* An unfinished line, if any, becomes a LINE. */
void trace_wire_end(struct trace *, uint64_t t_ns, struct trace_wire *, uint32_t conn,
                    enum side from);
/* In TLS: the SEGMENT tells only how many octets; lines are what the two ends read. */
void trace_sealed_octets(struct trace *, uint64_t t_ns, struct trace_wire *, uint32_t conn,
                         enum side from, slice octets);
void trace_wire_free(struct trace_wire *);

#endif
