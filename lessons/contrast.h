/* contrast.h: one story in several worlds of the same seed, which differ only in how the mail
   programs of one person's devices are set; and what came of it, step by step. A frame is a
   picture taken after a step: where each message is, what was said, what it means, the cost so
   far. Frames stay as they are, so one can go back, and look at them in any order. */
#ifndef LESSONS_CONTRAST_H
#define LESSONS_CONTRAST_H

#include "lessons/story.h"
#include "servers/store/store.h"
#include "sim/language/meter.h"
#include "views/board.h"

#define CONTRAST_HOLDERS_MAX (STORY_DEVICES_MAX + 1)   /* the server is [0] */
#define CONTRAST_TEXT_MAX 65536
#define CONTRAST_WIRE_MAX (8u << 20) /* octets: the lines of one step, in one world */
#define FRAME_SENTENCES_MAX 3

struct frame_row {
    uint64_t number, size;           /* of the message */
    char title[80];
    struct board_cell cells[CONTRAST_HOLDERS_MAX];
    bool changed[CONTRAST_HOLDERS_MAX]; /* since the frame before */
};
struct outcome_row;                  /* contrast_outcome.h */
struct holding {
    uint64_t messages, readable, bytes; /* in all folders; readable: without the network */
};
struct frame {
    struct frame_row *rows;          /* every message that was ever here, by number */
    size_t row_count;
    uint64_t trace_end;              /* the records up to here have happened */
    struct holding held[CONTRAST_HOLDERS_MAX];
    struct meter_count cost;         /* so far, of everybody in that world */
    struct buf said, so;             /* "laptop: RETR x4, QUIT"; "only laptop has them" */
    const struct outcome_row *told[FRAME_SENTENCES_MAX]; /* the rows of `so` */
    size_t told_count;
};
struct contrast;
struct variant {
    const struct contrast *contrast;
    char name[VARIANT_NAME_BYTES];
    struct world *world;             /* after the last step; the front end's to end */
    struct user user;
    const struct device *devices[CONTRAST_HOLDERS_MAX]; /* [0] is NULL */
    struct meter meter;
    struct frame frames[STORY_STEPS_MAX + 1]; /* [0]: before the first step */
    size_t frame_count;
    uint64_t lost, duplicated, overwritten; /* at the end: see contrast_count.c */
    bool in_step;
    bool check_failed;
};
struct contrast {
    const struct story *story;
    struct variant *variants[STORY_VARIANTS_MAX];
    size_t variant_count, holders;
};

/* Sets the devices and plays the story in that world, which was just made. The frames are made
   on the way. False: fault. The world stays the caller's, and must live as long. */
bool contrast_add(struct contrast *, slice variant, struct world *, struct story_fault *);
/* Plays the first so many steps only, without frames: to look around in that moment. */
bool contrast_replay(const struct contrast *, slice variant, struct world *, size_t steps,
                     struct story_fault *);
void contrast_free(struct contrast *);       /* all but worlds and story */
/* The worlds too, by whoever opened them. */
void contrast_end(struct contrast *, void (*world_close)(struct world *));

const char *contrast_holder(const struct contrast *, size_t holder); /* "server", "laptop" */
/* Where and what a cell is, in a word; `flags`: "full seen", else "full". Empty: never there. */
void contrast_cell_write(struct buf *, const struct frame_row *, size_t holder, bool flags);

/* --- between the files contrast*.c ---------------------------------------------------------- */

void frame_take(struct variant *, const struct story_step *);  /* contrast_frame.c */
void frame_free(struct frame *);
/* The message's; NULL: there is none, or no frame. */
const struct frame_row *frame_row(const struct frame *, uint64_t number);
void contrast_count(struct variant *);                          /* contrast_count.c */
void frame_said(struct variant *, struct frame *, uint64_t from); /* contrast_said.c */
void frame_outcome(struct variant *, struct frame *, const struct frame *before);

/* --- contrast_answer.c: in figures --------------------------------------------------------- */

/* "POP3, delete after fetch" if the titles of all settings fit, else "pop3-delete". */
void contrast_name_write(struct buf *, const struct contrast *, const struct variant *,
                         size_t room);
/* How many messages it shows in its INBOX; one that is there twice counts twice. */
uint64_t contrast_shows(const struct frame *, size_t holder);
/* "server 0, laptop 5, phone 0" */
void contrast_shows_write(struct buf *, const struct contrast *, const struct frame *);
/* Which device the question behind a step is about; the count of holders: none is named. */
size_t contrast_asked_holder(const struct contrast *, size_t step);
/* One step in sentences, without columns. */
void contrast_tell(struct buf *, const struct contrast *, size_t step);
/* What it came to, a sentence a setting. */
void contrast_sum_write(struct buf *, const struct contrast *);

/* --- shown ---------------------------------------------------------------------------------- */

#define CONTRAST_COLUMNS_MIN 76
/* contrast_draw.c: one step, at most `columns` wide (CONTRAST_COLUMNS_MIN at least) and, if they
   are not 0, so many rows high. The first line ends with `keys` if there is room. */
struct contrast_look {
    size_t columns, rows;
    const char *keys;
};
void contrast_draw(struct buf *, const struct contrast *, size_t step,
                   const struct contrast_look *);
/* Behind it, on a screen that has room for more rows: what was said in that step, as lines; all of
   them, or the clients' commands, or the beginning of those. */
void contrast_wire_draw(struct buf *, const struct contrast *, size_t step,
                        const struct contrast_look *, bool utf8);
/* contrast_wire.c: the lines of that step, cleaned, each with its side, under who talks to whom. */
void contrast_wire_write(struct buf *, const struct variant *, size_t step, bool utf8);
/* Likewise, of the clients' commands alone: no answers, no messages. */
void contrast_commands_write(struct buf *, const struct variant *, size_t step, bool utf8);
/* contrast_table.c: what it came to. */
void contrast_table_draw(struct buf *, const struct contrast *, size_t columns);
void contrast_table_html(struct buf *, const struct contrast *); /* its rows */
void contrast_table_tell(struct buf *, const struct contrast *); /* in sentences */
/* contrast_html.c: for a page: what it came to, and each step with its picture. */
void contrast_answer_html(struct buf *, const struct contrast *);
void contrast_steps_html(struct buf *, const struct contrast *);
/* contrast_json.c: {"kind":"contrast",…} and LF. */
void contrast_json(struct buf *, const struct contrast *);
/* The variant's whole trace, each line with its name. */
void contrast_trace_json(struct buf *, const struct variant *);

#endif
