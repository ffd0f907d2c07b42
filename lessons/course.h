/* course.h: all lessons that there are, in order; paths through them; and what a learner has done
   so far, as a text that a person can read. Files are for the front end. */
#ifndef LESSONS_COURSE_H
#define LESSONS_COURSE_H

#include "lessons/language.h"
#include "lessons/lesson.h"
#include "sim/language/command.h"

#define COURSE_LESSONS_MAX 256
#define PROGRESS_BYTES_MAX (256u << 10)
#define PROGRESS_TITLE "# Pennypost progress, format 1"

/* What was done in one lesson. */
struct progress_lesson {
    char name[64];
    bool done;
    uint64_t seed;
    unsigned met, goals;             /* of the last try */
    unsigned tries, hints, solutions, predicted, right;
};

struct progress {
    struct progress_lesson lessons[COURSE_LESSONS_MAX];
    size_t count;
    char path[32];                   /* the path that was chosen, or "" */
    char language[8];                /* "de", or "": English */
    char now[64];                    /* the lesson that was begun last, or "" */
};

struct course {
    struct lesson *lessons[COURSE_LESSONS_MAX]; /* as seed 1 has them */
    slice texts[COURSE_LESSONS_MAX]; /* as written; in the arena, or part of the program */
    size_t count;
    struct progress progress;
    char student[33];                /* whose: --student; or "" */
    char wanted[64];                 /* a command wants the front end to begin this lesson, */
    bool wants;
    bool changed;                    /* and to keep the progress */
    struct buf say;                  /* and to show this */
    const struct language *language; /* NULL: English */
    struct arena arena;
};

/* The lessons that come with the program. Broken ones are told, and left out. */
struct course *course_new(lesson_fault_fn *, void *context);
void course_free(struct course *);   /* NULL is allowed */
/* One more lesson, which takes the place of one of the same name. False: it is broken. */
bool course_add(struct course *, slice text, lesson_fault_fn *, void *context);
/* From here on in that language, "en" too; what it lacks stays English. False: there is none. */
bool course_speak(struct course *, slice language, lesson_fault_fn *, void *context);
/* Which lesson that is, by its name or its number in the list; count: there is none. */
size_t course_find(const struct course *, slice said);
/* What comes after that lesson on the chosen path: the next that is not done. For "": the lesson
   that was begun last, if it is not done, else the first. NULL: all is done. */
const struct lesson *course_next(const struct course *, slice after);
/* Do all needs exist, without a circle? Told of each that does not. */
bool course_needs_check(const struct course *, lesson_fault_fn *, void *context);
void course_list(const struct course *, struct buf *, size_t columns);
void course_json(const struct course *, struct buf *);
void course_progress(const struct course *, struct buf *, size_t columns);
/* "Next: lesson say-hello (5 minutes): Say hello" */
void course_say_next(const struct course *, slice after, struct buf *, size_t columns);

/* --- paths --------------------------------------------------------------------------------- */

struct course_path {
    const char *name, *meaning;
    const char *lessons[16];         /* ends with NULL */
};
extern const struct course_path course_paths[];  /* ends with one without a name */
const struct course_path *course_path(slice name);

/* --- progress.c ---------------------------------------------------------------------------- */

/* False: a line is unreadable: which, why. What stands before it was read. */
bool progress_read(struct progress *, slice text, uint64_t *line, struct error *why) MUST_CHECK;
void progress_write(const struct progress *, struct buf *);
/* The entry of that name, made if it is not there; NULL: too many. */
struct progress_lesson *progress_entry(struct progress *, slice name);
const struct progress_lesson *progress_find(const struct progress *, slice name);

/* --- the ones that come with the program: lessons/en/NN-NAME.md, made into C --------------- */

struct lesson_text {
    const char *name;
    const unsigned char *at;
    size_t len;
};
extern const struct lesson_text lesson_texts[]; /* ends with one without a name */
extern const struct lesson_text lesson_texts_de[]; /* the same, and "words": language.h */

/* --- prove.c ------------------------------------------------------------------------------- */

/* Is the lesson what it should be: unsolved at its start, solved by its solution in order, and not
   without its last line, nor by its near misses, each of which is explained; solved by what else
   is right; within 80 columns? Under each seed. Faults are told. */
bool lesson_prove(slice text, const struct command *const *tables, const uint64_t *seeds,
                  size_t seed_count, lesson_fault_fn *, void *context);
/* Only that its texts are within 80 columns: for a lesson whose worlds are proved already. */
bool lesson_texts_prove(slice text, const uint64_t *seeds, size_t seed_count, lesson_fault_fn *,
                        void *context);

#endif
