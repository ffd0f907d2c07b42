/* sitting.h: one lesson under way in a world: which goals are met, what was hinted at, what a
   learner is told after a line. It decides; what it says is text, and a front end shows it.
   A sitting is a function of the lesson, the seed and the lines: whoever runs the lines again
   is where the learner was. Its world's time can be turned (timeline.h); the lesson's start is
   what `restart` goes back to. What a learner was told stays told. */
#ifndef LESSONS_SITTING_H
#define LESSONS_SITTING_H

#include "lessons/lesson.h"
#include "sim/language/commands.h"
#include "sim/language/script.h"
#include "sim/language/timeline.h"
#include "views/front.h"

#define SITTING_FAILURES 3       /* refusals in a row, before a hint is offered */
#define PREDICTION_MAX 80
#define SITTING_TYPED_MAX (1u << 20) /* of what was typed: more is not handed in (handin.h) */

struct goal_progress {
    bool met, fresh;             /* fresh: not told yet */
    uint64_t met_at;             /* world->inputs then */
    unsigned hints;              /* graded ones that were given */
    size_t solution_next;        /* its next line that `solution` types */
};

struct sitting {
    struct lesson *lesson;       /* owned */
    struct timeline *timeline;   /* owned */
    struct world *world;         /* the timeline's */
    uint64_t turns;              /* of the timeline, as they were looked at, */
    uint64_t turns_before;       /* and at the start */
    struct buf typed;            /* every line, with its LF; `full`: they were more */
    bool begins_again;           /* `restart`: the start is to be shown once more */
    uint64_t from;               /* trace records before it are the setup's */
    uint64_t looked;             /* trace records before it were looked at */
    struct goal_progress goals[LESSON_GOALS_MAX];
    bool mistake_now[LESSON_HINTS_MAX], mistake_told[LESSON_HINTS_MAX];
    char predictions[LESSON_GOALS_MAX][PREDICTION_MAX];
    bool predict_asked[LESSON_GOALS_MAX], predict_told[LESSON_GOALS_MAX];
    unsigned predictions_made, predictions_right;
    int asks;                    /* the prediction that is awaited, or -1 */
    bool predicted;              /* just now … */
    bool predicted_command;      /* … in words that look like a command */
    unsigned failures;           /* in a row */
    bool offered;                /* a hint, since the last success */
    bool attempted;              /* a message was handed over, or a question answered, just now */
    unsigned hints, solutions;   /* given in all */
    bool finished;               /* told that it is */
    size_t prose_told;           /* the goal whose prose was shown last */
    bool shows_goals, shows_hint, shows_solution; /* with the next news: a command asked */
    bool hands_in;               /* so did `handin` */
    char prefill[1024];          /* what the person's next line shall begin with: `solution` */
    enum { WANTS_NOTHING, WANTS_SKIP, WANTS_LESSON } wants;
    char wanted[64];             /* WANTS_LESSON: which */
};

/* A new world, in which the setup has run. NULL: a fault was told. */
struct sitting *sitting_new(slice text, uint64_t seed, const struct command *const *tables,
                            lesson_fault_fn *, void *context);
void sitting_free(struct sitting *);         /* and its world; NULL is allowed */
/* Runs a typed line as script_line does, and then looks at the goals. A command that the lesson
   goes without is LINE_UNREADABLE. */
enum line_result sitting_line(struct sitting *, slice line, size_t *at,
                              struct error *why) MUST_CHECK;
/* Time was turned by somebody else than a line: looks how it stands now. */
void sitting_turned(struct sitting *);
/* Runs a line that was typed once before; what is said to it, nobody reads. */
enum line_result sitting_line_again(struct sitting *, slice line, struct error *why) MUST_CHECK;
/* How often time was turned: undo, redo, restart and their kin. */
uint64_t sitting_undos(const struct sitting *);
/* A line at `predict ?` as the command that says it: "predict 4", ":predict 4". */
void sitting_predict_line(const struct sitting *, slice line, struct buf *command);
bool sitting_is_met(const struct sitting *); /* every goal */
/* The first goal that is not met; goal_count: all are. */
size_t sitting_next(const struct sitting *);
/* The first check of that goal that does not hold, and what was found. NULL: all hold. */
const struct lesson_check *sitting_unmet(const struct sitting *, size_t goal,
                                         struct check_result *);

/* --- sitting_say.c: in words, for a window ------------------------------------------------- */

void sitting_say_start(struct sitting *, struct buf *, const struct look *);
/* What is new since the last line: goals met, a mistake explained, a hint offered, a prediction
   compared, the end. Nothing is nothing. */
void sitting_say_news(struct sitting *, struct buf *, const struct look *);
void sitting_say_goals(const struct sitting *, struct buf *, const struct look *);
/* The next hint; the last one again when there is no other. */
void sitting_say_hint(struct sitting *, struct buf *, const struct look *);
/* All texts of the lesson, hints and near misses too: for whoever writes it. */
void sitting_say_all(struct sitting *, struct buf *, const struct look *);
/* lesson_json.c: how it stands, as data. */
void sitting_json(const struct sitting *, struct buf *);

#endif
