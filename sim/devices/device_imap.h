/* device_imap.h: between device_imap*.c, which say what is to be said, and device_imap_keep.c,
   which keeps what is heard. */
#ifndef SIM_DEVICE_IMAP_H
#define SIM_DEVICE_IMAP_H

#include "servers/client.h"
#include "servers/imap/imap_client.h"
#include "sim/devices/device.h"
#include "sim/devices/device_private.h"
#include "sim/devices/programs.h"

/* What the sync's last command was for. `says` writes a step's command, `hears` takes its answer
   in, and neither knows what is next: that is device_imap_table.c. */
enum imap_step {
    AT_GREETING, AT_LOGIN, AT_CAPABILITY, AT_ENABLE, AT_LIST, AT_MAKE, AT_SUBSCRIBE, AT_SELECT,
    AT_PURGE_FIRST, AT_FLAGS, AT_UIDS, AT_MESSAGES, AT_PUSH,
    AT_MOVE, AT_COPY, AT_DELETE, AT_EXPUNGE, AT_PURGE_LAST, AT_CREATE, AT_APPEND, AT_READ,
    AT_LOGOUT, AT_OVER
};

struct uid_array {
    uint32_t *at;
    size_t count, cap;
};

struct imap_sync {
    struct mail_program *mail;
    struct imap_owner owner;
    struct imap_client *client;
    uint8_t step;                   /* enum imap_step */
    uint8_t asks;                   /* of the selected folder: AT_UIDS, AT_FLAGS; 0: all is told */
    uint8_t found;                  /* what a condition has looked for: the step, or 0 */
    struct device_folder folder;    /* the one that is selected */
    struct uid_array listed, wanted;/* uids of the mailbox; those that are not here */
    bool since;                     /* flags are asked of what has changed only */
    bool closed;                    /* CLOSE was said: nothing is selected */
    bool resyncs;                   /* only what has changed is told, of this folder */
    uint64_t known_modseq;          /* up to which it was known; */
    uint64_t modseq;                /* and will be, when all of it was heard; 0: not */
    size_t asked, came;             /* of the wanted */
    struct device_message message;    /* the one that is being pushed, moved or filed */
    uint64_t pushing;               /* the marks that are being told, */
    bool adding;                    /* and whether they are set or taken away; */
    bool more;                      /* there are others of the same message */
    bool to_trash;                  /* deleting is moving there */
    bool copies;                    /* the server has no MOVE: copied, then deleted there */
    int64_t reading;                /* only this message is fetched; 0: a whole sync */
    struct buf text, fresh, vanished, there;
    struct buf set;                 /* uids that are to be deleted */
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
bool imap_takes(const struct imap_sync *);            /* as POP3 does; INBOX alone */
bool imap_only_fetches(const struct imap_sync *);     /* INBOX alone, and tells nothing */
bool imap_overwrites(const struct imap_sync *);       /* FLAGS in place of +FLAGS and -FLAGS */
const char *imap_body(const struct imap_sync *);      /* BODY, which marks as read, or BODY.PEEK */
bool imap_makes(void *sync, int next);                /* conditions: a mailbox that it wants; */
bool imap_subscribes(void *sync, int next);
bool imap_purges_first(void *sync, int next);         /* EXPUNGE unasked; */
bool imap_purges_last(void *sync, int next);
bool imap_deletes(void *sync, int next);              /* something is to go from this folder; */
bool imap_expunges(void *sync, int next);             /* and what was marked too */
void imap_says_make(void *sync);
void imap_says_subscribe(void *sync);
void imap_says_purge_first(void *sync);
void imap_says_purge_last(void *sync);
void imap_says_copy(void *sync);
void imap_says_delete(void *sync);
void imap_says_expunge(void *sync);
void imap_hears_list(void *sync, int answer, slice text);
void imap_hears_make(void *sync, int answer, slice text);
void imap_hears_deletion(void *sync, int answer, slice text);

/* --- device_imap.c --------------------------------------------------------------------------- */

enum { ANSWER_OK = ANSWER_ANY + 1, ANSWER_NO, ANSWER_ENDED }; /* NO and BAD are one */
extern const struct client_answer imap_answers[]; /* their names, for both tables */
int imap_answer_of(enum imap_answer);
bool imap_takes_no_login(void *sync, int next);
bool imap_capabilities_are_unknown(void *sync, int next);
bool imap_enables(void *sync, int next);
bool imap_is_whole_sync(void *sync, int next);
bool imap_is_reading(void *sync, int next);
bool imap_finds_message(void *sync, int next);
bool imap_same_numbers(void *sync, int next);
bool imap_asks(void *sync, int next);
bool imap_wants_messages(void *sync, int next);
bool imap_has_marks(void *sync, int next);
bool imap_moves(void *sync, int next);
bool imap_folder_is_left(void *sync, int next);
bool imap_files(void *sync, int next);
void imap_says_login(void *sync);
void imap_says_capability(void *sync);
void imap_says_enable(void *sync);
void imap_says_list(void *sync);
void imap_says_select(void *sync);
void imap_says_uids(void *sync);
void imap_says_flags(void *sync);
void imap_says_messages(void *sync);
void imap_says_push(void *sync);
void imap_says_move(void *sync);
void imap_says_create(void *sync);
void imap_says_append(void *sync);
void imap_says_read(void *sync);
void imap_says_logout(void *sync);
void imap_hears_greeting(void *sync, int answer, slice text);
void imap_hears_login(void *sync, int answer, slice text);
void imap_hears_select(void *sync, int answer, slice text);
void imap_hears_purge(void *sync, int answer, slice text);
void imap_hears_uids(void *sync, int answer, slice text);
void imap_hears_flags(void *sync, int answer, slice text);
void imap_hears_messages(void *sync, int answer, slice text);
void imap_hears_push(void *sync, int answer, slice text);
void imap_hears_move(void *sync, int answer, slice text);
void imap_hears_create(void *sync, int answer, slice text);
void imap_hears_append(void *sync, int answer, slice text);
int imap_answer_kind(slice line);

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
