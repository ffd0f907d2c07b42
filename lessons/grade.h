/* grade.h: what a hand-in is worth: its lines are run again in a world of the lesson, with the
   student's own seed, and what comes of that counts, not what the file claims. One hand-in becomes
   one `struct grade`, and one line of JSON; many of them become a report (report.h), wherever they
   were graded.

   What it shows: the seed of another student, lines or claims that were edited (the replay
   differs), and lines that somebody else has handed in too. It can't show
   more: a file that was written by hand and is right is right. */
#ifndef LESSONS_GRADE_H
#define LESSONS_GRADE_H

#include "lessons/course.h"
#include "lessons/handin.h"

#define GRADE_JSON_MAX (64u << 10)
#define GRADE_EVENTS_MAX 2000000u /* of the world, for one hand-in; a lesson takes some thousands */

enum replay { REPLAY_SAME, REPLAY_DIFFERS, REPLAY_OTHER_SEED, REPLAY_BROKEN, REPLAY_MISSING };
/* "same", "differs", "foreign seed", "broken", "missing" */
extern const char *const replay_words[];

struct grade {
    slice file;                      /* as it was named */
    char student[STUDENT_MAX + 1], lesson[64], program[32]; /* "": broken before it was read */
    uint64_t seed;                   /* as the file has it */
    bool met[LESSON_GOALS_MAX];      /* by the replay */
    uint64_t goals, hints, solutions, undos;
    uint32_t mistakes;               /* misconceptions: bit N is number N */
    enum replay replay;
    uint64_t lines;                  /* hash of the typed lines; 0: none were typed */
    char receipt[12];
    uint64_t line;                   /* broken: in this line of the file, or 0, */
    char why[200];                   /* for this reason */
};

struct grading {
    const struct course *course;
    const struct command *const *tables;
    /* Gives a front end to the world (NULL: none); it must neither write files nor open ports. */
    void (*enter)(void *context, struct world *);
    void *context;
};

/* Never fails: what is broken is a grade that says so. `file` is borrowed. */
void grade_handin(const struct grading *, slice file, slice text, struct grade *);
uint64_t grade_met(const struct grade *);    /* how many goals */

/* --- grade_json.c -------------------------------------------------------------------------- */

void grade_write(const struct grade *, struct buf *);      /* one line, with its LF */
/* One such line, without its LF. False: it is none; why. The file's name is in the arena. */
bool grade_read(struct grade *, slice line, struct arena *, struct error *why) MUST_CHECK;

#endif
