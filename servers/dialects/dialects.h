/* dialects.h: which servers' ways of answering there are; each has a file here (servers/dialect.h
   says what stands in it). */
#ifndef SERVERS_DIALECTS_DIALECTS_H
#define SERVERS_DIALECTS_DIALECTS_H

#include "base/buf.h"
#include "base/limits.h"
#include "servers/dialect.h"

/* Kept in the trace with the rule that fired: a new one goes last. */
enum dialect_number {
    DIALECT_OURS, DIALECT_POSTFIX, DIALECT_EXIM, DIALECT_OPENSMTPD, DIALECT_SENDMAIL,
    DIALECT_DOVECOT_POP3, DIALECT_COURIER_POP3, DIALECT_CYRUS_POP3, DIALECT_DOVECOT_IMAP,
    DIALECT_CYRUS_IMAP, DIALECT_COURIER_IMAP, DIALECT_AIOSMTPD, DIALECT_SMTP_SERVER,
    DIALECT_HARAKA, DIALECT_POPA3D, DIALECT_MAILUTILS_POP3, DIALECTS
};

extern const struct dialect dialect_postfix, dialect_exim, dialect_opensmtpd, dialect_sendmail;
extern const struct dialect dialect_aiosmtpd, dialect_smtp_server, dialect_haraka;
extern const struct dialect dialect_dovecot_pop3, dialect_courier_pop3, dialect_cyrus_pop3;
extern const struct dialect dialect_popa3d, dialect_mailutils_pop3;
extern const struct dialect dialect_dovecot_imap, dialect_cyrus_imap, dialect_courier_imap;

/* By number, from 1. NULL: there is none, or it is our own way. */
const struct dialect *dialect_numbered(size_t number);
/* Of that name, the next one behind `after` (NULL: the first): a server may speak two protocols.
   NULL: no more. */
const struct dialect *dialect_named(slice name, const struct dialect *after);
/* The row of that number in the trace (protocol.h: protocol_row_number), and whose way of answering
   was spoken then. */
const struct rule *dialect_rule_at(const struct protocol *, uint16_t number);
const struct dialect *dialect_at(uint16_t number);
/* What our own table says there in place of that row of the dialect, if only that it is the wrong
   moment; NULL: nothing. */
const struct rule *dialect_base_rule(const struct dialect *, const struct rule *theirs, int state);
/* Is the row one of its own? */
bool dialect_own(const struct dialect *, const struct rule *);
/* Does the row only say what the base says in another state, which the dialect opens? */
bool dialect_borrows(const struct dialect *, const struct rule *);
/* What the row's author adds, or NULL. */
const char *dialect_note(const struct dialect *, const struct rule *);
/* What programs decide by: "250 2.1.0", "-ERR [AUTH]", "NO [TRYCREATE]"; "-" if nothing is said. */
slice reply_code(const char *reply);
/* Which servers were measured to say another code there: "Postfix 3.7 554, Exim 4.96 503", or that
   they take what ours does not. Nothing if none was. */
void dialects_others(struct buf *, const struct protocol *base, int state, int event,
                        enum outcome);
/* Did the dialect itself answer, and not the base's row? */
bool dialect_answered(const struct protocol *, uint16_t number);

#endif
