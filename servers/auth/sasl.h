/* sasl.h: the server's side of SASL (RFC 4422), the same for the three protocols. It
   takes and gives base64 text and finds out who somebody claims to be; whether it is
   true is login.h's affair. A new mechanism is a row of the table in sasl.c. */
#ifndef SERVERS_AUTH_SASL_H
#define SERVERS_AUTH_SASL_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/slice.h"
#include "servers/auth/digest.h"

enum sasl_result {
    SASL_CONTINUE,   /* send `challenge`, feed the next line to sasl_answer */
    SASL_DONE,       /* authzid, name and password are known */
    SASL_BAD,        /* malformed: the exchange is over */
    SASL_CANCELLED,  /* the client sent "*" */
    SASL_UNKNOWN     /* no such mechanism */
};

struct sasl;

struct sasl_mechanism {
    const char *name;          /* "PLAIN" */
    const char *first;         /* the challenge when there is no initial response, in base64 */
    /* The next answer, decoded; it lies in sasl->kept. */
    enum sasl_result (*step)(struct sasl *, slice answer);
};

struct sasl {
    const struct sasl_mechanism *mechanism;
    int steps;               /* answers taken so far */
    slice challenge;         /* base64, may be empty; after SASL_CONTINUE */
    slice authzid;           /* whom to act as; usually empty */
    slice name, password;    /* all valid until the next sasl_start or sasl_forget */
    size_t kept_len;
    char kept[SASL_ANSWER_MAX * 2];
};

/* One a session will do; it is used again by each sasl_start. */
struct sasl *sasl_new(struct arena *);
/* `initial`: NULL if the command has none; "=" is the empty one (RFC 4954 4). */
enum sasl_result sasl_start(struct sasl *, slice mechanism, const slice *initial);
enum sasl_result sasl_answer(struct sasl *, slice line);
void sasl_forget(struct sasl *);       /* wipes names and password */

/* The table, for capabilities and completion. */
const struct sasl_mechanism *sasl_mechanisms(size_t *count);

#endif
