/* handin.h: what a learner hands in of a lesson: who, which lesson, the lines that were typed, and
   what is claimed to have come of them. Plain text of 1 to 4 kB, that can be pasted into a form:

       Pennypost hand-in, format 1
       program 0.1.0
       student 98123
       lesson dele-waits
       seed 501268833
       goals 3 of 4
       hints 1 solutions 0 undos 2
       digest 91c2d0e17f3a55b1
       lines 17
       > telnet mail pop3
       "a line with a blank at its end "
       end

   No clock and no name of a person or machine is in it. Whoever reads one reads a stranger's text:
   every length has a limit. What it claims, grade.h finds out. */
#ifndef LESSONS_HANDIN_H
#define LESSONS_HANDIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#define HANDIN_TITLE "Pennypost hand-in, format 1"
#define HANDIN_BYTES_MAX (256u << 10)
#define HANDIN_LINES_MAX 2000        /* a lesson takes 5 to 60 */
#define HANDIN_LINE_MAX 8192         /* octets of one typed line */
#define STUDENT_MAX 32

struct sitting;

struct handin {
    char student[STUDENT_MAX + 1], lesson[64], program[32];
    uint64_t seed, digest;
    uint64_t met, goals, hints, solutions, undos;
    slice *lines;                    /* as they were typed; in the arena */
    size_t count;
    struct arena arena;
};

/* 1 to STUDENT_MAX letters, digits, '-', '_' and '.', a letter or digit in front. */
bool student_is_good(slice);
#define STUDENT_RULE "a student's ID is 1 to 32 letters, digits, '-', '_' and '.'"
/* The seed of that student's world in that lesson. */
uint64_t handin_seed(slice student, slice lesson);

/* What stands now. False: more was typed than a hand-in holds; why. handin_free either way. */
bool handin_take(struct handin *, const struct sitting *, slice student,
                 struct error *why) MUST_CHECK;
void handin_write(const struct handin *, struct buf *);
/* False: it can't be read: which line, why. What stands before it was read. */
bool handin_read(struct handin *, slice text, uint64_t *line, struct error *why) MUST_CHECK;
void handin_free(struct handin *);
/* "7F3A-91C2": short enough to be written on paper; the file gives the same. */
void handin_receipt(const struct handin *, struct buf *);

#endif
