/* sasl_client.h: the client's side of SASL (RFC 4422): what a mail program answers to a server's
   challenges. It takes and gives base64 text; whose line it stands on is the protocol's affair. A
   new mechanism is a row of the table in sasl_client.c. */
#ifndef SERVERS_AUTH_SASL_CLIENT_H
#define SERVERS_AUTH_SASL_CLIENT_H

#include "base/buf.h"
#include "base/limits.h"

struct sasl_client {
    const struct sasl_client_mechanism *mechanism; /* NULL: none was begun */
    slice name, password, nonce;     /* the caller's; must live as long */
    slice authzid;                   /* the same, set by it after the beginning: as whom to act;
                                        "": not said. Some programs say their own name */
    unsigned steps;                  /* challenges answered so far */
    size_t first_len;                /* SCRAM's client-first, without its header */
    char first[SASL_ANSWER_MAX];
};

/* `nonce`: printable, no comma, never the same twice. False: no such mechanism here. */
bool sasl_client_begin(struct sasl_client *, slice mechanism, slice name, slice password,
                       slice nonce);
/* The answer, base64 and no CRLF, is added. False: the challenge makes no sense, or the answer is
   longer than SASL_ANSWER_MAX. The first is to no challenge, if it stands on the command's own
   line (RFC 4422 5, "initial response"). */
bool sasl_client_answer(struct sasl_client *, slice challenge, struct buf *) MUST_CHECK;

#endif
