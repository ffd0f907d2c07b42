/* language.h: is a translation whole? It knows all who say something: lessons, the course's
   sentences, the tables of protocols and commands, and what the code marks with SAID. */
#ifndef REPL_LANGUAGE_H
#define REPL_LANGUAGE_H

#include "lessons/language.h"

/* What is missing, and who says it (course, program, command, smtp, pop3, imap); what nobody says
   or has other {…} than the English: a line each. The number of the latter, which are faults. */
size_t language_check(const struct language *, struct buf *report);

extern const char *const said_in_code[]; /* made by said.awk; ends with NULL */

#endif
