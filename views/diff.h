/* diff.h: what is different in two moments of a world: on the servers, on each device, in each
   session. A world is read into a list of facts; two lists are compared. */
#ifndef VIEWS_DIFF_H
#define VIEWS_DIFF_H

#include "base/arena.h"
#include "sim/language/timeline.h"
#include "views/board.h"

enum diff_where { DIFF_TIME, DIFF_SERVER, DIFF_DEVICE, DIFF_SESSION, DIFF_PLACES };

/* One thing that is so. Two worlds have the same fact if where, what, message and copy are equal;
   they differ in it if the value is another, or one has none. */
struct diff_fact {
    enum diff_where where;
    slice what;                  /* "ana@campus.example INBOX", "phone" */
    slice identity;              /* of the message that it is about, or empty */
    uint32_t copy;               /* so many of the same came before it */
    uint64_t number;             /* the message's name */
    slice title;                 /* "bo: Lunch?" */
    slice value;                 /* "UID 2, seen"; empty: not there */
};

struct diff_row {                /* of a board */
    slice identity, title;
    uint64_t number, size;
    slice cells[BOARD_HOLDERS_MAX];
};
struct diff_board {
    struct diff_board *next;
    slice address;
    slice holders[BOARD_HOLDERS_MAX];
    size_t holder_count;
    struct diff_row *rows;
    size_t row_count;
};

struct diff_side {
    struct arena arena;          /* all that is below; outside any world's heap */
    slice name;                  /* as it was asked for */
    int64_t ms;
    struct diff_fact *facts;     /* in order of where, what, identity, copy */
    size_t count, cap;
    struct diff_board *boards, **last_board; /* by address */
};
/* diff_gather.c: reads all of the world. May give messages names that it did not have: whoever
   only looks undoes that (store_lose). */
void diff_gather(struct diff_side *, struct world *);
void diff_side_free(struct diff_side *);
int diff_fact_compare(const struct diff_fact *, const struct diff_fact *);

struct diff {
    struct diff_side sides[2];
    struct timeline_apart apart;
    struct difference {
        struct diff_fact fact;       /* as the first side has it */
        slice other;                 /* the value that the second side has */
    } *differences;                  /* in order of being told */
    size_t count;
    bool names_differ;               /* a name is not the same message's on the two sides */
};

/* diff_write.c: the same in words with boards, and as a JSON object. */
void diff_write(struct buf *, const struct diff *);
void diff_json(struct buf *, const struct diff *);

#endif
