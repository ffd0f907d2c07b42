/* sentence.h: between the files sentence*.c: one line that
   builds the world while it is being read. */
#ifndef SIM_SENTENCE_H
#define SIM_SENTENCE_H

#include "base/arena.h"
#include "base/words.h"
#include "servers/store/store.h"
#include "sim/shared.h"

struct sentence {
    struct world *world;
    struct call *call;       /* NULL: from a world's script */
    slice line;              /* all of it, without a leading colon */
    slice rest;              /* what is not read yet */
    size_t at;               /* where it is wrong */
    struct error *why;
};

/* Each reads, and changes something only when all was understood. False: why and at. */
typedef bool sentence_fn(struct sentence *);
sentence_fn sentence_host, sentence_user, sentence_mailbox, sentence_device, sentence_setup,
    sentence_on, sentence_message;
sentence_fn sentence_mx, sentence_txt, sentence_srv, sentence_link, sentence_set, sentence_offline,
    sentence_online;

/* It is wrong there, a part of the line or its end. Returns false. */
bool sentence_wrong(struct sentence *, slice where, const char *format, ...) PRINTF_LIKE(3, 4);
/* The next word, which must be this. */
bool sentence_expect(struct sentence *, const char *word);
bool sentence_ended(struct sentence *);            /* nothing may be left */
bool sentence_services(struct sentence *, uint32_t *services); /* up to `for`, or all of it */
bool sentence_user_take(struct sentence *, struct user *);
/* A mailbox's name as on the wire, from a word or a text in quotes in UTF-8. */
bool sentence_box_take(struct sentence *, struct buf *box);
bool sentence_place_take(struct sentence *, uint32_t *host);
bool sentence_duration_take(struct sentence *, uint64_t *ms);
bool sentence_number_take(struct sentence *, uint64_t max, const char *what, uint64_t *value);
/* All is understood: from here on things change. */
void sentence_begins(struct sentence *);
/* Keeps it for the next opening of the world. That the store failed is told by who runs
   the line: here as in all sentences it is not looked at. Returns true. */
bool sentence_keep(struct sentence *);

struct policy;
bool set_answers(struct sentence *, struct policy *); /* sentence_dialect.c: "like postfix" */
/* Why the name is none, and those that are, the nearest first. */
void dialect_unknown(struct buf *, slice typed);

/* A message as mail servers would have delivered it. */
struct message_draft {
    slice to, from, from_name, subject, text, html;
    slice attachment_name, attachment;
    uint64_t id;
    int64_t date_ms;
    const char *host, *host_address;         /* that took it in, */
    const char *sender_host, *sender_address;/* from there */
};
void message_write(struct buf *, const struct message_draft *);
/* The same as its writer's mail program would hand it in: without what servers add. `to` may
   be several addresses with ", " between. */
void message_compose(struct buf *, const struct message_draft *, slice message_id);
/* A text in quotes that becomes a header field, and one that may have several lines; in the
   arena. False: why and at. */
bool sentence_field_take(struct sentence *, struct arena *, slice *text);
bool sentence_text_take(struct sentence *, struct arena *, size_t max, slice *text);

#endif
