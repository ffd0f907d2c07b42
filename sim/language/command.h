/* command.h: what a command of the language is. One type for all of them: those of sim,
   of views, of lessons and of the front end. help, completion and the script reader read
   the same tables. A command never prints: it answers, and the front end shows it. */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include "base/buf.h"
#include "base/slice.h"

struct world;
struct device;
struct check_result;

/* What its first argument may be, for completion. */
enum completes {
    COMPLETES_NOTHING, COMPLETES_HOST, COMPLETES_DEVICE, COMPLETES_SERVICE_HOST, COMPLETES_COMMAND,
    COMPLETES_PROTOCOL, COMPLETES_USER, COMPLETES_FILE, COMPLETES_WORD, COMPLETES_LESSON,
    COMPLETES_BRANCH, COMPLETES_MESSAGE, COMPLETES_STORY, COMPLETES_STATES,
    COMPLETES_RECORDING
};

/* One call of a command: what goes in, what comes out. */
struct call {
    struct world *world;
    struct device *device;    /* the one that is `on` */
    slice args;               /* the rest of the line, without the spaces around it */
    struct buf *out;          /* the answer: lines of at most 80 columns, without colour */
    bool ok;                  /* true at the start; false: a fact such as "refused" */
    bool leave;               /* `exit` sets it */
    struct error *why;        /* for a call that returns false */
    size_t at;                /* where in args it is unreadable */
    slice line;               /* the whole line as it was given */
    const struct command *command;
    bool begun;               /* call_begins was called */
    bool forgets;             /* set before call_begins: the history leaves the line out */
    bool silent;              /* remembered, and nothing else: no INPUT, no ANSWER, no settling */
    bool answered;            /* the trace has its answer already: no ANSWER is added */
    struct check_result *asked; /* a check that is only asked fills it in and traces nothing; */
    uint64_t asked_from;      /* of the trace, records from here on count */
    struct buf data;          /* silent: the answer as a JSON object too, or empty; freed for it */
};

struct command {
    const char *name;         /* lower case; NULL ends a table */
    const char *usage;        /* "telnet HOST PORT" */
    const char *meaning;      /* a sentence for help */
    enum completes completes;
    /* False: unreadable, why and at say what and where. NULL: reserved, not built yet. */
    bool (*run)(struct call *);
};

/* The word behind a command that says what it is to do: `mail sync`, `check server`. Who runs it,
   help and completion read the same table. */
struct subcommand {
    const char *name;         /* NULL ends a table */
    const char *usage;        /* with the command's own name: "mail read N"; NULL: help has it
                                 from elsewhere */
    const char *meaning;
    enum completes completes; /* what may stand behind it */
    bool (*run)(struct call *, slice rest); /* rest: of args, behind the word */
};

#define COMMAND_OUTPUT_MAX (1u << 20)

#define COMMAND_COLUMNS 80

/* A built command wins over one that is only reserved. NULL: no such name. */
const struct command *command_find(const struct command *const *tables, slice name);
/* Every command's name once, built ones only if asked, in order of the tables. `from` counts
   up from 0; NULL: the end. */
const struct command *command_next(const struct command *const *tables, bool built, size_t *from);
/* Of a reserved name (run is NULL): what is said where it is typed. "is planned …" */
const char *command_absence(const struct command *);
/* The words that may stand first behind it, or NULL. */
const struct subcommand *command_words(const struct command *);
/* The one of that name, or NULL. */
const struct subcommand *subcommand_find(const struct subcommand *, slice name);
/* Takes the word off args and runs what it names; another is refused, with the nearest one or,
   if none is near, with `else_say`. */
bool subcommand_run(struct call *, const struct subcommand *, const char *else_say);
/* The commands of sim/, and the names that are planned anywhere (run NULL). */
extern const struct command sim_commands[];
/* NULL-ended: only sim_commands. For tests and tools without a front end. */
extern const struct command *const sim_tables[];

/* A line that is refused leaves no input in the trace. So a command that lets time pass or
   writes to the trace calls this when it has understood its arguments and before it does
   anything; for the others script_line does it after they have returned true. */
void call_begins(struct call *);
/* One line of the answer, wrapped at COMMAND_COLUMNS under its own first word; what is no
   printable ASCII becomes '?'. */
void call_say(struct call *, const char *format, ...) PRINTF_LIKE(2, 3);
/* Two columns: the right one begins at `column`, and on a line of its own if the left one
   is too long; it goes on under itself. */
void call_pair(struct call *, size_t column, const char *left, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Says it, and that it did not work out: a fact. Returns true, so that run can end with it. */
bool call_fact(struct call *, const char *format, ...) PRINTF_LIKE(2, 3);
/* Unreadable at `where`, a part of args. Returns false, so that run can end with it. */
bool call_refuse(struct call *, slice where, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
