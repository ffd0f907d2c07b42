/* client.h: the client's end of a protocol is a table of rows, as the server's is. One row says:
   at this step, to this kind of answer, if this holds -> go to that step. A step says what
   belongs to it when it is reached. client.c executes the rows, and nothing else moves a client;
   `states DEVICE` and the tests read the same rows. Here too: what waits to be sent. */
#ifndef SERVERS_CLIENT_H
#define SERVERS_CLIENT_H

#include "base/buf.h"
#include "servers/protocol.h"

#define CLIENT_STEPS_MAX 31 /* IN(…) of them all is one word, and so is one more */

struct client_step {
    const char *name;    /* "RCPT" */
    const char *meaning; /* ends "At RCPT it …": "names the next recipient" */
    /* What it says here: the whole line, or its beginning if it ends in a blank or in '<', or that
       and what stands behind it somewhere, with '*' between them; '|' is between two ways to say
       it; "": any line; NULL: none. `states` finds by it where a conversation stood. */
    const char *line;
    void (*says)(void *client);                          /* when it is reached; may be NULL */
    void (*hears)(void *client, int answer, slice text); /* before the rows are; may be NULL */
    bool text; /* what comes is text: only answers with rows are known */
};

struct client_answer {
    const char *name; /* "2xx" */
    bool inner;       /* no answer of the server's: only steps with a row for it know it */
};

/* What must hold for a row. One that looks for the next thing to do may note what it found. */
struct client_when {
    const char *words; /* ends "… if": "a recipient is left" */
    bool (*holds)(void *client, int next);
};

enum { ANSWER_ANY }; /* in rows: every answer without a row of its own */

struct client_row {
    uint32_t from; /* steps: IN(…) | IN(…) */
    uint8_t answer;
    const struct client_when *when; /* NULL: always. The first row that holds is taken */
    uint8_t next;                   /* a step; the same once more is reached anew */
};

struct client_table {
    const char *name;  /* "smtp" */
    const char *role;  /* "client"; "watch" of the one that stays in IDLE */
    const struct client_step *steps;
    size_t step_count;
    const struct client_answer *answers; /* by number */
    size_t answer_count;
    const struct client_row *rows;
    size_t row_count;
    uint8_t first, over;
    /* Of what kind is a line that the server said? -1: it is no answer, or not its last line. */
    int (*kind)(slice line);
    bool tagged;  /* what it says has a tag before it */
    bool beneath; /* another table says its commands: it is drawn under that one */
};

/* The step takes the answer in, then the client moves. */
void client_hear(const struct client_table *, void *client, uint8_t *step, int answer, slice text);
void client_move(const struct client_table *, void *client, uint8_t *step, int answer);
/* Is this row about that answer at that step? */
bool client_row_is_for(const struct client_table *, const struct client_row *, int step,
                       int answer);
int client_step_named(const struct client_table *, slice name); /* -1: none */
/* What is wrong with the table, if anything: an answer without a row that always holds, a row
   behind one that does, a row for nothing, a step that is never reached or never left. */
bool client_lint(const struct client_table *, struct error *why) MUST_CHECK;

/* --- what waits to be sent ---------------------------------------------------------------- */

struct client_out {
    struct buf text;
    size_t sent; /* of it, so many octets were taken */
};
slice client_out_left(const struct client_out *); /* valid until the next change */
void client_out_sent(struct client_out *, size_t octets);

#endif
