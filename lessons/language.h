/* language.h: another language for the course: lessons, sentences, misconceptions. English is the
   one that is written; what a translation lacks is said in English. The trace, commands and
   replies of servers have no language: a script comes to the same for everybody. */
#ifndef LESSONS_LANGUAGE_H
#define LESSONS_LANGUAGE_H

#include "base/error.h"
#include "lessons/sentences.h"
#include "views/translate.h"

#define LANGUAGE_NAME_MAX 7

struct lesson_text;                      /* course.h */

/* NULL: there is none of that name, or it is English. */
struct language *language_open(struct arena *, slice name);
/* Its lessons, and "words". */
const struct lesson_text *language_texts(const struct language *);
/* In that language; NULL is English. `filled`: for {1} {2} … in order; NULL: there are none. */
void sentence_add(struct buf *, const struct language *, enum sentence, const slice *filled);
slice sentence_text(const struct language *, enum sentence);    /* without filling in */
/* Any text that words.txt has, else itself. */
slice language_text(const struct language *, slice english);
/* What `of:` says in a translation: which English text it says the same as. */
#define TRANSLATION_MARK_BYTES 9
void translation_mark(char mark[TRANSLATION_MARK_BYTES], slice english);
/* A lesson in another language, beside the English one: is that the text it was made from, and is
   all that a world decides by the same, under each seed? Each fault is told. */
struct lesson;
struct lesson_fault;
enum translation {
    TRANSLATION_NONE,            /* it is none: it has no `of:` */
    TRANSLATION_WRONG,
    TRANSLATION_ANSWERS,         /* only an `answer names` has other words */
    TRANSLATION_ALIKE            /* the proof of the English one proves it, but for its texts */
};
enum translation translation_check(slice text, const uint64_t *seeds, size_t seed_count,
                                   void (*tell)(void *context, const struct lesson_fault *),
                                   void *context);

#endif
