/* reread.h: what IMAP servers said in a trace, read once more by the strict parser of
   response.h: for tests that do not hold the session in their hands. */
#ifndef TESTS_TRANSCRIPTS_REREAD_H
#define TESTS_TRANSCRIPTS_REREAD_H

#include "base/error.h"
#include "sim/net/trace.h"

struct reread;

struct reread *reread_new(void);
void reread_free(struct reread *); /* NULL is allowed */
/* A connection speaks this protocol; only "imap" is read. */
void reread_opened(struct reread *, uint32_t conn, slice protocol);
/* A line that its server said. A line that the trace has cut ends the reading of that
   connection. False: a violation. */
bool reread_line(struct reread *, uint32_t conn, slice line, bool cut, struct error *why);
uint64_t reread_lines(const struct reread *); /* read so far */
/* All that a trace holds; adds to *lines how many were read. */
bool reread_trace(const struct trace *, uint64_t *lines, struct error *why);

#endif
