/* smtp_client.c: see smtp_client.h. Knows what to say after each reply. */
#include "servers/smtp/smtp_client.h"

#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/auth/sasl_client.h"
#include "servers/mail/address.h"
#include "servers/mail/dots.h"
#include "servers/mail/encoding.h"
#include "servers/mail/idna.h"
#include "servers/mail/seven_bit.h"
#include "servers/smtp/smtp_parameters.h"
#include "servers/store/store.h"

enum phase { GREETING, EHLO, HELO, AUTH, MAIL, RCPT, DATA, BODY, DOT, QUIT, OVER };

#define PIECE 16384

struct smtp_client {
    const struct smtp_job *job;
    enum phase phase;
    struct buf in, out;
    size_t out_sent;
    struct buf reply;                 /* the lines of one, joined */
    uint32_t reply_lines;
    bool says_utf8;                   /* MAIL had SMTPUTF8 */
    struct needs needs;               /* what the message asks of the server */
    struct seven_bit *converted;      /* what is sent in its place, or NULL */
    struct sasl_client sasl;          /* a habit's login */
    struct buf mechanisms;            /* " PLAIN CRAM-MD5", as EHLO offered them */
    bool greeted, offers_size, offers_8bit, offers_utf8, offers_dsn, offers_plain, logged_in;
    size_t asked;                     /* recipient whose RCPT is under way */
    size_t accepted;                  /* by RCPT */
    uint64_t offset;                  /* of the message, sent so far */
    struct dots dots;                 /* where in a line the sending is */
    uint8_t verdicts[RECIPIENTS_MAX];
    char replies[RECIPIENTS_MAX][REPLY_KEPT_MAX + 1];
};

struct smtp_client *smtp_client_new(const struct smtp_job *job)
{
    struct smtp_client *client = heap_take(sizeof *client);
    must(job->recipient_count > 0 && job->recipient_count <= RECIPIENTS_MAX);
    client->job = job;
    client->in = BUF_MAX(RELAY_REPLY_LINE_MAX);
    client->out = BUF_MAX(OUTPUT_MAX);
    client->reply = BUF_MAX(REPLY_KEPT_MAX);
    client->mechanisms = BUF_MAX(RELAY_REPLY_LINE_MAX);
    return client;
}

void smtp_client_free(struct smtp_client *client)
{
    if (!client)
        return;
    buf_free(&client->in);
    buf_free(&client->out);
    buf_free(&client->reply);
    buf_free(&client->mechanisms);
    seven_bit_free(client->converted);
    heap_give(client);
}

bool smtp_client_is_over(const struct smtp_client *client) { return client->phase == OVER; }
bool smtp_client_offers_dsn(const struct smtp_client *client) { return client->offers_dsn; }
bool smtp_client_was_greeted(const struct smtp_client *client) { return client->greeted; }
bool smtp_client_logged_in(const struct smtp_client *client) { return client->logged_in; }

enum smtp_verdict smtp_client_verdict(const struct smtp_client *client, size_t recipient,
                                      slice *reply)
{
    *reply = slice_of(client->replies[recipient]);
    return (enum smtp_verdict)client->verdicts[recipient];
}

static void decide(struct smtp_client *client, size_t recipient, enum smtp_verdict verdict,
                   slice reply)
{
    client->verdicts[recipient] = (uint8_t)verdict;
    FIELD_SET(client->replies[recipient], reply);
}

static void decide_pending(struct smtp_client *client, enum smtp_verdict verdict, slice reply)
{
    for (size_t i = 0; i < client->job->recipient_count; i++)
        if (client->verdicts[i] == SMTP_PENDING)
            decide(client, i, verdict, reply);
}

void smtp_client_lost(struct smtp_client *client, slice text)
{
    decide_pending(client, SMTP_LATER, text);
    client->phase = OVER;
}

/* --- what is said ------------------------------------------------------------------------- */

static void say_quit(struct smtp_client *client)
{
    buf_add_text(&client->out, "QUIT\r\n");
    client->phase = QUIT;
}

static const struct dsn *dsn_of(const struct smtp_client *client, size_t recipient)
{
    static const struct dsn none = { 0 };
    return client->job->dsn ? client->job->dsn[recipient] : &none;
}

