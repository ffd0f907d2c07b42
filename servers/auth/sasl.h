/* sasl.h: the server's side of SASL (RFC 4422), the same for the three protocols. It
   takes and gives base64 text and finds out who somebody claims to be, and how she proves
   it; whom the store knows is login.h's affair. A new mechanism is a row of the table in
   sasl.c. */
#ifndef SERVERS_AUTH_SASL_H
#define SERVERS_AUTH_SASL_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/slice.h"
#include "servers/auth/digest.h"

enum sasl_result {
    SASL_CONTINUE,   /* send `challenge`, feed the next line to sasl_answer */
    SASL_PROVE,      /* ask sasl_proves; if it holds send `challenge`, feed the next line */
    SASL_DONE,       /* authzid and name are known; ask sasl_proves, if it was not asked yet */
    SASL_BAD,        /* malformed: the exchange is over */
    SASL_CANCELLED,  /* the client sent "*" */
    SASL_UNKNOWN     /* no such mechanism, or channel binding, which is not offered */
};

struct sasl;

#define SASL_NONCE_BYTES 32    /* with a NUL */

/* What the server puts into an exchange. login.c makes it; a test fixes it. */
struct sasl_server {
    slice host;                /* its name; lives as long as the exchange */
    uint64_t now_ms;
    /* printable, no comma, never the same twice */
    void (*nonce)(void *context, char nonce[SASL_NONCE_BYTES]);
    void (*salt)(void *context, slice name, uint8_t salt[SCRAM_SALT_BYTES]);
    void *context;
};

struct sasl_mechanism {
    const char *name;          /* "PLAIN" */
    /* The challenge when there is no initial response; NULL: an empty one. */
    void (*first)(struct sasl *);
    bool server_first;         /* an initial response makes no sense */
    /* The next answer, decoded; it lies in sasl->kept. */
    enum sasl_result (*step)(struct sasl *, slice answer);
    /* Does what she said prove that she knows it? */
    bool (*proves)(struct sasl *, slice password);
};

/* SCRAM's exchange so far (RFC 5802 5); slices of `kept` and `asked`. */
struct scram {
    slice header;              /* "n,," */
    slice first_bare;          /* "n=ana,r=…" */
    slice nonce;               /* hers and ours */
    slice without_proof;       /* "c=biws,r=…" */
    uint8_t salt[SCRAM_SALT_BYTES];
    uint8_t proof[SCRAM_HASH_BYTES];
    bool sound;                /* the last message fits the first */
};

struct sasl {
    const struct sasl_mechanism *mechanism;
    struct sasl_server server;
    char nonce[SASL_NONCE_BYTES]; /* ours, of a mechanism that has one */
    int steps;               /* answers taken so far */
    bool proved;             /* sasl_proves said yes */
    slice challenge;         /* base64, may be empty; after SASL_CONTINUE and SASL_PROVE */
    slice authzid;           /* whom to act as; usually empty */
    slice name, password;    /* all valid until the next sasl_start or sasl_forget */
    slice digest_hex;        /* CRAM-MD5's */
    struct scram scram;
    size_t kept_len;
    char kept[SASL_ANSWER_MAX * 2];
    char asked[SASL_CHALLENGE_MAX];    /* the challenge, with a NUL behind it */
    char said[SASL_CHALLENGE_MAX * 2]; /* and its base64 */
};

/* One a session will do; it is used again by each sasl_start. */
struct sasl *sasl_new(struct arena *);
/* `initial`: NULL if the command has none; "=" is the empty one (RFC 4954 4). */
enum sasl_result sasl_start(struct sasl *, const struct sasl_server *, slice mechanism,
                            const slice *initial);
enum sasl_result sasl_answer(struct sasl *, slice line);
/* Is it the password with which she proves that she is `name`? The work is the same for
   every password; after SASL_PROVE it also makes the challenge. */
bool sasl_proves(struct sasl *, slice password);
void sasl_forget(struct sasl *);       /* wipes names, password and all that came of them */

/* The table, for capabilities and completion. */
const struct sasl_mechanism *sasl_mechanisms(size_t *count);

/* --- for mechanisms ------------------------------------------------------------------ */

void sasl_ask(struct sasl *, slice octets);      /* makes the challenge of them */
/* A name or password that somebody could have typed: RFC 4616's SAFE, no controls. */
bool sasl_is_typed(slice);

#endif
