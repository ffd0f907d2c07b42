/* reason.h: why a server answered as it did: a sentence of its own for each state, event and
   outcome of the tables, declared in why_smtp_table.c, why_pop3_table.c and so on.
   The line about the state, `why`, whoever watches real clients, lessons and docs/why.md say it
   in the same words; nobody else has any. Tests fail on a row without one, make each row
   happen, and type what the row advises. */
#ifndef VIEWS_REASON_H
#define VIEWS_REASON_H

#include "base/buf.h"
#include "servers/protocol.h"
#include "sim/shared.h"

struct command;

/* A firing that is asked about. */
struct why_case {
    const struct protocol *protocol;
    const struct rule *rule;
    const struct dialect *dialect; /* whose way of answering is spoken; NULL: our own */
    int before, after, event;
    enum outcome outcome;
    slice said, reply;         /* the client's line, the server's status line */
    const struct command *const
        *tables;               /* to know a prompt command that went astray; may be NULL */
    const struct world *world; /* to know names that are near; NULL: none is known */
    uint32_t conn;             /* its connection there; 0: none */
    uint32_t facts;            /* that hold of the session now */
    bool gone;                 /* it was typed, and the connection is closed since */
};

typedef bool reason_fits(const struct why_case *);

struct reason {
    const char *states, *event; /* "READY MAILED", "MAIL"; "*": any */
    enum outcome outcome;
    const char *says;    /* one sentence, true in these states; {word} and others: reason.c */
    const char *more;    /* what `why` adds, or NULL */
    const char *attempt; /* lines to type, parted by LF, each of which the table accepts; "": none
                            exists; NULL: what the line about the state offers first */
    reason_fits *fits;   /* a slip that lines of this row may show, above the row's own sentence;
                            NULL: all lines */
    unsigned belief;     /* the misconception that it corrects (lessons/misconception.h), or 0 */
};
struct reasons {
    const struct reason *rows;
    size_t count;
    const struct reasons *then; /* of the protocol whose rows it shares, below its own; or NULL */
};
extern const struct reasons smtp_reasons, pop3_reasons, imap_reasons, lmtp_reasons;

#define ROW(states, event, outcome, says, more, attempt) \
    { states, event, outcome, says, more, attempt, NULL, 0 }
#define SLIP(belief, fits, states, event, outcome, says, more, attempt) \
    { states, event, outcome, says, more, attempt, fits, belief }

/* What `more` says of our own server alone. */
#define NAMES_COLUMN "The server names the column where it stopped reading."

const struct reasons *reasons_of(const struct protocol *);
/* Is it for that cell of the table? */
bool reason_is_for(const struct reason *, const struct protocol *, int state, int event,
                   enum outcome);
/* The first that is for it and fits. NULL: there is none, which tests exclude. */
const struct reason *reason_of(const struct why_case *);
/* Add its parts, filled in; what a client sent is made safe for a terminal. */
void reason_says(struct buf *, const struct why_case *);
void reason_more(struct buf *, const struct why_case *);
void reason_attempt(struct buf *, const struct why_case *); /* lines, each ended by LF */
void reason_again(struct buf *, const struct why_case *); /* "telnet mail.campus.example 25" */

/* What the line or the reply shows. */
reason_fits slip_no_colon, slip_no_brackets, slip_near_user, slip_near_domain, slip_auth_login,
    slip_auth_plain, slip_asks_password, slip_bcc, slip_header_field, slip_hello, slip_prompt,
    slip_other_verb, slip_near_verb, slip_empty, slip_user_had_password, slip_login, slip_last,
    slip_case, slip_number, slip_sets_seen, slip_stores_deleted, slip_stores_word, slip_number_high,
    slip_no_tag, slip_only_tag, slip_no_command, slip_quit, slip_lacked,
    slip_shared, slip_bye, slip_kin_hello, slip_kin_verb, slip_mail_program;

/* Would somebody who types that to a server mean a command of the prompt? */
bool line_is_for_prompt(const struct command *const *tables, slice line);
/* The word that should be the command: IMAP's second. */
slice slip_word(const struct why_case *);
/* The name that was meant: a verb, a user, a domain, a mailbox. False: none is near. */
bool slip_near(const struct why_case *, struct buf *);
/* Some user of the server at the other end: "bo@campus.example". */
void slip_user(const struct why_case *, struct buf *);
/* The line with < and >, and with a domain if it has none. */
void slip_fixed(const struct why_case *, struct buf *);
/* "POP3 and IMAP": whose verb the word is. */
void slip_others(const struct why_case *, struct buf *);

#endif
