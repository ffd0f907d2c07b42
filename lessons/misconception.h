/* misconception.h: what people often believe about mail, by number, with the lesson that corrects
   it; and which refusal or success at the prompt comes from which. */
#ifndef LESSONS_MISCONCEPTION_H
#define LESSONS_MISCONCEPTION_H

#include "views/why.h"

#define MISCONCEPTIONS 26

struct misconception {
    unsigned number;                     /* from 1 */
    const char *belief;                  /* "POP3 deletes a message when it is fetched" */
    const char *truth;                   /* one sentence, or two */
    const char *lesson;                  /* the name of the lesson that corrects it */
};
extern const struct misconception misconceptions[MISCONCEPTIONS];
/* The one that a firing points to; NULL: none. */
const struct misconception *misconception_of(const struct why_case *);
/* By its number as a word: "3"; NULL: none. */
const struct misconception *misconception_named(slice);

#endif
