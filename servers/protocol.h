/* protocol.h: a protocol is a table of rules. One row says: in these states, on this
   event, with this outcome -> send this reply, go to this next state, as this RFC
   section says. session.c executes the rows; help, states, why, the lessons and the
   tests read the same rows. Nothing else knows the state machine.
   Read this page first, then session.h. */
#ifndef SERVERS_PROTOCOL_H
#define SERVERS_PROTOCOL_H

#include "base/error.h"
#include "base/slice.h"

struct session;
struct dialect;

#define IN(state) (1u << (state))
#define STAY 255            /* next: the state does not change */
#define STATES_MAX 16

/* Events that are no verbs, shared by all protocols; a protocol's own verbs follow
   from EV_VERBS on. EV_ANY stands only in rows: any event that has no row of its own. */
enum {
    EV_ANY,
    EV_OPENED,   /* the connection stands: greet */
    EV_LINE,     /* a piece of a body's line */
    EV_DOT,      /* the line that ends a body */
    EV_ANSWER,   /* a line in answer to a challenge (SASL) */
    EV_DONE,     /* the line that ends IDLE */
    EV_LITERAL,  /* {n} announces octets */
    EV_TIMEOUT,  /* nothing came for too long */
    EV_SHUTDOWN, /* the server goes down */
    EV_LOST,     /* the connection is gone */
    EV_RAISED,   /* by the state itself, until another is entered: see struct state */
    EV_CHUNK,    /* the last of the octets that BDAT announced */
    EV_TLS,      /* a TLS ClientHello where no TLS has been begun */
    EV_UNKNOWN,  /* a line that is no command of this protocol */
    EV_VERBS
};

/* What a handler, or the engine before it, makes of an event. */
enum outcome {
    OUT_OK,
    OUT_MORE,          /* not ended: session_stream is set; call it when output has drained */
    OUT_SYNTAX,        /* the form is wrong */
    OUT_WRONG_TIME,    /* a good command at the wrong moment; never runs the handler */
    OUT_UNKNOWN,       /* no such command */
    OUT_UNSUPPORTED,   /* a known word with a parameter that is not offered here */
    OUT_TOO_LONG,      /* the line was longer than the limit */
    OUT_TOO_BIG,       /* a message or literal larger than the limit */
    OUT_TOO_MANY,      /* one more than the limit (recipients, bad commands) */
    OUT_NEEDS_LOGIN,
    OUT_NEEDS_USER,    /* POP3: PASS before USER */
    OUT_NEEDS_TLS,
    OUT_NEEDS_UTF8,    /* an address with letters of the world, and no SMTPUTF8 */
    OUT_READ_ONLY,     /* IMAP: the mailbox was opened by EXAMINE */
    OUT_BAD_LOGIN,     /* unknown name or wrong password: one outcome, so that nobody can tell */
    OUT_CONTINUE,      /* a challenge goes out, an answer is awaited */
    OUT_CANCELLED,     /* the client gave up a SASL exchange */
    OUT_NO_SUCH,       /* no such mailbox, message or user */
    OUT_EXISTS,        /* it is there already */
    OUT_REFUSED,       /* known, well-formed, and not allowed */
    OUT_TRY_LATER,     /* not now: greylisting */
    OUT_OVER_QUOTA,    /* the user's mailboxes would hold more than they may */
    OUT_IN_USE,        /* another session holds the maildrop */
    OUT_BARE_NEWLINE,  /* a CR or LF alone, or a NUL, where only CRLF ends a line */
    OUT_LOOP,          /* too many hops */
    OUT_NOTHING,          /* it went well and there was nothing (to mark, to return to) */
    OUT_TOO_MANY_ERRORS, /* too many bad commands or passwords: the server closes the connection */
    OUT_POLICY,       /* this host was set to refuse the verb (see policy.h) */
    OUT_FAILED,        /* the environment failed: disk, database */
    OUT_NO_ROOM,       /* likewise, for want of room; where no row has it, OUT_FAILED's */
    OUT_MARKED,        /* POP3: DELE has marked the message in this session */
    OUTCOMES
};
const char *outcome_name(enum outcome);      /* "WRONG_TIME" */
const char *outcome_words(enum outcome);     /* "wrong moment": for people */
bool outcome_named(slice name, enum outcome *);

