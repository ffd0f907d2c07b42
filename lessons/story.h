/* story.h: a story: a script of human actions that is played in several worlds. It is a script
   like any other; three commands tell a stage how to show it:

       variants pop3-delete imap [of ADDRESS]   the settings to compare, and whose mailbox
       step ana reads it on the laptop          what the lines up to the next step do
       ask How many messages will it show?       to ask the room before the next step

   A script without steps is one step for each line that does something. Which those are, and
   which devices it acts on, a rehearsal tells: the story played once in a plain world. */
#ifndef LESSONS_STORY_H
#define LESSONS_STORY_H

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "sim/shared.h"

#define STORY_BYTES_MAX (4u << 20)
#define STORY_STEPS_MAX 100          /* each is a board for each variant */
#define STORY_DEVICES_MAX 6          /* a board has columns for so many */
#define STORY_VARIANTS_MAX 4
#define STORY_TITLE_BYTES 128
#define STORY_NAME_BYTES 512        /* a path as it was typed; a longer one is cut */
#define VARIANT_NAME_BYTES 32
#define VARIANT_WORDS_BYTES (VARIANT_NAME_BYTES + 5) /* "like fetchmail" */

struct story_line {
    slice text;
    uint64_t number;                 /* in the file, from 1 */
};

struct story_step {
    char title[STORY_TITLE_BYTES], ask[STORY_TITLE_BYTES];
    size_t first, end;               /* lines */
};

struct story {
    char name[STORY_NAME_BYTES];     /* "two-devices", or the file's */
    char title[STORY_TITLE_BYTES], intro[STORY_TITLE_BYTES]; /* its first comment lines */
    struct buf text;
    struct story_line *lines;
    size_t line_count;
    struct story_step steps[STORY_STEPS_MAX];
    size_t step_count;
    char variants[STORY_VARIANTS_MAX][VARIANT_NAME_BYTES]; /* what it asks for; may be none */
    size_t variant_count;
    char person[ADDRESS_MAX + 1];    /* whose mailbox it is about */
    /* of that person, which it acts on, in the world's order */
    char devices[STORY_DEVICES_MAX][64];
    size_t device_count;
};

/* Where a story stumbled. */
struct story_fault {
    uint64_t number;                 /* of the line; 0: none */
    slice line;                      /* the story's */
    size_t at;                       /* where in it */
    bool broken;                     /* the environment failed: not the line's fault */
    struct error why;
};

/* Takes a copy of the text. */
struct story *story_new(slice name, slice text);
void story_free(struct story *);     /* NULL is allowed */
/* Runs the line in the world; false: it can't be, `fault` says why. *leaves: it was `exit`. */
bool story_line_run(const struct story *, size_t line, struct world *, bool *leaves,
                    struct story_fault *);
/* Plays it in a world of its own, and finds steps, variants, person and devices. */
bool story_rehearse(struct story *, struct world *, struct story_fault *);

/* --- settings ------------------------------------------------------------------------------ */

/* "pop3-delete", "pop3-keep", "pop3-keep-7d", "imap", "imap-headers" … as a device's words:
   "pop3 keep 7d". False: no such setting. */
bool variant_words(slice name, struct buf *words);
#define VARIANT_NAMES \
    "pop3-delete, pop3-keep, pop3-keep-7d, imap, imap-headers, imap-on-demand"
/* May it be compared with those? False: why not. */
bool variant_joins(slice name, const slice *others, size_t count, struct error *why) MUST_CHECK;
/* Those of the list ("imap, pop3-keep") take the place of what the story asks for; without a list
   and less than two asked for, the two that people confuse. False: why. */
bool story_settings(struct story *, slice list, struct error *why) MUST_CHECK;
/* "POP3, delete after fetch" */
void variant_title(struct buf *, slice name);

/* --- the ones that come with the program: lessons/stories/NAME.post, made into C ------------ */

struct story_text {
    const char *name;
    const unsigned char *at;
    size_t len;
};
extern const struct story_text stories[];    /* ends with one without a name; [0] is the default */
/* NULL: no such story. */
const struct story_text *story_find(slice name);

#endif
