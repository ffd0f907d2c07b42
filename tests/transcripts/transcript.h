/* transcript.h: plays a hand-written conversation against an engine and demands the same
   answers however its octets are cut. The format stands in README.md beside this. */
#ifndef TESTS_TRANSCRIPTS_TRANSCRIPT_H
#define TESTS_TRANSCRIPTS_TRANSCRIPT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "servers/protocol.h"

enum cut { CUT_NOWHERE, CUT_EVERYWHERE, CUT_IN_LINE_ENDS, CUTS };

#define RULES_MAX 512
#define EVENTS_MAX 64
struct hits { /* which rows answered, and in which states */
    bool rule[RULES_MAX];
    uint32_t states[RULES_MAX];
    bool cell[STATES_MAX][EVENTS_MAX];
};

#define PROTOCOLS 4
extern const char *const transcript_protocols[PROTOCOLS];

struct session;
struct dialect;
struct firing;
struct stage;

/* What a play tells of each firing. */
struct fired {
    const struct session *session;
    const struct firing *firing;
    size_t number;     /* in this play, from 1 */
    slice said, reply; /* the line that was sent last, the line that answered */
};

struct play {
    enum cut cut;
    const struct protocol *instead; /* played in place of the protocol of the same name, or NULL */
    const struct dialect *dialect;  /* in place of the one that `set: dialect` names, or NULL */
    struct hits *hits;              /* of each protocol: PROTOCOLS of them, or NULL */
    bool check_store; /* fsck at the end */
    void (*fired)(void *context, const struct fired *);
    /* Called when the line of that firing has been answered; the rest is not played. 0: never */
    size_t stop_at;
    void (*stopped)(void *context, struct stage *, struct session *);
    void *context;
};

/* For `stopped`: types the octets on that session's connection. */
bool transcript_type(struct stage *, const struct session *, slice octets);

/* False: why says file, line, what was demanded and what came. */
bool transcript_play(const char *path, const struct play *, struct error *why);
/* The same for a text that stands somewhere: the line numbers are its own. */
bool transcript_play_text(const char *name, slice text, const struct play *, struct error *why);
bool transcript_file_read(const char *path, struct buf *text); /* false: it cannot be read */
/* All transcripts below tests/transcripts, by name. Returns how many; paths[i] is malloc'd. */
size_t transcript_list(char *paths[], size_t max);
const struct protocol *transcript_named(const char *name);

#endif
