/* mime_type.h: for mime.c only: reads the Content-… fields of one header block. */
#ifndef SERVERS_MAIL_MIME_TYPE_H
#define SERVERS_MAIL_MIME_TYPE_H

#include "servers/mail/mime.h"

/* Fills what the fields say; what is absent or malformed is left alone. */
void mime_fields_read(struct arena *, struct mime_part *, slice header);

#endif
