/* charset.h: character sets, to UTF-8. The one door: SEARCH, SORT, devices and the board all
   come through here. Known are US-ASCII, UTF-8, UTF-16, UTF-7, ISO 8859, Windows', KOI8,
   Macintosh's and IBM's sets, and those of China, Japan, Korea and Taiwan; the tables are in
   charset_table.c. What is no character of its set becomes U+FFFD. */
#ifndef SERVERS_MAIL_CHARSET_H
#define SERVERS_MAIL_CHARSET_H

#include "base/buf.h"
#include "base/slice.h"

struct charset;

/* Case and all but letters and digits are of no meaning: "ISO_8859-1" is "iso8859-1". */
bool charset_known(slice charset);
/* False: unknown set, nothing added. */
bool charset_to_utf8(struct buf *, slice charset, slice text);

/* A long text in pieces: between two calls the set may be shifted, in a character it never is. */
struct charset_reader {
    slice rest;                  /* what is not read yet */
    const struct charset *set;
    uint16_t page[128];          /* of a set of one octet a character, when needed */
    bool has_page;
    uint32_t shift;              /* which set is on */
    uint32_t bits, count, high;  /* UTF-7, UTF-16 */
};
/* False: unknown set. The text must live as long as the reader. */
bool charset_open(struct charset_reader *, slice charset, slice text);
/* The same for a body, of which any name is taken: no name, US-ASCII, and what is unknown are
   UTF-8, as far as they are. False: the set is unknown. */
bool charset_open_body(struct charset_reader *, const slice *charset, slice text);
/* Reads about so many octets of the text, one character at least. The text is at its end when
   rest.len is 0. Call only before. */
void charset_read(struct charset_reader *, struct buf *utf8, size_t octets);

#endif
