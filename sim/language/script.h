/* script.h: the language: one line, whom it is for, what became of it. */
#ifndef SIM_LANGUAGE_SCRIPT_H
#define SIM_LANGUAGE_SCRIPT_H

#include "base/error.h"
#include "servers/session.h"
#include "sim/language/arrive.h"
#include "sim/language/command.h"
#include "sim/shared.h"

struct dig;      /* commands_net.c */

/* What the language keeps of a world: world->script. */
struct script_state {
    const struct command *const *tables; /* NULL-ended; each ends with a nameless command */
    uint64_t inputs;             /* lines run */
    struct error broken;         /* a command's own settling failed: told when it has answered */
    bool check_failed;           /* some check did not hold */
    enum { WORLD_LIVES, WORLD_IS_BUILT, WORLD_IS_REBUILT } phase; /* building is not traced */
    struct dig *dig;             /* the question that is being asked */
    /* Octets for a file of the person's, under that name; NULL: there is nobody to take them. */
    void (*hand_over)(struct world *, slice name, slice octets);
    /* What a silent command answers, since it is not in the trace; NULL: nobody listens. data: the
       same as a JSON object, or empty. */
    void (*told)(struct world *, slice line, const struct command *, bool ok, slice text,
                 slice data);
    /* While real programs are connected, time is the wall's, and the front end waits: then it runs
       `check WHAT`. NULL: time is let pass as ever. */
    void (*wait_for)(struct world *, slice what, uint64_t ms);
    /* Before time is turned while real programs are connected: lets them go. After it: takes new
       ones. NULL: time is not turned then. */
    void (*turns)(struct world *, bool before);
    struct timeline *timeline;   /* NULL: its time only moves on. timeline.h */
    arrive_line *arrived;        /* arrive.c: who records, or NULL, */
    void *arrived_context;
};

enum line_result {
    LINE_RUN,          /* it was run, whatever came of it */
    LINE_EMPTY,        /* blank, a comment, or something that shows itself later (arrive) */
    LINE_UNREADABLE,   /* refused; why says so, `at` where */
    LINE_LEAVE,        /* exit */
    LINE_BROKEN        /* the environment failed: why */
};
/* Runs one line, without its line end, for the device that one is on: mode, escapes and
   history as the design's section "The language" says; then the world settles. */
enum line_result script_line(struct world *, slice line, size_t *at, struct error *why) MUST_CHECK;
bool script_is_connected(const struct world *);    /* the mode, for a prompt */
/* Programs say the lines while real ones are connected: there is no person, nor their file. */
bool script_is_steered(const struct world *);
/* Would this typed line reach the server, and as which octets? For prompts that explain. */
bool script_line_is_command(const struct world *, slice line);

/* What the server's session at the device's typed connection expects of the person:
   EXPECTS_NOTHING if it is not connected. */
enum expects device_expects(const struct world *, const struct device *, uint64_t *octets_left);

#endif
