/* report.h: many grades as what a lecturer wants: one row for each student and lesson (the best of
   several tries), as a table, as CSV, or in figures for a projector; and notes: what is broken,
   missing, unknown, of somebody else's seed, edited, or the same as another's. A report depends on
   the grades, not on their order. */
#ifndef LESSONS_REPORT_H
#define LESSONS_REPORT_H

#include "lessons/grade.h"

#define ROSTER_BYTES_MAX (64u << 20)

/* One line of a roster (id, group) or of a table of points (lesson, points). */
struct entry {
    slice key, value;
    uint64_t hundredths;             /* of points */
};
struct entries {
    struct entry *at;                /* by key; none twice */
    size_t count;
    struct arena arena;
};
/* CSV: cells between commas, semicolons or tabs, whichever the first line has; a cell may stand in
   quotes. A first line that begins with "id" or "lesson" is a heading. False: which line, why.
   Free either way. */
bool roster_read(struct entries *, slice text, uint64_t *line, struct error *why) MUST_CHECK;
bool points_read(struct entries *, slice text, uint64_t *line, struct error *why) MUST_CHECK;
void entries_free(struct entries *);
const struct entry *entries_find(const struct entries *, slice key);

struct report {
    const struct course *course;
    const struct entries *roster, *points;   /* NULL: none */
    struct grade **grades;                   /* owned */
    size_t count, cap;
    struct grade **same;                     /* the same, by lesson and typed lines */
    size_t same_count;
    struct arena arena;
};

void report_add(struct report *, const struct grade *);    /* copies it, the file's name too */
/* All are there: sorts, and adds what is missing. Once, before the others. */
void report_close(struct report *);
void report_free(struct report *);

/* id, group, lesson, goals, points, tries, hints, undos, misconceptions, replay, same_as */
void report_csv(const struct report *, struct buf *);
void report_text(const struct report *, struct buf *);     /* the same for a person */
void report_summary(const struct report *, struct buf *);  /* 76 columns, no names */
/* Each thing that is not as it should be, in a line. */
void report_notes(const struct report *, struct buf *);
/* Every row has all goals, by a replay that came to the same, from a student who is known. */
bool report_is_good(const struct report *);

/* --- for the files of the report ------------------------------------------------------------ */

/* One student in one lesson. */
struct row {
    const struct grade *best;
    const struct entry *student;     /* of the roster; NULL: not in it, or there is none */
    size_t tries;
    uint64_t goals;                  /* of the lesson, also when nothing was handed in */
    uint64_t hundredths;             /* of points */
};
/* The row that begins at that grade; returns where the next begins. */
size_t report_row(const struct report *, size_t from, struct row *);
/* The nearest id of the roster; empty: none is near. */
slice report_meant(const struct report *, slice student);
/* Others who handed in the same lines, by id: how many, of which up to `max` are named. */
size_t report_twins(const struct report *, const struct grade *, slice *ids, size_t max);
/* Whose seed the hand-in has, of those that are known; empty: nobody's. */
slice report_seed_owner(const struct report *, const struct grade *);

#endif
