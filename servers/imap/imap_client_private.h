/* imap_client_private.h: between imap_client.c and imap_client_read.c only. */
#ifndef SERVERS_IMAP_IMAP_CLIENT_PRIVATE_H
#define SERVERS_IMAP_IMAP_CLIENT_PRIVATE_H

#include "base/arena.h"
#include "servers/client.h"
#include "servers/imap/imap_client.h"

struct imap_client {
    const struct imap_owner *owner;
    struct imap_facts facts;
    struct buf in;                  /* one response, as far as it has come */
    size_t line_at;                 /* where its last line begins */
    uint64_t literal_left;          /* octets of a literal that are still to come */
    struct client_out out;
    struct buf text;
    slice literal;                  /* APPEND's message, until the server asks for it */
    bool greeted, waits, logs_out, said_bye;
    enum { IDLES_NOT, IDLES_ASKED, IDLES } idles;
    uint32_t tag;
    enum imap_ending ending;
    struct arena scratch;           /* one response */
};

/* Reads one whole response, without its CRLF, literals in place. False: no IMAP. */
bool imap_response_heard(struct imap_client *, slice response);

#endif
