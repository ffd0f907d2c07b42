/* structure_check.h: a strict reader of ENVELOPE and BODYSTRUCTURE, written from the
   grammar of RFC 3501 9, that compares what they say with the message itself. */
#ifndef TESTS_UNIT_STRUCTURE_CHECK_H
#define TESTS_UNIT_STRUCTURE_CHECK_H

#include "base/error.h"
#include "servers/mail/summary.h"

/* Is all of it well-formed, are all sizes and lines true, do all parts lie in the text?
   `why` says what is not. */
bool structure_check(slice text, const struct message *message, struct error *why);

#endif
