/* states.h: a protocol's machine, drawn or in sentences, out of its rows. */
#ifndef VIEWS_STATES_H
#define VIEWS_STATES_H

#include "base/buf.h"
#include "servers/protocol.h"

#define STATES_COLUMNS 80

/* Draws it at up to STATES_COLUMNS; `here` is the state one is in, or -1. Every move that a
   row makes stands in it: as an arrow, or in a line below. */
void states_draw(struct buf *, const struct protocol *, int here);
/* The same moves as sentences: "From READY, MAIL leads to MAILED." */
void states_tell(struct buf *, const struct protocol *, int here);
/* The sentences for what the command `states` answered (its first line names the protocol
   and its brackets the state). False: it is no drawing, nothing was added. */
bool states_sentences(struct buf *, slice answer);

/* --- states_client.c: what a client of ours does ------------------------------------------- */

struct call;
struct client_table;
struct conn;
struct sight;
/* Of each client of ours, by protocol; NULL-ended. One protocol may have two. */
extern const struct client_table *const client_tables[];
/* Step by step, the one that it is at marked; -1: none is. */
void client_draw(struct buf *, const struct client_table *, int here);
void client_tell(struct buf *, const struct client_table *, int here);
/* The sentences for what the command answered, its first line apart; false: it is of no client. */
bool client_sentences(struct buf *, slice header, slice answer);
/* states_walk.c: the command's answer: the last conversation that the machine has opened by
   itself, in that protocol (NULL: in any); and one by its number. */
bool client_states(struct call *, uint32_t host, const struct protocol *);
bool client_states_conn(struct call *, const struct sight *, const struct conn *);
/* " it went: GREETING EHLO"; missed: lines that its rows know nothing of. */
void states_way_add(struct buf *, const struct sight *, const struct conn *, slice way,
                    size_t missed);

/* --- states_json.c: the same as data ------------------------------------------------------ */

struct session;
struct world;
/* session: who stands in it, or NULL; conn: whose last transition is told, or 0. */
void states_json(struct buf *, const struct world *, const struct protocol *,
                 const struct session *, uint32_t conn);
/* "legal":[…],"blocked":[…]: what may be said in that state with these facts. */
void states_legal_json(struct buf *, const struct protocol *, int state, uint32_t facts);

#endif
