/* repl.h: the front end: what main, the prompt, the script player and the front end's own
   commands share. The only room with files and a terminal. */
#ifndef REPL_REPL_H
#define REPL_REPL_H

#include <dirent.h>
#include <signal.h>
#include <stdio.h>

#include "front/commands.h"
#include "front/replay.h"
#include "servers/services_table.h"
#include "sim/language/script.h"
#include "sim/language/timeline.h"
#include "views/front.h"

enum exit_code { EXIT_GOOD, EXIT_CHECK, EXIT_USAGE, EXIT_TROUBLE };

struct options {
    const char *world;      /* --world FILE, or NULL */
    const uint64_t *seed;   /* --seed N, or NULL */
    uint64_t seed_number;
    bool plain, json, fresh;
};

struct repl {
    struct front front;     /* world->front points here */
    const struct options *options;
    struct world *world;
    FILE *out;              /* text for people */
    FILE *json;             /* the trace, or NULL */
    struct timeline *timeline; /* the world's own, or NULL */
    uint64_t shown;         /* trace records before this one were shown */
    uint64_t missed;        /* serve --watch: so many were not, since nothing was taken */
    uint64_t turns;         /* how often the world's time had been turned then */
    bool plays;             /* a script: time will seldom be turned */
    bool serves;            /* `pennypost serve`, or a recording of it: it never will be */
    bool behind;            /* the world's file could not be written, and this was told */
    bool pastes;            /* more lines come at once */
    bool prompts;           /* lines are read one by one and answered: at the prompt */
    bool steered;           /* … but by those who steer it (control.h) */
    struct speaker *speaker; /* of a control connection, whose front end this is; or NULL */
    struct gateway *gateway; /* `serve` is on, or NULL */
    bool serve_prompt_ends;      /* `serve stop` was typed */
    struct buf awaited;     /* a check that is waited for while ports are open, or empty, and */
    uint64_t awaited_end_ms; /* … when it is run at the latest, by the wall */
    bool asks;              /* lines come from a terminal */
    bool continues;         /* the world was there before: its trace has a beginning of its own */
    char world_name[256];   /* what the world began as: "default", "lab.post" */
    char handed[4400];      /* what became of a file that was handed over, until it is shown */
    char copy[512];         /* a copy of a world that is to be removed again, or "" */
    struct reader *reader;  /* lines that are not from a terminal come from here, or NULL */
    size_t goals_handed_in; /* of the lesson; more are a reason to hand in again */
    unsigned columns_most;  /* what is shown is no wider, whatever the window; 0: as wide as that */
    struct replayer replayer; /* of the recording that is under way */
    int lesson_log;         /* file that a lesson's lines are written to; 0: none */
};

/* --- opening.c: which world, and where it lies -------------------------------------------- */

/* For the prompt: the learner's own, or --world's, created if it is not there. */
enum exit_code opening_for_prompt(struct repl *, const struct options *);
/* For a script: in memory, or a copy of --world's. */
enum exit_code opening_for_run(struct repl *, const struct options *);
/* Finishes the world (connections close in order, it runs until quiet), ends the trace with
   the exit code, shows the rest, and gives all back. Returns the exit code. */
enum exit_code opening_end(struct repl *, enum exit_code);
/* What memory holds of the world is written to its file, if it has one that follows; false: it was
   told why not, once. */
bool opening_follow(struct repl *);
/* From now on it is this one that the front end shows. */
void opening_take(struct repl *, struct world *, const char *name);
/* The trace's last record: the digest, and the exit code. */
void opening_trace_end(struct repl *, enum exit_code);
/* The whole of a file that a person wrote; `buf` says how much it may be. */
bool opening_file_read(const char *path, struct buf *, struct error *why) MUST_CHECK;
enum exit_code fsck_world(const char *path);
void say_error(const struct error *);   /* "pennypost: …" on stderr */
/* A file of that name in the person's data directory, which is made if it is not there. */
bool opening_own_path(char *path, size_t size, const char *name, struct error *why) MUST_CHECK;

/* --- show.c: what happened, on the screen ------------------------------------------------- */

/* Colours, characters and width by what the terminal says and the person wants. */
void show_begin(struct repl *, const struct options *, bool asks);
/* All new trace records; command: the line was a prompt command. False: nobody reads on. */
bool show_new(struct repl *, bool command);
/* If time was turned: what was shown of the time that was left is forgotten. show_new does it. */
void show_turned(struct repl *);
/* What a silent command answers. For world->told. */
void show_told(struct world *, slice line, const struct command *, bool ok, slice text,
               slice data);
void show_text(struct repl *, const char *format, ...) PRINTF_LIKE(2, 3);
/* Words from the program, wrapped to the window under an indent. */
void show_wrapped(struct repl *, slice words, size_t indent);
void show_ask_columns(struct repl *);  /* how wide the window is now */
/* "lab.post:12: reason", the line and a caret under it; on stderr. */
void show_wrong_line(const struct repl *, const char *file, uint64_t number, slice line, size_t at,
                     const char *reason);

