/* imap_search.h: SEARCH's keys as a small program in postfix order, and how it is asked
   of one letter. RFC 3501 6.4.4. */
#ifndef SERVERS_IMAP_IMAP_SEARCH_H
#define SERVERS_IMAP_IMAP_SEARCH_H

#include "servers/imap/imap.h"

enum search_kind {
    KEY_ALL,
    KEY_FLAGS,               /* has all of `number` */
    KEY_NO_FLAGS,            /* has none of `number` */
    KEY_NEVER,               /* a keyword that this mailbox does not know */
    KEY_RECENT, KEY_NEW, KEY_OLD,
    KEY_SEQUENCES, KEY_UIDS,
    KEY_LARGER, KEY_SMALLER,
    KEY_MODSEQ,              /* RFC 7162: changed at `number` or later */
    KEY_BEFORE, KEY_ON, KEY_SINCE,
    KEY_SENTBEFORE, KEY_SENTON, KEY_SENTSINCE,
    KEY_HEADER,              /* `field` holds `text`; the empty text: there is such a field */
    KEY_BODY, KEY_TEXT,
    KEY_AND, KEY_OR, KEY_NOT /* of what stands before */
};

/* What a key costs: a row, the header, the whole letter. */
enum search_cost { COST_ROW, COST_HEADER, COST_LETTER };
enum search_answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

struct search_key {
    enum search_kind kind;
    uint64_t number;         /* flags, octets */
    int64_t day;
    slice field, text;       /* text is folded: utf8_fold */
    struct imap_set set;     /* of sequence numbers, or of uids */
    bool found;              /* BODY and TEXT: in the letter at hand */
};

struct search {
    struct search_key *keys;
    size_t count, cap;
    size_t texts;            /* BODY and TEXT keys */
    bool tells_modseq;       /* MODSEQ is among the keys: the answer ends with */
    uint64_t modseq;         /* the largest of those found; 0: nothing was */
    struct imap_walk walk;
    struct imap_set all;
    struct imap_range range;
};

enum search_result { SEARCH_READ, SEARCH_SYNTAX, SEARCH_CHARSET, SEARCH_TOO_LONG };
/* The whole of the arguments; keys and texts in the cursor's arena. */
enum search_result imap_search_parse(struct session *, struct imap_cursor *, struct search *);
enum search_cost imap_search_cost(enum search_kind);

/* The header fields of one letter are asked about one key: HEADER and SENT…. */
bool imap_search_header(slice header, const struct search_key *);
/* Sets `found` of all BODY and TEXT keys. */
void imap_search_text(struct arena *, slice letter, struct search *);

#endif
