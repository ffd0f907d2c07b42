/* contrast_outcome.h: what a step of a contrast means, in sentences. contrast_outcome_facts.c looks
   up what is true of it; contrast_outcome_table.c has the sentences, each with the facts that it
   needs and those that exclude it; contrast_outcome.c tells those that fit. A test shows that no
   two sentences fit the same facts, and that each is told in some story. */
#ifndef LESSONS_CONTRAST_OUTCOME_H
#define LESSONS_CONTRAST_OUTCOME_H

#include "lessons/contrast.h"

struct host;

/* The first are lists of messages: true if there is any; {left} in a sentence names them. */
enum outcome_fact {
    LIST_WAITS,              /* came to the server, and no device has it */
    LIST_LEFT,               /* was here before the step, and is not here after it */
    LIST_MOVED,              /* to another folder */
    LIST_MARKED,             /* has other flags than before the step */
    OUTCOME_LISTS_OF_SERVER, /* those above are asked of the server too */
    LIST_CAME = OUTCOME_LISTS_OF_SERVER,
    LIST_HEADS,              /* came, its header alone */
    LIST_SERVED,             /* came, and the server has it still */
    LIST_TAKEN,              /* came, and the server has it no more */
    LIST_TEXTS,              /* its header was here alone, and now its text is */
    LIST_UNREADABLE,         /* somebody wanted to read it, and its text is not there */
    LIST_MOVED_ALIKE,        /* moved to the folder that is the server's too */
    LIST_MOVED_APART,        /* … and on the server it is in another one */
    LIST_ENDED,              /* left, and nobody has it */
    LIST_SAFE,               /* left, and the server has it */
    LIST_HIDDEN,             /* left, and on the server it is only marked \Deleted */
    LIST_MISSED,             /* left the server before this device had it */
    LIST_KNOWN,              /* has other flags, which the server took in this step */
    LIST_TOLD,               /* … which the server had before */
    LIST_OWN,                /* … which the server has not */
    LIST_ALONE,              /* has a flag that the server's does not have */
    LIST_KEPT_UNAWARE,       /* is here, deleted on another device and gone from the server */
    LIST_UNREAD,             /* is new here, and read on another device */
    LIST_SCATTERED,          /* is in another folder on another device */
    OUTCOME_LISTS,

    FACT_SILENT = OUTCOME_LISTS, /* no sentence stands there yet */
    FACT_CHANGED,            /* some cell of the board is another */
    /* a device */
    FACT_IMAP, FACT_ONLINE,  /* in this step it spoke with a server */
    FACT_HEARS,              /* both: it has been told what the server has */
    FACT_TELLS,              /* by IMAP, or by a POP3 that deletes what was deleted here */
    FACT_DELETED,            /* a person deleted something here */
    FACT_LOST,               /* the device was lost */
    FACT_SHARED,             /* an own flag is on another device too */
    FACT_OFFLINE, FACT_EMPTY, FACT_OTHERS, /* left the network; has nothing; is not alone */
    /* who has what left the server: all of it, as a copy or as an IMAP device shows it; a part */
    FACT_KEPT, FACT_KEPT_BY_MANY, FACT_SHOWN, FACT_SHOWN_BY_MANY, FACT_KEPT_PARTLY,
    FACT_STRANGERS, FACT_HERS, /* some names stand in no row; hers are among them */
    FACT_QUEUED, FACT_REPLIED, /* a host's queue: not empty; with some server's answer */
    /* a setting, at the end */
    FACT_SAME_COUNT, FACT_LOSSES, FACT_DOUBLED, FACT_OVERWRITTEN,
    FACT_MISSING, FACT_FOLDERS_DIFFER, FACT_FLAGS_DIFFER, /* a message: here and not there … */
    OUTCOME_FACTS
};
#define FACT(name) (UINT64_C(1) << (name))

/* In each at most one sentence is told of whom it is about. */
enum outcome_topic {
    TOPIC_LEFT,
    TOPIC_FETCHED,
    TOPIC_UNREADABLE, TOPIC_MOVED, TOPIC_MOVED_APART, TOPIC_GONE, TOPIC_MISSED, TOPIC_KNOWN,
    TOPIC_TOLD, TOPIC_OWN, TOPIC_ALONE,
    TOPIC_NETWORK,
    TOPIC_QUEUE,
    TOPIC_WAITS, TOPIC_STRANGERS,
    TOPIC_DELETED, TOPIC_UNREAD, TOPIC_FOLDERS, /* what POP3 did not tell */
    TOPIC_TEXTS,
    TOPIC_SERVER_FOLDERS, TOPIC_SERVER_FLAGS, /* what changed there alone */
    TOPIC_NOTHING,
    TOPIC_SUM, TOPIC_SUM_END, /* at the end of a story: two halves of a sentence */
    OUTCOME_TOPICS
};

struct outcome_row {
    enum outcome_topic topic;
    uint64_t needs, excludes;
    const char *says; /* what stands for {name} and {one|many}: contrast_outcome.c */
};
extern const struct outcome_row outcome_rows[];
extern const size_t outcome_row_count;
/* The row that fits; NULL: there is nothing to say. */
const struct outcome_row *outcome_choose(enum outcome_topic, uint64_t facts);

/* Of whom a sentence is. */
struct outcome_case {
    const struct variant *variant;
    const struct frame *frame, *before; /* after and before the step; at the end `before` is NULL */
    size_t holder;                      /* 0: the server */
    struct host *host;                  /* whose queue; or NULL */
    uint64_t facts;
};
/* Looks up the facts of a holder, a host's queue, a setting at its end. */
void outcome_look(struct outcome_case *);
void outcome_look_at_queue(struct outcome_case *);
void outcome_look_at_end(struct outcome_case *);

enum outcome_fact outcome_list_named(slice name); /* "left"; OUTCOME_LISTS: none */
/* Is the message one of the list? */
bool outcome_is_in(const struct outcome_case *, enum outcome_fact list, const struct frame_row *);
size_t outcome_count(const struct outcome_case *, enum outcome_fact list);
/* The flags that the step changed; of LIST_OWN and LIST_ALONE those that the server has not so. */
uint64_t outcome_flags_changed(const struct outcome_case *, enum outcome_fact list,
                               const struct frame_row *);
/* Has the device all of what left the server? */
bool outcome_keeps(const struct outcome_case *, size_t device);
/* The names between two messages of which the later is new: first and last. False: none. */
bool outcome_strangers(const struct outcome_case *, uint64_t *first, uint64_t *last);
bool device_is_imap(const struct variant *, size_t holder);
bool device_follows(const struct variant *, size_t holder); /* shows what the server has */

/* Adds the sentence, filled in. */
void outcome_fill(struct buf *, const struct outcome_case *, const char *says);
/* The facts without which a place could not be filled in, and whether it counts. False: there is
   no such place. */
bool outcome_place(slice name, uint64_t *needs, bool *counts);

#endif
