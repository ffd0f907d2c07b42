/* imap_qresync.h: what was removed while a client was away: RFC 7162 3.2. Sets are ranges,
   never expanded; all takes time linear in what has changed. */
#ifndef SERVERS_IMAP_IMAP_QRESYNC_H
#define SERVERS_IMAP_IMAP_QRESYNC_H

#include "servers/imap/imap.h"

/* VANISHED (EARLIER): messages that were expunged after one modseq, up to another. */
struct imap_vanish {
    const struct imap_set *known; /* only these uids; NULL: any */
    uint32_t above;               /* only larger uids */
    uint64_t since, upto;         /* modseqs */
    bool ended;
};
/* False: the output is high, call again. Each line that it says is whole. */
bool imap_vanish_say(struct session *, struct imap_vanish *);

/* SELECT's QRESYNC parameter. */
struct imap_resync {
    bool asked;
    uint32_t uidvalidity;
    uint64_t modseq;
    bool has_known, has_sample;
    struct imap_set known;
    struct imap_set sample_sequences, sample_uids;
};
/* After the word QRESYNC. */
bool imap_parse_resync(struct session *, struct imap_cursor *, struct imap_resync *);
/* Says what has changed and gone in the view that was just opened, then ends the command. */
enum outcome imap_resync_begin(struct session *, const struct imap_resync *);

#endif
