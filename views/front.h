/* front.h: what a front end is and remembers between two lines: how it draws, and what
   the last exchange left to be offered. world->front points to it (NULL: nobody looks).
   Nothing here changes what happens in the world. */
#ifndef VIEWS_FRONT_H
#define VIEWS_FRONT_H

#include "base/limits.h"
#include "views/conns.h"

#define WATCHED_MAILBOXES_MAX 64

struct course;  /* lessons/course.h */
struct rerun;  /* lessons/replay.h */
struct language; /* lessons/language.h */

struct look {
    bool plain;          /* no colour, no drawing: for screen readers and pipes */
    bool colour;
    bool utf8;           /* the terminal reads UTF-8; else only ASCII is sent to it */
    bool echo;           /* repeat what was typed: it is not on the screen yet */
    bool whole;          /* long replies are not cut */
    bool listens;        /* plain, and a person asks: sentences in place of arrows and columns */
    bool tells;          /* that, or plain by wish: what a command draws is told in sentences */
    bool presents;       /* before people, by single keys: less is said, nothing is asked for */
    unsigned columns, rows; /* rows 0: not known */
    const struct language *language; /* of the course's words; NULL: English */
};

/* `serve --watch`: real clients and nothing else, as it happens. */
struct watching {
    bool on;
    const char *only;    /* "imap,ana,3": of these services, people, connections; NULL: all */
    struct watched_mailbox {
        int64_t mailbox;     /* 0: none yet */
        uint64_t modseq;     /* changes of flags up to here were shown */
        uint32_t uid_next;   /* messages from here on were not there */
    } mailboxes[WATCHED_MAILBOXES_MAX];
    size_t next;             /* the place of the next one; the oldest is given up */
};

/* What the command `replay` wants of the front end, which types the lines. */
struct replay_wish {
    enum { REPLAY_NOTHING, REPLAY_BEGINS, REPLAY_GOES_ON } what;
    char name[64];       /* BEGINS: which recording */
    bool all;            /* to its end */
    char choice;         /* GOES_ON: the answer to the question, 'a' …; 0: none */
};

struct front {
    struct watching watching;
    struct look look;
    bool tap;                /* segments are shown after each exchange */
    char offered[160];       /* the command that a lone ":" runs; "" is none */
    char prefill[1024];      /* what the next input line begins with: base64's answer */
    uint32_t message_conn;    /* connection to which "you are still writing" was said … */
    uint32_t named;          /* misconceptions that were named in this sitting: bits by number */
    char watched[ADDRESS_MAX + 1];   /* whose board is shown after each step; "": nobody's */
    struct buf watched_text;         /* as it was last shown; the front end frees it */
    struct conns conns;
    struct course *course;   /* the lessons that there are, and what was done; NULL: not read */
    bool points;             /* the views that show what an act changed are named, once each: */
    uint32_t pointed;        /* of these it was done */
    unsigned refused;        /* so many typed lines in a row, by a server */
    bool replays;            /* it can type the lines of a recording, */
    struct rerun *replay;   /* and does, in a world of its own; or NULL */
    struct replay_wish replay_wish;
    bool no_notes;           /* a lesson goes without notes about slips */
};

#endif