static void say_message_dsn(struct smtp_client *client, const struct dsn *dsn)
{
    if (dsn->returns)
        buf_format(&client->out, " RET=%s", dsn->returns == RETURN_FULL ? "FULL" : "HDRS");
    if (dsn->envid[0])
        buf_format(&client->out, " ENVID=%s", dsn->envid);
}

/* NOTIFY=SUCCESS,DELAY ORCPT=rfc822;… */
static void say_recipient_dsn(struct smtp_client *client, const struct dsn *dsn)
{
    static const struct { uint8_t bit; const char *word; } words[] = {
        { NOTIFY_NEVER, "NEVER" }, { NOTIFY_SUCCESS, "SUCCESS" },
        { NOTIFY_FAILURE, "FAILURE" }, { NOTIFY_DELAY, "DELAY" },
    };
    const char *before = " NOTIFY=";
    for (size_t i = 0; i < COUNT(words); i++)
        if (dsn->notify & words[i].bit) {
            buf_format(&client->out, "%s%s", before, words[i].word);
            before = ",";
        }
    slice address = slice_of(dsn->orcpt), type = take_until(&address, ';');
    if (!dsn->orcpt[0])
        return;
    buf_format(&client->out, " ORCPT=%.*s;", SLICE_ARG(type));
    if (client->says_utf8 || !is_utf8_address(address))
        buf_add(&client->out, address);
    else /* RFC 6533 3: the same in ASCII, for a server that knows no other */
        smtp_unitext_decode(&client->out, address, false);
}

/* Its domain in ASCII where the server knows no other addresses. */
static void say_address(struct smtp_client *client, slice address)
{
    if (client->says_utf8 || !address_ascii(&client->out, address))
        buf_add(&client->out, address);
}

/* In the habit's order; plain: SIZE and BODY wherever they are offered. */
static void say_parameters(struct smtp_client *client)
{
    uint64_t size = client->converted ? seven_bit_size(client->converted) : client->job->size;
    const struct smtp_habit *habit = client->job->habit;
    slice rest = slice_of(habit ? habit->parameters : "SIZE BODY");
    for (slice word = take_word(&rest); word.len; word = take_word(&rest)) {
        bool body = slice_is(word, "BODY") ||
                    (slice_is(word, "BODY?") && client->needs.eight_bit && !client->converted);
        if (slice_is(word, "SIZE") && client->offers_size)
            buf_format(&client->out, " SIZE=%llu", (unsigned long long)size);
        if (body && client->offers_8bit) /* 7 bits may be sent so too (RFC 6152 3) */
            buf_add_text(&client->out, " BODY=8BITMIME");
    }
}

static void say_mail(struct smtp_client *client)
{
    buf_add_text(&client->out, "MAIL FROM:<");
    say_address(client, client->job->sender);
    buf_add_text(&client->out, ">");
    say_parameters(client);
    if (client->says_utf8)
        buf_add_text(&client->out, " SMTPUTF8");
    if (client->offers_dsn)
        say_message_dsn(client, dsn_of(client, 0));
    buf_add_text(&client->out, "\r\n");
    client->phase = MAIL;
}

static bool is_offered(const struct smtp_client *client, slice mechanism)
{
    slice rest = buf_slice(&client->mechanisms);
    for (slice word = take_word(&rest); word.len; word = take_word(&rest))
        if (slice_equal_nocase(word, mechanism))
            return true;
    return false;
}

static void heard_challenge(struct smtp_client *client, slice reply)
{
    struct buf answer = BUF_MAX(2 * SASL_ANSWER_MAX);
    if (sasl_client_answer(&client->sasl, slice_trim(slice_from(reply, 4)), &answer))
        buf_format(&client->out, "%s\r\n", buf_text(&answer));
    else
        smtp_client_lost(client, SLICE("4.5.0 a challenge that makes no sense"));
    buf_free(&answer);
}

/* The habit's mechanism, or else PLAIN; or none: what a program does without it was not
   measured. */
