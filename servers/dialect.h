/* dialect.h: how a named server was measured to answer, where it differs from our own: rows that
   are looked for before the base's, and manners that no row can say. The rows' states, events and
   handlers are the base's; so nothing is answered here that ours could not do. Nothing insecure is
   among them: where a server reads a message's end otherwise, it is told (struct told), and ours is
   done. Which dialects there are: servers/dialects/. */
#ifndef SERVERS_DIALECT_H
#define SERVERS_DIALECT_H

#include "servers/protocol.h"

#define NEVER UINT32_MAX
#define VERB(event) ((uint64_t)1 << (event))

/* Whom VRFY and EXPN tell who lives here. */
enum vouching {
    VOUCHES_NOT,      /* the same answer to all names */
    VOUCHES,          /* a name that nobody has is refused */
    VOUCHES_BRACKETS  /* only the form is looked at: <address> */
};

/* POP3: may a second session come in, and what becomes of a message that the first has removed? */
enum sharing {
    SHARES_NOT,       /* -ERR [IN-USE] */
    SHARES_GONE,      /* it is no message any more */
    SHARES_KEPT       /* it can be read until the session ends */
};

/* What is asked where a fixed value would stand. */
struct manners {
    uint32_t bad_commands_max; /* so many in a row: at the last the connection closes; or NEVER */
    uint32_t bad_strangers_max; /* the same before login; 0: no other number */
    uint32_t bad_logins_max;   /* wrong passwords */
    uint32_t slow_after, slow_ms; /* each answer to a bad command after so many is so late */
    uint32_t takes_lf;         /* LF alone ends a line, though never one of a message */
    uint32_t takes_bare_address; /* MAIL FROM:ana@campus.example */
    uint32_t no_codes;         /* RFC 2034's are not said */
    uint32_t vouches;          /* enum vouching */
    uint32_t shares_maildrop;  /* enum sharing */
    uint32_t takes_more_words; /* RETR 1 2: as RETR 1 */
    uint32_t keeps_inbox;      /* IMAP: RENAME INBOX is refused */
    uint32_t top_lines_max;    /* of TOP; 0: any number */
};

/* One row that differs. */
struct dialect_row {
    struct rule rule;
    const char *note; /* what the RFC says to both answers, or whatever explains it; or NULL */
};

/* What it does and no row says: it is told, and never done here. */
struct told {
    const char *probes; /* "S16a S16b": of the measurement */
    const char *does;   /* a sentence */
    const char *ours;   /* what is done here, and why */
};

struct dialect {
    uint8_t number;               /* never given twice: it stands in the trace */
    const char *name;             /* "postfix" */
    const char *title;            /* "Postfix 3.7" */
    const char *version;          /* of the package that was measured */
    const char *measured;         /* "2026-11-30" */
    const struct protocol *protocol;
    const struct dialect_row *rows;
    size_t row_count;
    const struct capability *capabilities; /* in place of the base's: fewer, or in another order */
    size_t capability_count;
    const char *const *meanings;  /* of states, where the base's are not true of it; or NULL */
    size_t line_max;              /* 0: as the base */
    uint64_t lacks;               /* verbs that it does not know */
    uint64_t ignores, refuses;    /* verbs behind which words are not looked at, or not allowed */
    struct manners manners;
    const struct told *told;
    size_t told_count;
};

/* The protocol as that server speaks it. */
struct protocol dialect_protocol(const struct protocol *base, const struct dialect *);
/* The row of the overlay alone. NULL: the base answers. */
const struct rule *dialect_rule(const struct dialect *, int state, int event, enum outcome);
/* How it is done where that protocol is spoken so; never NULL. */
const struct manners *protocol_manners(const struct protocol *);

/* What is wrong with the overlay, if anything: a row that says what the base says, two for one
   cell, a verb allowed without an answer to each of its outcomes. */
bool dialect_lint(const struct dialect *, struct error *why) MUST_CHECK;

#endif
