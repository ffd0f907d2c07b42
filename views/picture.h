/* picture.h: what happened in a world, or the same story in several, as a picture: lifelines,
   the lines that were said as arrows, states of sessions as bars, messages as tiles. Read from
   the trace (and the boards at its end). One model, three ways to write it down: SVG, a page of
   HTML, Mermaid. The same session gives the same octets; all text from the wire goes through
   clean.h, and is escaped. */
#ifndef VIEWS_PICTURE_H
#define VIEWS_PICTURE_H

#include "views/conns.h"

#define PICTURE_ARROWS_MAX 1000      /* of one world; what is left out is said in the picture */
#define PICTURE_BYTES_MAX (64u << 20)
#define MERMAID_ARROWS_MAX 100       /* its text has a limit of 50,000 characters */
#define PICTURE_LIFELINES_MAX 24

/* A world that is drawn, and where its steps begin, if it is a story: a trace record's number
   for each; what comes before the first is drawn without a title. */
struct picture_world {
    slice name;                      /* "imap"; of a plain script: empty */
    struct world *world;
    const uint64_t *steps;
    const char *const *titles;
    size_t step_count;
    slice person; /* whose messages stand at the end; empty: of all who have devices */
    uint64_t from, to; /* trace records; to 0: all. A part of a story has no steps */
};

struct picture_page {
    slice title;
    slice answer;                    /* of a page: what stands first, in HTML; or empty */
    slice figures;                   /* of a page: what stands in place of the picture, in HTML; or
                                        empty */
};
void picture_svg(struct buf *, const struct picture_world *, size_t count,
                 const struct picture_page *);
void picture_html(struct buf *, const struct picture_world *, size_t count,
                  const struct picture_page *);
/* One step of one world, to stand in a page that picture_html begins. *marks counts on. */
void picture_svg_part(struct buf *, const struct picture_world *, size_t *marks);
/* What its signs mean, and the patterns that they need: an SVG of its own. */
void picture_legend_html(struct buf *);
void picture_mermaid(struct buf *, const struct picture_world *, size_t count,
                     const struct picture_page *);

/* --- the model: between the files picture*.c ------------------------------------------------ */

enum picture_kind {
    PICTURE_ARROW,                   /* one line, or several that follow each other */
    PICTURE_LOST,                    /* a segment that did not arrive */
    PICTURE_STATE,                   /* a session's state changes */
    PICTURE_OPEN, PICTURE_CLOSE, PICTURE_CUT,
    PICTURE_INPUT,                   /* what a person asked of a machine */
    PICTURE_MESSAGE,                  /* a message comes to a lifeline, or leaves it */
    PICTURE_OFFLINE, PICTURE_ONLINE,
    PICTURE_STEP
};

struct picture_item {
    enum picture_kind kind;
    uint64_t t_ns, sent_ns;          /* when it arrived, when it left */
    unsigned from, to;               /* lifelines; the same for what stands at one */
    uint32_t conn;
    size_t lines;
    uint64_t bytes;
    slice text;                      /* the trace's: the first line; a state's name; a command */
    const char *rfc, *event, *outcome; /* of the rule that answered it; may be NULL */
    uint8_t state;                   /* of the session, after it */
    bool refused;                    /* the server's line: 4xx, 5xx, -ERR, NO, BAD */
    char box[48];                    /* a message: whose mailbox, "ana INBOX"; or "" */
    char message[24];                 /* "+A", "-B", "~C" (its header), ">D" (sent),
                                        "?E" (could not be read) */
    bool quiet;                      /* long nothing before it */
    size_t section;
    unsigned y, y_from;              /* where it is drawn: arrives, leaves */
};

struct lifeline {
    uint32_t host;
    const char *name;
    bool is_device;
    unsigned x;
};

struct picture {
    const struct picture_world *of;
    struct conns conns;
    struct lifeline lines[PICTURE_LIFELINES_MAX];
    size_t line_count;
    struct picture_item *items;
    size_t count, cap, arrows, left_out;
    unsigned *heights;               /* of each section */
    size_t sections;
    unsigned width, height;
};

void picture_gather(struct picture *, const struct picture_world *);
/* Lines of a refusal's label, which is never cut; of another: 1. */
unsigned picture_label_lines(const struct picture_item *);
#define LABEL_OCTET 9u               /* of a label, about, in pixels */
#define LIFELINE_GAP 360u
/* Where everything stands, in so many sections of at least these heights each. */
void picture_place(struct picture *, unsigned x, const unsigned *heights, unsigned top);
/* How high each section would be by itself. */
void picture_measure(struct picture *);
void picture_free(struct picture *);
void xml_add(struct buf *, slice text, size_t columns);      /* cleaned, cut, escaped */
/* "laptop -> mail.campus: EHLO laptop" */
void picture_words(struct buf *, const struct picture *, const struct picture_item *);

#endif
