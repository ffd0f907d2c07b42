/* lessons.h: the commands that this folder brings: step ask variants. */
#ifndef LESSONS_LESSONS_H
#define LESSONS_LESSONS_H

#include "sim/language/command.h"

extern const struct command lesson_commands[];

#endif
