/* fold.h: which lines of a long reply a first reading can do without: header fields but the five
   that a person reads, then the middle of a long text. It depends on the lines alone, so that
   `more`, whose answer is in the trace, says the same in every window. */
#ifndef VIEWS_FOLD_H
#define VIEWS_FOLD_H

#include "base/buf.h"

#define FOLD_HEAD_LINES 15       /* of what is left without header fields so much is shown … */
#define FOLD_TAIL_LINES 2        /* … and this */

enum fold_mark { FOLD_SHOWN = '+', FOLD_HEADER = 'h', FOLD_LEFT_OUT = '-', FOLD_SQUEEZED = '~' };

/* Zeroed at the start; fold_free gives it back. */
struct fold {
    struct buf marks;            /* one enum fold_mark a line */
    bool in_header, hidden;
};
void fold_line(struct fold *, slice line);   /* one after the other … */
void fold_end(struct fold *);                /* … and when all are known */
void fold_free(struct fold *);
enum fold_mark fold_mark(const struct fold *, size_t line);
/* How many neighbours from that line on have its mark. */
size_t fold_run(const struct fold *, size_t line);
/* "[CAPABILITY A B C ... 25 more (:more)] done" of a line that is squeezed. */
void fold_squeeze(struct buf *out, slice line, const char *dots);

#endif
