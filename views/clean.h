/* clean.h: makes text from mail or from the wire safe to show. What could steer a
   terminal or turn a line round becomes visible: ESC is \x1B, U+202E is \u202E. Every
   octet that a person is shown and that somebody else wrote goes through here. */
#ifndef VIEWS_CLEAN_H
#define VIEWS_CLEAN_H

#include "base/buf.h"
#include "base/slice.h"

/* Adds one line of text. Controls (C0, DEL, C1), bidirectional and invisible marks and
   octets that are no UTF-8 become escapes, a TAB spaces up to the next multiple of 8.
   utf8 false: the terminal reads something else, so all that is not ASCII is escaped. */
void clean_add(struct buf *, slice line, bool utf8);
/* The same with CR, LF and TAB named, as a tap shows octets: \r\n \t. A backslash that stands where
   it could be taken for an escape's is doubled, so that \n typed is \\n; IMAP's \Seen stays. */
void clean_add_octets(struct buf *, slice octets, bool utf8);
/* Several lines that were drawn, on their way to a terminal: line ends stay and, where the view
   sets some, colours (ESC [ digits m); what should have been made safe before and was not is
   escaped here. */
void clean_add_drawn(struct buf *, slice drawn, bool colours, bool utf8);
/* printf for what a terminal is told: the format is the program's own and may hold line ends,
   each text (%s %.*s) goes through clean_add. It knows %% %s %.*s %d %u %zu %ld %llu only. */
void clean_format_list(struct buf *, bool utf8, const char *format, va_list) PRINTF_LIKE(3, 0);

#endif
