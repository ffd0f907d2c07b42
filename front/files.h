/* files.h: a person's files in the language: `mail import FILE` becomes the line that holds the
   file's octets, which is what the history keeps and a saved script needs no file for. */
#ifndef FRONT_FILES_H
#define FRONT_FILES_H

#include "base/buf.h"
#include "base/error.h"

struct world;

/* False: it can't be read, why. The buf says how much it may be. */
typedef bool file_reader(const char *path, struct buf *octets, struct error *why);
/* The line as it is to be run: another than `mail import FILE` stays. False: why not. */
bool files_line(const struct world *, slice line, file_reader *, struct buf *expanded,
                struct error *why) MUST_CHECK;

#endif
