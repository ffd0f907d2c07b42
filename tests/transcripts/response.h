/* response.h: reads what an IMAP server says, strictly, by the grammar of RFC 3501
   section 9 and of the extensions that imap_table.c offers. A second opinion on the
   response writer: it shares no code with servers/imap. It also keeps the client's book:
   EXISTS shrinks only by EXPUNGE, VANISHED or another SELECT, numbers stay within EXISTS,
   a message keeps its UID. */
#ifndef TESTS_TRANSCRIPTS_RESPONSE_H
#define TESTS_TRANSCRIPTS_RESPONSE_H

#include "base/error.h"
#include "base/slice.h"

struct response;

struct response *response_new(void);
void response_free(struct response *); /* NULL is allowed */
/* Octets as the server says them, cut anywhere. False: a violation; why names it and
   quotes the place. After that every call returns false. */
bool response_feed(struct response *, slice octets, struct error *why);
/* The server says no more for now. False: a response has begun and not ended. */
bool response_rest(struct response *, struct error *why);

#endif
