/* lessons.h: the commands that this folder brings: step ask variants, those of the course
   (lesson lessons progress, goal hint solution handin predict skip), replay, and why with its
   lesson. */
#ifndef LESSONS_LESSONS_H
#define LESSONS_LESSONS_H

#include "sim/language/command.h"

extern const struct command lesson_commands[];

/* course_commands.c */
bool lesson_run(struct call *);
bool lessons_run(struct call *);
bool progress_run(struct call *);
bool goal_run(struct call *);
bool hint_run(struct call *);
bool solution_run(struct call *);
bool handin_run(struct call *);
bool predict_run(struct call *);
bool skip_run(struct call *);
bool why_and_lesson_run(struct call *);

bool replay_run(struct call *);      /* replay_command.c */

#endif
