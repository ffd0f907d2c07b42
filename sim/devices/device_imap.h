/* device_imap.h: between device_imap.c, which says what is to be said, and
   device_imap_keep.c, which keeps what is heard. */
#ifndef SIM_DEVICE_IMAP_H
#define SIM_DEVICE_IMAP_H

#include "servers/imap/imap_client.h"
#include "sim/devices/device.h"
#include "sim/devices/device_private.h"
#include "sim/devices/programs.h"

enum imap_step {
    AT_GREETING, AT_LOGIN, AT_CAPABILITY, AT_ENABLE, AT_LIST, AT_MAKE, AT_SUBSCRIBE, AT_SELECT,
    AT_PURGE_FIRST, AT_FLAGS, AT_UIDS, AT_MESSAGES, AT_PUSH,
    AT_MOVE, AT_COPY, AT_DELETE, AT_EXPUNGE, AT_PURGE_LAST, AT_CREATE, AT_APPEND, AT_READ,
    AT_LOGOUT
};

struct uid_array {
    uint32_t *at;
    size_t count, cap;
};

struct imap_sync {
    struct mail_program *mail;
    struct imap_owner owner;
    struct imap_client *client;
    enum imap_step step;
    struct device_folder folder;    /* the one that is selected */
    struct uid_array listed, wanted;/* uids of the mailbox; those that are not here */
    bool resyncs;                   /* only what has changed is told, of this folder */
    uint64_t known_modseq;          /* up to which it was known; */
    uint64_t modseq;                /* and will be, when all of it was heard; 0: not */
    size_t asked, came;             /* of the wanted */
    struct device_message message;    /* the one that is being pushed, moved or filed */
    uint64_t pushing;               /* the marks that are being told, */
    bool adding;                    /* and whether they are set or taken away */
    bool to_trash;                  /* deleting is moving there */
    bool copies;                    /* the server has no MOVE: copied, then deleted there */
    int64_t reading;                /* only this message is fetched; 0: a whole sync */
    struct buf text, fresh, vanished, there;
    size_t folders, told, deleted, moved, filed;
    bool refused;                   /* the login */
    slice makes, making;            /* mailboxes that the program makes; the one under way */
    struct uid_array known;         /* folders' ids of which all was heard in this sync */
};

static inline struct store *imap_store(const struct imap_sync *sync)
{
    return sync->mail->device->world->store;
}

/* --- device_imap_habit.c: what a named program does in its own way ---------------------------- */

/* NULL: a plain setting. */
static inline const struct imap_habit *imap_habit(const struct imap_sync *sync)
{
    const struct program *program = sync->mail->account.program;
    return program ? program->imap : NULL;
}
const char *imap_body(const struct imap_sync *);      /* BODY, which marks as read, or BODY.PEEK */
void imap_make_next(struct imap_sync *);              /* a mailbox that it wants, or the folders */
void imap_made(struct imap_sync *, enum imap_answer);
bool imap_purge_first(struct imap_sync *);            /* EXPUNGE unasked; false: it does not */
bool imap_delete_next(struct imap_sync *);            /* false: nothing more of this folder */
void imap_deleted(struct imap_sync *, enum imap_answer);
void imap_folder_leave(struct imap_sync *);           /* all was done in it */
void imap_folder_next(struct imap_sync *);            /* device_imap.c */

/* --- device_imap_keep.c ----------------------------------------------------------------------- */

void uids_add(struct uid_array *, uint32_t uid);      /* ascending is cheap */
bool uids_have(const struct uid_array *, uint32_t uid);
void keep_listed(struct imap_sync *, const struct imap_listed *);
void keep_folders(struct imap_sync *);                /* what is not listed goes */
void keep_validity(struct imap_sync *);               /* after SELECT */
void keep_fetched(struct imap_sync *, const struct imap_fetched *);
void keep_expunged(struct imap_sync *);               /* what is not listed goes */
void keep_vanished(struct imap_sync *, const struct imap_set *); /* these go */
/* The next message of the folder after this id with marks to tell; false: none. */
bool keep_to_push(struct imap_sync *);
bool keep_gone_uids(struct imap_sync *, struct buf *set);
void keep_gone_done(struct imap_sync *);
/* The message's place before it was moved: what is there is to be deleted. */
void keep_gone_add(struct imap_sync *, const struct device_message *);
/* The next message after this id that the server has not got, in Sent or a folder it has. */
bool keep_to_file(struct imap_sync *, struct device_folder *);

#endif
