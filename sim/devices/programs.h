/* programs.h: mail programs by name, and what each of them does: one table, a row a configuration.
   `mail setup like NAME` makes a device behave so; the plain settings (pop3 delete, imap …) are
   rows too. Everything here was measured on the wire: tests/guide/ holds what the programs said,
   and compares. What was not measured is said. */
#ifndef SIM_DEVICES_PROGRAMS_H
#define SIM_DEVICES_PROGRAMS_H

#include "servers/pop3/pop3_client.h"
#include "servers/smtp/smtp_client.h"
#include "sim/devices/device_mail.h"

/* How a message that a person deleted is deleted on the server. */
enum imap_deletes {
    IMAP_MOVES,            /* UID MOVE to the Trash; without one \Deleted and UID EXPUNGE */
    IMAP_COPIES,           /* UID COPY to the Trash, \Deleted, EXPUNGE */
    IMAP_COPIES_UID,       /* UID COPY to the Trash, \Deleted, UID EXPUNGE */
    IMAP_EXPUNGES,         /* \Deleted, EXPUNGE */
    IMAP_UID_EXPUNGES,     /* \Deleted, UID EXPUNGE */
    IMAP_CLOSES,           /* \Deleted, CLOSE */
    IMAP_MARKS,            /* \Deleted, and no more */
    IMAP_FETCHES           /* never: it only fetches, and tells the server nothing */
};
/* What removes marked messages though nobody asked for it. */
enum imap_purges { IMAP_PURGES_NEVER, IMAP_PURGES_FIRST, IMAP_PURGES_LAST, IMAP_PURGES_CLOSE };

/* What a program does by IMAP in its own way; the rest of a session is the device's own. */
struct imap_habit {
    enum imap_deletes deletes;
    enum imap_purges purges;
    bool seen_by_fetch;              /* BODY[] and not BODY.PEEK[]: reading marks */
    const char *makes;               /* mailboxes that it creates if they are not there; NULL */
    bool subscribes;                 /* and subscribes */
    bool uses;                       /* and says what they are for: RFC 6154 3 */
    bool takes;                      /* what is not \Seen in INBOX, as POP3: it is here alone */
    bool examines;                   /* EXAMINE and not SELECT: looking leaves no trace */
    bool overwrites;                 /* FLAGS, not +FLAGS: what it saw last, over what others set */
};

struct program {
    const char *name;            /* "fetchmail keep"; a plain setting's words: "pop3 delete" */
    const char *title;           /* a plain setting's: "POP3, delete after fetch" */
    const char *version;         /* "6.4.37"; NULL: a plain setting, which imitates nobody */
    struct mail_account account; /* its `program` is this row */
    const struct pop3_habit *pop3;
    const struct imap_habit *imap;
    const struct smtp_habit *smtp;   /* NULL: it was not seen to send, or sends as a plain device */
    const char *does;    /* what surprises, or a setting's meaning: a sentence */
    const char *unknown; /* what was not measured; "" */
};

/* All rows, in the order of the table. */
const struct program *programs(size_t *count);
/* Of the words at the front of *rest the longest that is a name; they are taken. NULL: none. */
const struct program *program_take(slice *rest);
/* Adds why the words name no program, with those that are near, the nearest first. */
void program_unknown(struct buf *why, slice words);
/* "like fetchmail": of a row that is a program; a plain setting's are its own words. */
bool program_is_named(const struct program *);
void program_title(struct buf *, const struct program *); /* "fetchmail keep 6.4.37" */
/* When the programs were measured: "2026-11-30". */
#define PROGRAMS_MEASURED "2026-11-30"

#endif
