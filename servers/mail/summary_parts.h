/* summary_parts.h: for summary.c only: writes the table that summary_part reads. */
#ifndef SERVERS_MAIL_SUMMARY_PARTS_H
#define SERVERS_MAIL_SUMMARY_PARTS_H

#include "servers/mail/mime.h"

slice parts_write(struct arena *, const struct mime_part *message);

#endif
