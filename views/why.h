/* why.h: the command `why`: explains the last reply from the rule that fired, the code
   and the RFC. The same for a firing given by whoever asks: for tests. */
#ifndef VIEWS_WHY_H
#define VIEWS_WHY_H

#include "base/buf.h"
#include "servers/protocol.h"
#include "sim/language/command.h"
#include "sim/net/trace.h"

struct why_case {
    const struct protocol *protocol;
    const struct rule *rule;
    int before, after, event;
    enum outcome outcome;
    slice said, reply;                    /* the client's line, the server's status line */
    const struct command *const
        *tables; /* to know a prompt command that went astray; may be NULL */
};

/* The rule that fired at that record (NULL: none). False: there is none. */
bool why_about(const struct world *, const struct trace_record *, struct why_case *);
/* The last one on the device's typed connection. */
bool why_last(const struct world *, const struct device *, struct why_case *);
void why_explain(struct buf *, const struct why_case *);
/* What it says behind "Cause", in one line. `reply` may be empty. */
void why_cause(struct buf *, const struct why_case *);

#endif
