/* address.h: addresses. Paths as SMTP's commands write them (RFC 5321 4.1.2), strict;
   and the address lists of header fields (RFC 5322 3.4 and 4.4), forgiving.
   No lookup of any kind: whether a mailbox exists is the store's affair. */
#ifndef SERVERS_MAIL_ADDRESS_H
#define SERVERS_MAIL_ADDRESS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* --- SMTP ------------------------------------------------------------------------- */

enum path_kind {
    PATH_SENDER,       /* MAIL: "<>" is the null sender */
    PATH_RECIPIENT     /* RCPT: "<postmaster>" needs no domain, "<>" is bad */
};
/* RFC 6531 3.3: letters beyond ASCII, before the @ or behind it. Whether the client may write
   them is the caller's affair; what a domain of them is in DNS says idna.h. */
bool is_utf8_address(slice address);
enum path_result {
    PATH_OK,
    PATH_NO_BRACKETS,  /* an address stands there without < and >: worth a hint */
    PATH_NO_DOMAIN,    /* "<ana>": worth a hint */
    PATH_SPACE,        /* a space before the "<": forbidden (RFC 5321 3.3), often forgiven */
    PATH_TOO_LONG,     /* over 64 before or 255 after the @ (RFC 5321 4.5.3.1) */
    PATH_BAD
};
/* Takes a path from the front of *rest. On PATH_OK *rest is what follows the ">" (with
   the space before ESMTP parameters) and *address lies in it: "local@domain" without
   brackets and source route, as written (a quoted local part keeps its quotes), or
   empty for "<>". Else both are as they were. Control characters are bad, and 8-bit is
   but for valid UTF-8. */
enum path_result path_read(slice *rest, enum path_kind, slice *address);

/* At the last @ outside quotes; without one the domain is empty. False: one side is empty. */
bool address_split(slice address, slice *local, slice *domain);
/* Is it a whole "local@domain" by RFC 5321, limits included? */
bool address_valid(slice address);
/* The same mailbox to us: domain and local part without case (our store keeps no two
   that differ in case only), `"ana"@x` the same as `ana@x`. */
bool address_same(slice a, slice b);
/* Takes the next address of several with blanks between; a blank in quotes is part of one. */
slice address_take(slice *rest);
bool domain_valid(slice domain);    /* a name in ASCII or an address literal "[192.0.2.1]" */

/* --- RFC 5322 --------------------------------------------------------------------- */

enum address_kind { ADDRESS_MAILBOX, ADDRESS_GROUP, ADDRESS_GROUP_END };

/* All slices are in the reader's arena or empty. Quotes and comments are taken off,
   encoded words are kept as written. */
struct address {
    enum address_kind kind;
    slice name;        /* the display name, or a group's; without one the last comment, as of old */
    slice route;       /* "@a,@b", obsolete */
    slice local;
    slice host;        /* empty if the field lacks it */
};
struct address_reader {
    struct arena *arena;
    slice rest;        /* folded, raw: header_field.value will do */
    size_t count;
    bool in_group;
};
/* The value is cut to HEADER_FIELD_MAX and must live as long as the reader. */
struct address_reader address_list(struct arena *, slice value);
/* False: the end, or HEADER_ADDRESSES_MAX were given. A group that was opened is always
   ended. What is no address is skipped up to the next comma. Time is linear. */
bool address_next(struct address_reader *, struct address *);

/* For people, in UTF-8: all of a field's addresses, names decoded and, where they hold signs of
   the syntax, in quotes. What is no address is shown as it stands. */
void addresses_text(struct buf *utf8, slice value);
/* The first one: its name or, if it has none, the address; or the part before the "@". */
enum sender_part { SENDER_NAME, SENDER_LOCAL };
void sender_text(struct buf *utf8, slice value, enum sender_part);

#endif
