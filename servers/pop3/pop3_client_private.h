/* pop3_client_private.h: between pop3_client*.c, and nobody else: what the rows are made of. `says`
   writes a step's command, `hears` takes an answer in. What a program says next is its habit: a
   step that goes on looks for it (pop3_find_next), and the rows tell what it may be. */
#ifndef SERVERS_POP3_CLIENT_PRIVATE_H
#define SERVERS_POP3_CLIENT_PRIVATE_H

#include "servers/auth/sasl_client.h"
#include "servers/client.h"
#include "servers/pop3/pop3_client.h"

/* The words of an opening are the names of its steps. LIST_1: LIST n before a message; TOP: its
   header once more. */
enum {
    GREETING, CAPA, STLS, USER, PASS, APOP, AUTH, RESPONSE, STAT, LAST, UIDL, LIST, LINES,
    LIST_1, RETR, MESSAGE, TOP, HEADER, DELE, QUIT, OVER
};

/* END: the lone dot; STOP: the owner could not keep it; RUBBISH: what came is no POP3. */
enum { GOOD = ANSWER_ANY + 1, NO, ASKS, END, STOP, RUBBISH, LOST };

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
    uint8_t step;
    uint8_t next; /* what a step that goes on has found to say */
    enum pop3_ending ending;
    slice opening, otherwise; /* words that are still to be said */
    slice mechanism;          /* AUTH's */
    struct sasl_client sasl;
    struct buf in, reply, uidls, greeting, offered, response;
    bool has_response; /* of the login, said next */
    struct client_out out;
    struct entry *entries;
    size_t count, cap;
    enum pass pass;
    size_t now, ahead; /* in this pass: worked at; already said up to here */
    bool passes;       /* what is said next is the pass's own */
    bool answered;     /* one of this pass was */
    uint8_t list;      /* of CAPA, UIDL or LIST: the lines that come */
    size_t listed;     /* of the list that is coming */
    uint64_t promised; /* messages, by STAT */
    enum place place;
    struct pop3_counts counts;
};

/* --- pop3_client.c --------------------------------------------------------------------------- */

void pop3_goodbye(struct pop3_client *, enum pop3_ending); /* goodbye is next, or no word more */
void pop3_find_message(struct pop3_client *); /* what is next to be done with one, or goodbye */
void pop3_says_entry(void *client);
void pop3_says_quit(void *client);
void pop3_hears_entry(void *client, int answer, slice text);
void pop3_hears_quit(void *client, int answer, slice text);
bool pop3_is_next(void *client, int next);
int pop3_answer_kind(slice line);

/* --- pop3_client_opening.c ------------------------------------------------------------------- */

void pop3_says_word(void *client);
void pop3_says_response(void *client);
void pop3_hears_word(void *client, int answer, slice text);
void pop3_hears_end_of_list(void *client, int answer, slice text);
bool pop3_list_line(struct pop3_client *, slice line); /* false: it is none of that list */
bool pop3_has_response(void *client, int next);

#endif
