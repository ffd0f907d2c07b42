/* dns.h: names in the simulated world: A, MX, TXT and SRV records, asked over the
   asking host's own link. Every host of the net has an A record. */
#ifndef SIM_DNS_H
#define SIM_DNS_H

#include "sim/net/net.h"

enum dns_type { DNS_A, DNS_MX, DNS_TXT, DNS_SRV };
enum dns_status {
    DNS_FOUND,
    DNS_NXDOMAIN,                 /* no such name */
    DNS_NODATA,                   /* the name, not the type */
    DNS_TIMED_OUT
};

struct dns_record {
    enum dns_type type;
    char name[256];               /* owner, lower case */
    uint16_t preference;          /* MX; SRV: priority */
    uint16_t weight, port;        /* SRV */
    char value[256]; /* address, host or text; SRV, MX: "." is "none" */
};

struct dns;

struct dns *dns_new(struct net *, struct clock *, struct trace *);
void dns_free(struct dns *);
bool dns_type_read(slice, enum dns_type *);        /* "mx", any case */
const char *dns_type_name(enum dns_type);
/* the same twice changes nothing */
bool dns_add(struct dns *, const struct dns_record *, struct error *why) MUST_CHECK;
/* At once, for tools that explain ("its mail server is …"); records by preference, then value.
   A dot at the end and the case of a name don't matter. At most max (> 0) are given. */
enum dns_status dns_look(const struct dns *, slice name, enum dns_type, struct dns_record *,
                         size_t max, size_t *count);
/* Over the network: answers after a round trip, or DNS_TIMED_OUT after DNS_TIMEOUT_MS if
   the host is offline. Adds a LOOKUP to the trace, its text "NXDOMAIN", "NODATA", "timed out"
   or a line for each record: "10 mx.bakery.example". The records are the callee's until it
   returns. */
typedef void dns_answer(void *context, uint64_t argument, enum dns_status,
                        const struct dns_record *, size_t count);
void dns_ask(struct dns *, uint32_t host, slice name, enum dns_type, dns_answer *, void *context,
             uint64_t argument);

#endif
