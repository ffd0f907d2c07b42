/* store_device.h: what the devices' own mail programs keep, in the same file as the servers'
   mailboxes and apart from them: folders, messages with text of their own, what a POP3 program
   remembers of its server, how the last sync went. A device knows no other door: not
   store.h's users, mailboxes, messages and queue. The one thing in common are the names of
   messages (A, B, C …), for people.
   Turns, commands and failures are store.h's. A device is named by its name in the world. */
#ifndef SERVERS_STORE_STORE_DEVICE_H
#define SERVERS_STORE_STORE_DEVICE_H

#include "base/buf.h"
#include "base/limits.h"
#include "servers/store/store_turn.h"

struct store;

/* --- folders --------------------------------------------------------------------------- */

struct device_folder {
    int64_t id;
    char name[MAILBOX_NAME_MAX + 1]; /* as on IMAP's wire; INBOX, Sent, Outbox */
    uint32_t uidvalidity;            /* IMAP: of the server's mailbox; 0: not known yet */
    bool remote;                     /* the server has one of that name */
};
/* `make` adds it. False: none, or failed. */
bool store_device_folder(struct store *, slice device, slice name, bool make,
                         struct device_folder *);
bool store_device_folder_by_id(struct store *, int64_t id, struct device_folder *);
bool store_device_folder_set(struct store *, const struct device_folder *);
bool store_device_folder_remove(struct store *, int64_t id);   /* with its messages */
typedef bool store_device_folder_fn(void *context, const struct device_folder *);
bool store_device_folders(struct store *, slice device, store_device_folder_fn *, void *context);

/* Up to which change of the server's mailbox (RFC 7162's mod-sequence) the folder is known;
   0: nothing is known of that. */
uint64_t store_device_modseq(struct store *, int64_t folder);
bool store_device_modseq_set(struct store *, int64_t folder, uint64_t modseq);

/* --- messages --------------------------------------------------------------------------- */

enum { DEVICE_SEEN = 1, DEVICE_ANSWERED = 2, DEVICE_FLAGGED = 4, DEVICE_DELETED = 8,
       DEVICE_DRAFT = 16 };

struct device_message {
    int64_t id, folder;
    uint32_t uid;             /* IMAP; 0: the server has not given it one */
    char uidl[POP3_UIDL_MAX + 1]; /* POP3; "" is none */
    uint64_t flags;           /* as the device shows them */
    uint64_t told;            /* IMAP: as the server last said they are */
    int64_t date_ms;          /* when the server had it; POP3: when it was fetched */
    int64_t fetched_ms;
    uint64_t size;            /* of the whole message, whether it is here or not */
    bool whole;               /* false: only its header is here */
    bool gone;                /* a person deleted it; the server is to be told */
    int64_t from_folder;      /* moved here from there, the server is to be told; 0: no */
    uint32_t from_uid;        /* its uid there */
    char recipients[DEVICE_RECIPIENTS_BYTES + 1]; /* Outbox: to whom, with blanks between */
    char identity[MESSAGE_IDENTITY_MAX + 1];
};
/* With its text, or the header alone; id is filled in. Names the message if nobody has, and
   remembers that this device held it. */
bool store_device_message_add(struct store *, struct device_message *, slice octets);
bool store_device_message_set(struct store *, const struct device_message *);  /* by id */
bool store_device_message_fill(struct store *, int64_t id, slice octets);     /* now it is whole */
bool store_device_message_remove(struct store *, int64_t id);
bool store_device_message(struct store *, int64_t id, struct device_message *);
/* The K-th (from 1) of those that are not gone. */
bool store_device_message_at(struct store *, int64_t folder, uint64_t position,
                            struct device_message *);
bool store_device_message_by_uid(struct store *, int64_t folder, uint32_t uid,
                                struct device_message *);
/* One that waits for a uid there, by what it is. */
bool store_device_message_waiting(struct store *, int64_t folder, slice identity,
                                 struct device_message *);
/* One that was moved out of the folder; uid 0: the first of them. */
bool store_device_message_moving(struct store *, int64_t from_folder, uint32_t uid,
                                struct device_message *);
/* By id, gone ones too; it may be changed or removed meanwhile. */
typedef bool store_device_message_fn(void *context, const struct device_message *);
bool store_device_messages(struct store *, int64_t folder, store_device_message_fn *,
                          void *context);
bool store_device_message_read(struct store *, int64_t id, struct buf *);     /* what is here */

bool store_device_held(struct store *, slice device, slice identity); /* now or ever */

struct device_count {
    uint64_t messages, unseen, whole, octets;     /* not gone; octets that are here */
};
bool store_device_count(struct store *, int64_t folder, struct device_count *);

/* --- POP3: what the program remembers of the server ------------------------------------ */

struct device_uidl {
    char uidl[POP3_UIDL_MAX + 1];
    int64_t fetched_ms;
    bool gone;                /* a person deleted the message here: DELE it */
    bool listed;              /* in this sync's list */
};
bool store_device_uidl(struct store *, slice device, slice uidl, struct device_uidl *);
bool store_device_uidl_set(struct store *, slice device, const struct device_uidl *);
bool store_device_uidls_begin(struct store *, slice device); /* none is listed */
bool store_device_uidls_end(struct store *, slice device);   /* what is not listed is forgotten */

/* --- the account ------------------------------------------------------------------------ */

bool store_device_synced(struct store *, slice device, int64_t *ms, struct buf *said);
bool store_device_synced_set(struct store *, slice device, int64_t ms, slice said);

/* --- names of messages: A, B, C … by order of appearance, anywhere in the world ------------ */

bool store_message_number(struct store *, slice identity, uint64_t *number);  /* from 1 */
bool store_message_identity(struct store *, uint64_t number, struct buf *identity);
bool store_message_named(struct store *, slice identity); /* gives the next number if it has none */
/* A server's message is a copy of that message, and what it was when it is gone: for views.
   Within the change that finishes the message. */
bool store_message_copied(struct store *, int64_t message_key, slice identity);
bool store_message_of(struct store *, int64_t message_key, uint64_t *number);
/* The number that it has, or would get if somebody asked now; changes nothing, so that whoever only
   looks on leaves the world as it was. False: none, or too many wait to be counted. */
bool store_message_peek(struct store *, int64_t message_key, uint64_t *number);

#endif