static void say_auth(struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    const struct smtp_habit *habit = job->habit;
    slice mechanism = habit ? slice_of(habit->mechanism) : SLICE("PLAIN");
    bool offered = habit ? is_offered(client, mechanism) : client->offers_plain;
    bool initial = !habit || habit->initial;
    struct buf first = BUF_MAX(2 * SASL_ANSWER_MAX);
    if (offered &&
        sasl_client_begin(&client->sasl, mechanism, job->name, job->password, job->nonce) &&
        (!initial || sasl_client_answer(&client->sasl, SLICE_EMPTY, &first))) {
        buf_format(&client->out, "AUTH %.*s%s%s\r\n", SLICE_ARG(mechanism), initial ? " " : "",
                   buf_text(&first));
        client->phase = AUTH;
    } else {
        decide_pending(client, SMTP_LATER,
                       habit ? SLICE("4.7.0 the server offers no login that is taken")
                             : SLICE("4.7.0 the server offers no login with PLAIN"));
        say_quit(client);
    }
    buf_free(&first);
}

/* The next recipient, or DATA, or nothing to do. */
static void say_next(struct smtp_client *client)
{
    while (client->asked < client->job->recipient_count &&
           client->verdicts[client->asked] != SMTP_PENDING)
        client->asked++;
    if (client->asked < client->job->recipient_count) {
        buf_add_text(&client->out, "RCPT TO:<");
        say_address(client, client->job->recipients[client->asked]);
        buf_add_text(&client->out, ">");
        if (client->offers_dsn)
            say_recipient_dsn(client, dsn_of(client, client->asked));
        buf_add_text(&client->out, "\r\n");
        client->phase = RCPT;
    } else if (client->accepted) {
        buf_add_text(&client->out, "DATA\r\n");
        client->phase = DATA;
    } else {
        say_quit(client);
    }
}

/* --- what the message needs, and the server has ---------------------------------------------- */

static bool needs_read(struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    struct buf piece = BUF_MAX(PIECE);
    uint64_t offset = 0;
    bool good = true, more = true;
    client->needs = (struct needs){ .line = 0 };
    while (good && more) {
        buf_clear(&piece);
        good = job->read(job->context, offset, PIECE, &piece);
        needs_add(&client->needs, buf_slice(&piece));
        offset += piece.len;
        more = piece.len > 0;
    }
    buf_free(&piece);
    return good;
}

static bool convert(struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX);
    if (job->read(job->context, 0, MESSAGE_BYTES_MAX, &text) && !text.full)
        client->converted = seven_bit_new(buf_slice(&text));
    buf_free(&text);
    return client->converted != NULL;
}

/* Has the address no form in ASCII? */
static bool is_only_utf8(slice address)
{
    struct buf ascii = BUF_MAX(ADDRESS_MAX);
    bool none = !address_ascii(&ascii, address);
    buf_free(&ascii);
    return none;
}

static bool any_address_is_utf8(const struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    bool any = is_utf8_address(job->sender);
    for (size_t i = 0; i < job->recipient_count; i++)
        any = any || is_utf8_address(job->recipients[i]);
    return any;
}

/* SMTPUTF8 is said when something needs it, not because the sender said it (RFC 6531 3.4). What
   needs it and can't have it comes back: all, or the recipients that it is about. */
static void utf8_decide(struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    bool declared = !job->dsn || job->utf8 || dsn_of(client, 0)->utf8;
    bool header = client->needs.utf8_header && declared;
    client->says_utf8 = client->offers_utf8 && (header || any_address_is_utf8(client));
    if (client->says_utf8)
        return;
    if (is_only_utf8(job->sender))
        decide_pending(client, SMTP_REFUSED,
                       SLICE("5.6.7 the next server takes no UTF-8 addresses (SMTPUTF8)"));
    else if (header)
        decide_pending(client, SMTP_REFUSED,
                       SLICE("5.6.9 the next server takes no UTF-8 headers (SMTPUTF8)"));
    for (size_t i = 0; i < job->recipient_count; i++)
        if (client->verdicts[i] == SMTP_PENDING && is_only_utf8(job->recipients[i]))
            decide(client, i, SMTP_REFUSED,
                   SLICE("5.6.7 the next server takes no UTF-8 addresses (SMTPUTF8)"));
}

static bool any_is_pending(const struct smtp_client *client)
{
    for (size_t i = 0; i < client->job->recipient_count; i++)
        if (client->verdicts[i] == SMTP_PENDING)
            return true;
    return false;
}

