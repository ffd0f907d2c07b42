/* reader.h: lines out of a file descriptor: a script, a pipe, a terminal without readline. */
#ifndef REPL_READER_H
#define REPL_READER_H

#include "base/buf.h"
#include "base/slice.h"

enum reader_result { READER_LINE, READER_END, READER_INTERRUPTED, READER_FAILED };

struct reader {
    int fd;
    struct buf kept;    /* read and not yet given out */
    size_t start;
    bool ended;
    bool begun;         /* the first line was given out */
    bool skipping;      /* the rest of a line that was too long */
    void (*wait)(void *context); /* before each read, for whoever has else to do; or NULL */
    void *context;
};

struct reader reader_of(int fd);
void reader_free(struct reader *);
/* A line without its LF and one CR before it, the first without a byte
   order mark; valid until the next call. One longer than
   SCRIPT_LINE_MAX comes cut to one octet more than that. INTERRUPTED: by a signal. */
enum reader_result reader_line(struct reader *, slice *line);

#endif
