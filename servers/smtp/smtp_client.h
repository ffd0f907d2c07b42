/* smtp_client.h: the client's end of SMTP: hands one message to one server, one command at
   a time. Octets in, octets out; no I/O. The relay uses it, and devices' mail programs, which
   log in (RFC 4954, PLAIN of RFC 4616). RFC 5321. */
#ifndef SERVERS_SMTP_SMTP_CLIENT_H
#define SERVERS_SMTP_SMTP_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

enum smtp_verdict {
    SMTP_PENDING,      /* not asked yet */
    SMTP_ACCEPTED,     /* the server has answered the final dot with 2xx: its job now */
    SMTP_LATER,        /* 4xx, a lost line, an answer that is none */
    SMTP_REFUSED       /* 5xx */
};

struct dsn; /* servers/store/store.h */

/* SMTP_UNKNOWN: it was not measured, and is done as SMTP_GOES_ON. */
enum smtp_refused_one { SMTP_UNKNOWN, SMTP_GOES_ON, SMTP_DROPS, SMTP_QUITS, SMTP_RESETS };

/* One mail program's way of handing over; NULL in a job: what our relays and plain devices do. */
struct smtp_habit {
    const char *hello;               /* how it calls itself: HOST (laptop), ADDRESS ([192.0.2.9]),
                                        DOMAIN (the sender's), or a word said as it is */
    const char *mechanism;           /* the login that it takes: "CRAM-MD5" */
    bool initial;                    /* with the first answer on the line of AUTH */
    const char *parameters;          /* of MAIL, in their order, if offered: SIZE, BODY, BODY? (if
                                        the message needs it) */
    enum smtp_refused_one refused;   /* one recipient is refused: goes on for the others, or nobody
                                        gets it */
};

struct smtp_job {
    const struct smtp_habit *habit;
    slice nonce;                     /* SCRAM's; "" for a habit without it */
    slice hello;                     /* what we call ourselves */
    slice sender;                    /* "" is the null sender */
    const slice *recipients;
    size_t recipient_count;          /* 1 .. RECIPIENTS_MAX */
    bool utf8;                 /* an address needs SMTPUTF8 (RFC 6531 3.4), or a wish says so */
    const struct dsn *const *dsn; /* one for each; the message's are the first one's;
                                           NULL: nothing was wished, and it is our own message: what
                                           is UTF-8 in its header is meant so (RFC 6531) */
    uint64_t size;                   /* of the message as sent, about */
    /* Octets of the message from an offset on, at most len; none at the end. False: failed. It is
       read once to see what it needs, and, where the server has less than that, again. */
    bool (*read)(void *context, uint64_t offset, uint64_t len, struct buf *);
    void *context;
    slice name, password;            /* an empty name: no login */
};

struct smtp_client;
struct client_table; /* servers/client.h */
extern const struct client_table smtp_client_table;

/* The errand's slices must live as long as the client. It waits for the greeting. */
struct smtp_client *smtp_client_new(const struct smtp_job *);
void smtp_client_free(struct smtp_client *);
void smtp_client_input(struct smtp_client *, slice octets);
slice smtp_client_output(struct smtp_client *);           /* valid until the next call */
void smtp_client_sent(struct smtp_client *, size_t octets);
/* The connection is gone: what is pending becomes LATER, with this text, which begins with
   an RFC 3463 code. */
void smtp_client_lost(struct smtp_client *, slice text);
/* close the connection: QUIT was answered or makes no sense */
bool smtp_client_is_over(const struct smtp_client *);
/* the server took EHLO or HELO: it does SMTP, and what it says is about the message */
bool smtp_client_was_greeted(const struct smtp_client *);
/* it will report to the sender, if she wanted to know (RFC 3461) */
bool smtp_client_offers_dsn(const struct smtp_client *);
/* false: it did not come to the message, and what a verdict says is about the login */
bool smtp_client_logged_in(const struct smtp_client *);
enum smtp_verdict smtp_client_verdict(const struct smtp_client *, size_t recipient, slice *reply);

#endif
