/* smtp.h: SMTP's server end (RFC 5321): what a session remembers between commands, and
   what the files here give each other. When a command is allowed and what is answered:
   smtp_table.c. What it does: smtp_commands.c and, for the message itself, smtp_data.c. */
#ifndef SERVERS_SMTP_SMTP_H
#define SERVERS_SMTP_SMTP_H

#include "servers/arrival.h"
#include "servers/auth/sasl.h"
#include "servers/session.h"
#include "servers/store/store.h"

extern const struct protocol smtp_protocol;
/* What the numbers mean, whoever answers with them. */
#define SMTP_CODES 30
extern const struct code smtp_codes[SMTP_CODES];
#define SMTP_NO_ROOM "452 4.3.1 Too much mail in progress, try again later"

struct smtp_recipient {
    slice address;             /* as given, in the transaction's arena */
    int64_t user;              /* a mailbox here, or 0: to be relayed */
    uint8_t notify;            /* NOTIFY_… */
    slice orcpt;               /* as written, or empty */
};

/* One message from MAIL to the final dot. */
struct smtp_transaction {
    struct arena arena;        /* freed with the transaction */
    slice sender;              /* "" is the null sender */
    struct dsn dsn;      /* MAIL's; notify and orcpt are the recipients' */
    struct smtp_recipient recipients[RECIPIENTS_MAX];
    size_t recipient_count;
    struct arrival *arrival;   /* while DATA runs */
    struct buf head;           /* its header, held back until it is whole: see smtp_data.c */
    bool head_done;
    struct intake_client *intake; /* counts what comes, while it comes; NULL: nothing counts */
    uint64_t taken;            /* octets that it has counted of this message */
    uint64_t id;               /* in Received and in the reply to the dot */
    bool too_big, no_room;     /* larger than a message may be; than there is room for now */
    uint64_t chunked;          /* octets that BDAT brought so far */
    bool last_chunk;           /* BDAT … LAST is under way */
    bool after_cr, bare;       /* in them: as session_read.c looks at DATA's */
};

struct smtp {
    char hello[DOMAIN_MAX + 1];        /* what the client called itself */
    struct sasl *sasl;                 /* while AUTH runs, and reused */
    uint64_t announced;                /* octets, by the last MAIL's SIZE; 0: it did not say */
    struct smtp_transaction *transaction;   /* NULL between messages */
};

/* What RCPT's line says. */
struct smtp_rcpt {
    slice address;             /* in the line */
    int64_t user;              /* a mailbox here, or 0 */
    struct dsn dsn;
};

struct smtp *smtp_of(struct session *);
/* {detail} is the address, or what is wrong. OUT_OK: it may be added, which the caller does. */
enum outcome smtp_rcpt_read(struct session *, slice args, struct smtp_rcpt *);
void smtp_rcpt_add(struct session *, const struct smtp_rcpt *);
/* All octets are there, of DATA or BDAT. OUT_OK: they are a message that can be kept, which is up
   to the caller, by arrival_finish. */
enum outcome smtp_message_check(struct session *);
/* What stands behind BDAT; false: its form is wrong. */
bool smtp_bdat_read(slice args, uint64_t *octets, bool *last);
void smtp_message_drop(struct session *);          /* ends the transaction, stored or not */
int smtp_read(struct session *, slice line, slice *args);
void smtp_status(struct session *, slice text);
bool smtp_chunk(struct session *, slice line, uint64_t *octets);
void smtp_end(struct session *);

handler smtp_on_opened, smtp_on_ehlo, smtp_on_helo, smtp_on_mail, smtp_on_rcpt, smtp_on_data,
    smtp_on_line, smtp_on_dot, smtp_on_bdat, smtp_on_chunk, smtp_on_rset, smtp_on_noop,
    smtp_on_quit, smtp_on_vrfy, smtp_on_expn, smtp_on_help, smtp_on_auth, smtp_on_answer,
    smtp_on_starttls, smtp_on_timeout, smtp_on_lost;

handler smtp_on_tls;

/* An id as it is written in replies and Received fields: 13 letters and digits. */
#define SMTP_ID_BYTES 14
const char *smtp_id_text(uint64_t id, char text[SMTP_ID_BYTES]);

#endif
