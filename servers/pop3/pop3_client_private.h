/* pop3_client_private.h: between pop3_client.c and pop3_client_opening.c, and nobody else. */
#ifndef SERVERS_POP3_CLIENT_PRIVATE_H
#define SERVERS_POP3_CLIENT_PRIVATE_H

#include "servers/auth/sasl_client.h"
#include "servers/pop3/pop3_client.h"

enum phase { GREETING, OPENING, SIZE, RETR, MESSAGE, HEADER, HEADER_TEXT, DELE, QUIT, OVER };

/* What is done to messages goes over the list once for each. */
enum pass { REMOVED_FIRST, MESSAGES, REMOVED_LAST, PASSES };

/* Where in a message its octets are: RFC 1939 3. Only CRLF ends a line. */
enum place { LINE_START, DOT, DOT_CR, MIDDLE, CR };

struct entry {
    uint32_t number;
    uint32_t at; /* of its unique-id in `uidls` */
    uint8_t len;
    bool asked, kept; /* the wish is known; the message came */
    struct pop3_wish wish;
};

struct pop3_client {
    const struct pop3_job *job;
    const struct pop3_habit *habit;
    enum phase phase;
    enum pop3_ending ending;
    slice opening, otherwise; /* words that are still to be said */
    slice word;               /* the one that was */
    struct sasl_client sasl;
    struct buf in, out, reply, uidls, greeting, offered;
    size_t out_sent;
    struct entry *entries;
    size_t count, cap;
    enum pass pass;
    size_t now, ahead; /* in this pass: worked at; already said up to here */
    bool answered;     /* one of this pass was */
    size_t listed;     /* of the list that is coming */
    uint64_t promised; /* messages, by STAT */
    bool listing;      /* the lines are a list's, up to its dot */
    enum place place;
    struct pop3_counts counts;
};

/* --- pop3_client.c --------------------------------------------------------------------------- */

void pop3_say(struct pop3_client *, enum phase, const char *verb, slice argument);
void pop3_say_next(struct pop3_client *); /* what is to be done with messages, or QUIT */
void pop3_quit(struct pop3_client *, enum pop3_ending);
void pop3_stop(struct pop3_client *, enum pop3_ending);

/* --- pop3_client_opening.c ------------------------------------------------------------------- */

void pop3_say_opening(struct pop3_client *);
void pop3_heard_no(struct pop3_client *, slice text);
void pop3_heard_opening(struct pop3_client *, bool good, slice text);
void pop3_heard_challenge(struct pop3_client *, slice challenge);
void pop3_heard_list(struct pop3_client *, slice line);

#endif
