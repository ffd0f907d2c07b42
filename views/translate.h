/* translate.h: what is shown to a person, in another language. The table (words.txt) has a line of
   English and behind it the same in that language; {1} or {word} stands for what differs. English
   is the key, and what the trace, a script and a program get: they have no language. So a sentence
   is translated when it is drawn, whole or one after the other, and what the table lacks stays
   English. NULL for a language is English. */
#ifndef VIEWS_TRANSLATE_H
#define VIEWS_TRANSLATE_H

#include "base/arena.h"
#include "base/buf.h"

struct pair {
    slice english, said;
};

struct language {
    const char *name;            /* "de" */
    const struct pair *pairs;    /* of words.txt, in its order */
    size_t pair_count;
};

/* Of a table's text. */
void translate_read(struct language *, struct arena *, slice words);
/* "{near}" in front of a form: takes it. */
bool translate_hole(slice *form, slice *name);
/* Takes what stands in front of the next hole. */
slice translate_words(slice *form);
/* The one of exactly these words; empty: there is none. */
slice translate_find(const struct language *, slice english);
/* A text of one or more sentences, filled in. */
void translate_add(struct buf *, const struct language *, slice text);
/* A command's answer, which was laid out for 80 columns: broken sentences are put together, said,
   and broken anew; two columns stay two. What a server or a client said, and pictures, stay. */
void translate_answer(struct buf *, const struct language *, slice answer);

#endif