/* Facts: what an event may need, and what would multiply the states. Bits. */
enum {
    FACT_TLS = 1 << 0,
    FACT_SUBMISSION = 1 << 1,  /* SMTP: port 587; else the relay's port 25 */
    FACT_LOGIN = 1 << 2,       /* SMTP: AUTH succeeded */
    FACT_USER = 1 << 3,        /* POP3: USER was given */
    FACT_WRITABLE = 1 << 4,    /* IMAP: selected, not examined */
    FACT_EXTENDED = 1 << 5,    /* SMTP: greeted by EHLO, not HELO */
    FACT_REQUIRE_TLS = 1 << 6, /* the host says so: no password before TLS is on */
    FACT_STARTTLS = 1 << 7     /* this server can begin TLS on this connection */
};

/* How the reader cuts the octets that come in a state. */
enum reads {
    READS_COMMAND,  /* a line, with literals where the protocol has them */
    READS_BODY,     /* dot-stuffed lines up to the lone dot: LINE, DOT */
    READS_OCTETS,   /* as many as were announced: LINE, CHUNK */
    READS_ANSWER,   /* a line: ANSWER */
    READS_DONE,     /* a line: DONE, whatever it says */
    READS_NOTHING
};

/* How its lines look, whatever they mean. Protocols of one form have one reader of replies. */
enum form {
    FORM_DIGITS, /* "250 Ok"; "250-" goes on: SMTP and kin, whose sessions own a struct smtp */
    FORM_SIGN,   /* "+OK …", "-ERR …": POP3 */
    FORM_TAG     /* "a1 OK …", "* …": IMAP */
};

struct state {
    const char *name;     /* "READY" */
    const char *meaning;  /* ends "In READY …": "there is no message yet" */
    enum reads reads;
    bool raises;          /* EV_RAISED on entering it, and behind each answer that stays in it */
    bool usual;           /* on the way that most sessions take, in this order: drawn as a line */
};

/* Does what the verb means and says how it went. Prints no status line, knows no state.
   args are valid until it returns: what a stream needs later is copied to scratch. */
typedef enum outcome handler(struct session *, slice args);

enum {
    EVENT_CHANGES = 1, /* may change the store */
    EVENT_UID = 2,     /* may follow UID */
    EVENT_SEALS = 4,   /* behind its OK TLS begins: session.c's session_seal */
    EVENT_BEFORE_COMMIT =
        8 /* its answer tells nothing that the store holds: see session_awaits_commit */
};

struct event {
    const char *verb;     /* as typed; for events that are no verbs their name: "DOT" */
    const char *sample;   /* a line that means it: help shows it, tests type it */
    const char *meaning;  /* ends "RCPT …": "adds an address to the message" */
    handler *run;         /* NULL: always OUT_OK */
    uint32_t when, needs; /* while all of `when` hold, one of `needs` missing means `lacking` */
    uint8_t lacking;      /* an outcome; the handler is not run */
    uint8_t flags;
};

struct rule {
    uint32_t from;        /* states: IN(…) | IN(…) */
    uint8_t event;
    uint8_t outcome;
    const char *reply;    /* may hold {code} and {detail}; NULL: nothing is said */
    uint8_t next;         /* a state, or STAY */
    const char *rfc;      /* "5321 4.1.1.2" */
};

/* What is advertised, and the events it brings (0 ends the list early). */
struct capability {
    const char *token;    /* "SIZE 33554432" */
    uint32_t states;      /* in which it is advertised */
    uint32_t needs, lacks;/* facts that must, and must not, hold */
    uint8_t events[6];
};

struct code {
    const char *text;     /* "503", "-ERR", "NO", "[IN-USE]" */
    const char *meaning;  /* a sentence for people */
};

