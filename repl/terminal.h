/* terminal.h: the one door to a terminal. Nothing else in the program writes to standard output
   or standard error (tests/checks/terminal.sh); readline draws the line that is typed, under a
   prompt that came through views/clean. What passes here holds no control but line ends and the
   colours that views set, so no name, story, world or message can steer a terminal. Streams are
   not flushed here. */
#ifndef REPL_TERMINAL_H
#define REPL_TERMINAL_H

#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"

/* Before anything is printed: which characters the terminal reads (LC_CTYPE). */
void terminal_begin(void);
/* True for UTF-8, and for what is no terminal. */
bool terminal_is_utf8(FILE *);
/* Lines that the program has drawn or written; an exchange has colours besides. */
void terminal_draw(FILE *, slice drawn);
void terminal_draw_coloured(FILE *, slice drawn);
/* A printf whose texts are made safe one by one: see clean_format_list. */
void terminal_say(FILE *, const char *format, ...) PRINTF_LIKE(2, 3);
void terminal_say_list(FILE *, const char *format, va_list) PRINTF_LIKE(2, 0);
/* "pennypost: …" and a line end, on standard error. */
void terminal_error(const char *format, ...) PRINTF_LIKE(1, 2);
/* Has the terminal behind it gone away? What is read there is then an end, again and again. */
bool terminal_is_gone(int file);
void terminal_clear(FILE *);            /* an empty screen, from its top */
/* For who must not wait for a terminal that stands still (Ctrl-S): from here on what is said to the
   stream is held, up to TERMINAL_HELD_MAX, and terminal_let hands over what is taken at once, or
   within `ms`. True: nothing is held any more. At the end terminal_let_go. A stream that is no
   terminal is not held: a program that reads wants all, and whoever writes waits for it. */
void terminal_hold(FILE *);
bool terminal_let(FILE *, int ms);
void terminal_let_go(FILE *);
/* Octets for a program and not for eyes (JSON, whose writer escapes controls; a picture). False:
   they were not taken. */
bool terminal_octets(FILE *, slice octets);

#endif
