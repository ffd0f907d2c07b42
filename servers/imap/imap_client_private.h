/* imap_client_private.h: between imap_client*.c only. */
#ifndef SERVERS_IMAP_IMAP_CLIENT_PRIVATE_H
#define SERVERS_IMAP_IMAP_CLIENT_PRIVATE_H

#include "base/arena.h"
#include "servers/client.h"
#include "servers/imap/imap_client.h"

/* READY: the owner says what is next. LITERAL: the message has gone; DONE: IDLE is to end. */
enum { GREETING, READY, ASKED, APPEND, LITERAL, IDLE, IDLING, DONE, LOGOUT, OVER };

/* SAID: the owner's command, by what is waited for after it. STOPPED: by one of the two ends. */
enum { GREETED = ANSWER_ANY + 1, BYE, PLUS, TAGGED, SAID, SAID_APPEND, SAID_IDLE, SAID_DONE,
       SAID_LOGOUT, STOPPED };

struct imap_client {
    const struct imap_owner *owner;
    struct imap_facts facts;
    struct buf in;                  /* one response, as far as it has come */
    size_t line_at;                 /* where its last line begins */
    uint64_t literal_left;          /* octets of a literal that are still to come */
    struct client_out out;
    struct buf text;
    slice literal;                  /* APPEND's message, until the server asks for it */
    uint8_t step;
    bool said_bye;
    enum imap_answer answer;        /* the last, for the owner */
    uint32_t tag;
    enum imap_ending ending;
    struct arena scratch;           /* one response */
};

void imap_says_ready(void *client);     /* tells the owner */
void imap_says_literal(void *client);
void imap_says_done(void *client);
/* Over: it ends so, if nothing else has ended it. */
void imap_client_stop(struct imap_client *, enum imap_ending);
int imap_response_kind(slice line);     /* -1: none of those that the rows know */

/* Reads one whole response, without its CRLF, literals in place. False: no IMAP. */
bool imap_response_heard(struct imap_client *, slice response);

#endif
