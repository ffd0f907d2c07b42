/* timeline.h: going back and forth in the time of one world. A world is what its lines made of
   it, so a *moment* is a place in a tree of lines: where one stands after a line that ran. Going
   to a moment restores everything: stores of servers and devices, sessions, what is on the
   wire, the clock, the queues, the generators, the trace.

   How: the world lives in a heap of its own (base/heap.h). Now and then an image of it is kept;
   going to a moment puts back the nearest image before it and plays the lines from there. In
   builds whose heaps can't be set back there are no images, and all lines are played.

   What lies outside and is never turned back: the lines themselves (the history is append-only:
   every line that was typed, `undo` and its kin too), this tree, the names of its branches.
   Turning leaves nothing in the trace: the digest of a moment is that of its own lines.

   A branch is a name for the last moment of a row of lines. Whoever goes back and types something
   else leaves a future behind: it stays, as a branch with a name of its own.

   Not thread-safe, as nothing here is. Functions that return false leave all as it was, but for
   LINE_BROKEN's kind of trouble, and say why in one sentence for the person. */
#ifndef SIM_LANGUAGE_TIMELINE_H
#define SIM_LANGUAGE_TIMELINE_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct world;
struct command;
struct timeline;

#define TIMELINE_NAME_MAX 32
#define TIMELINE_MAIN "main"     /* the branch that one begins on */
#define TIMELINE_START "start"   /* names the beginning, where a branch is asked for, */
#define TIMELINE_NOW "now"       /* and this the present moment */

struct timeline_start {
    const uint64_t *seed;        /* as world_new's, all of them, and copied */
    const struct command *const *tables;
    slice script, name;
    /* A file that follows (store_follow), where heap_is_possible(); NULL: in memory alone. */
    const char *path;
    bool seldom;                 /* turning back will be rare: fewer images, lines run faster */
};
/* A new world in memory, or the one in that file, and its timeline. NULL: why. */
struct timeline *timeline_open(const struct timeline_start *, struct error *why) MUST_CHECK;
void timeline_close(struct timeline *);              /* and the world; NULL is allowed */
/* It stays at its address, whatever is turned back. */
struct world *timeline_world(const struct timeline *);
/* Of a world; NULL: it has none, and its time only moves on. */
struct timeline *timeline_of(const struct world *);

/* Forgets all moments and branches before now: here begins what `restart` goes back to. For a
   lesson whose setup is done. Not while a command runs. The history stays. */
void timeline_begin_here(struct timeline *);

/* What an undo took back. */
struct timeline_undone {
    slice line;                  /* the act; as long as the timeline */
    uint64_t lines;              /* its own: more than one for a message or literal */
    uint64_t looks;              /* lines after it that only looked: they are gone too */
};
/* To before the last act: a line that did something, or all lines of a message or literal if the
   line ended it. Lines that only looked (STEP_LOOK) are steps, but no acts. undone may be NULL. */
bool timeline_undo(struct timeline *, struct timeline_undone *, struct error *why) MUST_CHECK;
/* Takes back the last undo, rewind or restart, as long as no line has run since. */
bool timeline_redo(struct timeline *, struct error *why) MUST_CHECK;
bool timeline_restart(struct timeline *, struct error *why) MUST_CHECK;
bool timeline_rewind(struct timeline *, uint64_t steps, struct error *why) MUST_CHECK;
/* To the last moment that is not later than this virtual time. */
bool timeline_rewind_to(struct timeline *, uint64_t at_ns, struct error *why) MUST_CHECK;
/* A branch of that name begins here, and one goes on there. 1 to TIMELINE_NAME_MAX letters, digits,
   '-', '_' and '.', not a number, neither "start" nor "now", and none that is there. */
bool timeline_fork(struct timeline *, slice name, struct error *why) MUST_CHECK;
/* To the end of that branch, to "start", or, by a number, to that step of the branch one is on,
   back or forth. */
bool timeline_go(struct timeline *, slice name, struct error *why) MUST_CHECK;
/* Shows `look` the world as it was at a branch's end, a step, "start" or "now"; afterwards all is
   as before. Only one at a time, and `look` runs no lines. */
typedef void timeline_look(void *context, struct world *);
bool timeline_visit(struct timeline *, slice name, timeline_look *, void *context,
                    struct error *why) MUST_CHECK;

/* Where the ways to two moments part; each is named as for timeline_visit. */
struct timeline_apart {
    uint64_t steps[2], shared;   /* from the beginning to each, and so many of them together */
    slice lines[2];              /* the first that is not shared */
};
bool timeline_compare(const struct timeline *, slice one, slice other, struct timeline_apart *,
                      struct error *why) MUST_CHECK;

/* --- what there is ------------------------------------------------------------------------ */

struct timeline_branch {
    char name[TIMELINE_NAME_MAX + 1];
    bool here;                   /* one is on it */
    uint64_t steps;              /* from the beginning to its end */
    uint64_t shared;             /* so many of them with the branch one is on */
    slice first;                 /* its line behind those; empty: it has none. While it stands */
    uint64_t at_ns;              /* the virtual time of its end */
};
/* By age; how many there are. */
size_t timeline_branches(const struct timeline *, struct timeline_branch *, size_t max);
const char *timeline_name(const struct timeline *);  /* of the branch one is on */
uint64_t timeline_step(const struct timeline *);     /* steps from the beginning to here */
uint64_t timeline_steps(const struct timeline *);    /* and to the end of the branch */
slice timeline_last_line(const struct timeline *);   /* the line that led here; empty: none */
/* How often time was turned: who remembers something of the trace looks whether it still holds. */
uint64_t timeline_turns(const struct timeline *);
/* Of the trace before the last turn so many records are the same after it. */
uint64_t timeline_kept(const struct timeline *);
/* The lines that lead from the beginning to here, in order; false stops. For a tidy script. */
typedef bool timeline_line(void *context, slice line);
bool timeline_lines(const struct timeline *, timeline_line *, void *context);

/* So many lines the history had when this timeline began: a world in a file goes on. */
uint64_t timeline_history_before(const struct timeline *);

struct timeline_figures {
    uint64_t moments, images, image_bytes, world_bytes; /* image_bytes: of all images together */
    uint64_t played;             /* lines that the last turn had to play */
};
struct timeline_figures timeline_figures(const struct timeline *);

/* --- for script.c and whoever runs lines past it ------------------------------------------- */

/* A moment is being reached: lines run that a person typed some time ago, and nobody watches. */
bool timeline_plays(const struct world *);
/* A line is in the history. Anything that is written there comes by here. */
void timeline_history(struct world *, slice line);
enum step_kind { STEP_ACT, STEP_LOOK, STEP_TYPED /* an act whose octets went to a server */ };
/* This line has run and the world is quiet. */
void timeline_ran(struct world *, slice line, enum step_kind);
/* Real programs were connected, or are: what they did is one step that can't be played. */
void timeline_inbound_ended(struct world *);

#endif
