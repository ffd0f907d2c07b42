/* moves.h: every change of state that a protocol's rows make, and the same put into groups
   that people can read: what leads from these states to that one. */
#ifndef VIEWS_MOVES_H
#define VIEWS_MOVES_H

#include "base/buf.h"
#include "servers/protocol.h"

#define MOVES_MAX 512
#define GROUPS_MAX 64
#define LABELS_MAX 24

/* What makes the move: an event, well or failed; EV_ANY stands for its outcome. */
struct label {
    uint8_t event, outcome;
    bool failed;
};

struct move {
    uint8_t from, to;
    struct label label;
};

struct moves {
    struct move at[MOVES_MAX];
    size_t count;
};

/* These labels lead from any of these states to that one. */
struct group {
    uint32_t froms;
    uint8_t to;
    struct label labels[LABELS_MAX];
    size_t label_count;
};

struct groups {
    struct group at[GROUPS_MAX];
    size_t count;
};

void moves_read(struct moves *, const struct protocol *);
void moves_group(struct groups *, const struct moves *);
void label_add(struct buf *, const struct protocol *, struct label);
size_t label_width(const struct protocol *, struct label);

#endif
