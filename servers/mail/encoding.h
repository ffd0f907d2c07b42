/* encoding.h: how mail writes octets and letters of the world in ASCII: base64,
   quoted-printable, encoded words, modified UTF-7; and the character sets around them.
   Everything appends to the given buf; what does not fit sets its `full`.
   Bodies: encoding.c (base64, quoted-printable, encoded words), charset.c, casemap.c,
   mutf7.c. */
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
/* A body by its Content-Transfer-Encoding's name; an unknown one is copied. */
void transfer_decode(struct buf *, slice encoding, slice body);

/* RFC 2047: unfolded header text to UTF-8. White space between adjacent words goes. A
   word that is malformed or in an unknown character set stays as it is written. What
   comes out may hold control characters: see header_text for text to show. */
void encoded_words_decode(struct buf *, slice header_text);

/* us-ascii, utf-8, iso-8859-1, iso-8859-15, windows-1252, and their usual aliases.
   An octet that is nothing in the set becomes U+FFFD. False: unknown set, nothing added. */
bool charset_to_utf8(struct buf *, slice charset, slice text);
bool charset_known(slice charset);

bool utf8_valid(slice);                       /* no overlong forms, no surrogates, up to U+10FFFF */
void utf8_add(struct buf *, uint32_t letter); /* U+FFFD for what is no character */
/* The next character of *rest, consumed; an octet that begins none gives U+FFFD and is
   consumed alone. Call only while rest->len > 0. */
uint32_t utf8_next(slice *rest);
/* Lower case, letter by letter: ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic. What
   is no UTF-8 is kept octet by octet. For comparing without case, as SEARCH does. */
void utf8_fold(struct buf *, slice text);

/* For sorting without case: i;unicode-casemap (RFC 5051), for the alphabets of Europe; what
   comes out is compared octet by octet. */
void utf8_casemap(struct buf *, slice text);

/* RFC 3501 5.1.3. Valid is only the canonical form: what mutf7_encode would write. */
bool mutf7_valid(slice);
bool mutf7_decode(struct buf *, slice name);  /* to UTF-8; false: not valid, nothing added */
bool mutf7_encode(struct buf *, slice utf8);  /* false: no UTF-8, nothing added */

#endif
