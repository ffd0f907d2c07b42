/* smtp_client.c: see smtp_client.h: what a step writes, what is taken from an answer, and how
   answers are read. What follows which answer is smtp_client_table.c. */
#include "servers/smtp/smtp_client_private.h"

#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"
#include "servers/mail/idna.h"
#include "servers/smtp/smtp_parameters.h"
#include "servers/store/store.h"

#define PIECE 16384

struct smtp_client *smtp_client_new(const struct smtp_job *job)
{
    struct smtp_client *client = heap_take(sizeof *client);
    must(job->recipient_count > 0 && job->recipient_count <= RECIPIENTS_MAX);
    client->job = job;
    client->in = BUF_MAX(RELAY_REPLY_LINE_MAX);
    client->out.text = BUF_MAX(OUTPUT_MAX);
    client->reply = BUF_MAX(REPLY_KEPT_MAX);
    client->mechanisms = BUF_MAX(RELAY_REPLY_LINE_MAX);
    client->response = BUF_MAX(2 * SASL_ANSWER_MAX);
    return client;
}

void smtp_client_free(struct smtp_client *client)
{
    if (!client)
        return;
    buf_free(&client->in);
    buf_free(&client->out.text);
    buf_free(&client->reply);
    buf_free(&client->response);
    buf_free(&client->mechanisms);
    seven_bit_free(client->converted);
    heap_give(client);
}

bool smtp_client_is_over(const struct smtp_client *client) { return client->step == OVER; }
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
    client_move(&smtp_client_table, client, &client->step, LOST);
}

/* --- what is said ------------------------------------------------------------------------- */

static void say(void *client, const char *line)
{
    buf_format(&((struct smtp_client *)client)->out.text, "%s\r\n", line);
}

void smtp_says_data(void *client) { say(client, "DATA"); }
void smtp_says_quit(void *client) { say(client, "QUIT"); }
void smtp_says_reset(void *client) { say(client, "RSET\r\nQUIT"); }

static void say_hello(struct smtp_client *client, const char *verb)
{
    buf_format(&client->out.text, "%s %.*s\r\n", verb, SLICE_ARG(client->job->hello));
}

void smtp_says_ehlo(void *client) { say_hello(client, "EHLO"); }
void smtp_says_helo(void *client) { say_hello(client, "HELO"); }

static const struct dsn *dsn_of(const struct smtp_client *client, size_t recipient)
{
    static const struct dsn none = { 0 };
    return client->job->dsn ? client->job->dsn[recipient] : &none;
}

static void say_message_dsn(struct smtp_client *client, const struct dsn *dsn)
{
    if (dsn->returns)
        buf_format(&client->out.text, " RET=%s", dsn->returns == RETURN_FULL ? "FULL" : "HDRS");
    if (dsn->envid[0])
        buf_format(&client->out.text, " ENVID=%s", dsn->envid);
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
            buf_format(&client->out.text, "%s%s", before, words[i].word);
            before = ",";
        }
    slice address = slice_of(dsn->orcpt), type = take_until(&address, ';');
    if (!dsn->orcpt[0])
        return;
    buf_format(&client->out.text, " ORCPT=%.*s;", SLICE_ARG(type));
    if (client->says_utf8 || !is_utf8_address(address))
        buf_add(&client->out.text, address);
    else /* RFC 6533 3: the same in ASCII, for a server that knows no other */
        smtp_unitext_decode(&client->out.text, address, false);
}

/* Its domain in ASCII where the server knows no other addresses. */
static void say_address(struct smtp_client *client, slice address)
{
    if (client->says_utf8 || !address_ascii(&client->out.text, address))
        buf_add(&client->out.text, address);
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
            buf_format(&client->out.text, " SIZE=%llu", (unsigned long long)size);
        if (body && client->offers_8bit) /* 7 bits may be sent so too (RFC 6152 3) */
            buf_add_text(&client->out.text, " BODY=8BITMIME");
    }
}

void smtp_says_mail(void *own)
{
    struct smtp_client *client = own;
    buf_add_text(&client->out.text, "MAIL FROM:<");
    say_address(client, client->job->sender);
    buf_add_text(&client->out.text, ">");
    say_parameters(client);
    if (client->says_utf8)
        buf_add_text(&client->out.text, " SMTPUTF8");
    if (client->offers_dsn)
        say_message_dsn(client, dsn_of(client, 0));
    buf_add_text(&client->out.text, "\r\n");
}

