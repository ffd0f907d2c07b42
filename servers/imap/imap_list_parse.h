/* imap_list_parse.h: what a LIST asks for: RFC 3501 6.3.8, extended by RFC 5258, 5819 and
   6154. */
#ifndef SERVERS_IMAP_IMAP_LIST_PARSE_H
#define SERVERS_IMAP_IMAP_LIST_PARSE_H

#include "servers/imap/imap_status.h"

enum imap_list_option {
    LIST_SUBSCRIBED = 1,
    LIST_REMOTE = 2,             /* none are: as if it were not said */
    LIST_RECURSIVEMATCH = 4,
    LIST_SPECIAL_USE = 8,
    LIST_CHILDREN = 16,
    LIST_STATUS = 32
};

struct imap_list_request {
    bool extended;               /* options, RETURN or several patterns were said */
    unsigned select, returns;    /* enum imap_list_option */
    struct imap_status_items status;
    slice *patterns;             /* each with the reference before it; in the cursor's arena */
    size_t pattern_count;
};

bool imap_parse_list(struct imap_cursor *, struct imap_list_request *);

#endif
