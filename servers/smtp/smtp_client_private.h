/* smtp_client_private.h: between smtp_client.c and smtp_client_table.c, and nobody else: what the
   rows are made of. `says` writes a step's command, `hears` takes an answer in, and neither knows
   which step is next. */
#ifndef SERVERS_SMTP_CLIENT_PRIVATE_H
#define SERVERS_SMTP_CLIENT_PRIVATE_H

#include "servers/auth/sasl_client.h"
#include "servers/client.h"
#include "servers/mail/dots.h"
#include "servers/mail/seven_bit.h"
#include "servers/smtp/smtp_client.h"

enum { GREETING, EHLO, HELO, AUTH, RESPONSE, MAIL, RCPT, DATA, BODY, DOT, RSET, QUIT, OVER };

/* SENT: all of the message's text; LOST: the connection, or what came is no SMTP. */
enum { GOOD = ANSWER_ANY + 1, MORE, LATER, NO, OTHER, SENT, LOST };

struct smtp_client {
    const struct smtp_job *job;
    uint8_t step;
    struct buf in;
    struct client_out out;
    struct buf reply;                 /* the lines of one, joined */
    uint32_t reply_lines;
    bool says_utf8;                   /* MAIL had SMTPUTF8 */
    struct needs needs;               /* what the message asks of the server */
    struct seven_bit *converted;      /* what is sent in its place, or NULL */
    struct sasl_client sasl;          /* a habit's login */
    struct buf response;              /* of the login, said next, */
    bool has_response;                /* if it is there */
    struct buf mechanisms;            /* " PLAIN CRAM-MD5", as EHLO offered them */
    bool greeted, offers_size, offers_8bit, offers_utf8, offers_dsn, offers_plain, logged_in;
    size_t asked;                     /* recipient whose RCPT is under way */
    size_t accepted;                  /* by RCPT */
    bool gave_up;                     /* one was refused, and nobody gets it then */
    uint64_t offset;                  /* of the message, sent so far */
    struct dots dots;                 /* where in a line the sending is */
    uint8_t verdicts[RECIPIENTS_MAX];
    char replies[RECIPIENTS_MAX][REPLY_KEPT_MAX + 1];
};

void smtp_says_ehlo(void *client);
void smtp_says_helo(void *client);
void smtp_says_auth(void *client);
void smtp_says_response(void *client);
void smtp_says_mail(void *client);
void smtp_says_rcpt(void *client);
void smtp_says_data(void *client);
void smtp_says_dot(void *client);
void smtp_says_reset(void *client);
void smtp_says_quit(void *client);

void smtp_hears_refusal(void *client, int answer, slice reply);
void smtp_hears_hello(void *client, int answer, slice reply);
void smtp_hears_auth(void *client, int answer, slice reply);
void smtp_hears_rcpt(void *client, int answer, slice reply);
void smtp_hears_early(void *client, int answer, slice reply);
void smtp_hears_dot(void *client, int answer, slice reply);

/* Conditions. */
bool smtp_all_decided(void *client, int next);
bool smtp_is_to_log_in(void *client, int next);
bool smtp_has_response(void *client, int next);
bool smtp_knows_challenges(void *client, int next);
bool smtp_recipient_is_left(void *client, int next);
bool smtp_any_was_accepted(void *client, int next);
bool smtp_gives_up(void *client, int next);

int smtp_answer_kind(slice line); /* -1: none, or not its last line */

#endif
