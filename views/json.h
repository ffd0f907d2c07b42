/* json.h: a trace record as one line of JSON, for programs. The kinds, keys and their
   order are an interface: input, open, line, state, close, answer, check, end. Other
   records have no JSON. Latin-1 and cutting as json.c says at text_add. */
#ifndef VIEWS_JSON_H
#define VIEWS_JSON_H

#include "views/conns.h"

#define JSON_LINE_MAX (8u << 20)  /* an answer of COMMAND_OUTPUT_MAX, all of it escaped */

/* Adds the record's line with its LF; false: this kind has none, nothing was added.
   conns must have been read up to the record. */
bool json_record(struct buf *, const struct world *, const struct conns *,
                 const struct trace_record *);
/* So many records did not get where they should. */
void json_missed(struct buf *, uint64_t records);
/* A text between quotes, escaped. True: it was no UTF-8 and stands there octet by octet. */
bool json_text(struct buf *, slice);

#endif
