/* imap_binary.h: BINARY[…]: a part with its Content-Transfer-Encoding undone (RFC 3516 4.2, 4.3).
   It is read twice and held never: first to know how many octets it has and whether a NUL is
   among them, then to be said. */
#ifndef SERVERS_IMAP_IMAP_BINARY_H
#define SERVERS_IMAP_IMAP_BINARY_H

#include "servers/imap/imap_section.h"
#include "servers/mail/transfer.h"

struct imap_decoding {
    struct transfer_reader reader;
    int64_t message_key;
    uint64_t at, left;         /* what is still encoded: octets of the message */
    uint64_t skip;             /* decoded ones that were not asked for */
};

struct imap_binary {
    const struct imap_section *section;
    bool nil;                  /* the message has no such part */
    struct imap_decoding begin, now;
    uint64_t total;            /* decoded octets, so far */
    bool nul;                  /* one is among those that were asked for: a literal8 it must be */
};

/* A part that holds others, and the message itself, stand for their octets as they are. False:
   nobody knows the part's encoding. */
bool imap_binary_find(struct session *, const struct placement *, const struct message *,
                      const struct imap_section *, struct imap_binary *);
/* Reads a piece of it. True: total and nul are known. */
bool imap_binary_measured(struct session *, struct imap_binary *);
/* Then: what is to be said. The binary lives as long as it. */
struct imap_source imap_binary_source(struct imap_binary *);
/* For imap_source_say. */
bool imap_binary_say(struct session *, struct imap_source *);

#endif
