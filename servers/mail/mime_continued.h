/* mime_continued.h: for mime_type.c only: parameters that come in pieces. */
#ifndef SERVERS_MAIL_MIME_CONTINUED_H
#define SERVERS_MAIL_MIME_CONTINUED_H

#include "servers/mail/mime.h"

/* RFC 2231 3 and 4.1: name*0, name*1 … become one name where the first stood; with encoded
   pieces (name*0*) they become name*, and what was not encoded is. RFC 2231 6 asks this of
   IMAP servers. A piece whose first is missing stays as it is. */
void parameters_join(struct arena *, struct mime_parameter *, size_t *count);

#endif
