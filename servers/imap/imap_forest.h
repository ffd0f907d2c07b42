/* imap_forest.h: trees that grow together and are cut, and one question: who stands at the top of
   this one's tree? Each step takes log n on the average, however deep the trees are (Sleator and
   Tarjan's link-cut trees). So THREAD can refuse a loop without climbing a long thread again and
   again. */
#ifndef SERVERS_IMAP_IMAP_FOREST_H
#define SERVERS_IMAP_IMAP_FOREST_H

#include "base/arena.h"

struct forest_node {
    uint32_t left, right, up;
};
struct forest {
    struct forest_node *nodes; /* numbered from 1; 0 is none */
};

struct forest forest_new(struct arena *, size_t count);          /* each alone */
uint32_t forest_top(struct forest *, uint32_t node);
void forest_link(struct forest *, uint32_t top, uint32_t above); /* top: of its own tree */
void forest_cut(struct forest *, uint32_t node);                 /* from what is above, if any */

#endif
