/* smtp_parameters.h: what may stand behind the path of MAIL and RCPT: SIZE (RFC 1870), BODY
   (6152), SMTPUTF8 (6531), RET and ENVID, NOTIFY and ORCPT (3461), AUTH (4954). */
#ifndef SERVERS_SMTP_SMTP_PARAMETERS_H
#define SERVERS_SMTP_SMTP_PARAMETERS_H

#include "servers/session.h"
#include "servers/store/store.h"

/* All of them, from *args; *wishes is filled. OUT_OK, OUT_SYNTAX, OUT_UNSUPPORTED (both with
   {detail}) or OUT_TOO_BIG. */
enum outcome smtp_mail_parameters(struct session *, slice args, struct dsn *);
enum outcome smtp_rcpt_parameters(struct session *, slice args, struct dsn *);
/* xtext (RFC 3461 4): "+2B" is a plus. Nothing comes of it that is a control character but for a
   tab: false, and of anything else that is no xtext. It may be empty. */
bool smtp_xtext_decode(struct buf *, slice text);
/* What stands behind "utf-8;" in an ORCPT, in either form of RFC 6533 3: "\x{F6}" and the octets
   themselves. To UTF-8, or, without `utf8`, to ASCII with "\x{…}" in it. False: neither. */
bool smtp_unitext_decode(struct buf *, slice text, bool utf8);

#endif
