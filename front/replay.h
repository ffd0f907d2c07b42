/* replay.h: a recording under way before a person: which of his lines are for it, and what is said
   to them. It decides in the order of lessons/replay.h; a front end types a step's line and shows
   what is said, each in its own way. */
#ifndef FRONT_REPLAY_H
#define FRONT_REPLAY_H

#include "lessons/replay.h"

#define REPLAY_SAID_MAX (1u << 20)

struct replayer {
    struct front *front;         /* front->replay is the one under way */
    size_t next;                 /* the step that was said to be next; SIZE_MAX: none was */
    void (*say)(void *context, slice text);
    /* Runs the line as if it was typed, and shows what came. False: it could not. */
    bool (*type)(void *context, slice line);
    bool (*stops)(void *context);        /* does the person want it to stop? NULL: nobody can */
    void *context;
};

/* What it is; by_hand: how one steps through it, and the first question. */
void replayer_begin(struct replayer *, bool by_hand);
/* Was the line for the recording? Then all of it is done. */
bool replayer_takes(struct replayer *, slice line);
/* Another line has run: what its command wished is done; else it went along, strayed or went
   back. */
void replayer_after(struct replayer *, const struct replay_wish *);
/* Plays all that is left. False: it stopped before its end, and it was said where. */
bool replayer_rest(struct replayer *);

#endif
