/* page.h: the program as a module that a page holds: what its files share. JavaScript calls the
   exported functions (page.c has their list), which answer into the outputs below; a text goes in
   as an address from page_alloc and a length. docs/page.md tells the rest. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "base/buf.h"
#include "base/error.h"
#include "front/commands.h"
#include "front/lesson.h"
#include "front/replay.h"
#include "sim/language/script.h"
#include "sim/language/timeline.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define ANSWER_MAX (64u << 20)

enum output {
    EVENTS_OUT,   /* the trace as JSON lines; numbered: "17 {…}" */
    TEXT_OUT,     /* what a terminal would show */
    ANSWER_OUT,   /* JSON: the turn, or what was asked for */
    OCTETS_OUT,   /* files */
    OUTPUTS
};
extern struct buf outputs[OUTPUTS];

/* Where one types: the own world; above it a lesson's; above both a recording's. */
struct desk {
    struct front front;          /* world->front points here */
    struct world *world;         /* NULL: this desk is not in use */
    struct timeline *timeline;   /* NULL: the world lies in a file */
    struct desk *below;          /* waits until this one is left; NULL: it is the own world's */
    struct sitting *sitting;     /* a lesson's desk: owns world and timeline */
    struct replayer replayer;    /* a recording's, if front.replay, which owns them there */
    struct buf said;             /* by the recording, since the last turn */
    uint64_t shown, turns;       /* of the trace, and of the timeline, when it was shown last */
    uint64_t line_number;        /* of a script that is played */
    bool continues;              /* the world was there before */
    bool kept_back;              /* a script has handed over a file, which it may not */
    char world_name[128];
    struct buf lines;            /* of a lesson: all that were typed, its hand-in */
};
extern struct desk *desk;        /* the one in use */
extern const struct command *const page_tables[];

/* How all of it is shown. */
struct showing {
    bool typed;                  /* a person types: what a script must not do may be done */
    bool numbered, events, text;
};
extern struct showing showing;

/* --- page.c -------------------------------------------------------------------------------- */

/* All that is new in the trace, to the outputs. command: the line was a prompt command. */
void show_new(bool command);
/* That one is in use from here on, and the one that was waits below it. */
void desk_take(struct desk *, struct world *, struct timeline *, const char *name);
/* Ends the one in use; the one below it is in use again. */
void desk_drop(void);

/* --- page_turn.c: a typed line ------------------------------------------------------------- */

/* What came of the line that has run, for the turn. */
void turn_told(struct world *, slice line, const struct command *, bool ok, slice text,
               slice data);
void turn_hand_over(struct world *, slice name, slice octets);
/* {"text":"ana/laptop $ ",…} */
void prompt_json(struct buf *);
void where_json(struct buf *);

/* --- page_lesson.c ------------------------------------------------------------------------- */

extern struct course *course;    /* NULL: not read yet */
void course_open(slice progress);
bool lesson_enter(slice name, struct buf *said);
/* A lesson or a recording ends. False: there is none. */
bool desk_leave(struct buf *said);

/* --- page_replay.c ------------------------------------------------------------------------- */

/* Behind a line: a recording begins (*world), or goes on as the line wished. What it says. */
void replay_follow(struct buf *said, bool *world);
bool view_recordings(struct buf *, slice args);
bool view_replay(struct buf *, slice args);

/* --- page_table.c: two of the views -------------------------------------------------------- */

bool view_tables(struct buf *, slice args);
bool view_table(struct buf *, slice args);  /* "placement 0 100" */

/* --- page_said.c: three more ---------------------------------------------------------------- */

bool view_events(struct buf *, slice args);    /* "17": from that number on */
bool view_why(struct buf *, slice args);       /* "17": of what fired there; else of the last */
bool view_envelope(struct buf *, slice args);

/* --- page_contrast.c ----------------------------------------------------------------------- */

bool contrast_run(struct call *);
bool view_settings(struct buf *, slice args);

#endif
