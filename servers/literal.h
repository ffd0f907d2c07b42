/* literal.h: what a line of IMAP says at its end about octets that follow it (RFC 3501 4.3,
   RFC 7888): {n} and {n+}. Read by the engine, by our client, and by
   whoever reads a conversation afterwards. */
#ifndef SERVERS_LITERAL_H
#define SERVERS_LITERAL_H

#include "base/slice.h"

/* Does the line, without its CRLF, end in {n} or {n+}? Then *octets is n, and *waits tells {n}:
   its octets come only when they are asked for. False: both are as they were, or of no meaning. */
bool literal_announced(slice line, uint64_t *octets, bool *waits);
/* Of lines that come one after the other, `length` octets each: is this one text of a literal that
   an earlier one announced? *left: the octets of it still to come, at first 0. */
bool literal_goes_on(slice line, uint64_t length, uint64_t *left);

#endif