/* --- prompt.c: one line, whoever reads it ------------------------------------------------- */

extern const struct command repl_commands[];
extern const struct command *const repl_tables[];

/* The prompt and the line, for lines that are not on the screen yet. */
void prompt_echo(struct repl *, slice line);
/* Runs a typed line and shows what came of it. False: one wants to leave. */
bool prompt_line(struct repl *, slice line);
bool prompt_paste(struct repl *, slice text);      /* several lines at once */
bool prompt_end_key(struct repl *);                /* Ctrl-D */
void prompt_break_key(struct repl *);              /* Ctrl-C */
enum exit_code prompt_run(const struct options *);
void prompt_print(struct repl *);  /* the prompt itself, where readline does not draw it */
/* For a prompt inside this one, in a world of its own. The ports of the world outside close: time
   stands there. To be freed. */
struct repl *prompt_inside(struct repl *);
void prompt_loop(struct repl *);   /* lines, from a terminal or not, until one leaves */

/* --- files.c: files for the mail program -------------------------------------------------- */

#define PATH_BYTES_MAX 4096
bool files_octets_write(int fd, slice octets);
/* For scandir: octet by octet, so that the locale decides nothing. */
int files_by_name(const struct dirent **, const struct dirent **);
void files_hand_over(struct world *, slice name, slice octets);

/* --- signals.c ---------------------------------------------------------------------------- */

extern volatile sig_atomic_t signal_leave, signal_break, signal_resize, signal_continue;
/* SIGTERM and SIGHUP set signal_leave; SIGINT signal_break if a person asks, else it leaves. */
void signals_begin(bool asks);
/* They come only where something waits for them with the mask `before`, until they are let. */
void signals_hold(sigset_t *before);
void signals_let(const sigset_t *before);

/* --- prompt_readline.c -------------------------------------------------------------------- */

/* Lines from a terminal, until one leaves. A command may begin it for another world. */
void prompt_with_readline(struct repl *);

/* --- serve.c ------------------------------------------------------------------------------ */

#define SERVE_USERS_MAX 64

struct serve_options {
    const char *listen;     /* "127.0.0.1" */
    const char *host;       /* "mail.campus.example" */
    bool named[SERVICES];   /* --smtp --submission …: enum service_number */
    uint16_t ports[SERVICES];
    int tls;                /* enum gateway_tls */
    const char *cert, *key; /* PEM files; NULL: one that is made */
    const char *users[SERVE_USERS_MAX]; /* --user NAME:PASSWORD */
    size_t user_count;
    const char *users_file; /* --users FILE: the same, one a line */
    bool watch;
    const char *watch_only; /* --watch=WHAT, or NULL */
    const char *record;     /* --record FILE, or NULL */
    const char *control;    /* --control PATH|PORT, or NULL */
    const char *token;      /* --token FILE, or NULL */
};
enum exit_code serve_run(const struct options *, const struct serve_options *);

/* --- record.c ----------------------------------------------------------------------------- */

struct record;
/* Copies the world to a new file, and from now on writes down there what comes from outside.
   NULL: why. */
struct record *record_begin(struct world *, const char *path, struct error *why) MUST_CHECK;
/* Ends it with the world's digest, as it is now, and frees it. False: it is not whole. */
bool record_end(struct record *, struct error *why) MUST_CHECK;
/* The lines of a recording, whose copy this world is. each: false stops. False: it is none. */
typedef bool record_line(void *context, slice line);
bool record_play(struct world *, record_line *each, void *context, struct error *why) MUST_CHECK;

/* --- control.c --------------------------------------------------------------------------- */

bool watch_run(struct call *);                /* the command */

/* --- serve_prompt.c: serve at the prompt ------------------------------------------------------ */

bool serve_prompt_run(struct call *);         /* the command */
void serve_prompt_stop(struct repl *);        /* nothing to stop is fine */
/* Around a typed line: lets happen what was due before it; goes on from where it led. */
void serve_prompt_line_begins(struct repl *);
void serve_prompt_line_ended(struct repl *);
/* While repl->gateway: one round. True: something was typed meanwhile. What is new in the trace
   is not shown yet. */
bool serve_prompt_round(struct repl *, const sigset_t *open);

/* --- run.c -------------------------------------------------------------------------------- */

struct export_options;
/* export: NULL, or nothing is shown, and a picture is written at the end. */
enum exit_code run_script(const struct options *, const struct export_options *, const char *file);
/* Before people, key by key. */
enum exit_code run_present(const struct options *, const char *file);

/* --- contrast.c, stage.c: one story in several worlds ------------------------------------- */

struct export_options;
struct contrast_options {
    const char *variants;   /* --variants A,B or NULL */
    bool automatic;         /* --auto */
};
/* story: a listed one, a file, or NULL: the default. */
enum exit_code contrast_main(const struct options *, const struct contrast_options *,
                             const struct export_options *, const char *story);
