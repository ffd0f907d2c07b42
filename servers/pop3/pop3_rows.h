/* pop3_rows.h: the names that a row of POP3's table is written with: states and verbs. For
   pop3_table.c and the dialects; everybody else asks the protocol. */
#ifndef SERVERS_POP3_POP3_ROWS_H
#define SERVERS_POP3_POP3_ROWS_H

#include "servers/pop3/pop3.h"

enum { AUTHORIZATION, AUTHENTICATING, TRANSACTION, UPDATE, CLOSED };

enum {
    EV_USER = EV_VERBS, EV_PASS, EV_APOP, EV_AUTH, EV_CAPA, EV_STAT, EV_LIST, EV_UIDL, EV_RETR,
    EV_TOP, EV_DELE, EV_NOOP, EV_RSET, EV_QUIT, EV_STLS
};

#define TALKING (IN(AUTHORIZATION) | IN(TRANSACTION))
#define OPEN (TALKING | IN(AUTHENTICATING))
#define ALWAYS (IN(AUTHORIZATION) | IN(TRANSACTION))

/* What the states mean where a second session is let in. */
#define SHARED_MEANINGS \
    { [TRANSACTION] = "the maildrop is open, and may be open in other sessions too", \
      [CLOSED] = NULL }

#endif
