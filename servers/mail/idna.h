/* idna.h: domains with letters beyond ASCII as the name service has them: each label that needs
   it as "xn--" and Punycode (RFC 5890, RFC 3492). ASCII letters become small; what else RFC 5891
   forbids in a label is not looked for: a name that was never registered is found nowhere. */
#ifndef SERVERS_MAIL_IDNA_H
#define SERVERS_MAIL_IDNA_H

#include "base/buf.h"
#include "base/slice.h"

/* Appends the ASCII form; an address literal stays as it is. False: no UTF-8, an empty label, or
   one of more than 63 octets. */
bool domain_ascii(struct buf *, slice domain);
/* "local@domain" with the domain in ASCII. False: the local part itself is not ASCII, or the
   domain has no such form. */
bool address_ascii(struct buf *, slice address);

#endif
