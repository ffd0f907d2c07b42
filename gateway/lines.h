/* lines.h: lines out of octets that come in any pieces. A line ends at LF, one CR before it is
   dropped; what has no end yet is none. Of one that is too long it is told once, as soon as that is
   clear, and nothing of it is kept. */
#ifndef GATEWAY_LINES_H
#define GATEWAY_LINES_H

#include "base/buf.h"

struct lines {
    struct buf kept;
    size_t start;                    /* what is before it was given out */
    size_t looked;                   /* behind `start`: so many octets hold no LF */
    bool skipping;                   /* the rest of a line that was too long */
};
enum lines_next { LINES_NONE, LINES_ONE, LINES_LONG };

struct lines lines_of(size_t kept_max);   /* at least the longest line and one reading */
void lines_free(struct lines *);
/* False: it does not fit, nothing was added. */
bool lines_add(struct lines *, slice octets);
/* The next one, of at most `max` octets with its CR; it is valid until lines_add. */
enum lines_next lines_take(struct lines *, size_t max, slice *line);
bool lines_has(const struct lines *);     /* would lines_take give one? */

#endif
