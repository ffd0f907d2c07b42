/* encoding.h: how mail writes octets and letters of the world in ASCII: base64,
   quoted-printable, encoded words, modified UTF-7; and UTF-8. Other character sets:
   charset.h. Everything appends to the given buf; what does not fit sets its `full`.
   Bodies: encoding.c, transfer.c (in pieces), utf8.c, casemap.c, mutf7.c. */
#ifndef SERVERS_MAIL_ENCODING_H
#define SERVERS_MAIL_ENCODING_H

#include "base/buf.h"
#include "base/slice.h"

/* RFC 4648 4, on one line, padded. */
void base64_encode(struct buf *, slice octets);
/* Strict, for SASL: no white space, right padding, no stray bits. False: malformed,
   and nothing was added. The empty text is the empty octets. */
bool base64_decode(struct buf *, slice text);
/* Forgiving, for bodies (RFC 2045 6.8): skips what is no base64, stops at the padding. */
void base64_decode_body(struct buf *, slice body);
/* RFC 2045 6.7, forgiving: a wrong "=XX" stays as it is, blanks at line ends go. */
void quoted_printable_decode(struct buf *, slice body);
/* What a character of base64 stands for; -1: it is none. */
int base64_value(char c);
/* Two hexadecimal digits, of any case; -1: they are none. */
int hex_octet(char high, char low);
/* A body by its Content-Transfer-Encoding's name; an unknown one is copied. */
void transfer_decode(struct buf *, slice encoding, slice body);

/* RFC 2047: unfolded header text to UTF-8. White space between adjacent words goes. A
   word that is malformed or in an unknown character set stays as it is written. What
   comes out may hold control characters: see header_text for text to show. */
void encoded_words_decode(struct buf *, slice header_text);

bool utf8_valid(slice);                       /* no overlong forms, no surrogates, up to U+10FFFF */
void utf8_add(struct buf *, uint32_t character); /* U+FFFD for what is no character */
/* The next character of *rest, consumed; an octet that begins none gives U+FFFD and is
   consumed alone. Call only while rest->len > 0. */
uint32_t utf8_next(slice *rest);
/* For comparing without case, as SEARCH, SORT, THREAD and people do: the collation
   i;unicode-casemap (RFC 5051). What comes out is compared octet by octet; it is at most 11
   times as long. What is no UTF-8 is kept octet by octet. */
void utf8_casemap(struct buf *, slice text);

/* RFC 3501 5.1.3. Valid is only the canonical form: what mutf7_encode would write. */
bool mutf7_valid(slice);
bool mutf7_decode(struct buf *, slice name);  /* to UTF-8; false: not valid, nothing added */
bool mutf7_encode(struct buf *, slice utf8);  /* false: no UTF-8, nothing added */

#endif
