/* said.h: which line led to a firing, and what was said to it: looked up in the trace. */
#ifndef VIEWS_SAID_H
#define VIEWS_SAID_H

#include "sim/net/trace.h"
#include "servers/protocol.h"

/* The last firing about something that the client sent (or the greeting). NULL: none. */
const struct trace_record *said_last_firing(const struct trace *, uint32_t conn);
/* The client's line that the firing is about: the nearest one before it that has the verb;
   without such a one the nearest. Empty: none is kept. */
slice said_by_client(const struct trace *, const struct trace_record *firing,
                     const struct protocol *);
/* The status line that answered it; IMAP's with its label. Empty: nothing came, or which one it was
   is no longer known. typed: by a person, line by line. */
slice said_by_server(const struct trace *, const struct trace_record *firing,
                     const struct protocol *, bool typed);

#endif
