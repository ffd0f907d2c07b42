/* imap_search.h: SEARCH's keys as a small program in postfix order, how it is asked of one
   message after another, and how what was found is answered. RFC 3501 6.4.4; RFC 4731,
   5032, 5182. */
#ifndef SERVERS_IMAP_IMAP_SEARCH_H
#define SERVERS_IMAP_IMAP_SEARCH_H

#include "servers/imap/imap_write.h"

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
    KEY_OLDER, KEY_YOUNGER,  /* than `second`, or as old (RFC 5032 2) */
    KEY_SENTBEFORE, KEY_SENTON, KEY_SENTSINCE,
    KEY_HEADING,             /* the heading's text holds `text`; the empty text: it is there */
    KEY_HEADER,              /* `field` holds `text`; the empty text: there is such a field */
    KEY_BODY, KEY_TEXT,
    KEY_AND, KEY_OR, KEY_NOT /* of what stands before */
};

/* What a key costs: a row, what was made of the header at delivery, the header, the message. */
enum search_cost { COST_ROW, COST_HEADING, COST_HEADER, COST_MESSAGE };
enum search_answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

struct search_key {
    enum search_kind kind;
    uint64_t number;         /* flags, octets */
    int64_t day, second;     /* since 1970 */
    enum heading_text heading;
    slice field, text;       /* text is folded: utf8_casemap */
    struct imap_set set;     /* of sequence numbers, or of uids */
    bool found;              /* HEADER, BODY and TEXT: in the message at hand */
};

/* Sequence numbers that were found, ascending, in the command's arena. */
struct search_found {
    struct imap_set set;     /* as ranges, apart from each other */
    size_t cap;
    uint32_t total;
};

/* What RETURN asks for (RFC 4731 3.1, RFC 5182 2.1). Without RETURN: 0. */
enum search_gives {
    GIVE_MIN = 1, GIVE_MAX = 2, GIVE_ALL = 4, GIVE_COUNT = 8, GIVE_SAVE = 16
};

struct search;
typedef enum outcome search_answer_fn(struct session *, struct search *);
/* Every message that was found, in order; the heading is NULL unless `headings` is set. False: it
   is one too many. */
typedef bool search_found_fn(struct session *, struct search *, uint32_t sequence,
                             const struct placement *, const struct heading *);

/* In scratch: the whole of a command. */
struct search {
    struct search_key *keys;
    size_t count, cap;
    size_t texts;            /* BODY and TEXT keys */
    bool tells_modseq;       /* MODSEQ is among the keys (RFC 7162 3.1.5): */
    uint64_t modseq, modseq_first, modseq_last; /* the largest of those found, of the first, last */
    unsigned gives;          /* enum search_gives */

    uint32_t next, last;     /* sequence numbers that are still to be asked */
    bool headings;           /* `each` wants to see them */
    bool enough;             /* all were asked, or the rest does not matter */
    struct search_found found;
    uint32_t min, max;       /* what these two mean: of `found`, or in the order of SORT */
    search_found_fn *each;   /* NULL: only `found` counts */
    bool too_many;           /* it said so */
    void *own;               /* of `each` and `then` */
    search_answer_fn *then;  /* all messages were asked: a stream that answers */

    bool told_head;          /* of the answer */
    struct imap_walk answered;
    struct imap_set_writer writer;
};

enum search_result { SEARCH_READ, SEARCH_SYNTAX, SEARCH_CHARSET, SEARCH_TOO_LONG };
/* The whole of SEARCH's arguments; keys and texts in the cursor's arena. */
enum search_result imap_search_parse(struct session *, struct imap_cursor *, struct search *);
/* The same with the charset that SORT and THREAD must name: "UTF-8 UNSEEN". */
enum search_result imap_search_parse_program(struct session *, struct imap_cursor *,
                                             struct search *);
/* "RETURN (…) ", or nothing at all. */
bool imap_search_parse_return(struct imap_cursor *, struct search *);

/* Why it could not be read, as an outcome. */
enum outcome imap_search_refuse(struct session *, const struct imap_cursor *,
                                const struct search *, enum search_result);

/* Asks all messages, in pieces, then goes on with `then`. Return what it returns. */
enum outcome imap_search_run(struct session *, struct search *, search_answer_fn *then);
/* Keeps for "$" what RETURN (SAVE …) says (RFC 5182 2.1), once min and max are known. False: that
   is too much. */
bool imap_search_save(struct session *, const struct search *);
/* What a search ends with: the rest of the mailbox's news (RFC 3501 7.4.1). */
enum outcome imap_search_end(struct session *);
/* What a client calls the message in this command: its number or its uid. */
uint32_t imap_search_number(const struct imap *, uint32_t sequence);
search_answer_fn imap_search_say, imap_search_say_extended; /* imap_search_answer.c */
/* Behind what is said of ALL: MODSEQ, last as RFC 7162 3.1.5's examples have it, and the end of
   the line. */
void imap_search_say_tail(struct session *, struct search *);
void imap_search_say_head(struct session *,
                          const struct search *); /* "* ESEARCH …", up to " ALL " */
void imap_search_say_modseq(struct session *, const struct search *);

enum search_cost imap_search_cost(enum search_kind);
/* No message outside of first to last can be found: by the sets among the keys. */
void imap_search_bounds(const struct imap_view *, const struct search *, uint32_t *first,
                        uint32_t *last);

/* One message (imap_search_ask.c). Counts what that costs (session_spend). */
bool imap_search_ask(struct session *, struct search *, uint32_t sequence,
                     const struct placement *, const struct heading *);
/* When it was sent; without a Date: when it came (RFC 5256 2.2). Since 1970. */
int64_t imap_search_sent(const struct placement *, const struct heading *);
/* In imap->work. */
slice imap_search_base_subject(struct imap *, const struct heading *, bool *answers);
/* A heading for a message that has none in the store, from its header; in imap->message. */
void imap_search_heading(struct session *, const struct placement *, struct heading *);

/* Sets `found` of all HEADER keys. `folded` is for working. About how long it took, in
   nanoseconds. */
uint64_t imap_search_headers(slice header, struct search *, struct buf *folded);
/* Decoded text holds this folded text? */
bool imap_search_holds(slice shown, slice text, struct buf *folded);
/* Sets `found` of all BODY and TEXT keys. */
void imap_search_text(struct arena *, slice message, struct search *);

#endif
