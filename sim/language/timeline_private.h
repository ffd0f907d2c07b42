/* timeline_private.h: what the files of the timeline share, and nobody else includes.
   timeline.c: the tree, its branches, where one may go. timeline_play.c: images, and reaching a
   moment. */
#ifndef SIM_LANGUAGE_TIMELINE_PRIVATE_H
#define SIM_LANGUAGE_TIMELINE_PRIVATE_H

#include <stdlib.h>

#include "base/heap.h"
#include "servers/store/store.h"
#include "sim/language/build.h"
#include "sim/language/timeline.h"
#include "sim/world.h"

#define RECORDS_A_LINE 8u        /* what a line costs that leaves nothing in the trace */

struct image {
    struct image *from;          /* NULL: the first one */
    struct delta *delta;         /* between that one and this */
    uint32_t depth;              /* images before it */
    struct image *older;         /* all of them */
};

struct moment {
    struct moment *parent;       /* NULL: the world as it was built */
    struct image *image;         /* NULL: none was kept */
    slice line;                  /* that led here */
    uint64_t line_number;        /* in a script */
    uint64_t depth, at_ns, trace_end;
    bool inside;                 /* a message or literal goes on */
    bool ends_text;              /* a typed line that ended one */
    bool looks;                  /* it has changed nothing that anybody would want back */
    bool opaque;                 /* it can't be played */
};

struct branch {
    char name[TIMELINE_NAME_MAX + 1];
    struct moment *end;
};

struct timeline {
    struct world *world;
    struct heap *heap;           /* NULL: this build has none */
    struct arena arena;          /* moments and lines */
    struct moment *first, *root, *now; /* root: what restart goes back to */
    struct branch *branches;
    size_t branch_count, branch_cap, branch;
    struct moment **left;        /* where redo goes, last first */
    size_t left_count, left_cap;
    slice *history;              /* of this sitting: all of it */
    size_t history_count, history_cap;
    uint64_t history_kept;       /* rows in the store's table before this sitting */
    struct image *base, *images;
    uint64_t image_count, image_bytes, moments, turns, played;
    uint64_t cost;               /* of what ran since `base` */
    uint64_t kept;               /* trace records before it survived the last turn */
    uint64_t seed;
    slice script, name;
    bool seldom, playing, visiting;
};

/* Room for one more of an array that only grows. */
#define GROW(array, count, cap)                                              \
    do {                                                                     \
        if ((count) == (cap)) {                                              \
            (cap) = (cap) ? (cap) * 2 : 16;                                  \
            (array) = realloc((array), (cap) * sizeof *(array));             \
            must((array) != NULL);                                           \
        }                                                                    \
    } while (0)

/* The last moment that leads to both. */
const struct moment *moment_shared(const struct moment *, const struct moment *);

/* --- timeline_play.c -------------------------------------------------------------------- */

void image_keep(struct timeline *, struct moment *);      /* the world stands there */
void image_perhaps(struct timeline *, struct moment *);   /* if it pays */
/* The world as it was then, without the history since and without telling where one is. */
bool moment_reach(struct timeline *, struct moment *, struct error *why) MUST_CHECK;
/* The same with all that was typed, and one is there. */
bool moment_turn(struct timeline *, struct moment *, struct error *why) MUST_CHECK;

#endif
