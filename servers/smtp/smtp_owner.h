/* smtp_owner.h: whose mailbox an address is, to this host. RCPT, quotas and reports ask here and
   nowhere else, so that what may be written to can also be answered. An address is taken in any
   of its forms: case, quotes (RFC 5321 4.1.2), the host's own name, an address literal (4.1.3),
   a domain in Unicode (RFC 6531 3.3), postmaster with and without a domain (4.5.1). */
#ifndef SERVERS_SMTP_SMTP_OWNER_H
#define SERVERS_SMTP_SMTP_OWNER_H

#include "servers/services.h"

enum owner {
    OWNER_USER,        /* *user has it */
    OWNER_NOBODY,      /* the domain is ours, and nobody here has the name */
    OWNER_ELSEWHERE    /* another host's affair */
};

/* `address` without brackets and source route. *user is 0 but for OWNER_USER. */
enum owner smtp_owner(struct services *, slice address, int64_t *user);
/* Who gets postmaster's mail: who is called so, else the host's first user. A host that has no
   user at all is given one for it, into whose mailbox nobody can log in. 0: the store failed. */
int64_t smtp_postmaster(struct services *);

#endif
