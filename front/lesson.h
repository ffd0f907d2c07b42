/* lesson.h: a lesson under way before a person: what it says to a line, and what is noted of it. */
#ifndef FRONT_LESSON_H
#define FRONT_LESSON_H

#include "lessons/course.h"
#include "lessons/sitting.h"

/* How it stands now, in the course's progress; `begins`: one more try. False: nothing is kept. */
bool lesson_note(struct course *, const struct sitting *, bool begins);
/* What the lesson says to the line that has run; the prefill goes to the front. *noted: the
   progress has changed. */
void lesson_news(struct course *, struct sitting *, struct front *, struct buf *said, bool *noted);
/* Which lesson a command wished to begin, "" if all others are done; the wish is taken. False:
   there is none. */
bool lesson_takes_wish(struct course *, struct sitting *, char wanted[64]);

#endif
