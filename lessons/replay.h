/* replay.h: a recording under way in a world of its own: its client's lines are typed at ana's
   laptop, so that state, rule and `why` are those of our servers. It decides; a front end types
   the lines and shows what is said. Where one stands is read from the trace, so undo and its kin
   go back in the recording too; and whoever types a line of his own has strayed until he undoes
   it. */
#ifndef LESSONS_REPLAY_H
#define LESSONS_REPLAY_H

#include "lessons/recording.h"
#include "sim/language/timeline.h"
#include "views/front.h"

#define REPLAY_LINE_MAX                                                                            \
    (4 * RECORDING_BYTES_MAX + 64) /* a step as a line: every octet may be \ooo */

struct rerun {
    struct recording *recording; /* owned */
    struct timeline *timeline;   /* owned */
    struct world *world;         /* the timeline's */
    uint64_t from;               /* trace records before it are the setup's */
    size_t step;                 /* the next one; step_count: all were played */
    uint64_t turns;              /* of the timeline, as it was looked at; */
    bool turned;                 /* it was turned since the look before */
    bool strayed;                /* the connection has heard what the recording does not hold */
    bool told_strayed;
    unsigned asked, right;       /* questions that were answered, and how */
    unsigned char said[RECORDING_STEPS_MAX]; /* 1 + the answer before a step; 0: none was given */
    bool unlike[RECORDING_STEPS_MAX]; /* our server answered otherwise, and the recording has no
                                    reason for it */
};

/* A new world, in which the setup has run. It owns the recording from here on, whatever comes.
   NULL: a fault was told. */
struct rerun *replay_new(struct recording *, const struct command *const *tables,
                          lesson_fault_fn *, void *context);
void replay_free(struct rerun *);   /* and its world; NULL is allowed */
/* Looks in the trace where one stands. */
void replay_look(struct rerun *);
/* The line that plays the next step. False: it can't be played here, since our server has closed
   what was open then, or has not. */
bool replay_line(const struct rerun *, struct buf *line) MUST_CHECK;
/* "b": which answer that is, of the question before the next step. False: none is asked, or
   it is no answer. */
bool replay_choice(const struct rerun *, slice line, size_t *choice);

/* How our server's reply to a step that was played compares with the recorded one. */
struct replay_unlike {
    slice recorded, ours; /* the first lines that differ; empty: there is none on that side */
    slice state, our_state;      /* or, if the lines agree, the states */
};
/* `from`: the trace's end before the step. True: they differ. */
bool replay_differs(const struct rerun *, size_t step, uint64_t from, struct replay_unlike *);

/* --- replay_say.c: in words, for a window ---------------------------------------------------- */

/* What it is, and by_hand: how one steps through it. */
void replay_say_start(const struct rerun *, bool by_hand, struct buf *,
                      const struct look *);
/* Where one stands: which step, and the question before the next one. */
void replay_say_question(const struct rerun *, struct buf *, const struct look *);
/* Before the next step: how long it was waited, and the line as it is typed, where no view shows
   it. */
void replay_say_step(const struct rerun *, slice line, struct buf *, const struct look *);
/* Behind a step: right or not (choice NULL: nobody answered), what surprises, what differs. Counts
   what was answered. */
void replay_say_after(struct rerun *, size_t step, const size_t *choice, uint64_t from,
                      struct buf *, const struct look *);
void replay_say_strayed(struct rerun *, struct buf *, const struct look *);
/* The next step can't be played here: why. */
void replay_say_stuck(const struct rerun *, struct buf *, const struct look *);
/* It was stopped before its end. */
void replay_say_stopped(const struct rerun *, struct buf *, const struct look *);
void replay_say_end(const struct rerun *, struct buf *, const struct look *);
/* What it came to, as one line of JSON. */
void replay_json(const struct rerun *, struct buf *);
size_t replay_unlikes(const struct rerun *); /* how many steps were answered otherwise */

#endif
