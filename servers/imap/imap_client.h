/* imap_client.h: the client's end of IMAP: says one command at a time, reads what comes, and
   tells its owner. Octets in, octets out; no I/O. What to say when is the owner's affair.
   RFC 3501; UIDPLUS (4315), MOVE (6851). Server data comes when the server likes
   (section 7): an owner takes it as it comes. */
#ifndef SERVERS_IMAP_IMAP_CLIENT_H
#define SERVERS_IMAP_IMAP_CLIENT_H

#include "base/buf.h"
#include "base/limits.h"

enum imap_ending {
    IMAP_RUNNING,
    IMAP_DONE,         /* LOGOUT was answered */
    IMAP_BYE,          /* the server closed the connection by itself, and said so */
    IMAP_RUBBISH,      /* what came is no IMAP */
    IMAP_UNSAYABLE,    /* the owner's name or password cannot be written in quotes */
    IMAP_LOST
};
enum imap_answer { IMAP_GREETED, IMAP_OK, IMAP_NO, IMAP_BAD };

enum {
    IMAP_CAN_UIDPLUS = 1, IMAP_CAN_MOVE = 2, IMAP_CAN_CONDSTORE = 4, IMAP_CAN_QRESYNC = 8,
    IMAP_CAN_IDLE = 16, IMAP_CAN_NO_LOGIN = 32 /* LOGINDISABLED */
};

/* Flags are those of the device's store: 1 Seen, 2 Answered, 4 Flagged, 8 Deleted, 16 Draft;
   others are not looked at. */
struct imap_fetched {
    uint32_t number, uid;            /* uid 0: not said */
    bool has_flags, has_text, has_size, has_date;
    uint64_t flags, size;
    int64_t date_ms;
    slice text;                      /* of the BODY[] that was asked for; until the call returns */
};
struct imap_listed {
    slice name;                      /* as on the wire */
    bool selectable;
};
/* What is known of the selected mailbox, and of the last answer's code. */
struct imap_facts {
    uint32_t can;                    /* bits; */
    bool can_known;                  /* false: CAPABILITY was not said yet */
    uint32_t exists, uidvalidity, uidnext;
    bool read_only, try_create;
    uint32_t new_uid, new_uidvalidity; /* APPENDUID, or COPYUID of one message; 0: not said */
    uint64_t highest_modseq;         /* RFC 7162; 0: not said, or NOMODSEQ */
    bool qresync;                    /* ENABLED says so */
};

struct imap_set;

struct imap_owner {
    void *context;
    void (*listed)(void *context, const struct imap_listed *);
    void (*fetched)(void *context, const struct imap_fetched *);
    /* The greeting, or the tagged answer: time to say the next command. */
    void (*answered)(void *context, enum imap_answer, slice text);
    /* EXISTS or EXPUNGE came, whether asked for or not; may be NULL. */
    void (*changed)(void *context);
    /* VANISHED (EARLIER): these uids went while nobody listened (RFC 7162 3.2.10); may be NULL. */
    void (*vanished)(void *context, const struct imap_set *uids);
    void (*found)(void *context, uint32_t number); /* one of SEARCH's answer; may be NULL */
};

struct imap_client;
struct client_table; /* servers/client.h */
extern const struct client_table imap_client_table;

struct imap_client *imap_client_new(const struct imap_owner *);   /* waits for the greeting */
void imap_client_free(struct imap_client *);                      /* NULL is allowed */
void imap_client_input(struct imap_client *, slice octets);
slice imap_client_output(struct imap_client *);                   /* valid until the next call */
void imap_client_sent(struct imap_client *, size_t octets);
void imap_client_lost(struct imap_client *);
bool imap_client_is_over(const struct imap_client *);
enum imap_ending imap_client_ending(const struct imap_client *);
slice imap_client_text(const struct imap_client *);    /* of the last answer, or of the BYE */
const struct imap_facts *imap_client_facts(const struct imap_client *);

/* Commands: only when the last one is answered. A name or password that can't be written in
   quotes (controls, 8-bit, too long) is not said: the client is over, IMAP_UNSAYABLE. */
bool imap_can_quote(slice text);
void imap_say(struct imap_client *, const char *format, ...) PRINTF_LIKE(2, 3);
void imap_say_login(struct imap_client *, slice name, slice password);
void imap_say_select(struct imap_client *, slice mailbox, bool to_look); /* to look: EXAMINE */
/* The same, to hear what has changed since (RFC 7162 3.2.5); only when facts->qresync. */
void imap_say_resync(struct imap_client *, slice mailbox, uint32_t uidvalidity, uint64_t modseq);
void imap_say_to(struct imap_client *, const char *command, slice mailbox); /* "UID MOVE 7" */
/* The message is sent when the server asks for it; it must live until the answer. */
void imap_say_append(struct imap_client *, slice mailbox, uint64_t flags, int64_t date_ms,
                     slice message);
void imap_say_logout(struct imap_client *);
/* RFC 2177: until DONE nothing else may be said; DONE only when the server has agreed. */
void imap_say_idle(struct imap_client *);
void imap_say_done(struct imap_client *);
bool imap_client_idles(const struct imap_client *);    /* the server has agreed, DONE is not said */
void imap_flags_write(struct buf *, uint64_t flags);   /* "(\Seen \Flagged)" */

#endif
