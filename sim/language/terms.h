/* terms.h: the field's own words, each in a sentence or two, with the RFC that defines it. `help`
   reads the table, and docs/words.md is written from it. */
#ifndef SIM_LANGUAGE_TERMS_H
#define SIM_LANGUAGE_TERMS_H

#include "base/slice.h"

struct term {
    const char *name;     /* "sequence number": small letters, but for names such as "MX" */
    const char *also;     /* other words for it, separated by ", "; "" for none */
    const char *meaning;  /* one or two sentences */
    const char *rfc;      /* "3501 2.3.1.2"; "" where no RFC defines it */
    const char *look;     /* what to type to see one; "" for nothing */
};

#define TERM_PICTURE_COLUMNS 36

/* The term of that name or other word, in any case; also in the plural, and by the first word of
   its name. NULL: there is none. */
const struct term *term_find(slice word);
/* In the order of the alphabet: the one behind, the first for NULL; NULL behind the last. */
const struct term *term_next(const struct term *);
/* Lines, each with its LF, that show what it means (term_pictures.c); NULL: none. */
const char *term_picture(const struct term *);

#endif
