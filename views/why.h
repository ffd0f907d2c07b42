/* why.h: the command `why`: explains the last reply from the rule that fired, the code
   and the RFC. The same for a firing given by whoever asks: for tests. */
#ifndef VIEWS_WHY_H
#define VIEWS_WHY_H

#include "base/buf.h"
#include "sim/language/command.h"
#include "sim/net/trace.h"
#include "views/reason.h"

struct conn;

/* conn: the firing's own, of a protocol of ours. */
void why_case_of(struct why_case *, const struct world *, const struct conn *,
                 const struct trace_record *firing);
/* The rule that fired at that record (NULL: none). False: there is none. */
bool why_about(const struct world *, const struct trace_record *, struct why_case *);
/* The last one on the device's typed connection. */
bool why_last(const struct world *, const struct device *, struct why_case *);
void why_explain(struct buf *, const struct why_case *);

#endif
