/* buf.h: growing octets with a mandatory maximum. Appending past the maximum changes
   nothing and sets `full`, so that a writer can go on and look once at the end. So does a lack
   of memory.
   The bytes are the buf's own until buf_free, and live where it does: in a world's heap or
   not (heap.h). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct buf {
    char *at;
    size_t len;
    size_t cap;
    size_t max;
    bool full; /* something did not fit */
};

#define BUF_MAX(maximum) ((struct buf){ NULL, 0, 0, (maximum), false })

bool buf_add(struct buf *, slice);                 /* false: it did not fit, nothing was added */
bool buf_add_text(struct buf *, const char *text);
bool buf_add_char(struct buf *, char);
bool buf_add_number(struct buf *, uint64_t);
bool buf_format(struct buf *, const char *format, ...) PRINTF_LIKE(2, 3);
bool buf_format_list(struct buf *, const char *format, va_list) PRINTF_LIKE(2, 0);
slice buf_slice(const struct buf *);               /* valid until the next change */
const char *buf_text(struct buf *); /* with a NUL after it; valid until the next change */
void buf_drop_front(struct buf *, size_t len);     /* forget the first octets */
void buf_clear(struct buf *);                      /* empty, memory kept, `full` off */
void buf_free(struct buf *);                       /* empty, memory given back, maximum kept */

#endif
