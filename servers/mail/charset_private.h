/* charset_private.h: for charset*.c only: how a set's next character is read. */
#ifndef SERVERS_MAIL_CHARSET_PRIVATE_H
#define SERVERS_MAIL_CHARSET_PRIVATE_H

#include "servers/mail/charset.h"
#include "servers/mail/charset_table.h"

#define NO_CHARACTER 0xFFFDu        /* REPLACEMENT CHARACTER */
#define CHARACTER_NONE 0xFFFFFFFFu  /* octets that only shift: no character */

/* Takes one octet at least; called while there is one. */
typedef uint32_t charset_next(struct charset_reader *);

charset_next next_gbk, next_big5, next_korean, next_shift_jis, next_euc_jp; /* …asian.c */
/* charset_shift.c */
charset_next next_2022_jp, next_2022_kr, next_hz, next_utf16, next_utf16le, next_utf7;

static inline unsigned octet_at(slice s, size_t at)
{
    return at < s.len ? (unsigned char)s.at[at] : 0;
}
/* Takes so many octets. */
static inline uint32_t took(struct charset_reader *reader, size_t octets, uint32_t character)
{
    reader->rest = slice_from(reader->rest, octets);
    return character;
}
/* A cell of a character of two octets. If it is none: an ASCII octet is not swallowed. */
uint32_t took_pair(struct charset_reader *, enum charset_grid_name, bool fits, size_t cell);

#endif
