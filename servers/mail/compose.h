/* compose.h: the lines of a message that is written here: short enough for every server, in ASCII
   where headers must be (RFC 5322 2.1.1, 2047, 2231, 2045). Texts are UTF-8 without controls. */
#ifndef SERVERS_MAIL_COMPOSE_H
#define SERVERS_MAIL_COMPOSE_H

#include "base/buf.h"
#include "base/slice.h"

#define COMPOSE_LINE 78            /* RFC 5322 2.1.1: SHOULD */
#define COMPOSE_LINE_MAX 998       /* … and MUST, without CRLF */

bool compose_is_ascii(slice text);

/* "Subject: …": folded at blanks; in encoded words if it is not ASCII, would be read as one, or
   has a word longer than a line. */
void compose_text_field(struct buf *, const char *name, slice text);
/* "From: Name <address>"; without a name the address alone. */
void compose_person_field(struct buf *, const char *name, slice person, slice address);
/* "To: …": a line ends behind a comma. */
void compose_addresses_field(struct buf *, const char *name, slice addresses);
/* "; name=…" behind a field's value: RFC 2231 if it is not ASCII or long. */
void compose_parameter(struct buf *, const char *name, slice value);
/* "text/plain": its fields, the empty line, and the text: as it stands, or in quoted-printable if
   a line of it is too long. */
void compose_text_part(struct buf *, const char *subtype, slice text);

#endif
