/* services_table.h: every service that a host can offer, declared once: what it is called, what
   it speaks, its port, its twin with TLS from the start. Hosts, the gateway, `telnet`, `serve`'s
   options, worlds, completion and devices read this table; nothing else names a port.
   (What an engine may ask of the world around it is services.h.) */
#ifndef SERVERS_SERVICES_TABLE_H
#define SERVERS_SERVICES_TABLE_H

#include "servers/protocol.h"

enum service_number {
    SERVICE_SMTP,
    SERVICE_SUBMISSION,
    SERVICE_POP3,
    SERVICE_IMAP,
    SERVICE_SUBMISSIONS,
    SERVICE_POP3S,
    SERVICE_IMAPS,
    SERVICE_LMTP,
    SERVICES
};

struct service {
    const char *name;           /* "pop3s": a word of the language, and of serve's options */
    const char *title;          /* in a sentence: "POP3" */
    const struct protocol *protocol;
    const char *srv;            /* where RFC 6186 looks for it: "_pop3s._tcp"; NULL: nowhere */
    uint32_t facts;             /* FACT_…, true of its sessions from the start */
    uint16_t port;              /* IANA's, and the simulated world's */
    uint8_t plain;              /* which service this is, with TLS from the start; else itself */
};

extern const struct service service_table[SERVICES];

/* The set of services that a host offers: a bit for each plain one. A twin comes with it. */
uint32_t service_bit(const struct service *);
bool service_is_sealed(const struct service *);         /* TLS from the first octet (RFC 8314) */
/* Its twin with TLS from the start; NULL: there is none. */
const struct service *service_twin(const struct service *);
const struct service *service_for_name(slice name);     /* in lower case; NULL */
const struct service *service_for_port(uint16_t port);  /* NULL */

/* For a sentence: "smtp, submission, pop3 or imap". What a host serves; what can be spoken. */
struct names {
    char text[100];
};
struct names service_names(void);
struct names protocol_names(void);

/* Each protocol once, in the table's order. NULL begins, and ends. */
const struct protocol *protocol_next(const struct protocol *);
const struct protocol *protocol_for_port(uint16_t port); /* NULL */
const struct protocol *protocol_for_name(slice name);    /* "smtp", in any case; NULL */
bool port_is_sealed(uint16_t port);

#endif
