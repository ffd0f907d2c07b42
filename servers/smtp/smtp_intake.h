/* smtp_intake.h: how much of messages that are still being sent lies here, for each client
   address and in all. Nobody need log in to send one, and what is not finished is on the disk
   already: so it has a bound (RFC 5321 4.2.2: 452). */
#ifndef SERVERS_SMTP_SMTP_INTAKE_H
#define SERVERS_SMTP_SMTP_INTAKE_H

#include "base/slice.h"

struct intake_client {         /* one address, while a message of its is under way */
    struct intake_client *next;
    char address[64];
    uint32_t messages;
    uint64_t octets;
};
struct intake {              /* of one host; begins with the bounds and the rest zero */
    uint64_t client_max, all_max; /* octets */
    struct intake_client *first;
    uint64_t octets;
};

/* A message begins; NULL: there is no room for another one now. */
struct intake_client *intake_begin(struct intake *, slice address);
/* So many octets more. False: that is more than there is room for, and they do not count. */
bool intake_add(struct intake *, struct intake_client *, uint64_t octets);
/* It has ended, well or ill, and brought so many. */
void intake_end(struct intake *, struct intake_client *, uint64_t octets);

#endif
