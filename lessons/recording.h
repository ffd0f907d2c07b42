/* recording.h: what a real mail program and a server said to each other, written down once: one
   text file in lessons/recordings/, read. How it is stepped through is replay.h; who writes one
   is tests/guide/record.py.

       # Pennypost recording, format 1
       title: fetchmail asks for LAST and fetches by TOP
       program: fetchmail 6.4.37
       date: 2026-11-30
       service: pop3
       server: Pennypost 0.1.0
       login: ana tulip
       command: fetchmail
       situation: Four messages wait in the maildrop.
       setup: set mail.campus.example …        a line that the world runs before

            0 opens
            3 S: +OK …
       ask: What does it say first?            before a line that surprises: the question,
       guess: USER ana                         what most people guess,
       or: STAT                                and another answer that is wrong.
       fact: It asks what the server can.      One sentence behind it, with a question or without
            9 C: CAPA
            9 C+ …                             in the same segment as the line above
              = TRANSACTION                    the server's new state
              ... 17 more lines                of a long reply
       differs: 2026-12-24 …                   from here our server answers otherwise, and why
           40 server closes                    or `closes`: the client; `lost`: the network

   The number is milliseconds since the first connection opened. The right answer is what stands
   in the line behind the question. A key that stands twice goes on; `#` begins a comment. */
#ifndef LESSONS_RECORDING_H
#define LESSONS_RECORDING_H

#include "lessons/lesson.h"
#include "servers/services_table.h"

#define RECORDING_BYTES_MAX (256u << 10)
#define RECORDING_LINE_MAX 2000      /* of its file; a message's lines have 998 at most */
#define RECORDING_ENTRIES_MAX 2000
#define RECORDING_STEPS_MAX 400      /* more than anybody steps through */
#define RECORDING_SETUP_MAX 16
#define RECORDING_GUESSES_MAX 2      /* and the right answer: three to choose from */
#define RECORDING_WORDS_MAX 400      /* of one key's words: a question, a sentence */

enum entry_kind {
    ENTRY_OPENS, ENTRY_CLIENT, ENTRY_CLOSES, ENTRY_LOST, /* what a step begins with */
    ENTRY_SERVER, ENTRY_FOLDED, ENTRY_STATE, ENTRY_SERVER_CLOSES
};

struct recording_entry {
    enum entry_kind kind;
    bool joined;                 /* C+ */
    uint64_t at_ms;
    uint64_t number;             /* of its line in the file */
    slice text;
    size_t auth;                 /* an answer to a challenge: entry of its AUTH; 0: it is none */
};

/* What the client does at once, and what is answered to it. */
struct recording_step {
    size_t first, end;           /* entries */
    slice ask;                   /* empty: nothing is asked */
    slice guesses[RECORDING_GUESSES_MAX];
    size_t guess_count;
    size_t asked;                /* which entry holds the right answer */
    slice fact;                  /* or empty */
    slice differs;               /* "2026-12-24 reason", or empty */
};

struct recording {
    slice name;                  /* of the file, without its ending; a NUL stands behind it */
    slice title, program, date, server, command, situation, user, password;
    const struct service *service;
    slice setup[RECORDING_SETUP_MAX];
    uint64_t setup_numbers[RECORDING_SETUP_MAX];
    size_t setup_count;
    struct recording_entry entries[RECORDING_ENTRIES_MAX];
    size_t entry_count;
    struct recording_step steps[RECORDING_STEPS_MAX];
    size_t step_count;
    struct arena arena;          /* all of its text */
};

/* Takes a copy of the text. The first fault is told. NULL: there was one. */
struct recording *recording_read(slice name, slice text, lesson_fault_fn *, void *context);
void recording_free(struct recording *);     /* NULL is allowed */

/* What a client's line asks for: IMAP's without its tag. */
slice recording_command(const struct recording *, size_t entry);
/* The answers to a step's question, in an order that is the same each time. *right: which. */
size_t recording_answers(const struct recording *, size_t step,
                         slice answers[RECORDING_GUESSES_MAX + 1], size_t *right);
/* The code at the beginning of a server's line: "250 2.1.5", "+OK", "NO [TRYCREATE]". False: it is
   text between codes. `code` is a part of the line. */
bool recording_code(const struct protocol *, slice line, slice *code);

/* --- the ones that come with the program: lessons/recordings/NAME.txt, made into C ----------- */

struct recording_text {
    const char *name;
    const unsigned char *at;
    size_t len;
};
extern const struct recording_text recording_texts[]; /* ends with one without a name */
/* NULL: no such recording. */
const struct recording_text *recording_find(slice name);
/* "fetchmail-imap, fetchmail-lost": which may be meant by it. False: none. */
bool recording_meant(struct buf *, slice name);
/* What there is: name, program, protocol, title. For `replay` alone. */
void recordings_list(struct buf *, size_t columns);

#endif
