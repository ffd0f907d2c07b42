/* mbox.h: messages in one file, one after another, each behind a line "From …" (RFC 4155; what
   programs write is older and looser). */
#ifndef SERVERS_MAIL_MBOX_H
#define SERVERS_MAIL_MBOX_H

#include "base/buf.h"
#include "base/slice.h"

/* Does it begin as an mbox does? Else it is one message. */
bool mbox_is(slice text);
/* Takes the next message from the front, as octets with CRLF line ends; ">From ", ">>From " …
   lose one ">" (mboxrd). False: none is left. */
bool mbox_take(slice *text, struct buf *message);
/* The same of a single message: only the line ends. */
void message_canonical(struct buf *, slice text);

#endif
