/* control.h: the socket through which programs steer: a path, for this user alone, or a loopback
   port, where the first line is a token. Lines come in, lines go out, and whoever listens knows
   what they mean. Nobody waits for a client: what it does not take is held up to a bound, and one
   that leaves much unread is read no further. Belongs to a gateway, whose rounds end when
   something comes here. */
#ifndef GATEWAY_CONTROL_H
#define GATEWAY_CONTROL_H

#include "gateway/gateway.h"
#include "gateway/lines.h"

struct control;
struct control_client;

struct control_place {
    const char *path;                /* NULL: a port of 127.0.0.1, */
    uint16_t port;                   /* 0 is any that is free, */
    const char *token;               /* and what is said there first; NULL: one is made */
};
/* Whoever listens. */
struct control_user {
    void *context;
    /* What it gives is the client's own; NULL: there is no memory for it. */
    void *(*came)(void *context, struct control_client *);
    void (*left)(void *context, void *own);
    slice full;                      /* is said to one that is too many */
};

struct control *control_open(struct gateway *, const struct control_place *,
                             const struct control_user *, struct error *why) MUST_CHECK;
void control_close(struct control *);          /* NULL is allowed; a path is removed */
uint16_t control_port(const struct control *); /* 0: it is a path */
const char *control_token(const struct control *);

/* After a round: takes what has come, and who has come, if something was heard in it. If all places
   are taken, one that is held and gone leaves its own, on a port one that has ended its side. */
void control_hear(struct control *, bool heard);
/* Before the next one: writes what can be written, and parts with whoever has gone. */
void control_say_all(struct control *);

struct control_client *control_next(const struct control *, const struct control_client *);
void *control_own(const struct control_client *);
/* The client's next line, valid until control_hear. None while it is held or leaves much unread. */
enum lines_next control_take(struct control_client *, slice *line);
/* So much of what was said it has not taken yet. */
size_t control_unread(const struct control_client *);
void control_say(struct control_client *, slice); /* who has no room for it is let go */
void control_hold(struct control_client *, bool); /* its answer takes time: no further line of it */
bool control_is_gone(const struct control_client *); /* nobody would read what is said */
void control_end(struct control_client *);        /* when what was said is taken */

#endif
