/* prompt.h: what stands before a typed line, and who hears it: for whoever reads lines, a terminal
   or a page. Nothing here changes the world. */
#ifndef FRONT_PROMPT_H
#define FRONT_PROMPT_H

#include "servers/session.h"
#include "sim/shared.h"
#include "views/front.h"

/* Where the next line goes. */
struct prompt {
    const struct session *session;   /* of the typed connection; NULL: nobody is connected */
    enum expects expects;            /* of the person: EXPECTS_COMMAND without a connection too */
    uint64_t left;                   /* octets of the literal */
    bool predicts;                   /* the lesson has asked: the line is a prediction */
};
struct prompt prompt_now(const struct world *);
bool prompt_predicts(const struct world *);
/* "ana/laptop smtp READY > "; in a narrow window the part before the sign goes to `above`. */
void prompt_text(const struct world *, const struct look *, struct buf *text, struct buf *above);
/* Who hears the next line: 0 Pennypost, 1 smtp, 2 pop3, 3 imap, 4 a message or a literal. */
enum { HEARERS = 5 };
size_t prompt_target(const struct world *);
/* Asked before it is run: does it hold a password, to be kept out of the history? */
bool prompt_is_secret(const struct world *, slice line);
/* What the records from `from` on leave to be typed next goes to front->prefill. */
void prompt_prefill(const struct world *, struct front *, uint64_t from);

#endif
