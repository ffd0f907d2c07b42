/* session.h: one server's end of one conversation. Octets in, octets out; no I/O.
   The only code that changes a session's state. Handlers use the second half. */
#ifndef SERVERS_SESSION_H
#define SERVERS_SESSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "servers/protocol.h"
#include "servers/services.h"

struct user;
struct manners;

/* What comes next from the client, for a prompt that shows it. */
enum expects {
    EXPECTS_COMMAND,
    EXPECTS_BODY,
    EXPECTS_LITERAL,
    EXPECTS_ANSWER,
    EXPECTS_DONE,
    EXPECTS_NOTHING
};

/* Where the reader stands, by the octets just seen. */
enum reader_at {
    READ_LINE,             /* part of a line (a command, an answer, DONE), or nothing yet */
    READ_LINE_TOO_LONG,    /* likewise, and more than the limit: only its end is kept */
    READ_LINE_DROPPED,     /* behind a literal of a refused command: only its end is kept */
    READ_LITERAL,          /* {n} CRLF: the next octets belong to the command */
    READ_LITERAL_STREAMED, /* likewise, and go to protocol->octets */
    READ_LITERAL_DROPPED,  /* {n+} CRLF of a refused command, whose line goes on behind them */
    READ_CHUNK,            /* BDAT n CRLF (RFC 3030 2): the next octets are a message's */
    READ_CHUNK_DROPPED,    /* likewise, of a BDAT that was refused */
    READ_BODY_START,       /* CRLF, or nothing yet: a dot here is stuffing, or the end */
    READ_BODY_DOT,         /* CRLF . (RFC 5321 4.1.1.4) */
    READ_BODY_DOT_CR,      /* CRLF . CR */
    READ_BODY_TEXT,        /* anything else */
    READ_BODY_CR,          /* text CR */
    READ_NOTHING           /* the connection closes: nothing is read */
};

struct session_reader {     /* private to session_read.c */
    struct buf line;        /* the unfinished line; with literals, the whole command so far */
    size_t line_start;      /* where in `line` the current line of such a command starts */
    enum reader_at at;
    uint64_t counted_left;  /* octets of a literal or chunk that are still to come */
    uint32_t literal_count; /* in this command */
    bool after_cr;          /* the last octet was a CR */
    bool bare;              /* this line or body holds a CR or LF alone, or a NUL */
};

typedef enum outcome stream(struct session *);

struct session {
    const struct protocol *protocol; /* as this host speaks it: see dialect.h */
    struct services *services;
    uint64_t id;               /* the connection's number, for the trace */
    int state;                 /* read it, never set it */
    uint32_t facts;
    char peer_name[256];       /* the client's host name and address, as the network knows them */
    char peer_address[64];
    int64_t user;              /* store's user id, 0 before login */
    int64_t watches;           /* the mailbox whose changes it wants to be told at once, or 0 */
    void *own;                 /* the protocol's part */

    struct arena arena;        /* lives as long as the session */
    struct arena scratch;      /* lives until the running command ends */
    struct buf out;            /* said; */
    size_t out_sent;           /* of it, so many octets were taken */
    uint64_t commit_turn; /* the store's turn in which it last said what that turn must keep */
    struct buf data;           /* session_data's lines, until the status is written */

    stream *streaming;         /* set by session_stream while a command goes on */
    bool paused;               /* it goes on later, whatever drains or comes */
    bool late;                 /* the status comes behind what is streaming */
    uint32_t spent_ns;         /* session_spend, since others had their turn, */
    uint64_t spent_ms;         /* … in this millisecond */
    bool has_turn;             /* it queued up, and this is its piece */
    int running;               /* the event that has not ended (OUT_MORE, or delayed), or 0 */
    enum outcome delayed;      /* of it, while its answer is kept back; OUT_OK: it is not */
    slice detail, code;        /* for {detail} and {code}; in scratch */
    uint32_t bad_commands, bad_logins;
    bool discards;             /* TLS has just begun: what is in hand came before it */
    struct firing last;        /* the last one; last.rule NULL before the first */
    struct session_reader reader;
};

