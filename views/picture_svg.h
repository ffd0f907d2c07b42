/* picture_svg.h: between picture_svg.c and picture_tiles.c. */
#ifndef VIEWS_PICTURE_SVG_H
#define VIEWS_PICTURE_SVG_H

#include "views/picture.h"

#define TILE 28u
#define LINE_LEFT 200u               /* from the first lifeline to where the time stands */

struct drawing {
    struct buf *out;
    const struct picture *picture;
    size_t marks;                    /* for ids: unique in the whole file */
    size_t world;
    unsigned head;                   /* what stands above the first line */
    bool part;                       /* of a story: without what is held at the end */
};
extern const char picture_style[], picture_defs[];
/* What colours and signs mean, from that line on. */
void picture_legend(struct buf *, unsigned y);

/* A message's tile; class: full (new), head (its header only), gone, or none. */
void tile_draw(struct drawing *, unsigned x, unsigned y, const char *class, slice name);
/* Under each lifeline the messages that it holds at the end. Returns how high that is. */
unsigned inventory_draw(struct drawing *, unsigned y);

#endif
