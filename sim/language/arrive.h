/* arrive.h: what comes into the world through real sockets, each thing as a line of the language.
   Whoever plays the lines comes to the same trace.

       arrive 0 on mail.campus.example at 1767603600000 chance 712 keeping link plain
       arrive 15 opens 1 port 143
       arrive 17 says 1 "a1 NOOP\r\n"
       arrive 17 takes 1 512
       arrive 20 ends 1               (the client has said all)
       arrive 21 breaks 1             (the client is gone)
       arrive 21 secures 1 "TLSv1.3"  (TLS is on; or `fails`, and why)
       arrive 21 happens              (what is due; the turn goes on)
       arrive 21 works                (one piece of long work)
       arrive 21 keeps                (the turn: nothing of it was said before)
       arrive 21 loses                (the same, but it could not be kept)
       arrive 21 refuses room         (changes, from here on, for want of room)
       arrive 25 recovers             (they are taken again)
       arrive 30 parts                (the servers go down)
       arrive 31 off

   The first number is the time, in milliseconds of the world's trace. A line of a later time
   than the one before first lets happen what is due until then, and nothing later; `happens` and
   `keeps` do so again. "1" is the connection's number. */
#ifndef SIM_LANGUAGE_ARRIVE_H
#define SIM_LANGUAGE_ARRIVE_H

#include "sim/language/command.h"

/* Every line of what was done, for whoever keeps a record; NULL ends it. */
typedef void arrive_line(void *context, slice line);
void arrive_record(struct world *, arrive_line *, void *context);

bool command_arrive(struct call *);          /* plays one line */

#endif
