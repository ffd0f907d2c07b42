/* mbox.h: letters in one file, one after another, each behind a line "From …" (RFC 4155; what
   programs write is older and looser). */
#ifndef SERVERS_MAIL_MBOX_H
#define SERVERS_MAIL_MBOX_H

#include "base/buf.h"
#include "base/slice.h"

/* Does it begin as an mbox does? Else it is one letter. */
bool mbox_is(slice text);
/* Takes the next letter from the front, as octets with CRLF line ends; ">From ", ">>From " …
   lose one ">" (mboxrd). False: none is left. */
bool mbox_take(slice *text, struct buf *letter);
/* The same of a single letter: only the line ends. */
void letter_canonical(struct buf *, slice text);

#endif
