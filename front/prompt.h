/* prompt.h: what stands before a typed line, and where it goes: for whoever reads lines, a terminal
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
/* Where the next line goes: to Pennypost, to a protocol (counted from 1, as protocol_next has
   them), or into a message or a literal. */
enum { TARGET_PENNYPOST = 0, TARGET_TEXT = 4, TARGETS = 5 };
size_t prompt_target(const struct world *);
/* Asked before it is run: does it hold a password, to be kept out of the history? */
bool prompt_is_secret(const struct world *, slice line);
/* What the records from `from` on leave to be typed next goes to front->prefill. */
void prompt_prefill(const struct world *, struct front *, uint64_t from);

#endif
