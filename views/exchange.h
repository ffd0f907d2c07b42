/* exchange.h: what happened after one line, for people: the trace records of that time,
   as coloured text (text.c) or plain echo (plain.c), with notes (note.c). */
#ifndef VIEWS_EXCHANGE_H
#define VIEWS_EXCHANGE_H

#include "views/fold.h"
#include "views/front.h"

#define EXCHANGE_OUTPUT_MAX (8u << 20) /* what one line may bring to the screen */
#define ROWS_BESIDES 4                 /* of a window: what stands around a reply */
#define ROWS_DEFAULT 24

struct exchange {
    const struct world *world;
    struct front *front;
    uint64_t from, to;          /* trace records */
    bool command;               /* the input was a prompt command, not a line for a server */
    uint32_t device;            /* host number of the device where the line was typed */
    struct fold fold;           /* the server's lines to that device, … */
    size_t said_shown;          /* … so many of them shown or left out so far … */
    bool folds;                 /* … and they are more than the window has room for */
    const struct trace_record *firings[64]; /* to be shown after them */
    size_t firing_count;
    const struct trace_record *inbound[64]; /* the same of real clients */
    size_t inbound_count;
    size_t inbound_lines;       /* shown of them so far */
    uint64_t now_ns;            /* of what is being shown */
    bool asked_mail;            /* the last input was for the mail program */
    struct buf *out;
};

#define INBOUND_LINES_MAX 40           /* of real clients, at a prompt, in one exchange */

/* Adds everything worth seeing about the records from..to. The front's conns must have
   been read up to there. */
void exchange_show(struct buf *, const struct world *, struct front *, uint64_t from, uint64_t to,
                   bool command);

/* What a command answered that leaves nothing in the trace: the line, and the answer. */
void exchange_told(struct buf *, const struct world *, struct front *,
                   const struct trace_record *input, const struct trace_record *answer);

/* " check … has 2 messages", and if it is not so ": found 3 messages". */
void check_write(struct buf *, const struct trace_record *, bool utf8);

/* --- the two styles: what one thing looks like -------------------------------------------- */

void text_server_line(struct exchange *, const struct conn *, slice line);
void text_client_line(struct exchange *, slice line); /* of what a command typed */
void text_firings(struct exchange *);
void plain_input(struct exchange *, const struct trace_record *);
void plain_line(struct exchange *, const struct conn *, const struct trace_record *);
void plain_firings(struct exchange *);

/* --- inbound.c: what real clients do ----------------------------------------------------- */

bool inbound_is(const struct exchange *, const struct conn *);  /* NULL is allowed */
void inbound_open_show(struct exchange *, const struct conn *);
void inbound_line_show(struct exchange *, const struct conn *, const struct trace_record *);
void inbound_state_show(struct exchange *, const struct conn *, const struct trace_record *);
void inbound_close_show(struct exchange *, const struct conn *, enum trace_by);
void inbound_tls_show(struct exchange *, const struct conn *, const struct trace_record *);
/* What stands in a mailbox now, or no more: for serve --watch. */
void inbound_change_show(struct exchange *, const struct trace_record *);
/* What flags have changed in the mailbox that this session has open, told to the client or not;
   and before a message arrives in a mailbox, so that it is no change. */
void inbound_flags_show(struct exchange *, const struct conn *);
void inbound_flags_arrival(struct exchange *, const struct trace_record *);
/* The beginning of a line about a mailbox: "ana INBOX: ". False: it is not watched, or gone. */
bool inbound_mailbox_begin(struct exchange *, const struct conn *, int64_t mailbox);
void inbound_message_add(struct buf *, const struct world *, int64_t message_key, uint32_t uid);
/* A SEGMENT or STATE came: what later lines of that connection ask. */
void inbound_note(struct exchange *, const struct trace_record *);

/* --- shared by both ----------------------------------------------------------------------- */

void bold_begin(struct exchange *);
void colour_begin(struct exchange *, const char *sgr);
void colour_end(struct exchange *);
const struct protocol *firing_protocol(const struct exchange *, const struct trace_record *);
/* One note or several about known slips, and "meanwhile" lines. */
void note_firings(struct exchange *);
void note_line(struct exchange *, const struct conn *, const struct trace_record *);
void note_queue(struct exchange *);
void note_devices(struct exchange *);
void points_add(struct exchange *);

#endif