/* The server's offers are known: does the message fit, or can it be made to? (RFC 6152 3) */
static void fit(struct smtp_client *client)
{
    if (!needs_read(client)) {
        decide_pending(client, SMTP_LATER, SLICE("4.3.0 our own trouble reading the message"));
        return;
    }
    utf8_decide(client);
    bool converts = client->needs.long_lines || (client->needs.eight_bit && !client->offers_8bit);
    if (converts && any_is_pending(client) && !convert(client))
        decide_pending(client, SMTP_REFUSED,
                       client->needs.long_lines
                           ? SLICE("5.6.3 a line is too long, and cannot be written otherwise")
                           : SLICE("5.6.3 the next server takes 7 bits only (8BITMIME), and the "
                                   "message cannot be written in them"));
}

/* --- what is heard ------------------------------------------------------------------------- */

static enum smtp_verdict verdict_of(slice reply)
{
    return reply.at[0] == '5' ? SMTP_REFUSED : SMTP_LATER;
}

/* One recipient was refused, and this program sends to nobody then, and tries no more. */
static void give_up(struct smtp_client *client, slice reply)
{
    for (size_t i = 0; i < client->job->recipient_count; i++)
        decide(client, i, SMTP_REFUSED, reply);
    if (client->job->habit->refused == SMTP_DROPS) {
        client->phase = OVER;
        return;
    }
    if (client->job->habit->refused == SMTP_RESETS)
        buf_add_text(&client->out, "RSET\r\n");
    say_quit(client);
}

static void heard_rcpt(struct smtp_client *client, bool good, slice reply)
{
    if (good)
        client->accepted++;
    else if (slice_starts(reply, "552")) /* too many at once, or no room: RFC 5321 4.5.3.1.10 */
        decide(client, client->asked, SMTP_LATER, reply);
    else
        decide(client, client->asked, verdict_of(reply), reply);
    client->asked++;
    if (!good && client->job->habit && client->job->habit->refused > SMTP_GOES_ON)
        give_up(client, reply);
    else
        say_next(client);
}

/* A refusal of what concerns all recipients. */
static void heard_no(struct smtp_client *client, slice reply)
{
    decide_pending(client, verdict_of(reply), reply);
    say_quit(client);
}

static void heard_hello(struct smtp_client *client, bool good, slice reply)
{
    if (good) {
        client->greeted = true;
        client->logged_in = client->job->name.len == 0;
        fit(client);
        client->logged_in = client->logged_in || !any_is_pending(client); /* it is not about that */
        if (!any_is_pending(client))
            say_quit(client);
        else if (client->logged_in)
            say_mail(client);
        else
            say_auth(client);
    } else if (client->phase == EHLO && reply.at[0] == '5') {
        buf_format(&client->out, "HELO %.*s\r\n", SLICE_ARG(client->job->hello));
        client->phase = HELO;
    } else {
        heard_no(client, reply);
    }
}

/* A whole reply, its lines joined. */
static void heard(struct smtp_client *client, slice reply)
{
    char kind = reply.at[0];
    bool good = kind == '2';
    switch (client->phase) {
    case GREETING:
        if (!good) {
            heard_no(client, reply);
            return;
        }
        buf_format(&client->out, "EHLO %.*s\r\n", SLICE_ARG(client->job->hello));
        client->phase = EHLO;
        return;
    case EHLO:
    case HELO:
        heard_hello(client, good, reply);
        return;
    case AUTH:
        client->logged_in = good;
        if (good)
            say_mail(client);
        else if (kind == '3' && client->job->habit)
            heard_challenge(client, reply);
        else
            heard_no(client, reply);
        return;
    case MAIL:
        if (good)
            say_next(client);
        else
            heard_no(client, reply);
        return;
    case RCPT:
        heard_rcpt(client, good, reply);
        return;
    case DATA:
        if (kind == '3')
            client->phase = BODY;
        else
            heard_no(client, reply);
        return;
    case BODY: /* an answer before the dot: whatever it says, the message is not accepted */
        smtp_client_lost(client, reply);
        return;
    case DOT:
        decide_pending(client, good ? SMTP_ACCEPTED : verdict_of(reply), reply);
        say_quit(client);
        return;
    default:
        client->phase = OVER;
    }
}

