/* pop3_client.h: the client's end of POP3: fetches what is wanted from one maildrop, deletes
   what is to be deleted. Octets in, octets out; no I/O. What is wanted is asked of its owner
   message by message; which commands are said for it, and in which order, is a habit. RFC 1939.
   RETR deletes nothing, and DELE only marks: messages go when QUIT is answered. */
#ifndef SERVERS_POP3_POP3_CLIENT_H
#define SERVERS_POP3_POP3_CLIENT_H

#include "base/buf.h"
#include "base/limits.h"

enum pop3_deletes {
    POP3_DELE_EACH,    /* after each message, when it is kept */
    POP3_DELE_LAST,    /* after all of them */
    POP3_DELE_FIRST    /* before all of them: what a person has deleted meanwhile */
};

/* One mail program's way through a session. The words of an opening are commands in the order in
   which they are said: CAPA, STLS, USER, PASS, APOP, AUTH:MECHANISM, STAT, LAST, UIDL, LIST. */
struct pop3_habit {
    const char *opening;             /* "CAPA AUTH:CRAM-MD5 STAT LIST UIDL" */
    const char *otherwise;           /* said in the place of AUTH if CAPA did not offer the
                                        mechanism: "USER PASS"; NULL: it ends */
    bool lists_each;                 /* LIST n before each message */
    const char *top;                 /* TOP n with so many lines; NULL: RETR n */
    bool header_again;               /* TOP n 0 behind it, thrown away */
    enum pop3_deletes deletes;
    bool newest_first;
    bool pipelines;                  /* RFC 2449 6.6: behind the first answer, if CAPA offers it */
    bool pipelines_unasked;          /* the same, whether it is offered or not */
    bool empty_goes_on;              /* an empty maildrop: the opening goes on to its end */
    bool leaves;                     /* no QUIT: the connection is closed */
};
/* USER PASS STAT UIDL, RETR and DELE in turn: what devices do that imitate nobody. */
extern const struct pop3_habit pop3_plain;

enum pop3_ending {
    POP3_RUNNING,
    POP3_DONE,         /* QUIT was answered +OK: what was marked is gone */
    POP3_UNSURE,       /* all was asked; QUIT was answered -ERR: some may still be there */
    POP3_BUSY,         /* [IN-USE] or [LOGIN-DELAY], RFC 2449 8.1 */
    POP3_NO_LOGIN,     /* name or password refused */
    POP3_NO_WAY,       /* the server offers no login that this program takes */
    POP3_REFUSED,      /* -ERR where a session cannot go on */
    POP3_RUBBISH,      /* an answer that is no POP3 */
    POP3_STOPPED,      /* the owner could not keep a message */
    POP3_LOST          /* the connection, before QUIT was answered */
};

struct pop3_wish {
    bool fetch, remove;              /* both: the message is deleted once it is kept */
};

struct pop3_job {
    const struct pop3_habit *habit;  /* NULL: pop3_plain */
    slice name, password;
    slice nonce;                     /* SCRAM's; "" for a habit without it */
    void *context;
    /* Asked for each message of the list in turn; "" if the server gives no unique-ids. */
    struct pop3_wish (*wish)(void *context, slice uidl);
    /* The message as it comes, dots unstuffed. False: stop. */
    bool (*piece)(void *context, slice octets);
    /* That was all of it. True: it is kept, whatever happens to the connection. */
    bool (*fetched)(void *context, slice uidl);
};

struct pop3_client;
struct client_table; /* servers/client.h */
extern const struct client_table pop3_client_table;

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
