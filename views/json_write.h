/* json_write.h: JSON piece by piece. A comma comes by itself wherever something stands before it in
   the line. Key NULL: an element of a list, or a line's own object. */
#ifndef VIEWS_JSON_WRITE_H
#define VIEWS_JSON_WRITE_H

#include "base/buf.h"

void json_begin(struct buf *, const char *key, char bracket);   /* '{' or '[' */
void json_end(struct buf *, char bracket);                      /* '}' or ']' */
void json_put_text(struct buf *, const char *key, slice);
void json_put_number(struct buf *, const char *key, int64_t);
void json_put_count(struct buf *, const char *key, uint64_t);
void json_put_truth(struct buf *, const char *key, bool);
void json_put_null(struct buf *, const char *key);
void json_put_name(struct buf *, const char *key, const char *text);  /* NULL is null */

#endif