bool smtp_recipient_is_left(void *own, int next)
{
    struct smtp_client *client = own;
    (void)next;
    while (client->asked < client->job->recipient_count &&
           client->verdicts[client->asked] != SMTP_PENDING)
        client->asked++;
    return client->asked < client->job->recipient_count;
}

void smtp_says_rcpt(void *own)
{
    struct smtp_client *client = own;
    if (!smtp_recipient_is_left(client, RCPT))
        return;
    buf_add_text(&client->out.text, "RCPT TO:<");
    say_address(client, client->job->recipients[client->asked]);
    buf_add_text(&client->out.text, ">");
    if (client->offers_dsn)
        say_recipient_dsn(client, dsn_of(client, client->asked));
    buf_add_text(&client->out.text, "\r\n");
}

void smtp_says_dot(void *own)
{
    struct smtp_client *client = own;
    dots_end(&client->dots, &client->out.text);
}

/* --- the login ------------------------------------------------------------------------------- */

static bool is_offered(const struct smtp_client *client, slice mechanism)
{
    slice rest = buf_slice(&client->mechanisms);
    for (slice word = take_word(&rest); word.len; word = take_word(&rest))
        if (slice_equal_nocase(word, mechanism))
            return true;
    return false;
}

static slice mechanism_of(const struct smtp_client *client)
{
    const struct smtp_habit *habit = client->job->habit;
    return habit ? slice_of(habit->mechanism) : SLICE("PLAIN");
}

/* The habit's mechanism, or else PLAIN; or none: what a program does without it was not
   measured. */
static void login_begin(struct smtp_client *client)
{
    const struct smtp_job *job = client->job;
    const struct smtp_habit *habit = job->habit;
    slice mechanism = mechanism_of(client);
    bool offered = habit ? is_offered(client, mechanism) : client->offers_plain;
    bool initial = !habit || habit->initial;
    bool begun = offered &&
                 sasl_client_begin(&client->sasl, mechanism, job->name, job->password, job->nonce);
    if (!begun ||
        (initial && !sasl_client_answer(&client->sasl, SLICE_EMPTY, &client->response)))
        decide_pending(client, SMTP_LATER,
                       habit ? SLICE("4.7.0 the server offers no login that is taken")
                             : SLICE("4.7.0 the server offers no login with PLAIN"));
}

void smtp_says_auth(void *own)
{
    struct smtp_client *client = own;
    bool initial = !client->job->habit || client->job->habit->initial;
    buf_format(&client->out.text, "AUTH %.*s%s%s\r\n", SLICE_ARG(mechanism_of(client)),
               initial ? " " : "", buf_text(&client->response));
}

void smtp_says_response(void *own)
{
    struct smtp_client *client = own;
    say(client, buf_text(&client->response));
}

bool smtp_is_to_log_in(void *client, int next)
{
    (void)next;
    return !((struct smtp_client *)client)->logged_in;
}

bool smtp_has_response(void *client, int next)
{
    (void)next;
    return ((struct smtp_client *)client)->has_response;
}