/* "550-5.1.1 who" and "550 5.1.1 is that" become "550 5.1.1 who is that". */
static void reply_join(struct smtp_client *client, slice line)
{
    slice kept = slice_from(buf_slice(&client->reply), 4), code = take_word(&kept);
    slice text = slice_from(line, 4), rest = text;
    if (client->reply.len == 0) {
        buf_add(&client->reply, slice_upto(line, 3));
        buf_add_char(&client->reply, ' ');
    } else if (code.len && is_digit((unsigned char)code.at[0]) &&
               slice_equal(code, take_word(&rest))) {
        text = rest;
    } else {
        buf_add_char(&client->reply, ' ');
    }
    buf_add(&client->reply, slice_upto(text, REPLY_KEPT_MAX - client->reply.len));
}

/* "250-SIZE 33554432" or "250 ok". False: no reply at all. */
static bool heard_line(struct smtp_client *client, slice line)
{
    if (line.len < 3 || !is_digit((unsigned char)line.at[0]) ||
        !is_digit((unsigned char)line.at[1]) || !is_digit((unsigned char)line.at[2]) ||
        ++client->reply_lines > RELAY_REPLY_LINES_MAX)
        return false;
    slice text = slice_from(line, 4);
    if (client->phase == EHLO &&
        (slice_is_nocase(text, "SIZE") || slice_starts_nocase(text, "SIZE ")))
        client->offers_size = true;
    if (client->phase == EHLO && slice_is_nocase(text, "8BITMIME"))
        client->offers_8bit = true;
    if (client->phase == EHLO && slice_is_nocase(text, "SMTPUTF8"))
        client->offers_utf8 = true;
    if (client->phase == EHLO && slice_is_nocase(text, "DSN"))
        client->offers_dsn = true;
    if (client->phase == EHLO && client->job->habit && slice_starts_nocase(text, "AUTH "))
        buf_format(&client->mechanisms, " %.*s", SLICE_ARG(slice_from(text, 5)));
    if (client->phase == EHLO && take_prefix_nocase(&text, "AUTH "))
        for (slice word = take_word(&text); word.len; word = take_word(&text))
            client->offers_plain = client->offers_plain || slice_is_nocase(word, "PLAIN");
    reply_join(client, line);
    if (line.len > 3 && line.at[3] == '-')
        return true;
    client->reply_lines = 0;
    heard(client, buf_slice(&client->reply));
    buf_clear(&client->reply);
    return true;
}

void smtp_client_input(struct smtp_client *client, slice octets)
{
    size_t end = 0;
    while (octets.len && client->phase != OVER) {
        bool ended = slice_find(octets, '\n', &end);
        slice piece = slice_upto(octets, ended ? end + 1 : octets.len);
        octets = slice_from(octets, piece.len);
        if (!buf_add(&client->in, piece)) {
            smtp_client_lost(client, SLICE("4.5.0 a reply without end"));
            return;
        }
        if (!ended)
            return;
        slice line = slice_upto(buf_slice(&client->in), client->in.len - 1);
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (!heard_line(client, line))
            smtp_client_lost(client, SLICE("4.5.0 an answer that is no SMTP"));
        buf_clear(&client->in);
    }
}

/* --- the message on the wire ------------------------------------------------------------------ */

static void body_more(struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    struct buf piece = BUF_MAX(PIECE * 4);
    bool read = client->converted
                    ? seven_bit_next(client->converted, job->read, job->context, &piece)
                    : job->read(job->context, client->offset, PIECE, &piece);
    if (!read) {
        smtp_client_lost(client, SLICE("4.3.0 our own trouble reading the message"));
    } else if (piece.len == 0) {
        dots_end(&client->dots, &client->out);
        client->phase = DOT;
    }
    dots_write(&client->dots, buf_slice(&piece), UINT64_MAX, &client->out);
    client->offset += piece.len;
    buf_free(&piece);
}

slice smtp_client_output(struct smtp_client *client)
{
    while (client->phase == BODY && client->out.len - client->out_sent < PIECE)
        body_more(client);
    return slice_from(buf_slice(&client->out), client->out_sent);
}

void smtp_client_sent(struct smtp_client *client, size_t octets)
{
    client->out_sent += octets;
    must(client->out_sent <= client->out.len);
    if (client->out_sent == client->out.len) {
        buf_clear(&client->out);
        client->out_sent = 0;
    } else if (client->out_sent >= OUTPUT_HIGH_WATER) {
        buf_drop_front(&client->out, client->out_sent);
        client->out_sent = 0;
    }
}
