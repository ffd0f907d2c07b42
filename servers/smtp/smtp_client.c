/* smtp_client.c: see smtp_client.h. Knows what to say after each reply. */
#include "servers/smtp/smtp_client.h"

#include <string.h>

#include "base/heap.h"
#include "servers/mail/dots.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"

enum phase { GREETING, EHLO, HELO, AUTH, MAIL, RCPT, DATA, BODY, DOT, QUIT, OVER };

#define REPLY_KEPT 240
#define PIECE 16384

struct smtp_client {
    const struct smtp_errand *errand;
    enum phase phase;
    struct buf in, out;
    size_t out_sent;
    uint32_t reply_lines;
    bool greeted, offers_size, offers_8bit, offers_utf8, offers_dsn, offers_plain, logged_in;
    size_t asked;                     /* recipient whose RCPT is under way */
    size_t accepted;                  /* by RCPT */
    uint64_t offset;                  /* of the letter, sent so far */
    struct dots dots;                 /* where in a line the sending is */
    uint8_t verdicts[RECIPIENTS_MAX];
    char replies[RECIPIENTS_MAX][REPLY_KEPT];
};

struct smtp_client *smtp_client_new(const struct smtp_errand *errand)
{
    struct smtp_client *client = heap_take(sizeof *client);
    must(errand->recipient_count > 0 && errand->recipient_count <= RECIPIENTS_MAX);
    client->errand = errand;
    client->in = BUF_MAX(RELAY_REPLY_LINE_MAX);
    client->out = BUF_MAX(OUTPUT_MAX);
    return client;
}

void smtp_client_free(struct smtp_client *client)
{
    if (!client)
        return;
    buf_free(&client->in);
    buf_free(&client->out);
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
    reply = slice_upto(reply, REPLY_KEPT - 1);
    client->verdicts[recipient] = (uint8_t)verdict;
    memcpy(client->replies[recipient], reply.at, reply.len);
    client->replies[recipient][reply.len] = '\0';
}

static void decide_pending(struct smtp_client *client, enum smtp_verdict verdict, slice reply)
{
    for (size_t i = 0; i < client->errand->recipient_count; i++)
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

static const struct wishes *wishes_of(const struct smtp_client *client, size_t recipient)
{
    static const struct wishes none = { 0 };
    return client->errand->wishes ? client->errand->wishes[recipient] : &none;
}

static void say_letter_wishes(struct smtp_client *client, const struct wishes *wishes)
{
    if (wishes->returns)
        buf_format(&client->out, " RET=%s", wishes->returns == RETURN_FULL ? "FULL" : "HDRS");
    if (wishes->envid[0])
        buf_format(&client->out, " ENVID=%s", wishes->envid);
}

/* NOTIFY=SUCCESS,DELAY ORCPT=rfc822;… */
static void say_recipient_wishes(struct smtp_client *client, const struct wishes *wishes)
{
    static const struct { uint8_t bit; const char *word; } words[] = {
        { NOTIFY_NEVER, "NEVER" }, { NOTIFY_SUCCESS, "SUCCESS" },
        { NOTIFY_FAILURE, "FAILURE" }, { NOTIFY_DELAY, "DELAY" },
    };
    const char *before = " NOTIFY=";
    for (size_t i = 0; i < COUNT(words); i++)
        if (wishes->notify & words[i].bit) {
            buf_format(&client->out, "%s%s", before, words[i].word);
            before = ",";
        }
    if (wishes->orcpt[0])
        buf_format(&client->out, " ORCPT=%s", wishes->orcpt);
}

static bool needs_utf8(const struct smtp_client *client)
{
    return client->errand->utf8 || wishes_of(client, 0)->utf8;
}

static void say_mail(struct smtp_client *client)
{
    buf_format(&client->out, "MAIL FROM:<%.*s>", SLICE_ARG(client->errand->sender));
    if (client->offers_size)
        buf_format(&client->out, " SIZE=%llu", (unsigned long long)client->errand->size);
    if (client->offers_8bit) /* a letter that needs no 8 bits may be sent so too (RFC 6152 3) */
        buf_add_text(&client->out, " BODY=8BITMIME");
    if (needs_utf8(client))
        buf_add_text(&client->out, " SMTPUTF8");
    if (client->offers_dsn)
        say_letter_wishes(client, wishes_of(client, 0));
    buf_add_text(&client->out, "\r\n");
    client->phase = MAIL;
}

/* RFC 4616: nobody's identity but one's own, NUL, name, NUL, password, in base64. */
static void say_auth(struct smtp_client *client)
{
    const struct smtp_errand *errand = client->errand;
    struct buf plain = BUF_MAX(SASL_ANSWER_MAX);
    if (!client->offers_plain) {
        decide_pending(client, SMTP_LATER, SLICE("4.7.0 the server offers no login with PLAIN"));
        say_quit(client);
        return;
    }
    buf_add_char(&plain, '\0');
    buf_add(&plain, errand->name);
    buf_add_char(&plain, '\0');
    buf_add(&plain, errand->password);
    buf_add_text(&client->out, "AUTH PLAIN ");
    base64_encode(&client->out, buf_slice(&plain));
    buf_add_text(&client->out, "\r\n");
    client->phase = AUTH;
    buf_free(&plain);
}

/* The next recipient, or DATA, or nothing to do. */
static void say_next(struct smtp_client *client)
{
    if (client->asked < client->errand->recipient_count) {
        buf_format(&client->out, "RCPT TO:<%.*s>",
                   SLICE_ARG(client->errand->recipients[client->asked]));
        if (client->offers_dsn)
            say_recipient_wishes(client, wishes_of(client, client->asked));
        buf_add_text(&client->out, "\r\n");
        client->phase = RCPT;
    } else if (client->accepted) {
        buf_add_text(&client->out, "DATA\r\n");
        client->phase = DATA;
    } else {
        say_quit(client);
    }
}

/* --- what is heard ------------------------------------------------------------------------- */

static enum smtp_verdict verdict_of(slice reply)
{
    return reply.at[0] == '5' ? SMTP_REFUSED : SMTP_LATER;
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
        client->logged_in = client->errand->name.len == 0;
        if (needs_utf8(client) && !client->offers_utf8)
            heard_no(client, SLICE("5.6.7 the next server takes no UTF-8 addresses (SMTPUTF8)"));
        else if (client->logged_in)
            say_mail(client);
        else
            say_auth(client);
    } else if (client->phase == EHLO && reply.at[0] == '5') {
        buf_format(&client->out, "HELO %.*s\r\n", SLICE_ARG(client->errand->hello));
        client->phase = HELO;
    } else {
        heard_no(client, reply);
    }
}

/* A whole reply; `reply` is its last line. */
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
        buf_format(&client->out, "EHLO %.*s\r\n", SLICE_ARG(client->errand->hello));
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
    case BODY: /* an answer before the dot: whatever it says, the letter is not accepted */
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
    if (client->phase == EHLO && take_prefix_nocase(&text, "AUTH "))
        for (slice word = take_word(&text); word.len; word = take_word(&text))
            client->offers_plain = client->offers_plain || slice_is_nocase(word, "PLAIN");
    if (line.len > 3 && line.at[3] == '-')
        return true;
    client->reply_lines = 0;
    heard(client, line);
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

/* --- the letter on the wire ------------------------------------------------------------------ */

static void body_more(struct smtp_client *client)
{
    const struct smtp_errand *errand = client->errand;
    struct buf piece = BUF_MAX(PIECE);
    if (!errand->read(errand->context, client->offset, PIECE, &piece)) {
        smtp_client_lost(client, SLICE("4.3.0 our own trouble reading the letter"));
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
