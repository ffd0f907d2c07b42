/* keys.h: single keys from the terminal, for a stage before people: no Enter, no echo. */
#ifndef REPL_KEYS_H
#define REPL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <termios.h>

struct keys {
    struct termios before;           /* how the terminal was */
};

enum { KEY_LEAVE = -1, KEY_NEXT = -2, KEY_BACK = -3, KEY_NONE = -4 };

bool keys_open(struct keys *);            /* false: standard input is no terminal */
void keys_begin(const struct keys *);     /* from here on single keys */
void keys_end(const struct keys *);       /* lines again */
/* One key: an octet, or one of the above. Space, Enter, an arrow and what a presenter's remote
   sends are NEXT and BACK; Esc, Ctrl-D and a signal LEAVE. NONE: the window has changed, or the
   program went on after a stop. */
int key_read(const struct keys *);
/* A line that is typed, echoed to `out`; empty: nothing. A remote's next key ends it as Enter does.
   False: Esc or Ctrl-C, nobody wants to be asked. */
bool keys_line(FILE *out, char *line, size_t size);

#endif
