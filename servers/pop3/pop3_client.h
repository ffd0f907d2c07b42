/* pop3_client.h: the client's end of POP3: fetches what is wanted from one maildrop, deletes
   what is to be deleted, one command at a time. Octets in, octets out; no I/O. What is
   wanted is asked of its owner message by message. RFC 1939.
   RETR deletes nothing, and DELE only marks: messages go when QUIT is answered. */
#ifndef SERVERS_POP3_POP3_CLIENT_H
#define SERVERS_POP3_POP3_CLIENT_H

#include "base/buf.h"
#include "base/limits.h"

enum pop3_ending {
    POP3_RUNNING,
    POP3_DONE,         /* QUIT was answered +OK: what was marked is gone */
    POP3_UNSURE,       /* all was asked; QUIT was answered -ERR: some may still be there */
    POP3_BUSY,         /* [IN-USE] or [LOGIN-DELAY], RFC 2449 8.1 */
    POP3_NO_LOGIN,     /* name or password refused */
    POP3_REFUSED,      /* -ERR where a session cannot go on */
    POP3_RUBBISH,      /* an answer that is no POP3 */
    POP3_STOPPED,      /* the owner could not keep a message */
    POP3_LOST          /* the connection, before QUIT was answered */
};

struct pop3_wish {
    bool fetch, remove;              /* both: the message is deleted once it is kept */
};

struct pop3_job {
    slice name, password;
    void *context;
    /* Asked for each message of the list in turn; "" if the server gives no unique-ids. */
    struct pop3_wish (*wish)(void *context, slice uidl);
    /* The message as it comes, dots unstuffed. False: stop. */
    bool (*piece)(void *context, slice octets);
    /* That was all of it. True: it is kept, whatever happens to the connection. */
    bool (*fetched)(void *context, slice uidl);
};

struct pop3_client;

/* The errand must live as long as the client. It waits for the greeting. */
struct pop3_client *pop3_client_new(const struct pop3_job *);
void pop3_client_free(struct pop3_client *);                /* NULL is allowed */
void pop3_client_input(struct pop3_client *, slice octets);
slice pop3_client_output(struct pop3_client *);             /* valid until the next call */
void pop3_client_sent(struct pop3_client *, size_t octets);
void pop3_client_lost(struct pop3_client *);                /* the connection is gone */
bool pop3_client_is_over(const struct pop3_client *);       /* close the connection */
enum pop3_ending pop3_client_ending(const struct pop3_client *);
slice pop3_client_reply(const struct pop3_client *);        /* the last status line */

struct pop3_counts {
    size_t listed, fetched, marked;  /* marked: DELE was answered +OK */
    size_t not_given, not_marked;    /* RETR, DELE answered -ERR */
    bool no_uidl;                    /* the server gives no unique-ids */
};
const struct pop3_counts *pop3_client_counts(const struct pop3_client *);

#endif
