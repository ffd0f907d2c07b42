/* lesson.h: a lesson as it was written: one Markdown file, read. What happens in one is
   sitting.h; which there are is course.h. docs/authoring.md tells how one is written.

       ---                          front matter: `key: words`
       name: where-did-it-go
       ---
       Prose, and fenced blocks whose first word says what they are:

       setup      lines that run before the learner comes
       goal       a line of prose, then `check ...` lines, each with an `else WORDS` if it likes
       hint       words for the goal before it; with `mistake NAME` and `when ...` lines it
                  answers a wrong approach
       predict    a question, then `answer CHECK`: what the check finds is the right answer
       solution   lines that meet the goal before it, after the solutions before
       also       another whole solution
       near-miss  lines that look right, leave a goal unmet and make a mistake
       after      words for when all is done

   A block belongs to the goal before it; prose and predict to the goal behind them. */
#ifndef LESSONS_LESSON_H
#define LESSONS_LESSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#define LESSON_BYTES_MAX (1u << 20)
#define LESSON_GOALS_MAX 12      /* more than a person keeps in mind */
#define LESSON_HINTS_MAX 64
#define LESSON_CASES_MAX 32      /* near misses, and other solutions */
#define LESSON_NAMES_MAX 16      /* needs, paths, misconceptions, forbidden commands */
#define LESSON_FAULTS_MAX 20     /* told of one file */
#define LESSON_HINTS_LEAST 2     /* graded hints of each goal */

struct lesson_line {
    slice text;
    uint64_t number;             /* in the file, from 1 */
};

struct lesson_lines {
    struct lesson_line *at;
    size_t count;
};

/* One `check` of a goal, or one `when` of a hint. */
struct lesson_check {
    struct lesson_line line;
    slice text;                  /* behind `check`, `when`, `when not`, `answer` */
    slice unmet;                 /* the `else` words, or empty; {found} in it is what was found */
    bool negated;
};

struct lesson_goal {
    uint64_t number;             /* of its line */
    slice words;
    struct lesson_check *checks;
    size_t check_count;
    bool stays;                  /* it must hold at the end too; others are met once */
    slice before;                /* prose before it: Markdown */
    struct lesson_lines solution;
};

struct lesson_hint {
    size_t goal;
    slice mistake;               /* "": one of the graded hints */
    slice words;                 /* Markdown */
    struct lesson_check *when;
    size_t when_count;
    uint64_t number;
};

struct lesson_predict {
    size_t goal;                 /* asked when all before it are met, told when it is */
    slice question;
    struct lesson_check answer;
};

struct lesson_case {
    uint64_t number;
    size_t goal;                 /* near miss: which one stays unmet */
    slice mistake;
    struct lesson_lines lines;
};

struct lesson {
    slice name, title, part, teaches; /* a NUL stands behind the name */
    slice of;                    /* a translation: of which text, by translation_mark; or empty */
    uint64_t of_number;          /* its line */
    uint64_t minutes;
    slice needs[LESSON_NAMES_MAX], forbids[LESSON_NAMES_MAX];
    size_t need_count, forbid_count;
    unsigned corrects[LESSON_NAMES_MAX]; /* misconceptions, by number */
    size_t correct_count;
    bool no_completion, no_notes;
    struct lesson_lines setup;
    struct lesson_goal goals[LESSON_GOALS_MAX];
    size_t goal_count;
    struct lesson_hint hints[LESSON_HINTS_MAX];
    size_t hint_count;
    struct lesson_predict predicts[LESSON_GOALS_MAX];
    size_t predict_count;
    struct lesson_case misses[LESSON_CASES_MAX], also[LESSON_CASES_MAX];
    size_t miss_count, also_count;
    slice after;                 /* Markdown */
    struct lesson_line *file;    /* its lines, after ${...} was filled in */
    size_t file_count;
    struct arena arena;          /* all of it */
};

/* What is wrong with a lesson, and where. */
struct lesson_fault {
    uint64_t number;             /* of the line; 0: of the whole */
    slice line;
    size_t at;
    struct error why;
};
typedef void lesson_fault_fn(void *context, const struct lesson_fault *);

/* Reads the text; ${...} are filled in by the seed. Every fault is told (up to
   LESSON_FAULTS_MAX). NULL: there was one. Whether the checks can be read, a world decides
   (sitting.h). */
struct lesson *lesson_read(slice text, uint64_t seed, lesson_fault_fn *, void *context);
void lesson_free(struct lesson *);       /* NULL is allowed */
/* A name in front of all others may have: small letters, digits, hyphens. */
bool lesson_name_is_good(slice);

/* --- lesson_vary.c ------------------------------------------------------------------------ */

/* One choice that the seed makes: "who device = bo desktop | cem office". False: unreadable at
   `at`, why. The name is for the stream of chance. */
struct lesson_variable {
    slice name, value;
};
struct lesson_variables {
    struct lesson_variable at[LESSON_NAMES_MAX];
    size_t count;
};
bool lesson_vary(struct lesson_variables *, slice rule, uint64_t seed, slice lesson, size_t *at,
                 struct error *why) MUST_CHECK;
/* The line with its ${...} filled in. False: one has no value. */
bool lesson_fill(struct buf *, slice line, const struct lesson_variables *, size_t *at,
                 struct error *why) MUST_CHECK;

/* --- markdown.c --------------------------------------------------------------------------- */

/* Markdown as text for a terminal: paragraphs, lists, headings, code that stays as it is. Every
   line begins with `indent` blanks and has `columns` at most, but for code. */
void markdown_write(struct buf *, slice text, size_t indent, size_t columns);
/* The fenced blocks of the text, in order, by its lines from 1. `end` is the line behind it. */
struct markdown_block {
    slice info;                  /* "goal", "hint mistake 3"; in the arena */
    uint64_t first, end;         /* lines between the fences; end - first of them */
    uint64_t fence;              /* the line of the opening fence */
    bool closed;                 /* a closing fence was there */
};
size_t markdown_blocks(struct arena *, slice text, struct markdown_block **);

#endif
