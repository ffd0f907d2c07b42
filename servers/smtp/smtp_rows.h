/* smtp_rows.h: the names that a row of SMTP's table is written with: states and verbs. For
   smtp_table.c and the dialects; everybody else asks the protocol. */
#ifndef SERVERS_SMTP_SMTP_ROWS_H
#define SERVERS_SMTP_SMTP_ROWS_H

#include "servers/smtp/smtp.h"

enum { CONNECTED, READY, MAILED, ADDRESSED, DATA, CHUNK, CHUNKED, AUTHENTICATING, CLOSED };

enum {
    EV_EHLO = EV_VERBS, EV_HELO, EV_MAIL, EV_RCPT, EV_DATA, EV_RSET, EV_NOOP, EV_QUIT,
    EV_VRFY, EV_EXPN, EV_HELP, EV_AUTH, EV_STARTTLS, EV_BDAT
};

#define GREETED (IN(READY) | IN(MAILED) | IN(ADDRESSED) | IN(CHUNKED))
#define TALKING (IN(CONNECTED) | GREETED)

#endif
