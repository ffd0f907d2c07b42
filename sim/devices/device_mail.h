/* device_mail.h: a device's own mail program: its account, and what it is asked to do. It
   speaks POP3, IMAP and SMTP over the simulated net, as anybody would, and keeps a store of
   its own (servers/store/store_device.h). The commands are in commands_mail.c. */
#ifndef SIM_DEVICE_MAIL_H
#define SIM_DEVICE_MAIL_H

#include "base/slice.h"
#include "sim/net/trace.h"

#define UNTIL_BYTES_MAX 64

struct device;
struct mail_program;
struct client_table; /* servers/client.h */

/* A sync by IMAP, and what stays connected in IDLE. */
extern const struct client_table imap_sync_table, imap_watch_table;

enum mail_kind { MAIL_IS_POP3, MAIL_IS_IMAP };
struct program;

/* Of messages that it has fetched already (by their unique-ids, POP3). */
enum mail_memory {
    MEMORY_DELETES,             /* those that are due are deleted, and not fetched again */
    MEMORY_SKIPS,               /* they are left alone */
    MEMORY_NONE                 /* it remembers none: all are fetched again */
};
struct mail_account {
    const struct program *program; /* its row in programs.c */
    enum mail_kind kind;
    bool removes;               /* POP3: deletes on the server what it has fetched … */
    uint64_t keep_ms;           /* … so long after it was fetched; 0: at once */
    enum mail_memory memory;
    bool carries_back;          /* POP3: what is deleted here is deleted there */
    bool headers_only;          /* IMAP: messages' texts are not fetched … */
    bool on_demand;             /* … but when one is read, and then kept */
    uint64_t every_ms;          /* it synchronises by itself so often; 0: it does not */
    bool idles;                 /* it stays connected, in IDLE, and synchronises when told */
};
/* From the device's words: "pop3 delete", "pop3 keep 7d every 1h", "imap headers idle", "like
   fetchmail every 1h". */
struct mail_account mail_account_read(slice program);
bool mail_words_are_imap(slice program);
bool mail_words_follow(slice program); /* by IMAP, and what leaves the server leaves it too */

void device_note(struct device *, enum device_fact, slice identity); /* for the trace */
struct mail_program *device_mail(struct device *);
const struct mail_account *mail_account(const struct mail_program *);
/* Other words: the account is another from here on. `lives`: what the device holds of the old
   one goes along; what becomes of it is in mail_said. Not while it synchronises. */
void mail_setup(struct mail_program *, slice program, bool lives);
/* From now on it does by itself what its words say: after the world has begun, or a setup. */
void mail_habits_begin(struct mail_program *);
/* The device is in the network again: who stays connected dials at once, and synchronises. */
void mail_online(struct mail_program *);
/* Begins; it is done when the world has settled. */
void mail_sync(struct mail_program *);
/* The same, and the connection that fetches is lost when the program is about to say a command
   that begins with these words: "QUIT", "RETR 3". */
void mail_sync_until(struct mail_program *, slice words);
bool mail_was_cut(const struct mail_program *);     /* it came to that */
void mail_send(struct mail_program *);              /* only what is in the Outbox */
/* Only the text of one message of which the header is here, to be read and not kept. */
void mail_fetch(struct mail_program *, int64_t message);
bool mail_fetched(const struct mail_program *, slice *text); /* false: it did not come */
bool mail_is_syncing(const struct mail_program *);
slice mail_said(const struct mail_program *);       /* what it did, lines */
bool mail_went_well(const struct mail_program *);
void mail_program_free(struct mail_program *);      /* NULL is allowed */

#endif
