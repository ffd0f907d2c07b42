/* command_line.h: what may follow `pennypost` on a command line: commands, options, which command
   takes which, and what word stands behind it. Declared once: main.c reads by it, completion.c
   writes it for shells, and a test holds --help and the man page against it. */
#ifndef REPL_COMMAND_LINE_H
#define REPL_COMMAND_LINE_H

#include "base/buf.h"

enum line_number {
    VERB_PROMPT, VERB_LESSON, VERB_LESSONS, VERB_RUN, VERB_CONTRAST, VERB_REPLAY, VERB_EXPORT,
    VERB_SERVE, VERB_FSCK, VERB_GRADE, VERB_FORGET, VERB_LINT, VERB_COMPLETION, VERBS
};
/* What stands behind it. */
enum line_word {
    WORD_NONE, WORD_TEXT, WORD_FILE, WORD_FOLDER, WORD_CHOICE, WORD_STORY, WORD_RECORDING,
    WORD_LESSON
};

struct line_verb {
    const char *name;                /* "": the prompt */
    enum line_word word;
    const char *choice;              /* WORD_CHOICE: the words, with blanks between them */
    const char *meaning;             /* a few words, without quotes, brackets and colons */
};
struct line_option {
    const char *name;                /* without its dashes; one letter: one dash */
    int number;                      /* what main.c calls it */
    unsigned of;                     /* who takes it: VERB_BIT of each; VERB_ALL */
    enum line_word word;
    bool may_lack;                   /* the word may be left out; else it follows `=` */
    const char *choice, *meaning;
};

#define LINE_OPTIONS_MAX 64          /* what was given is kept as bits */
#define VERB_BIT(command) (1u << (command))
#define VERB_ALL (VERB_BIT(VERBS) - 1)

enum {
    OPTION_WORLD = 256, OPTION_SEED, OPTION_PLAIN, OPTION_JSON, OPTION_FRESH, OPTION_HELP,
    OPTION_VERSION, OPTION_TLS, OPTION_CERT, OPTION_KEY, OPTION_HOST, OPTION_USER, OPTION_USERS,
    OPTION_LISTEN, OPTION_WATCH, OPTION_RECORD, OPTION_CONTROL, OPTION_TOKEN, OPTION_VARIANTS,
    OPTION_AUTO, OPTION_ALL, OPTION_SVG, OPTION_HTML, OPTION_MERMAID, OPTION_SOLVE, OPTION_ANSWER,
    OPTION_PREVIEW, OPTION_PATH, OPTION_COURSE, OPTION_STUDENT, OPTION_ROSTER, OPTION_POINTS,
    OPTION_CSV, OPTION_SUMMARY, OPTION_ANON, OPTION_MERGE, OPTION_PRESENT, OPTION_LANGUAGE,
    OPTION_SERVICE                   /* and the number of the service: --smtp … */
};

extern const struct line_verb line_verbs[VERBS];
/* By number from 0; the services' ports are among them. NULL: no more. */
const struct line_option *line_option_at(size_t number);
enum line_number line_verb_named(const char *name);      /* VERBS: none */
/* "an option that only lesson and run take" */
void line_takers_write(struct buf *, const struct line_option *);

/* completion.c: a script that completes command lines in that shell. False: none for it. */
bool completion_write(struct buf *, slice shell);

#endif
