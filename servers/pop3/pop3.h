/* pop3.h: POP3's server end (RFC 1939, 2449): what a session remembers. When a command
   is allowed and what is answered: pop3_table.c. What it does: pop3_commands.c for
   getting in and out, pop3_maildrop.c for the messages. */
#ifndef SERVERS_POP3_POP3_H
#define SERVERS_POP3_POP3_H

#include "servers/auth/sasl.h"
#include "servers/mail/dots.h"
#include "servers/session.h"
#include "servers/store/store.h"

extern const struct protocol pop3_protocol;

/* The maildrop as it was at login: numbers stand for these messages until the end. */
struct pop3_entry {
    uint32_t uid;
    bool deleted;              /* marked by this session; nothing is gone before UPDATE */
    int64_t message_key;
    uint64_t size;
};

struct pop3 {
    char stamp[300];           /* the greeting's, for APOP */
    char name[ADDRESS_MAX + 1];/* from USER */
    struct sasl *sasl;
    int64_t mailbox;           /* 0 before login */
    uint32_t uidvalidity;
    uint32_t uid_last;          /* the newest when the maildrop was opened; */
    uint32_t room;              /* … so many messages there were */
    struct pop3_entry *entries;/* [count], in drop_arena */
    uint32_t count;
    struct arena drop_arena;
    struct view *view;         /* keeps the messages readable whatever others do */
    bool locked;
    /* The message or listing that is being sent. */
    uint32_t at;               /* LIST, UIDL, UPDATE: the next entry */
    uint32_t sending;          /* RETR, TOP: index of the entry */
    uint32_t removed;          /* UPDATE, so far */
    struct task *task;         /* … and what is left of it, once it has paused */
    uint64_t offset, lines_max;
    struct dots dots;
};

struct pop3 *pop3_of(struct session *);
int pop3_read(struct session *, slice line, slice *args);
void pop3_status(struct session *, slice text);
void pop3_end(struct session *);
/* Locks the user's maildrop and takes the snapshot. OUT_OK or OUT_IN_USE. */
enum outcome pop3_drop_open(struct session *, const struct user *);
void pop3_drop_close(struct session *);
/* By DELE, and still so. False for a session that is no POP3 one, too. */
bool pop3_has_marked(const struct session *, int64_t mailbox, uint32_t uid);

handler pop3_on_opened, pop3_on_user, pop3_on_pass, pop3_on_apop, pop3_on_auth, pop3_on_answer,
    pop3_on_capa, pop3_on_quit, pop3_on_stat, pop3_on_list, pop3_on_uidl, pop3_on_retr, pop3_on_top,
    pop3_on_dele, pop3_on_noop, pop3_on_rset, pop3_on_stls, pop3_on_removed, pop3_on_ended;

#endif