bool smtp_knows_challenges(void *client, int next)
{
    (void)next;
    return ((struct smtp_client *)client)->job->habit != NULL;
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

bool smtp_all_decided(void *own, int next)
{
    const struct smtp_client *client = own;
    (void)next;
    for (size_t i = 0; i < client->job->recipient_count; i++)
        if (client->verdicts[i] == SMTP_PENDING)
            return false;
    return true;
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
    if (converts && !smtp_all_decided(client, BODY) && !convert(client))
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

/* Of what concerns all recipients. */
void smtp_hears_refusal(void *own, int answer, slice reply)
{
    struct smtp_client *client = own;
    if (answer != (client->step == DATA ? MORE : GOOD))
        decide_pending(client, verdict_of(reply), reply);
}

void smtp_hears_hello(void *own, int answer, slice reply)
{
    struct smtp_client *client = own;
    if (answer == GOOD) {
        client->greeted = true;
        client->logged_in = client->job->name.len == 0;
        fit(client);
        if (smtp_all_decided(client, QUIT)) /* it is not about the login */
            client->logged_in = true;
        if (!client->logged_in)
            login_begin(client);
    } else if (client->step == HELO || answer != NO) {
        decide_pending(client, verdict_of(reply), reply);
    }
}

void smtp_hears_auth(void *own, int answer, slice reply)
{
    struct smtp_client *client = own;
    client->logged_in = answer == GOOD;
    buf_clear(&client->response);
    client->has_response =
        answer == MORE && client->job->habit &&
        sasl_client_answer(&client->sasl, slice_trim(slice_from(reply, 4)), &client->response);
    if (answer == MORE && client->job->habit && !client->has_response)
        decide_pending(client, SMTP_LATER, SLICE("4.5.0 a challenge that makes no sense"));
    else if (answer != GOOD && !client->has_response)
        decide_pending(client, verdict_of(reply), reply);
}

void smtp_hears_rcpt(void *own, int answer, slice reply)
{
    struct smtp_client *client = own;
    const struct smtp_habit *habit = client->job->habit;
    if (answer == GOOD)
        client->accepted++;
    else if (slice_starts(reply, "552")) /* too many at once, or no room: RFC 5321 4.5.3.1.10 */
        decide(client, client->asked, SMTP_LATER, reply);
    else
        decide(client, client->asked, verdict_of(reply), reply);
    client->asked++;
    if (answer == GOOD || !habit || habit->refused <= SMTP_GOES_ON)
        return;
    for (size_t i = 0; i < client->job->recipient_count; i++)
        decide(client, i, SMTP_REFUSED, reply); /* nobody gets it */
    client->gave_up = true;
}

bool smtp_gives_up(void *own, int next)
{
    static const uint8_t nexts[] = { [SMTP_DROPS] = OVER, [SMTP_QUITS] = QUIT,
                                     [SMTP_RESETS] = RSET };
    const struct smtp_client *client = own;
    return client->gave_up && nexts[client->job->habit->refused] == next;
}

bool smtp_any_was_accepted(void *client, int next)
{
    (void)next;
    return ((struct smtp_client *)client)->accepted > 0;
}

/* An answer before the dot: whatever it says, the message is not accepted. */
void smtp_hears_early(void *own, int answer, slice reply)
{
    (void)answer;
    decide_pending(own, SMTP_LATER, reply);
}

void smtp_hears_dot(void *own, int answer, slice reply)
{
    decide_pending(own, answer == GOOD ? SMTP_ACCEPTED : verdict_of(reply), reply);
}

int smtp_answer_kind(slice line)
{
    static const uint8_t kinds[] = { ['2'] = GOOD, ['3'] = MORE, ['4'] = LATER, ['5'] = NO };
    for (size_t i = 0; i < 3; i++)
        if (i >= line.len || !is_digit((unsigned char)line.at[i]))
            return -1;
    if (line.len > 3 && line.at[3] == '-')
        return -1;
    char first = line.at[0];
    return first >= '2' && first <= '5' ? kinds[(unsigned char)first] : OTHER;
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
    if (client->step == EHLO &&
        (slice_is_nocase(text, "SIZE") || slice_starts_nocase(text, "SIZE ")))
        client->offers_size = true;
    if (client->step == EHLO && slice_is_nocase(text, "8BITMIME"))
        client->offers_8bit = true;
    if (client->step == EHLO && slice_is_nocase(text, "SMTPUTF8"))
        client->offers_utf8 = true;
    if (client->step == EHLO && slice_is_nocase(text, "DSN"))
        client->offers_dsn = true;
    if (client->step == EHLO && client->job->habit && slice_starts_nocase(text, "AUTH "))
        buf_format(&client->mechanisms, " %.*s", SLICE_ARG(slice_from(text, 5)));
    if (client->step == EHLO && take_prefix_nocase(&text, "AUTH "))
        for (slice word = take_word(&text); word.len; word = take_word(&text))
            client->offers_plain = client->offers_plain || slice_is_nocase(word, "PLAIN");
    reply_join(client, line);
    if (line.len > 3 && line.at[3] == '-')
        return true;
    client->reply_lines = 0;
    slice reply = buf_slice(&client->reply);
    client_hear(&smtp_client_table, client, &client->step, smtp_answer_kind(reply), reply);
    buf_clear(&client->reply);
    return true;
}

void smtp_client_input(struct smtp_client *client, slice octets)
{
    size_t end = 0;
    while (octets.len && client->step != OVER) {
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
    if (!read)
        smtp_client_lost(client, SLICE("4.3.0 our own trouble reading the message"));
    else if (piece.len == 0)
        client_move(&smtp_client_table, client, &client->step, SENT);
    dots_write(&client->dots, buf_slice(&piece), UINT64_MAX, &client->out.text);
    client->offset += piece.len;
    buf_free(&piece);
}

slice smtp_client_output(struct smtp_client *client)
{
    while (client->step == BODY && client_out_left(&client->out).len < PIECE)
        body_more(client);
    return client_out_left(&client->out);
}

void smtp_client_sent(struct smtp_client *client, size_t octets)
{
    client_out_sent(&client->out, octets);
}
