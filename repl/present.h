/* present.h: lines that were written beforehand, typed key by key into the live world, for people
   who look on. */
#ifndef REPL_PRESENT_H
#define REPL_PRESENT_H

#include "repl/repl.h"

/* The solution of the lesson that the repl stands in. USAGE: there is no terminal; it was told. */
enum exit_code present_lesson(struct repl *, struct sitting *);
/* The lines of a script, in the repl's world. Its comments are shown as words. */
enum exit_code present_text(struct repl *, slice text);

#endif