struct protocol {
    const char *name;     /* "smtp" */
    const char *title;    /* "SMTP" */
    const char *rfc;      /* "5321" */
    enum form form;
    const struct state *states;
    size_t state_count;
    const struct event *events;           /* by number; unused numbers have no verb */
    size_t event_count;
    const struct rule *rules;
    size_t rule_count;
    const struct capability *capabilities;
    size_t capability_count;
    const struct code *codes;
    size_t code_count;
    uint8_t first, closed;                /* states */
    size_t line_max;                      /* octets of a line without CRLF */
    uint32_t idle_ms;                     /* TIMEOUT after this much silence */
    size_t own_bytes; /* the protocol's part of a session, zeroed at the start */
    bool status_first; /* data follows the status line (SMTP, POP3) or precedes it (IMAP) */

    /* Lexical, below the table. read: which event is this line, and with what
       arguments (slices into the line)? status: write one status line, and what
       session_data holds, in the protocol's form. */
    int (*read)(struct session *, slice line, slice *args);
    void (*status)(struct session *, slice text);
    /* IMAP only, else NULL. A line ended in {n} or {n+}: OUT_OK takes the octets (into
       the command, or, if *streams is set, to `octets` piece by piece), anything else
       refuses them. `octets` returning false means: swallow the rest. */
    enum outcome (*literal)(struct session *, slice so_far, uint64_t n, bool waits, bool *streams);
    bool (*octets)(struct session *, slice piece);
    /* SMTP only, else NULL. Is this command's line followed by counted octets, whatever is
       answered to it? They are LINEs and a CHUNK if it leads to READS_OCTETS, else swallowed. */
    bool (*chunk)(struct session *, slice line, uint64_t *octets);
    /* A command's line is refused for its form: what stands at its front may be kept for the
       answer (IMAP: the tag). NULL: nothing is. */
    void (*began)(struct session *, slice front);
    /* Others changed what this session looks at, or it may be told now: called too when a state
       is entered and when all output has drained. NULL: it is never told. */
    void (*changed)(struct session *);
    void (*end)(struct session *); /* free what `own` holds outside the arenas; may be NULL */

    /* Whose way of answering it is spoken in; NULL: our own. See dialect.h. */
    const struct dialect *dialect;
};

/* The row for it: a specific row wins over EV_ANY's, and a dialect's rows are looked for first. The
   only place that knows so. NULL: there is none. */
const struct rule *protocol_rule(const struct protocol *, int state, int event, enum outcome);
/* Would the event be run in this state? (Not: would it succeed.) */
bool protocol_allows(const struct protocol *, int state, int event);
/* Is the word ever advertised? */
bool protocol_has_word(const struct protocol *, slice word);
/* EV_UNKNOWN if it is none; case does not matter */
int protocol_verb(const struct protocol *, slice verb);
int protocol_state(const struct protocol *, slice name);       /* -1: no such state */
const char *protocol_event_name(const struct protocol *, int event);
/* Is it the same protocol, however it is spoken? */
bool protocol_is(const struct protocol *, const struct protocol *base);
/* All rows by number, the dialect's behind the base's. NULL: there is no such. */
const struct rule *protocol_row(const struct protocol *, size_t number);
/* A number for the trace: the row's, and whose dialect was spoken, whether the row is its own or
   not. Back: servers/dialects/dialects.h. */
#define ROW_BITS 10
uint16_t protocol_row_number(const struct protocol *, const struct rule *);
/* "the maildrop is open and yours alone", and what is true of the dialect instead. */
const char *protocol_state_meaning(const struct protocol *, int state);
/* the longest code that the reply begins with, or NULL */
const char *protocol_code_meaning(const struct protocol *, slice reply);
bool capability_holds(const struct capability *, int state, uint32_t facts);
/* What is wrong with the table, if anything: two rows for one cell and outcome, an
   unreachable state, a row without an RFC, an event without sample or meaning. */
bool protocol_lint(const struct protocol *, struct error *why) MUST_CHECK;

#endif
