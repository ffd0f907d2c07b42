/* files.h: the files that there are in a page: in memory, by name. SQLite's only system; the page
   puts world files in and takes them out. */
#ifndef PAGE_FILES_H
#define PAGE_FILES_H

#include <stdbool.h>

#include "base/slice.h"

#define FILES_MAX 32
#define FILE_NAME_MAX 127

/* False: too many, the name is too long, or there is no memory for it. */
bool file_put(const char *name, slice octets);
slice file_octets(const char *name);     /* empty: no such file */
void file_remove(const char *name);

#endif
