/* response_read.h: the words of RFC 3501 section 9, read from the front of one whole
   response. What the files of the response reader share; nobody else includes it. */
#ifndef TESTS_TRANSCRIPTS_RESPONSE_READ_H
#define TESTS_TRANSCRIPTS_RESPONSE_READ_H

#include "base/error.h"
#include "base/slice.h"

/* A place in a response. The first wrong thing is kept in `wrong`, the place in `rest`. */
struct reading {
    slice whole, rest; /* the response without its last CRLF; what is not yet read */
    const char *wrong; /* NULL: nothing so far */
    bool rev2;         /* IMAP4rev2 was enabled: strings and mailboxes' names may be UTF-8 */
    bool condstore;    /* CONDSTORE stood among capabilities */
};

/* Each returns false, and says what was wrong, if something else stands there. */
bool read_wrong(struct reading *, const char *what); /* always false */
bool read_char(struct reading *, char c, const char *what);
bool read_space(struct reading *);
bool read_end(struct reading *);
bool read_next_is(const struct reading *, char c); /* takes nothing */
/* A fixed word in any case, not followed by more of a word; takes nothing otherwise,
   and that is not yet wrong. */
bool read_word(struct reading *, const char *word);
slice read_atom(struct reading *);                    /* empty: none stands there */
bool read_number(struct reading *, uint32_t *number); /* number: 32 bits */
bool read_number64(struct reading *);                /* up to 2^63 - 1 */
bool read_nz_number(struct reading *, uint32_t *number);
bool read_modseq(struct reading *); /* RFC 7162: 63 bits, not 0 */
bool read_literal8(struct reading *, slice *raw); /* behind "~": RFC 3516 7 */
bool read_string(struct reading *, slice *raw); /* quoted (escapes kept) or literal */
bool read_nstring(struct reading *, slice *raw, bool *nil);
bool read_astring(struct reading *, slice *raw);
bool read_mailbox(struct reading *); /* an astring in modified UTF-7; in IMAP4rev2 UTF-8 */
bool read_date_time(struct reading *);
/* "(" [flag *(SP flag)] ")". `also`: "\\Recent", "\\*" or NULL; the standard flags and
   keywords are allowed, no flag twice. */
bool read_flags(struct reading *, const char *also);
/* UIDPLUS's uid-set; counts the uids. */
bool read_uid_set(struct reading *, uint64_t *count);

bool read_is_atom_char(unsigned char c);
bool read_is_astring_char(unsigned char c);

/* --- response_message.c: FETCH --------------------------------------------------------------- */

struct fetched {
    bool has_uid;
    uint32_t uid;
};
bool read_msg_att(struct reading *, struct fetched *);

/* --- response_search.c: behind the first word ----------------------------------------------- */

bool read_found(struct reading *);               /* SEARCH, SORT */
bool read_esearch(struct reading *, slice *tag);
bool read_threads(struct reading *);

/* --- response_code.c: status responses ------------------------------------------------------ */

enum condition {
    CONDITION_OK,
    CONDITION_NO,
    CONDITION_BAD,
    CONDITION_BYE,
    CONDITION_PREAUTH,
    CONDITION_NONE
};
struct status {
    enum condition condition;
    bool tagged;
    bool selects; /* it holds READ-ONLY or READ-WRITE */
};
/* "OK" …: takes nothing and returns CONDITION_NONE if no condition stands there. */
enum condition read_condition(struct reading *);
bool read_resp_text(struct reading *, struct status *);
bool read_capabilities(struct reading *); /* after "CAPABILITY" */

#endif
