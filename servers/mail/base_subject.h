/* base_subject.h: a subject without what replies, forwards and mailing lists add to it:
   RFC 5256 2.1, "exactly this algorithm". */
#ifndef SERVERS_MAIL_BASE_SUBJECT_H
#define SERVERS_MAIL_BASE_SUBJECT_H

#include "base/buf.h"
#include "base/slice.h"

/* `subject` is decoded already: header_text. What comes out lies in `work` and lives until that
   changes; it may be empty. *answers: a "re:", "fw:", "(fwd)" or "[fwd: ]" was taken off, so the
   message is a reply or a forward (RFC 5256 3, REFERENCES). Linear time. */
slice base_subject(struct buf *work, slice subject, bool *answers);

#endif
