/* commands.h: the commands that every front end has, in the same words: what `help` says of them
   is in the trace, so it is the same for the terminal and for the page. */
#ifndef FRONT_COMMANDS_H
#define FRONT_COMMANDS_H

#include "sim/language/command.h"
#include "sim/net/trace.h"
#include "views/conns.h"

#ifndef PENNYPOST_VERSION
#define PENNYPOST_VERSION "0"
#endif

#define SCRIPT_TITLE "# Pennypost script, format 1\n"
#define SCRIPT_BYTES_MAX (1u << 30)

/* The rows of a front end's table, which names who runs them. */
#define FRONT_COMMANDS(save, serve, contrast, watch)                                               \
    { "exit", "exit", "leaves Pennypost", COMPLETES_NOTHING, exit_run },                           \
    { "save", "save [--tidy] FILE",                                                                \
      "writes what was typed to a script that `pennypost run` plays; --tidy leaves out what was "  \
      "undone and other branches", COMPLETES_FILE, save },                                         \
    { "serve", "serve [SERVICE PORT]",                                                             \
      "opens real ports in front of this world, for mail programs, while you go on; several "      \
      "services may stand here, port 0 is any that is free; serve stop closes them",               \
      COMPLETES_NOTHING, serve },                                                                  \
    { "watch", "watch [on|off]",                                                                   \
      "shows what real mail programs say, as it happens, while `serve` has ports open",            \
      COMPLETES_NOTHING, watch },                                                                  \
    { "contrast", "contrast [STORY]",                                                              \
      "plays one story with POP3 and with IMAP, in worlds of their own, step by step, and "        \
      "compares what is where and what it cost; TAB lists the stories", COMPLETES_STORY,           \
      contrast },                                                                                  \
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL }

bool exit_run(struct call *);

/* What is answered to a line that leaves nothing in the trace, as records of it. */
struct told {
    struct trace_record input, answer;
    slice data;               /* the answer as a JSON object too, or empty */
};
struct told told_of(const struct world *, slice line, const struct command *, bool ok, slice text,
                    slice data);

/* The answer as a line of JSON: as any answer, and the object last, as "data". */
void told_answer_json(struct buf *, const struct world *, const struct conns *,
                      const struct told *);

/* What `save` writes: a script that leads here, and ends with the digest. */
struct saved {
    const char *world_name;   /* what the world began as */
    bool continues;           /* it was there before: the lines are of all sittings, so no digest */
    bool tidy;                /* only what leads here, without what was taken back */
};
void script_save(struct buf *, struct world *, const struct saved *);
/* The world's digest in hex, behind `before`. */
void digest_add(struct world *, const char *before, struct buf *line);

#endif