bool contrast_run(struct call *);

struct contrast;
/* A world as it was before the story; NULL: it was said why. */
struct world *stage_worlds_open(const struct repl *, enum exit_code *);
void stage_worlds_close(struct world *);
/* Another setting's world is played and kept. False: it was said why. */
bool stage_worlds_add(const struct repl *, struct contrast *, slice variant, enum exit_code *);
/* Shows it step by step; keys go on, back, ask, and so on. False: left before its end. */
bool stage_run(struct repl *, struct contrast *);

/* --- lesson.c, lesson_files.c, lesson_play.c: the course ------------------------------------ */

struct lesson_options {
    bool solve;             /* --solve */
    const char *answer;     /* --answer FILE, - is standard input */
    const char *preview;    /* --preview FILE */
    const char *path;       /* --path NAME */
    const char *language;   /* --lang NAME */
    const char *course;     /* --course DIR: lessons of somebody else */
    const char *student;    /* --student ID: a world, a progress and a hand-in of one's own */
    bool present;           /* --present: before people, key by key */
};
enum exit_code lesson_main(const struct options *, const struct lesson_options *,
                           const char *name);
enum exit_code lessons_main(const struct options *, const struct lesson_options *);
enum exit_code lint_main(const struct options *, const struct lesson_options *, char **files,
                         int count);

struct course;
struct sitting;
struct lesson_fault;
/* The lessons and the progress, for the commands of the prompt. Faults are told on stderr. */
struct course *lesson_course_open(struct repl *, const char *directory);
/* Runs a line, in a lesson or not; in one it is written down first. */
enum line_result lesson_line(struct repl *, slice line, size_t *at, struct error *);
/* What the lesson says to it; and if a line asked for another lesson, that one begins, in this
   prompt or, from outside a lesson, in one of its own. */
void lesson_after(struct repl *);
/* "say-hello", or NULL: what a greeting offers; and if a lesson was begun before. */
const char *lesson_offered(struct repl *, bool *begun);
/* A fault of a lesson's file, with line and caret, on stderr. context: struct lesson_teller. */
struct lesson_teller {
    const struct repl *repl;
    const char *file;
};
void lesson_tell_fault(void *context, const struct lesson_fault *);

/* lesson_files.c. The file of progress, of which what is readable is taken; else it is set
   aside. */
void lesson_progress_read(struct course *);
void lesson_progress_keep(struct course *, slice name); /* that lesson's entry, and the path */
/* From now on all this is kept for that student, in a folder of its own. */
void lesson_files_student(const char *id);
/* The lines of a lesson that was left open; empty: there are none. */
void lesson_log_read(slice name, uint64_t seed, struct buf *lines);
/* Opens it for writing, new or at its end. 0: it can't be, and it was told. */
int lesson_log_open(slice name, uint64_t seed, bool fresh);
bool lesson_file_read(const struct repl *, const char *path, struct buf *);
/* Adds a folder's *.md, by name. */
bool lesson_folder_add(struct repl *, struct course *, const char *directory);

/* handin.c. Writes ./handin-STUDENT-LESSON.txt and shows the receipt. asked: by the person; else a
   hand-in with more goals is left as it is. student "": it is said how one says who one is. */
void handin_make(struct repl *, const struct sitting *, const char *student, bool asked);

/* forget.c. What is kept of the person, or of one student (else NULL), is removed if they agree. */
enum exit_code forget_main(const struct options *, const char *student);
/* grade.c */
struct grade_options {
    const char *roster, *points;     /* --roster FILE, --points FILE, or NULL */
    bool csv, summary, anon, merge;
};
enum exit_code grade_main(const struct options *, const struct lesson_options *,
                          const struct grade_options *, char **files, int count);

/* --- replay.c: recorded sessions of real programs --------------------------------------------- */

/* In a recording Enter plays the next line and a, b or c answers a question. True: it was such a
   line, and it is done. */
bool replay_takes(struct repl *, slice line);
/* Behind a line: another recording begins, in a prompt of its own, or this one goes on. */
void replay_after(struct repl *);
/* name: a listed one, a file, or NULL: they are listed. all: to its end, without a person. */
enum exit_code replay_main(const struct options *, const char *name, bool all);

/* lesson_play.c: without a person. */
enum exit_code lesson_solve(struct repl *, struct sitting *);
enum exit_code lesson_answer(struct repl *, struct sitting *, const char *file);

/* --- export.c: pictures -------------------------------------------------------------------- */

struct export_options {
    enum { EXPORT_NONE, EXPORT_SVG, EXPORT_HTML, EXPORT_MERMAID, EXPORT_JSON } format;
    const char *output;     /* -o FILE; "-" is standard output */
};
/* A script that was played in repl's world, to its end. */
enum exit_code export_script(struct repl *, const struct export_options *, const char *name);
enum exit_code export_contrast(const struct contrast *, const struct export_options *);

#endif
