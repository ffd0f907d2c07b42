/* imap_parse.h: IMAP's lexical forms (RFC 3501 9), read from the front of a command's
   text. Literals stand in the text as they came: "{5}" CRLF and five octets. Nothing
   here is recursive, everything takes linear time, nothing is expanded.
   What a command means is not known here. */
#ifndef SERVERS_IMAP_IMAP_PARSE_H
#define SERVERS_IMAP_IMAP_PARSE_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/slice.h"

/* Slices that come out lie in the text or in the arena. After a failure the cursor
   stands anywhere and `wrong` says what was missing, for a BAD. */
struct imap_cursor {
    slice rest;
    struct arena *arena;
    const char *wrong;
    bool utf8;              /* strings are UTF-8, and so are mailboxes' names (RFC 9051 4.3, 5.1) */
};

struct imap_cursor imap_cursor_over(struct arena *, slice text);
bool imap_wrong(struct imap_cursor *, const char *wrong);     /* always false */

bool imap_parse_end(struct imap_cursor *);
bool imap_parse_space(struct imap_cursor *);
bool imap_parse_char(struct imap_cursor *, char);
bool imap_next_is(const struct imap_cursor *, char);          /* takes nothing */
/* A fixed word, in any case; takes nothing and says nothing if another stands there. */
bool imap_take_word(struct imap_cursor *, const char *word);

bool imap_parse_atom(struct imap_cursor *, slice *);
bool imap_parse_string(struct imap_cursor *, slice *);        /* quoted or literal */
bool imap_parse_astring(struct imap_cursor *, slice *);
/* A mailbox's name as the store has it, in modified UTF-7; with `utf8` it came as UTF-8. */
bool imap_parse_mailbox(struct imap_cursor *, slice *);
bool imap_parse_pattern(struct imap_cursor *, slice *);       /* LIST: wildcards are atoms too */
bool imap_parse_number(struct imap_cursor *, uint32_t *);
bool imap_parse_nz_number(struct imap_cursor *, uint32_t *);

/* A literal whose octets went elsewhere: "{5}" at the very end, or before CRLF; "~{5}" of a
   literal8, which may hold NULs (RFC 3516 7). */
bool imap_parse_announcement(struct imap_cursor *, uint64_t *octets, bool *binary);

/* --- sequence sets ------------------------------------------------------------------------ */

#define IMAP_STAR 0 /* the largest number in use; stands in a set until that is known */

struct imap_range {
    uint32_t first, last;
};
/* As read: neighbours are merged where that is easy, stars are kept. As resolved:
   ascending, apart from each other, no stars. */
struct imap_set {
    struct imap_range *ranges;
    size_t count;
};
bool imap_parse_set(struct imap_cursor *, struct imap_set *);
/* A new set in the arena. `star` is what "*" means; with 0 a star means nothing. */
struct imap_set imap_set_resolve(struct arena *, const struct imap_set *, uint32_t star);
bool imap_set_has(const struct imap_set *resolved, uint32_t number);
uint32_t imap_set_largest(const struct imap_set *resolved);   /* 0: it is empty */

/* --- flags, dates, sections --------------------------------------------------------------- */

struct imap_flags {
    uint64_t system;                         /* FLAG_SEEN … of the store */
    slice keywords[FLAGS_PER_COMMAND_MAX];
    size_t keyword_count;
};
bool imap_parse_flag(struct imap_cursor *, struct imap_flags *);      /* adds one */
bool imap_parse_flag_list(struct imap_cursor *, struct imap_flags *); /* with parentheses */

bool imap_parse_date_time(struct imap_cursor *, int64_t *ms, int *zone_minutes);
bool imap_parse_date(struct imap_cursor *, int64_t *day);     /* days since 1970 */

enum imap_section_kind {
    SECTION_ALL, SECTION_HEADER, SECTION_FIELDS, SECTION_FIELDS_NOT, SECTION_TEXT, SECTION_MIME
};
struct imap_section {
    uint32_t path[MIME_DEPTH_MAX];           /* BODY[4.2.HEADER]: 4, 2 */
    size_t depth;
    enum imap_section_kind kind;
    slice *fields;                           /* as written */
    size_t field_count;
    bool partial;                            /* <first.length> */
    uint32_t first, length;
};
bool imap_parse_section(struct imap_cursor *, struct imap_section *); /* "[…]" and "<…>" */

/* --- classes of octets -------------------------------------------------------------------- */

bool imap_is_atom_char(unsigned char c);
bool imap_is_astring_char(unsigned char c);

#endif