/* --- for whoever holds the session ------------------------------------------------ */

/* Begin one and greet, in the host's dialect if it has one. The services outlive it. `facts`:
   FACT_SUBMISSION, FACT_TLS … */
struct session *session_open(const struct protocol *, struct services *, uint64_t id,
                             uint32_t facts, slice peer_name, slice peer_address);
void session_free(struct session *);

/* Feed octets. Returns how many were taken; the rest must be offered again after
   output has been taken (a command goes on) and never if the session has closed. What
   stands behind a STARTTLS that was accepted counts as taken: it is thrown away. */
size_t session_input(struct session *, slice octets);
slice session_output(const struct session *);      /* valid until the next call */
void session_sent(struct session *, size_t octets);/* so many were taken; goes on with what runs */
void session_resume_delayed(struct session *);     /* services->delay is over */
void session_go_on(struct session *);              /* services->later: others had their turn */
void session_timeout(struct session *);            /* nothing came for protocol->idle_ms */
void session_shutdown(struct session *);           /* the server goes down; not while it is busy */
void session_lost(struct session *);               /* the connection is gone; nothing can be said */
void session_changed(struct session *);            /* somebody changed what it watches */
/* Has it said in this turn of the store what only a commit makes true? Else what it said may go
   before: all of it is answers to events with EVENT_BEFORE_COMMIT that changed nothing. */
bool session_awaits_commit(const struct session *);
bool session_is_closed(const struct session *);    /* send what is left, then close */
bool session_is_busy(const struct session *);      /* takes no input now */
enum expects session_expects(const struct session *, uint64_t *octets_left);

/* --- for handlers ----------------------------------------------------------------- */

/* fills {detail} */
void session_detail(struct session *, const char *format, ...) PRINTF_LIKE(2, 3);
void session_code(struct session *, const char *format, ...) PRINTF_LIKE(2, 3);   /* fills {code} */
/* One line, without CRLF, that is said with the status: after it in SMTP and POP3,
   before it in IMAP. CR, LF and NUL in it become '?'. */
void session_data(struct session *, const char *format, ...) PRINTF_LIKE(2, 3);
/* Octets, as they are, right into the output: for streams and for IMAP's untagged responses. */
void session_write(struct session *, slice);
/* Then return OUT_MORE. The function is called until it returns something else than
   OUT_MORE; each call writes a piece, stopping at OUTPUT_HIGH_WATER. In status_first
   protocols the row for OUT_OK is said before the first call; else the row for
   the stream's last outcome is said after it. */
void session_stream(struct session *, stream *);
/* Likewise; but in all protocols the row for the stream's last outcome is said after it. */
void session_stream_late(struct session *, stream *);
bool session_output_is_high(const struct session *);
/* A stream that has worked for a while and has more to do: before it is called again others have
   their turn. Then return OUT_MORE. */
void session_pause(struct session *);
/* What was just done took about so many nanoseconds, counted by what was read and written and not
   by a clock, so that the same session does the same. Once it is a piece's worth (PIECE_NS) a
   stream should return OUT_MORE; the engine lets others in before it is called again. */
void session_spend(struct session *, uint64_t ns);
bool session_is_spent(const struct session *);
void session_fact(struct session *, uint32_t fact, bool holds);
/* What this server does where it could do otherwise (dialect.h); never NULL. */
const struct manners *session_manners(const struct session *);
/* the body that just ended held a CR or LF alone, or a NUL */
bool session_body_is_bare(const struct session *);

/* --- between session.c and session_read.c ------------------------------------------ */

void session_dispatch(struct session *, int event, slice args);
void session_conclude(struct session *, int event, enum outcome);
void session_answer(struct session *, enum outcome);
size_t session_read(struct session *, slice octets);
void session_read_reset(struct session *);  /* behind a change to a state that reads otherwise */

/* Is it to be advertised now, in that state? Hosts may keep one to themselves (policy.h). */
bool session_offers(const struct session *, const struct capability *, int state);

#endif
