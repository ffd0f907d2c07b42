/* message.h: what is made of a message when it arrives, so that no later question is slow.
   Written by mail/summary and mail/heading, kept by the store, which does not look inside. */
#ifndef SERVERS_MAIL_MESSAGE_H
#define SERVERS_MAIL_MESSAGE_H

#include "base/slice.h"

/* What SORT, THREAD and SEARCH ask of a header; written by mail/heading. Texts are decoded, on
   one line, without control characters. */
enum heading_text { TEXT_SUBJECT, TEXT_FROM, TEXT_TO, TEXT_CC, TEXT_BCC, HEADING_TEXTS };
enum heading_box { BOX_FROM, BOX_TO, BOX_CC, HEADING_BOXES };
struct heading {
    bool dated;               /* Date: could be read: */
    int64_t sent_ms;          /* since 1970 */
    int32_t sent_zone;        /* minutes east of UTC, as it was written */
    slice boxes[HEADING_BOXES]; /* the first address's part before the @ */
    slice message_id;         /* without <> and quotes; empty: it has none */
    slice references;         /* likewise, oldest first, each ended by LF */
    slice texts[HEADING_TEXTS]; /* all fields of the name, LF between; at NULL: there is none */
};

/* What is made of a message at delivery, so that no later question is slow. Opaque to
   the store; written by mail/summary. */
struct message {
    uint64_t size;
    uint32_t header_bytes;    /* with the empty line */
    uint32_t path_bytes;      /* the leading Return-Path line; a relay sends what follows it */
    slice envelope;           /* IMAP's ENVELOPE, with parentheses */
    slice structure;          /* IMAP's BODYSTRUCTURE */
    slice body;               /* IMAP's BODY, without extension data */
    slice parts;              /* where each MIME part stands: mail/summary.h reads it */
    slice identity;           /* what names it: mail/identity.h. Not read back */
    const struct heading *heading; /* given to store_draft_finish; NULL: none is kept */
};

#endif
